//! What a run needs of the network and of time.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use super::api::Api;

/// A call, ready to be made.
#[derive(Clone, Copy)]
pub struct Call<'c> {
    /// `DELETE`, `POST`, `GET` or `PUT`.
    pub method: &'c str,
    /// The whole address.
    pub url: &'c str,
    /// Value of the header `Authorization`.
    pub authorization: Option<&'c str>,
    /// JSON to send.
    pub body: Option<&'c [u8]>,
    /// The platform that is called, which may have a certificate authority of its own; none for the callback.
    pub api: Option<&'c Api>,
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a callback may be a secret, and the rest of a call certainly is.
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What came back. Redirects are answers like any other: nobody follows them with a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// What stands behind the status code; Proxmox VE says there what is wrong.
    pub reason: String,
    /// `Retry-After`, if it is a number of seconds.
    pub retry_after: Option<Duration>,
    /// The body, at most a megabyte of it.
    pub body: Vec<u8>,
}

/// Nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// There is no such host.
    #[error("the host is not known")]
    Host,
    /// Nobody takes the connection, or it broke.
    #[error("the connection failed")]
    Connection,
    /// The certificate of the host is not trusted, or it speaks no TLS.
    #[error("no secure connection: the certificate is not trusted, or TLS is not spoken")]
    Tls,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The answer is no HTTP.
    #[error("the answer is not understood")]
    Protocol,
}

/// The network.
pub trait Http {
    /// Makes a call, once.
    ///
    /// # Errors
    /// [`SendError`] if no answer came back. Whether the call arrived is not known then.
    fn send(&self, call: &Call<'_>) -> Result<Answer, SendError>;
}

/// The time.
pub trait Clock {
    /// Time since some moment.
    fn now(&self) -> Duration;
    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// The real time.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    began: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { began: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}
