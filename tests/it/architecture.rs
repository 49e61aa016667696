//! The rules of the house, held against the sources: which room may know which, what must not be
//! near money, how long a file may be, and what a file says about itself.
//!
//! Each rule is a function from a source to what is wrong with it, so that it can be shown to
//! find something.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which rooms the files of a room may name. `app`, `main` and `lib` may know everything.
const KNOWS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("clock", &[]),
    ("planted", &[]),
    ("config", &["domain"]),
    ("store", &["domain", "planted"]),
    ("provider", &["domain", "clock"]),
    ("shop", &["domain", "store", "provider", "clock", "planted"]),
    ("worker", &["domain", "shop", "provider"]),
    ("bot", &["domain", "shop", "admin"]),
    ("admin", &["domain", "shop", "bot"]),
    // It stands outside: it speaks the wire formats and may know only the time.
    ("sandbox", &["clock"]),
];
const KNOWS_ALL: [&str; 3] = ["app", "main", "lib"];

/// Crates that belong to some rooms only.
const BELONGS: [(&str, &[&str]); 5] = [
    ("sea_orm", &["store"]),
    ("sea_orm_migration", &["store"]),
    ("migrations", &["store"]),
    ("teloxide", &["bot", "admin"]),
    ("dotenvy", &["config"]),
];

/// Where money is counted.
const EXACT: [&str; 3] = ["domain", "store", "shop"];
const LONGEST_FILE_LINES: usize = 600;
/// Names that say nothing about what is inside, and the old way to name a folder's module.
const EMPTY_NAMES: [&str; 5] = ["mod", "utils", "util", "helpers", "manager"];
/// Where people write.
const FOLDERS: [&str; 9] = [
    ".ci",
    "benches",
    "data",
    "fuzz/fuzz_targets",
    "fuzz/src",
    "locales",
    "migrations",
    "src",
    "tests",
];
/// Kinds of files in which somebody's own folder could have been left behind.
const TEXTS: [&str; 10] = [
    "rs", "md", "toml", "js", "css", "html", "ftl", "tsv", "json", "example",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// All files under `folder` whose path `wanted` takes.
fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found
}

/// The Rust files under a folder of the repository; a rule that sees none proves nothing.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let is_rust = |path: &Path| path.extension().is_some_and(|kind| kind == "rs");
    let found = files(&root().join(folder), &is_rust);
    assert!(!found.is_empty(), "there are no sources in {folder}");
    found
}

/// The modules that lead to a file: `src/shop/buy.rs` is `["shop", "buy"]`.
fn modules(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let names = inside.with_extension("");
    let names = names.components().map(|part| part.as_os_str());
    names
        .map(|name| name.to_str().unwrap().to_owned())
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The words and signs of a source, in order, without comments and without what stands in quotes.
/// A path separator is one token.
fn tokens(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = quoted(rest) {
            length
        } else if is_word(c) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        let is_code = token == "::" || is_word(c) && !token.contains('"') || length == c.len_utf8();
        if is_code && !c.is_whitespace() {
            found.push(token.to_owned());
        }
        rest = after;
    }
    found
}

/// How long the literal at the beginning is, if one stands there: `"…"`, `r#"…"#`, `'…'`.
fn quoted(rest: &str) -> Option<usize> {
    let bare = rest.strip_prefix('b').unwrap_or(rest);
    if let Some(raw) = bare.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = rest.len() - raw.len() + hashes + 1;
            return Some(
                rest[begin..]
                    .find(&end)
                    .map_or(rest.len(), |at| begin + at + end.len()),
            );
        }
    }
    let quote = bare.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let begin = rest.len() - bare.len() + 1;
    // `'a` without a second quote is a lifetime.
    let inside = &rest[begin..];
    let is_char = inside.starts_with('\\') || inside.chars().nth(1) == Some('\'');
    if quote == '\'' && !is_char {
        return None;
    }
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        if c == quote && !escaped {
            return Some(begin + at + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    Some(rest.len())
}

/// The first names of what follows a path prefix: `a` of `a::b`, `a` and `c` of `{a::b, c::{d}}`.
fn first_names(tokens: &[String]) -> Vec<String> {
    let Some(first) = tokens.first() else {
        return Vec::new();
    };
    if first != "{" {
        return vec![first.clone()];
    }
    let mut names = Vec::new();
    let mut depth = 0_u32;
    let mut is_first = false;
    for token in tokens {
        match token.as_str() {
            "{" => {
                depth += 1;
                is_first = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," => is_first = depth == 1,
            name => {
                if is_first {
                    names.push(name.to_owned());
                }
                is_first = false;
            }
        }
    }
    names
}

/// The rooms that a source names, by `crate::…` or by climbing up with `super::…`; `depth` is how
/// many modules lead to it.
fn named_rooms(source: &str, depth: usize) -> BTreeSet<String> {
    let tokens = tokens(source);
    let mut named = BTreeSet::new();
    let mut braces = 0_usize;
    // Where the modules written out in the file end, innermost last.
    let mut inner: Vec<usize> = Vec::new();
    let mut supers = 0;
    for (at, token) in tokens.iter().enumerate() {
        let goes_on = tokens.get(at + 1).is_some_and(|next| next == "::");
        match token.as_str() {
            "{" => {
                if at >= 2 && tokens[at - 2] == "mod" {
                    inner.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces = braces.saturating_sub(1);
                if inner.last() == Some(&braces) {
                    inner.pop();
                }
            }
            "::" => continue,
            "super" if goes_on => {
                supers += 1;
                if supers == depth + inner.len() {
                    named.extend(first_names(&tokens[at + 2..]));
                }
                continue;
            }
            "crate" if goes_on => named.extend(first_names(&tokens[at + 2..])),
            _ => {}
        }
        supers = 0;
    }
    named
}

/// What a file of these modules names though its room must not.
fn wrong_arrows(modules: &[String], source: &str) -> Vec<String> {
    let room = modules[0].as_str();
    if KNOWS_ALL.contains(&room) {
        return Vec::new();
    }
    let Some((_, known)) = KNOWS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{room} is a room without a rule")];
    };
    let named = named_rooms(source, modules.len()).into_iter();
    named
        .filter(|name| name != room && name != "self" && !known.contains(&name.as_str()))
        .collect()
}

/// The crates that a file of `room` uses though they belong to others.
fn stray_crates(room: &str, source: &str) -> Vec<&'static str> {
    let tokens = tokens(source);
    let strays = BELONGS
        .iter()
        .filter(|(name, rooms)| !rooms.contains(&room) && tokens.iter().any(|token| token == name));
    strays.map(|(name, _)| *name).collect()
}

fn uses_floats(source: &str) -> bool {
    let is_float = |token: &String| {
        token == "f32" || token == "f64" || token.ends_with("_f32") || token.ends_with("_f64")
    };
    tokens(source).iter().any(is_float)
}

/// What is wrong with the outside of a file: its name, its length, its first words.
fn bad_shape(name: &str, source: &str, must_promise: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = source.lines().count();
    if lines > LONGEST_FILE_LINES {
        wrong.push(format!("has {lines} lines"));
    }
    if EMPTY_NAMES.contains(&name) {
        wrong.push("has a name that says nothing".to_owned());
    }
    let about: Vec<&str> = source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    if about.is_empty() {
        wrong.push("does not say what it is for".to_owned());
    }
    let promises = ["Invariant:", "what stays true"];
    let is_promise = |line: &&str| promises.iter().any(|words| line.contains(words));
    if must_promise && !about.iter().any(is_promise) {
        wrong.push("names no invariant".to_owned());
    }
    wrong
}

/// Whether production code looks at `cfg(test)` for anything but a module of tests.
fn has_test_hooks(source: &str) -> bool {
    let tokens = tokens(source);
    let hook = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut places = (0..tokens.len()).filter(|at| tokens[*at..].iter().take(7).eq(hook.iter()));
    places.any(|at| {
        let after = &tokens[at + hook.len()..];
        // Further attributes and the visibility may stand before the module.
        let item = [
            "mod", "fn", "use", "struct", "enum", "impl", "const", "static", "let", "if",
        ];
        after
            .iter()
            .find(|token| item.contains(&token.as_str()))
            .is_none_or(|word| word != "mod")
    })
}

/// Somebody's own folder in a text: this checkout's, or one under the usual homes.
fn own_folder(text: &str, checkout: &Path) -> Option<String> {
    let is_deep = checkout.components().count() > 2;
    let checkout = checkout.to_str().unwrap();
    if is_deep && text.contains(checkout) {
        return Some(checkout.to_owned());
    }
    let homes = [["/ho", "me/"], ["/ro", "ot/"], ["/Us", "ers/"]];
    homes
        .map(|parts| parts.concat())
        .into_iter()
        .find(|home| text.contains(home.as_str()))
}

#[test]
fn arrows_point_one_way() {
    for path in rust_files("src") {
        let wrong = wrong_arrows(&modules(&path), &read(&path));
        assert!(wrong.is_empty(), "{} names {wrong:?}", path.display());
    }
}

#[test]
fn crates_stay_in_their_rooms() {
    for path in rust_files("src") {
        let room = modules(&path).swap_remove(0);
        if room == "app" {
            continue;
        }
        let strays = stray_crates(&room, &read(&path));
        assert!(strays.is_empty(), "{} uses {strays:?}", path.display());
    }
}

#[test]
fn there_is_no_floating_point_near_money() {
    for path in rust_files("src") {
        let near = EXACT.contains(&modules(&path)[0].as_str());
        assert!(!near || !uses_floats(&read(&path)), "{}", path.display());
    }
    for path in rust_files("migrations/src") {
        assert!(!uses_floats(&read(&path)), "{}", path.display());
    }
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    for folder in [
        "src",
        "tests",
        "benches",
        "migrations/src",
        "fuzz/src",
        "fuzz/fuzz_targets",
    ] {
        for path in rust_files(folder) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            // The tables share the invariant of `entity.rs`.
            let is_table = path.starts_with(root().join("src/store/entity"));
            let must_promise = folder == "src" && !is_table && !["tests", "main"].contains(&name);
            let wrong = bad_shape(name, &read(&path), must_promise);
            assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
        }
    }
}

#[test]
fn production_code_does_not_know_that_it_is_tested() {
    for path in rust_files("src") {
        assert!(!has_test_hooks(&read(&path)), "{}", path.display());
    }
}

#[test]
fn nobody_s_own_folder_is_left_in_a_file() {
    let is_text = |path: &Path| {
        let kind = path.extension().unwrap_or_default();
        TEXTS.iter().any(|text| kind == *text) || path.ends_with(".ci/run")
    };
    let folders = FOLDERS.iter().map(|name| root().join(name));
    let mut texts: Vec<PathBuf> = folders.flat_map(|path| files(&path, &is_text)).collect();
    let beside = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    texts.extend(beside.filter(|path| path.is_file() && is_text(path)));
    for path in texts {
        let found = own_folder(&read(&path), &root());
        assert!(found.is_none(), "{} names {found:?}", path.display());
    }
}

mod finds {
    //! That each rule finds what it is there for, and leaves alone what is fine.

    use super::*;

    fn arrows(modules: &[&str], source: &str) -> Vec<String> {
        let modules: Vec<String> = modules.iter().map(|name| (*name).to_owned()).collect();
        wrong_arrows(&modules, source)
    }

    #[test]
    fn wrong_arrows_however_they_are_written() {
        for (modules, source, wrong) in [
            (&["bot"][..], "use crate::store::Store;", &["store"][..]),
            (
                &["bot"],
                "fn f(x: crate::provider::Bought) {}",
                &["provider"],
            ),
            (
                &["domain", "id"],
                "use crate::{clock::Clock, domain::id};",
                &["clock"],
            ),
            (
                &["domain"],
                "use crate::{\n    domain::{money, store},\n    shop::{self, Shop},\n};",
                &["shop"],
            ),
            (&["shop"], "use super::bot::Bot;", &["bot"]),
            (&["shop", "buy"], "use super::super::worker;", &["worker"]),
            (
                &["shop"],
                "mod tests { use super::super::bot::Bot; }",
                &["bot"],
            ),
            (&["sandbox", "page"], "x::<crate::shop::Shop>()", &["shop"]),
            (&["attic"], "", &["attic is a room without a rule"]),
        ] {
            assert_eq!(arrows(modules, source), wrong, "{source}");
        }
    }

    #[test]
    fn what_stands_at_the_very_end_of_each_source() {
        for path in rust_files("src") {
            let modules = modules(&path);
            if KNOWS_ALL.contains(&modules[0].as_str()) {
                continue;
            }
            // A quote or a comment misread further up would hide it.
            let climb = "super::".repeat(modules.len());
            let faults = format!("fn f(x: crate::attic::X, y: {climb}cellar::Y, z: f64) {{}}");
            let source = format!("{}\n{faults}", read(&path));
            let found = wrong_arrows(&modules, &source);
            assert_eq!(found, ["attic", "cellar"], "{}", path.display());
            assert!(uses_floats(&source), "{}", path.display());
        }
    }

    #[test]
    fn no_fault_with_right_ones() {
        for (modules, source) in [
            (
                &["shop"][..],
                "use crate::{domain, store::{Store, worker}, shop::ShopError};",
            ),
            (
                &["shop"],
                "// see crate::bot\n/* crate::bot */ /// [`crate::bot`]",
            ),
            (
                &["shop"],
                "let text = \"crate::bot \\\" crate::bot\"; let raw = r#\"crate::bot\"#;",
            ),
            (
                &["shop", "buy"],
                "use super::bot; mod a { use super::bot; }",
            ),
            (&["config"], "mod tests { use super::shop::ShopConfig; }"),
            (
                &["shop"],
                "mod a { fn f() {} } mod b { use super::bot::x; }",
            ),
            (
                &["shop"],
                "fn f<'a>(c: char) -> bool { c == '\"' } // crate::bot \"",
            ),
            (&["app", "demo"], "use crate::{bot, store, sandbox};"),
        ] {
            assert_eq!(arrows(modules, source), [] as [&str; 0], "{source}");
        }
    }

    #[test]
    fn stray_crates() {
        let source = "use sea_orm::EntityTrait; fn f(b: teloxide::Bot) {}";
        assert_eq!(super::stray_crates("shop", source), ["sea_orm", "teloxide"]);
        assert_eq!(super::stray_crates("bot", source), ["sea_orm"]);
        assert_eq!(
            super::stray_crates("app", "\"sea_orm=warn\" // teloxide"),
            [] as [&str; 0]
        );
    }

    #[test]
    fn floats() {
        for source in ["let x: f64 = y;", "Vec<f32>", "1.5_f64", "d.to_f64()"] {
            assert!(uses_floats(source), "{source}");
        }
        assert!(!uses_floats("let f640 = 1; // never an f64"));
    }

    #[test]
    fn bad_shapes() {
        let fine = "//! Prices.\n//!\n//! Invariant: none is under cost.\nfn f() {}\n";
        assert_eq!(bad_shape("prices", fine, true), [] as [&str; 0]);
        assert_eq!(bad_shape("utils", fine, true).len(), 1);
        assert_eq!(
            bad_shape("prices", "//! Prices.\n// Invariant: no.\n", true).len(),
            1
        );
        assert_eq!(bad_shape("prices", "fn f() {}\n", false).len(), 1);
        let long = format!("{fine}{}", "\n".repeat(LONGEST_FILE_LINES));
        assert_eq!(bad_shape("prices", &long, true).len(), 1);
    }

    #[test]
    fn test_hooks() {
        assert!(has_test_hooks("#[cfg(test)]\nfn only_in_tests() {}"));
        assert!(has_test_hooks("#[cfg(test)] pub(crate) use x::y; mod z;"));
        assert!(!has_test_hooks(
            "#[cfg(test)]\n#[allow(a, reason = \"fn\")]\npub(crate) mod tests;"
        ));
        assert!(!has_test_hooks("#[cfg(unix)] fn f() {}"));
    }

    #[test]
    fn own_folders() {
        let checkout = Path::new("/builds/shop");
        assert!(own_folder("see /builds/shop/src", checkout).is_some());
        assert!(own_folder(&["cd /ho", "me/alex/x"].concat(), checkout).is_some());
        assert!(own_folder("WorkingDirectory=/var/lib/numshop", checkout).is_none());
    }
}
