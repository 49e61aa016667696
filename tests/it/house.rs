//! What is written beside the code agrees with the code: the settings' example, the README's
//! tables and CI's commands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use numshop::config::{Config, KNOWN, Source};

/// A token of the right form, that of no bot.
const TOKEN: (&str, &str) = ("TELEGRAM_BOT_TOKEN", "1234567:invented_for_this_test");
/// The keys of the upstreams that have a usual address, and the rates that two of them need.
const KEYS: [(&str, &str); 6] = [
    ("API_KEY_VIRTUSIM", "key-a"),
    ("API_KEY_OTPCEPAT", "key-b"),
    ("API_KEY_OTPGET", "key-c"),
    ("RATE_PKR", "57"),
    ("API_KEY_OTPBUDDY", "key-d"),
    ("RATE_INR", "190"),
];

fn read(path: &str) -> String {
    std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The name of the setting in a line of the example, commented out or not.
fn setting(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('#').unwrap_or(line).split_once('=')?;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (!name.is_empty() && name.bytes().all(is_name)).then_some(name)
}

/// Whether `text` has the commands of `line` as a line of its own, whatever stands around it.
fn is_run(text: &str, line: &str) -> bool {
    text.lines()
        .any(|other| !other.trim_start().starts_with('#') && other.contains(line))
}

/// The names in backquotes that stand in the first column of the first table after `heading`.
fn first_column<'a>(text: &'a str, heading: &str) -> Vec<&'a str> {
    let after = text.lines().skip_while(|line| *line != heading).skip(1);
    let rows = after
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

/// What numshop makes of a file of settings, together with what is needed; secrets do not show.
fn understood(file: &str, needed: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    std::fs::write(&path, file).unwrap();
    let pairs = needed
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let source = Source::read(Path::new(&path), pairs).unwrap();
    format!("{:#?}", Config::from_source(&source).unwrap())
}

#[test]
fn the_example_names_every_setting_once() {
    let example = read(".env.example");
    let names: Vec<&str> = example.lines().filter_map(setting).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len(), "a setting stands there twice");
    assert_eq!(distinct, KNOWN.iter().copied().collect());
}

#[test]
fn the_readme_s_table_names_every_setting_once() {
    let readme = read("README.md");
    let names = first_column(&readme, "## Settings");
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len(), "a setting stands there twice");
    assert_eq!(distinct, KNOWN.iter().copied().collect());
}

#[test]
fn every_setting_in_the_example_is_explained_above_it() {
    let example = read(".env.example");
    let mut explained = false;
    for line in example.lines() {
        if let Some(name) = setting(line) {
            assert!(explained, "{name} is not explained");
        } else {
            // Settings that follow one another share what stands above them.
            explained = line.starts_with("# ") && !line.starts_with("# ---");
        }
    }
}

#[test]
fn the_example_can_be_read_with_every_line_in_effect() {
    let example = read(".env.example");
    let in_effect = example.lines().map(|line| match setting(line) {
        Some(_) => line.trim_start_matches('#'),
        None => line,
    });
    let in_effect: Vec<&str> = in_effect.collect();
    let needed = [&[TOKEN][..], &KEYS].concat();
    let text = understood(&in_effect.join("\n"), &needed);
    assert!(text.contains("topup_hint: Some("), "{text}");

    // What it shows as defaults are the defaults. The hint is an example and has none.
    let defaults: Vec<&str> = in_effect
        .into_iter()
        .filter(|line| !line.starts_with("TOPUP_HINT="))
        .collect();
    assert_eq!(
        understood(&defaults.join("\n"), &needed),
        understood("", &needed)
    );
}

#[test]
fn the_example_holds_no_secret() {
    for line in read(".env.example").lines() {
        let Some(name) = setting(line) else { continue };
        if name.contains("KEY") || name.contains("TOKEN") {
            assert!(line.ends_with('='), "{name} has a value");
        }
    }
}

#[test]
fn ci_runs_what_the_readme_tells_people_to_run() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    for command in ["cargo test --workspace", "numshop demo --smoke"] {
        assert!(is_run(&ci, command), "CI lacks `{command}`");
    }
    for command in [
        "cargo run --release -- demo",
        "cargo test --workspace",
        "cargo bench --bench load",
    ] {
        assert!(readme.contains(command), "the README lacks `{command}`");
    }
    for place in readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        let is_there =
            place.contains("://") || Path::new(env!("CARGO_MANIFEST_DIR")).join(place).exists();
        assert!(is_there, "the README points at {place}, which is not there");
    }
}

/// Everything below the folders with code, but not what is simulated.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if path.is_dir() && name != "src/sandbox" {
                folders.push(path);
            } else if name.ends_with(".rs") {
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

/// The tests that the last column of each row of the page's tables names.
fn named_tests(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
    cells
        .filter(|cell| cell.trim() != "shown by")
        .map(|cell| cell.split('`').skip(1).step_by(2).collect())
        .collect()
}

#[test]
fn every_threat_names_tests_that_are_there() {
    let page = read("docs/threats.md");
    let sources = sources();
    let rows = named_tests(&page);
    assert!(rows.len() > 20, "{} threats", rows.len());
    for names in rows {
        assert!(!names.is_empty(), "a threat without a test");
        for name in names {
            let begin = format!("fn {name}(");
            let is_there = sources.iter().any(|(_, text)| text.contains(&begin));
            assert!(is_there, "there is no test `{name}`");
        }
    }
}

#[test]
fn markup_is_made_in_one_place() {
    let speaks = |words: &[&str], places: &[&str]| {
        for (name, text) in sources() {
            let is_test = name.contains("tests");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let word = words.iter().find(|word| text.contains(*word));
            if let (Some(word), false) = (word, is_test || places.contains(&name.as_str())) {
                panic!("{name} has `{word}`");
            }
        }
    };
    // Who sends markup: each of these takes it from `Html`.
    let senders = [
        "src/bot/api.rs",
        "src/bot/api/pictures.rs",
        "src/bot/views/inline.rs",
    ];
    speaks(&["parse_mode", "ParseMode"], &senders);
    // Who makes it.
    let makers = ["src/bot/html.rs"];
    speaks(
        &[
            "of_locale",
            "<b>",
            "<code>",
            "<i>",
            "<blockquote>",
            "<a href",
        ],
        &makers,
    );
}

#[test]
fn what_these_tests_read_is_read_right() {
    let page = "words `x`\n| who | shown by |\n|---|---|\n| a `b` | `c`, `d` |\n| e | |\n";
    assert_eq!(named_tests(page), [vec!["c", "d"], vec![]]);
    assert_eq!(setting("#RATE_IDR="), Some("RATE_IDR"));
    assert_eq!(setting("TOKEN=x"), Some("TOKEN"));
    assert_eq!(setting("# Price = cost"), None);
    assert_eq!(setting("# MARKUP=5 is much"), None);
    let text = "## Other\n|`X`|\n## Settings\nwords\n|a|b|\n|-|-|\n|`A`, `B`|`c`|\n\n|`D`|\n";
    assert_eq!(first_column(text, "## Settings"), ["A", "B"]);
    assert!(is_run(
        "step x cargo test --workspace -q",
        "cargo test --workspace"
    ));
    assert!(!is_run(
        "  # cargo test --workspace",
        "cargo test --workspace"
    ));
}
