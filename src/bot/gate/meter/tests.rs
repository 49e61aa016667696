//! How much is too much, and who hears of it.

use std::num::NonZeroU32;

use governor::clock::FakeRelativeClock;

use super::*;

const ALEX: UserId = UserId(1);
const SARI: UserId = UserId(2);

fn meter(most_under_way: usize) -> (Meter<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    let settings = GateSettings {
        most_under_way,
        ..GateSettings::per_second(const { NonZeroU32::new(2).unwrap() })
    };
    (Meter::new(settings, clock.clone()), clock)
}

/// How many buckets are kept in mind, and how many people who were told.
fn remembered(meter: &Meter<FakeRelativeClock>) -> (usize, usize) {
    (meter.buckets.len(), meter.notes().told.len())
}

const fn doing(who: UserId) -> Traveller {
    Traveller::Metered {
        who,
        bucket: Bucket::Doing,
        can_be_told: true,
    }
}

fn left(why: Why, is_told: bool) -> Verdict {
    Verdict::Left { why, is_told }
}

/// How many of so many come through at this moment.
fn through(meter: &Meter<FakeRelativeClock>, traveller: Traveller, tries: usize) -> usize {
    let verdicts = (0..tries).map(|_| meter.judge(traveller));
    verdicts
        .filter(|verdict| *verdict == Verdict::Through)
        .inspect(|_| meter.done())
        .count()
}

#[test]
fn a_flooder_is_told_once_and_others_notice_nothing() {
    let (meter, clock) = meter(1_000);
    assert_eq!(through(&meter, doing(ALEX), 20), 20);
    assert_eq!(meter.judge(doing(ALEX)), left(Why::TooFast, true));
    for _ in 0..500 {
        assert_eq!(meter.judge(doing(ALEX)), left(Why::TooFast, false));
        assert_eq!(through(&meter, Traveller::Free, 1), 1);
    }
    assert_eq!(through(&meter, doing(SARI), 20), 20);
    // Going on like that brings two a second, and not another word.
    for _ in 0..30 {
        clock.advance(Duration::from_secs(1));
        assert_eq!(through(&meter, doing(ALEX), 2), 2);
        assert_eq!(meter.judge(doing(ALEX)), left(Why::TooFast, false));
    }
    // After a rest it is as if nothing had been.
    clock.advance(Duration::from_secs(10));
    assert_eq!(through(&meter, doing(ALEX), 20), 20);
    assert_eq!(meter.judge(doing(ALEX)), left(Why::TooFast, true));
}

#[test]
fn somebody_who_taps_fast_is_never_bothered() {
    let (meter, clock) = meter(1_000);
    // A tap every half second for an hour, and now and then a flurry of nine.
    for second in 0..3_600 {
        assert_eq!(through(&meter, doing(ALEX), 1), 1);
        clock.advance(Duration::from_millis(500));
        if second % 30 == 0 {
            assert_eq!(through(&meter, doing(ALEX), 9), 9, "second {second}");
        }
        clock.advance(Duration::from_millis(500));
    }
}

#[test]
fn what_is_typed_in_other_chats_costs_no_taps() {
    let (meter, _) = meter(1_000);
    let typing = Traveller::Metered {
        who: ALEX,
        bucket: Bucket::Typing,
        can_be_told: false,
    };
    assert_eq!(through(&meter, typing, 100), 20);
    assert_eq!(meter.judge(typing), left(Why::TooFast, false));
    assert_eq!(through(&meter, doing(ALEX), 20), 20);
    assert_eq!(meter.judge(doing(ALEX)), left(Why::TooFast, true));
}

#[test]
fn with_too_much_under_way_only_what_is_free_begins() {
    let (meter, _) = meter(2);
    assert_eq!(meter.judge(doing(ALEX)), Verdict::Through);
    assert_eq!(meter.judge(Traveller::Free), Verdict::Through);
    assert_eq!(meter.judge(doing(ALEX)), left(Why::TooBusy, true));
    assert_eq!(meter.judge(doing(ALEX)), left(Why::TooBusy, false));
    assert_eq!(meter.judge(doing(SARI)), left(Why::TooBusy, true));
    assert_eq!(meter.judge(Traveller::Free), Verdict::Through);
    meter.done();
    assert_eq!(meter.judge(doing(SARI)), left(Why::TooBusy, false));
    meter.done();
    assert_eq!(meter.judge(doing(SARI)), Verdict::Through);
    // One end more than there were beginnings opens nothing.
    for _ in 0..10 {
        meter.done();
    }
    assert_eq!(meter.judge(doing(SARI)), Verdict::Through);
    assert_eq!(meter.judge(doing(SARI)), Verdict::Through);
    assert_eq!(meter.judge(doing(SARI)), left(Why::TooBusy, false));
}

#[test]
fn whoever_is_calm_again_is_forgotten() {
    let (meter, clock) = meter(usize::MAX);
    for id in 0..7_000 {
        assert_eq!(through(&meter, doing(UserId(id)), 21), 20);
    }
    // As many as are told; the rest is met with silence.
    assert_eq!(remembered(&meter), (7_000, 5_000));
    assert_eq!(meter.judge(doing(UserId(6_999))), left(Why::TooFast, false));
    clock.advance(Duration::from_secs(61));
    assert_eq!(meter.judge(doing(ALEX)), Verdict::Through);
    assert_eq!(remembered(&meter), (1, 0));
}
