//! What is about to be bought is on disk before the first byte leaves: the real binary, watched
//! call by call. A file that was written and not synced is not on disk.

use crate::harness::ALEX;
use crate::rig::Rig;
use crate::strace::Strace;

const WATCHED: &str = "trace=write,pwrite64,writev,pwritev,fdatasync,fsync,connect,sendto,sendmsg,\
                       recvfrom,recvmsg,read";
/// What stands in a purchase from VirtuSIM and in no other call.
const PURCHASE: &str = "action=order&";

/// One line of a trace.
struct Line<'t> {
    thread: &'t str,
    call: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let (thread, call) = line.split_once(' ').unwrap_or((line, ""));
        Self {
            thread,
            call: call.trim_start(),
        }
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        let name = self.call.strip_prefix("<... ").unwrap_or(self.call);
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        names.contains(&&name[..end.unwrap_or(name.len())])
    }

    fn sends(&self) -> bool {
        self.is_one_of(&["write", "writev", "sendto", "sendmsg"])
    }

    /// The number of the file, where it stands in this line.
    fn file(&self) -> Option<&'t str> {
        let (_, rest) = self.call.split_once('(')?;
        rest.split(|letter: char| !letter.is_ascii_digit()).next()
    }
}

/// Where a call that began in `trace[began]` came back.
fn ended(trace: &[Line<'_>], began: usize) -> Option<usize> {
    if !trace[began].call.ends_with("<unfinished ...>") {
        return Some(began);
    }
    let thread = trace[began].thread;
    let later = trace.iter().enumerate().skip(began + 1);
    let mut mine = later.filter(|(_, line)| line.thread == thread);
    mine.next().map(|(at, _)| at)
}

/// Whether the commit of `placing` was safe before the purchase began, or what is missing.
fn check(trace: &[String], safe: fn(&[Line<'_>], usize) -> Option<usize>) -> Result<(), String> {
    let trace: Vec<Line<'_>> = trace.iter().map(|line| Line::of(line)).collect();
    let find = |what: &str, from: usize, fits: &dyn Fn(&Line<'_>) -> bool| {
        let found = trace.iter().skip(from).position(fits);
        found
            .map(|at| at + from)
            .ok_or_else(|| format!("there is no {what}"))
    };
    let placing = find("write of placing", 0, &|line| {
        line.sends() && line.call.contains("placing")
            || line.is_one_of(&["pwrite64", "pwritev"]) && line.call.contains("placing")
    })?;
    let purchase = find("purchase", 0, &|line| {
        line.sends() && line.call.contains(PURCHASE)
    })?;
    // A purchase has a connection of its own, whose opening is its first byte.
    let connection = trace[purchase].file();
    let connect = trace[..purchase]
        .iter()
        .rposition(|line| line.is_one_of(&["connect"]) && line.file() == connection)
        .ok_or("the purchase has no connection of its own")?;
    let safe = safe(&trace, placing).ok_or("placing is never safe")?;
    if safe < connect {
        Ok(())
    } else {
        Err(format!(
            "the connection began in line {connect}, placing was safe in line {safe}"
        ))
    }
}

/// The journal is synced after `placing` was written to it.
fn synced(trace: &[Line<'_>], placing: usize) -> Option<usize> {
    let later = trace.iter().enumerate().skip(placing + 1);
    let mut syncs = later
        .filter(|(_, line)| line.is_one_of(&["fdatasync", "fsync"]) && line.call.contains("-wal>"));
    let end = ended(trace, syncs.next()?.0)?;
    trace[end].call.ends_with("= 0").then_some(end)
}

/// The server answers that the transaction with `placing` is committed.
fn committed(trace: &[Line<'_>], placing: usize) -> Option<usize> {
    let later = trace.iter().enumerate().skip(placing + 1);
    let mut answers = later.filter(|(_, line)| {
        line.is_one_of(&["recvfrom", "recvmsg", "read"]) && line.call.contains("COMMIT")
    });
    answers.next().map(|(at, _)| at)
}

#[tokio::test]
async fn placing_is_on_disk_before_the_first_byte_goes_to_the_upstream() {
    let rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.is_idle().await;
    let strace = Strace::attach(rig.pid(), &["-e", WATCHED]).await;
    rig.presses(ALEX, "Buy for").await;
    rig.sees(ALEX, "Waiting for the SMS").await;
    let trace = strace.detach().await;
    let safe = if rig.database.is_sqlite() {
        synced
    } else {
        committed
    };
    check(&trace, safe).unwrap();
    // The check can fail: the same trace without what makes it safe does not pass.
    let makes_safe = |line: &String| {
        line.contains("fdatasync") || line.contains("fsync") || line.contains("COMMIT")
    };
    let unsafe_trace: Vec<String> = trace.iter().filter(|it| !makes_safe(it)).cloned().collect();
    check(&unsafe_trace, safe).unwrap_err();
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your SMS is here").await;
    rig.finish(1, 1).await;
}
