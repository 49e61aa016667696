//! A running process under `strace`: what it asks of the system, in order, or the same with some
//! of it failing.
//!
//! Needs Debian's `strace` and the permission to trace one's own children. Where one of them is
//! missing, the test fails and says so.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use crate::harness::PATIENCE;

/// A process that is being traced.
pub(crate) struct Strace {
    child: Child,
    told: BufReader<ChildStderr>,
    folder: tempfile::TempDir,
}

impl Strace {
    /// Attaches to all threads of a process; done when they are being traced.
    pub(crate) async fn attach(pid: u32, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spawned = Command::new("strace")
            .args(["-f", "-yy", "-s", "16384", "-o"])
            .arg(folder.path().join("trace"))
            .args(options)
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => panic!("strace cannot be run ({error}): install Debian's `strace`"),
        };
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, told.read_line(&mut line)).await;
        read.expect("strace says something").unwrap();
        if !line.contains("attached") {
            told.read_to_string(&mut line).await.unwrap();
            panic!("strace may not trace this process: {line}");
        }
        Self {
            child,
            told,
            folder,
        }
    }

    /// Lets calls on these files fail with an error such as `ENOSPC`, until it is detached.
    pub(crate) async fn fail(pid: u32, calls: &str, files: &[String], error: &str) -> Self {
        let trace = format!("trace={calls}");
        let inject = format!("inject={calls}:error={error}");
        let mut options = vec!["-e", &trace, "-e", &inject];
        for file in files {
            options.extend(["-P", file]);
        }
        Self::attach(pid, &options).await
    }

    /// Lets the process go; what it asked for meanwhile, one call a line.
    pub(crate) async fn detach(mut self) -> Vec<String> {
        let id = self.child.id().expect("strace still runs").to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().await;
        assert!(sent.unwrap().success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("strace ends").unwrap();
        let mut rest = String::new();
        self.told.read_to_string(&mut rest).await.unwrap();
        let trace = std::fs::read(self.folder.path().join("trace")).unwrap();
        let trace = String::from_utf8_lossy(&trace);
        trace.lines().map(str::to_owned).collect()
    }
}
