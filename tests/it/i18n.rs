//! The texts: every language says the same things with the same parts, and nothing is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Ids whose texts stand where Telegram reads no markup.
const PLAIN: [&str; 8] = [
    "button-",
    "label-",
    "state-",
    "toast-",
    "span-",
    "ago-",
    "operator-",
    "command-",
];
const TAGS: [&str; 8] = [
    "<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "<s>", "</s>",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Each message with its text, in the order of the file.
fn messages(path: &Path) -> Vec<(String, String)> {
    let file = fs::read_to_string(path).unwrap();
    let mut messages: Vec<(String, String)> = Vec::new();
    for line in file.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if line.starts_with(' ') {
            let (_, text) = messages.last_mut().expect("a text before the first id");
            text.push('\n');
            text.push_str(line.trim());
        } else {
            let (id, text) = line.split_once('=').expect("a line is `id = text`");
            messages.push((id.trim().to_owned(), text.trim().to_owned()));
        }
    }
    messages
}

/// The names in `{ $name }` and `{ $name -> … }`.
fn placeables(text: &str) -> BTreeSet<String> {
    text.split("{ $")
        .skip(1)
        .map(|rest| rest.split(' ').next().unwrap().to_owned())
        .collect()
}

fn languages() -> BTreeMap<String, Vec<(String, String)>> {
    fs::read_dir(root().join("locales"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let tag = entry.file_name().into_string().unwrap();
            (tag, messages(&entry.path().join("numshop.ftl")))
        })
        .collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_language_has_the_same_texts_with_the_same_parts() {
    let languages = languages();
    let english = &languages["en"];
    assert!(languages.len() > 1);
    for (tag, texts) in &languages {
        let ids: Vec<_> = texts.iter().map(|(id, _)| id).collect();
        let expected: Vec<_> = english.iter().map(|(id, _)| id).collect();
        assert_eq!(ids, expected, "{tag}: other ids, or in another order");
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "{tag}: an id comes twice"
        );
        for ((id, text), (_, original)) in texts.iter().zip(english) {
            assert!(!text.is_empty(), "{tag}: {id} is empty");
            assert_eq!(
                placeables(text),
                placeables(original),
                "{tag}: {id} has other parts"
            );
            // Every brace belongs to a part that the line above understands.
            assert_eq!(
                text.matches(['{', '}']).count(),
                2 * text.matches("{ $").count(),
                "{tag}: {id}"
            );
        }
    }
}

#[test]
fn markup_stands_only_where_telegram_reads_it_and_is_closed() {
    for (tag, texts) in languages() {
        for (id, text) in texts {
            if PLAIN.iter().any(|prefix| id.starts_with(prefix)) {
                assert!(!text.contains(['<', '&']), "{tag}: {id} has markup");
                continue;
            }
            let tags: usize = TAGS.iter().map(|tag| text.matches(tag).count()).sum();
            assert_eq!(text.matches('<').count(), tags, "{tag}: {id}");
            for pair in TAGS.chunks(2) {
                let (open, close) = (text.matches(pair[0]), text.matches(pair[1]));
                assert_eq!(open.count(), close.count(), "{tag}: {id} {}", pair[0]);
            }
        }
    }
}

#[test]
fn toasts_and_labels_fit() {
    for (tag, texts) in languages() {
        for (id, text) in texts {
            let longest = match &id {
                id if id.starts_with("toast-") => 200,
                id if id.starts_with("refused-") => 200,
                id if id.starts_with("button-") || id.starts_with("label-") => 60,
                _ => 1000,
            };
            assert!(text.chars().count() <= longest, "{tag}: {id} is too long");
        }
    }
}

/// Of every `html!(lang, "id", name = …)` and `plain!(…)`: the id and the names.
fn calls(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let begins = source
        .match_indices("html!(")
        .chain(source.match_indices("plain!("));
    let calls = begins.filter_map(|(at, name)| {
        let mut arguments = arguments(&source[at + name.len()..]).into_iter().skip(1);
        let id = arguments.next()?;
        let id = id.strip_prefix('"')?.strip_suffix('"')?.to_owned();
        let names = arguments.filter_map(|it| Some(it.split_once('=')?.0.trim().to_owned()));
        Some((id, names.collect()))
    });
    calls.collect()
}

/// What stands between commas, up to the parenthesis that closes.
fn arguments(source: &str) -> Vec<String> {
    let (mut found, mut depth, mut is_quoted) = (vec![String::new()], 0_u32, false);
    for c in source.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            ')' if depth == 0 => break,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        found.last_mut().unwrap().push(c);
    }
    found.iter().map(|it| it.trim().to_owned()).collect()
}

#[test]
fn every_text_gets_the_parts_that_it_names() {
    let mut source = String::new();
    sources(&root().join("src"), &mut source);
    let texts: BTreeMap<_, _> = languages().remove("en").unwrap().into_iter().collect();
    let calls = calls(&source);
    assert!(calls.len() > texts.len() / 2, "{} calls", calls.len());
    let wrong: Vec<_> = calls
        .into_iter()
        .filter_map(|(id, given)| {
            let named = texts.get(&id).map(|text| placeables(text))?;
            (named != given).then(|| format!("{id} names {named:?} and gets {given:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_text_is_left_over() {
    let mut source = String::new();
    sources(&root().join("src"), &mut source);
    for (id, _) in &languages()["en"] {
        assert!(
            source.contains(&format!("\"{id}\"")),
            "{id} is used nowhere"
        );
    }
}
