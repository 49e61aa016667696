//! The rules of the house: which room may know which, how long a file may be, and that the
//! settings are written down where people look for them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use numshop::config::KNOWN;

/// Which rooms the files of a room may name. `app` and `main` may know everything.
const KNOWS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("clock", &[]),
    ("config", &["domain"]),
    ("store", &["domain"]),
    ("provider", &["domain", "clock"]),
    ("shop", &["domain", "store", "provider", "clock"]),
    ("worker", &["domain", "shop", "provider"]),
    ("bot", &["domain", "shop", "admin"]),
    ("admin", &["domain", "shop", "bot"]),
];
/// The sandbox stands outside: it may know only the time.
const SANDBOX: (&str, &[&str]) = ("sandbox", &["clock"]);
const LONGEST_FILE: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}

/// The room of a file: `src/shop/buy.rs` and `src/shop.rs` are in `shop`.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The rooms that a source names by `crate::…`, comments left out.
fn named_rooms(source: &str) -> BTreeSet<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = BTreeSet::new();
    for line in code {
        for part in line.split("crate::").skip(1) {
            let name = part
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next();
            rooms.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
            // `use crate::{a, b};` names several.
            if let Some(list) = part.strip_prefix('{') {
                let names = list.split(['{', '}', ',']).map(str::trim);
                rooms.extend(
                    names
                        .filter_map(|name| name.split("::").next())
                        .filter(|name| !name.is_empty() && *name != ";")
                        .map(str::to_owned),
                );
            }
        }
    }
    rooms
}

/// What a file of `room` names though it must not.
fn forbidden(room: &str, source: &str) -> Vec<String> {
    let rules = KNOWS.iter().chain([&SANDBOX]);
    let Some((_, known)) = rules.into_iter().find(|(name, _)| *name == room) else {
        return Vec::new();
    };
    named_rooms(source)
        .into_iter()
        .filter(|name| name != room && !known.contains(&name.as_str()))
        .collect()
}

#[test]
fn arrows_point_one_way() {
    for path in rust_files(&root().join("src")) {
        let wrong = forbidden(&room(&path), &read(&path));
        assert!(wrong.is_empty(), "{} names {wrong:?}", path.display());
    }
}

#[test]
fn a_wrong_arrow_would_be_found() {
    assert_eq!(
        forbidden("bot", "use crate::store::Store;"),
        ["store".to_owned()]
    );
    assert_eq!(
        forbidden("domain", "use crate::{clock::Clock, domain};"),
        ["clock".to_owned()]
    );
    assert_eq!(forbidden("shop", "// see crate::bot"), [] as [&str; 0]);
    assert_eq!(forbidden("sandbox", "x: crate::provider::Bought").len(), 1);
}

#[test]
fn only_the_store_speaks_sql() {
    for path in rust_files(&root().join("src")) {
        let names_it = read(&path).contains("sea_orm::");
        assert!(
            !names_it || room(&path) == "store",
            "{} names sea_orm",
            path.display()
        );
    }
}

#[test]
fn there_is_no_floating_point_near_money() {
    for path in rust_files(&root().join("src")) {
        let near = ["domain", "store", "shop"].contains(&room(&path).as_str());
        let words = read(&path);
        let float = words
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .any(|word| word == "f32" || word == "f64");
        assert!(!(near && float), "{} uses floats", path.display());
    }
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    for folder in ["src", "tests", "benches", "migrations/src"] {
        for path in rust_files(&root().join(folder)) {
            let source = read(&path);
            let lines = source.lines().count();
            let name = path.display();
            assert!(lines <= LONGEST_FILE, "{name} has {lines} lines");
            assert!(
                source.starts_with("//!"),
                "{name} does not say what it is for"
            );
            // The tables share the invariant of `entity.rs`.
            let is_table = path.starts_with(root().join("src/store/entity"));
            let is_test = is_table || name.to_string().contains("tests");
            if folder == "src" && !is_test && path.file_name().unwrap() != "main.rs" {
                let text: String = source
                    .lines()
                    .take_while(|line| line.starts_with("//!"))
                    .collect();
                let promises = text.contains("Invariant:") || text.contains("what stays true");
                assert!(promises, "{name} names no invariant");
            }
        }
    }
}

/// The names that stand at the beginning of a line, commented out or not.
fn names_in_example() -> BTreeSet<String> {
    read(&root().join(".env.example"))
        .lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(name, _)| name.to_owned())
        .filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        })
        .collect()
}

#[test]
fn every_setting_is_explained() {
    let known: BTreeSet<String> = KNOWN.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(names_in_example(), known);
    let readme = read(&root().join("README.md"));
    for name in KNOWN {
        assert!(
            readme.contains(&format!("`{name}`")),
            "the README lacks {name}"
        );
    }
}
