//! The fuzzers' corpora as plain tests: every file goes through what its fuzzer does.

#[path = "../../fuzz/src/lib.rs"]
#[allow(
    unreachable_pub,
    reason = "it is a library of its own for the fuzzers, and a module here"
)]
mod fuzzers;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use rstest::rstest;

use fuzzers::{DRIVERS, TEXTS, Target, UPSTREAM};

/// Long enough for a busy machine; what hangs takes longer.
const LONGEST: Duration = Duration::from_secs(10);
/// A folder with fewer files tests next to nothing.
const FEWEST_FILES: usize = 5;

fn fuzz(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(path)
}

/// The names of what is in a folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(fuzz(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Gives every file of a corpus to a target, and names those that it did not bear.
fn feeds(target: Target, corpus: &str) {
    let files = names(&format!("corpus/{corpus}"));
    assert!(files.len() >= FEWEST_FILES, "{corpus} has {}", files.len());
    let mut broken = Vec::new();
    for file in files {
        let bytes = std::fs::read(fuzz(&format!("corpus/{corpus}/{file}"))).unwrap();
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
        if outcome.is_err() || started.elapsed() > LONGEST {
            broken.push(file);
        }
    }
    assert!(broken.is_empty(), "{corpus}: {broken:?}");
}

#[rstest]
fn every_driver_bears_its_corpus(#[values(0, 1, 2, 3, 4, 5, 6, 7, 8)] at: usize) {
    let (name, target) = DRIVERS[at];
    feeds(target, name);
    feeds(target, UPSTREAM);
}

#[rstest]
fn what_reads_texts_bears_its_corpus(#[values(0, 1, 2)] at: usize) {
    let (name, target) = TEXTS[at];
    feeds(target, name);
}

/// What makes another answer of one when it stands in its middle.
const SPLINTERS: [&str; 20] = [
    "",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\",
    "\\u0000",
    "null",
    "true",
    "-1",
    "9e27",
    "\"status\":true,",
    "\"status\":false,",
    "\"data\":{\"id\":7,\"number\":\"6281234500001\"},",
    "ACCESS_NUMBER:",
    "7100001:6281234500001",
    "\n%%\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// `PROPTEST_CASES` makes it longer.
    #[test]
    fn what_is_near_a_corpus_is_borne_too(
        files in any::<[Index; 2]>(),
        cuts in any::<[Index; 2]>(),
        splinter in prop::sample::select(&SPLINTERS[..]),
        odd in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let targets = DRIVERS.iter().map(|(name, target)| (UPSTREAM, *name, *target));
        let targets = targets.chain(TEXTS.iter().map(|(name, target)| (*name, *name, *target)));
        for (corpus, own, target) in targets {
            let mut all: Vec<String> = Vec::new();
            for folder in BTreeSet::from([corpus, own]) {
                all.extend(names(&format!("corpus/{folder}")).iter().map(|file| format!("corpus/{folder}/{file}")));
            }
            let [first, second] = files.map(|index| std::fs::read(fuzz(&all[index.index(all.len())])).unwrap());
            let [end, begin] = cuts;
            let head = &first[..end.index(first.len() + 1)];
            let tail = &second[begin.index(second.len() + 1)..];
            target(&[head, splinter.as_bytes(), odd.as_slice(), tail].concat());
        }
    }
}

/// What could be taken for markup, or be torn.
const PIECES: [&str; 24] = [
    "<b>",
    "</b>",
    "<",
    ">",
    "</",
    "<!--",
    "<a href=\"tg://user?id=1\">",
    "</a>",
    "</blockquote>",
    "</code>",
    "&",
    "&lt;",
    "&lt",
    "&amp;",
    "&#60;",
    "&#x3c;",
    "&#0;",
    "\"",
    "…",
    "😀",
    "e\u{301}",
    "\u{202e}",
    "\n",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_becomes_markup_that_telegram_reads(
        pieces in prop::collection::vec((prop::sample::select(&PIECES[..]), any::<String>()), 0..12),
        long in 0..5_000_usize,
    ) {
        let text: String = pieces.iter().map(|(piece, text)| format!("{piece}{text}")).collect();
        fuzzers::html(text.as_bytes());
        // Around the limits of a message, where a cut could tear what stands there.
        let filled = format!("{}{text}{}", "x".repeat(long), "😀".repeat(long));
        fuzzers::html(filled.as_bytes());
    }
}

#[test]
fn every_target_has_a_corpus_and_a_binary_and_nothing_else_does() {
    let targets = DRIVERS.iter().chain(&TEXTS);
    let targets: BTreeSet<String> = targets.map(|(name, _)| (*name).to_owned()).collect();
    let mut folders = names("corpus");
    assert!(folders.remove(UPSTREAM));
    assert_eq!(folders, targets);

    let sources = names("fuzz_targets").into_iter();
    let sources = sources.map(|name| name.trim_end_matches(".rs").to_owned());
    assert_eq!(sources.collect::<BTreeSet<_>>(), targets);

    let manifest = std::fs::read_to_string(fuzz("Cargo.toml")).unwrap();
    let binaries = manifest.split("[[bin]]").skip(1).map(|section| {
        let name = section.split('"').nth(1).unwrap();
        assert!(section.contains(&format!("fuzz_targets/{name}.rs")));
        name.to_owned()
    });
    assert_eq!(binaries.collect::<BTreeSet<_>>(), targets);
}

#[test]
fn what_breaks_is_found() {
    let broken = |target: Target| catch_unwind(|| feeds(target, "wire")).is_err();
    assert!(!broken(|_| {}));
    assert!(broken(|bytes| assert!(bytes.len() < 1_000)));
}
