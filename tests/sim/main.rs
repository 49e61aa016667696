//! The simulator: the real shop over a real database, with every user, worker, upstream and
//! messenger played from a seed, and a process that can die between any two effects.
//!
//! `cargo test --test simulator` plays 200 seeds and then proves that it bites: each deliberate
//! bug must be found. A million of them, faster:
//! `NUMSHOP_SEEDS=1000000 cargo test --profile sim --test simulator`, and with
//! `NUMSHOP_FIRST_SEED=5000` from there. A seed that breaks a rule is printed with all its steps
//! and ends the run; `-- --seed 42` plays it again, step by step the same, and
//! `--bug "double release"` plants a bug before it.
#![allow(
    clippy::print_stdout,
    reason = "a program of its own reports on its standard output"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a play that cannot go on should stop where it is"
)]

mod admins;
mod baton;
mod bites;
mod checks;
mod courier;
mod director;
mod people;
mod scene;
mod upstream;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use tempfile::TempDir;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::checks::Tally;
use crate::scene::Broken;
use crate::world::World;

/// How many seeds are played where nothing else is asked for.
const SEEDS: u64 = 200;
/// After so many a long run says that it goes on.
const SAY_EVERY: u64 = 10_000;
/// So many of them are played twice, to see that a seed is all there is to a play.
const TWICE: u64 = 8;

/// What is needed to play.
pub(crate) struct Theatre {
    runtime: Handle,
    folder: TempDir,
}

/// A play that is over.
pub(crate) struct Played {
    pub(crate) seed: u64,
    pub(crate) broken: Option<Broken>,
    steps: Vec<String>,
    print: u64,
    tally: Tally,
}

impl Theatre {
    fn open(runtime: Handle) -> Self {
        for point in ["before a write", "after a write"] {
            fail::cfg_callback(point, move || baton::pause(|| point.to_owned())).unwrap();
        }
        let queued = || baton::pause_if_parallel(|| world::QUEUED.to_owned());
        fail::cfg_callback(world::QUEUED, queued).unwrap();
        // In memory, where there is such a folder: plays write much and keep nothing.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        let theatre = Self {
            runtime,
            folder: folder.unwrap(),
        };
        World::furnish(&theatre.runtime, &theatre.empty_stage());
        theatre
    }

    /// A database with tables, users and goods, and nothing sold.
    fn empty_stage(&self) -> PathBuf {
        self.folder.path().join("empty.db")
    }

    /// Plays a seed.
    pub(crate) fn play(&self, seed: u64) -> Played {
        self.play_on(&self.runtime, seed)
    }

    fn play_on(&self, runtime: &Handle, seed: u64) -> Played {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let stage = self.folder.path().join(format!("{count}"));
        std::fs::create_dir(&stage).unwrap();
        let file = stage.join("numshop.db");
        std::fs::copy(self.empty_stage(), &file).unwrap();
        let mut world = World::new(seed, runtime.clone(), file);
        world.play();
        let broken = world.scene.broken();
        let tally = Tally::of(&world);
        world.kill();
        std::fs::remove_dir_all(stage).unwrap();
        Played {
            seed,
            broken,
            steps: world.scene.steps(),
            print: world.scene.print(),
            tally,
        }
    }

    /// Plays the seeds on all cores until one breaks a rule; returns that one, or how they went.
    pub(crate) fn play_all(&self, seeds: std::ops::Range<u64>) -> Result<Tally, Box<Played>> {
        let next = AtomicU64::new(seeds.start);
        let is_over = AtomicBool::new(false);
        let total = Mutex::new(Tally::default());
        let first: Mutex<Option<Played>> = Mutex::new(None);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| {
                    // One thread is enough for a play, and another one would only be woken.
                    let runtime = Builder::new_multi_thread()
                        .worker_threads(1)
                        .enable_all()
                        .build();
                    let runtime = runtime.unwrap();
                    while !is_over.load(Ordering::Relaxed) {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end {
                            return;
                        }
                        let before = seed - seeds.start;
                        if before > 0 && before.is_multiple_of(SAY_EVERY) {
                            println!("{before} seeds, from {}: no rule broken", seeds.start);
                        }
                        let played = self.play_on(runtime.handle(), seed);
                        if played.broken.is_none() {
                            total.lock().unwrap().add(&played.tally);
                            continue;
                        }
                        is_over.store(true, Ordering::Relaxed);
                        // The lowest seed is told, whichever core was faster.
                        let mut first = first.lock().unwrap();
                        if first.as_ref().is_none_or(|other| seed < other.seed) {
                            *first = Some(played);
                        }
                    }
                });
            }
        });
        match first.into_inner().unwrap() {
            Some(played) => Err(Box::new(played)),
            None => Ok(total.into_inner().unwrap()),
        }
    }
}

/// What the caller asked for.
#[derive(Default)]
struct Wish {
    seeds: Option<u64>,
    from: u64,
    seed: Option<u64>,
    bug: Option<String>,
    filter: Option<String>,
}

impl Wish {
    fn read() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where tests are configured"
        )]
        let told = |name: &str| std::env::var(name).ok().map(|word| word.parse().unwrap());
        let mut wish = Self {
            seeds: told("NUMSHOP_SEEDS"),
            from: told("NUMSHOP_FIRST_SEED").unwrap_or_default(),
            ..Self::default()
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse().ok());
            match word.as_str() {
                "--seeds" => wish.seeds = number(),
                "--from" => wish.from = number().unwrap_or_default(),
                "--seed" => wish.seed = number(),
                "--bug" => wish.bug = words.next(),
                // What else cargo says to every test binary.
                other if other.starts_with('-') => {}
                other => wish.filter = Some(other.to_owned()),
            }
        }
        wish
    }
}

fn main() -> ExitCode {
    let wish = Wish::read();
    // Somebody looks for a test by name, which is none of this.
    let is_wanted = |name: &String| "simulator".contains(name.as_str());
    if !wish.filter.as_ref().is_none_or(is_wanted) {
        return ExitCode::SUCCESS;
    }
    let runtime = Runtime::new().unwrap();
    let theatre = Theatre::open(runtime.handle().clone());
    if let Some(bug) = &wish.bug {
        bites::plant(bug);
    }
    let is_fine = match wish.seed {
        Some(seed) => show(&theatre.play(seed)),
        None => play(&theatre, &wish),
    };
    if is_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints a play with all its steps.
fn show(played: &Played) -> bool {
    for step in &played.steps {
        println!("{step}");
    }
    println!("seed {}: print {:016x}", played.seed, played.print);
    if let Some(broken) = &played.broken {
        println!(
            "seed {} breaks “{}”: {}",
            played.seed, broken.rule, broken.detail
        );
    }
    played.broken.is_none()
}

fn play(theatre: &Theatre, wish: &Wish) -> bool {
    let begun = Instant::now();
    let seeds = wish.from..wish.from + wish.seeds.unwrap_or(SEEDS);
    match theatre.play_all(seeds.clone()) {
        Ok(tally) => {
            let count = seeds.end - seeds.start;
            let taken = begun.elapsed();
            let per_minute = u128::from(count) * 60_000 / taken.as_millis().max(1);
            println!("{count} seeds in {taken:.1?}, {per_minute} a minute: {tally:?}");
        }
        Err(played) => {
            show(&played);
            println!(
                "again: cargo test --test simulator -- --seed {}",
                played.seed
            );
            return false;
        }
    }
    is_repeatable(theatre, wish.from) && (wish.seeds.is_some() || bites::prove(theatre))
}

/// Whether the same seeds make the same steps.
fn is_repeatable(theatre: &Theatre, from: u64) -> bool {
    for seed in from..from + TWICE {
        let (first, second) = (theatre.play(seed), theatre.play(seed));
        if first.print != second.print {
            let pairs = first.steps.iter().zip(&second.steps);
            let differs = pairs.enumerate().find(|(_, (a, b))| a != b);
            println!("seed {seed} is not the same twice: {differs:?}");
            return false;
        }
    }
    println!("{TWICE} seeds are the same twice, step by step");
    true
}
