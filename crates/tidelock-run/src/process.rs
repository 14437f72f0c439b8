//! A program, run to its end: without a shell, within a time, up to an amount of output.

use std::{
    env,
    ffi::OsStr,
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

/// More output than any key takes.
pub(crate) const MAX_OUTPUT_BYTES: usize = 64 << 10;

/// How often a program that has closed its output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(5);

/// Why there is no output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It could not be started.
    Start,
    /// It took too long, and was stopped.
    Timeout,
    /// It wrote too much, and was stopped.
    TooMuch,
    /// It ended with this exit code; `None` if a signal ended it.
    Exit(Option<i32>),
    /// Its output could not be read.
    Read,
}

/// Runs a program; returns what it wrote to its standard output.
///
/// It gets this process's environment but for `TIDELOCK_*`, and its directory. What it writes to its standard error is
/// thrown away: nobody can tell whether a secret is in it.
pub(crate) fn run<S: AsRef<OsStr>>(
    program: S,
    arguments: &[S],
    input: Vec<u8>,
    timeout: Duration,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let deadline = Instant::now() + timeout;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let ours = env::vars_os().map(|(name, _)| name);
    for name in ours.filter(|name| name.to_string_lossy().starts_with("TIDELOCK_")) {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(|_| Failure::Start)?;
    let output = converse(&mut child, input, deadline);
    let ended = output.and_then(|output| end(&mut child, deadline).map(|()| output));
    if ended.is_err() {
        // It may have ended already.
        let _ = child.kill();
        let _ = child.wait();
    }
    ended
}

/// Writes and reads in threads of their own: a pipe that something else holds open must not hold up this one.
fn converse(child: &mut Child, input: Vec<u8>, deadline: Instant) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if let Some(mut stdin) = child.stdin.take() {
        // A program need not read what it gets.
        thread::spawn(move || stdin.write_all(&input));
    }
    let stdout = child.stdout.take().ok_or(Failure::Read)?;
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        // All at once, because a buffer that grows leaves copies.
        let mut output = Zeroizing::new(Vec::with_capacity(MAX_OUTPUT_BYTES + 1));
        let most = u64::try_from(MAX_OUTPUT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let read = stdout.take(most).read_to_end(&mut output);
        // Nobody listens any more if it took too long.
        let _ = sender.send(read.map(|_| output));
    });
    match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(output)) if output.len() > MAX_OUTPUT_BYTES => Err(Failure::TooMuch),
        Ok(Ok(output)) => Ok(output),
        Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Failure::Read),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Failure::Timeout),
    }
}

fn end(child: &mut Child, deadline: Instant) -> Result<(), Failure> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(Failure::Exit(status.code())),
            Ok(None) if Instant::now() < deadline => thread::sleep(POLL),
            Ok(None) => return Err(Failure::Timeout),
            Err(_) => return Err(Failure::Read),
        }
    }
}
