//! The real network: one connection a platform, TLS without a system library, nothing followed, nothing stored.

use std::{
    fmt,
    io::Read,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ureq::{
    Agent, Error,
    tls::{Certificate, PemItem, RootCerts, TlsConfig},
    unversioned::{
        resolver::DefaultResolver,
        transport::{Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport},
    },
};

use super::http::{Answer, Call, Http, SendError};

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// More of an answer is not read.
const MAX_BODY_BYTES: u64 = 1 << 20;

/// The network.
#[derive(Debug)]
pub struct Client {
    public: Line,
}

/// Connections that trust the same authorities.
struct Line {
    agent: Agent,
    reason: Reason,
}

/// What stood behind the last status code: Proxmox VE says there what is wrong, and the client does not tell it.
#[derive(Clone, Debug, Default)]
struct Reason(Arc<Mutex<String>>);

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// Trusts the public authorities, and for a platform that has one of its own, that one alone.
    pub fn new() -> Self {
        Self { public: Line::new(None) }
    }
}

impl Http for Client {
    fn send(&self, call: &Call<'_>) -> Result<Answer, SendError> {
        let Some(pem) = call.api.and_then(super::Api::pem) else { return self.public.send(call) };
        let certificates = ureq::tls::parse_pem(pem).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<Certificate<'static>> = certificates.collect();
        Line::new(Some(certificates)).send(call)
    }
}

impl Line {
    fn new(own: Option<Vec<Certificate<'static>>>) -> Self {
        let mut tls = TlsConfig::builder();
        if let Some(own) = own {
            tls = tls.root_certs(RootCerts::Specific(Arc::new(own)));
        }
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("tidelock/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(0)
            .build();
        let reason = Reason::default();
        let connector = DefaultConnector::default().chain(reason.clone());
        Self { agent: Agent::with_parts(config, connector, DefaultResolver::default()), reason }
    }

    fn send(&self, call: &Call<'_>) -> Result<Answer, SendError> {
        let mut request = ureq::http::Request::builder()
            .method(call.method)
            .uri(call.url)
            .header("Accept", "application/json");
        if let Some(authorization) = call.authorization {
            request = request.header("Authorization", authorization);
        }
        let sent = match call.body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json").body(body);
                self.agent.run(request.map_err(|_| SendError::Protocol)?)
            }
            // Without a body of known length the client would send chunks, which Proxmox VE answers with 501.
            None if matches!(call.method, "POST" | "PUT") => {
                let request = request.header("Content-Length", "0").body(&[][..]);
                self.agent.run(request.map_err(|_| SendError::Protocol)?)
            }
            None => self.agent.run(request.body(()).map_err(|_| SendError::Protocol)?),
        };
        let response = sent.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let header = response.headers().get("Retry-After").and_then(|value| value.to_str().ok());
        let retry_after = header.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let mut body = Vec::new();
        // What was read before a connection broke is as good as it is; the status counts.
        let _ = response.into_body().into_reader().take(MAX_BODY_BYTES).read_to_end(&mut body);
        let reason = std::mem::take(&mut *self.reason.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Answer { status, reason, retry_after, body })
    }
}

fn failed(error: &Error) -> SendError {
    match error {
        Error::HostNotFound => SendError::Host,
        Error::Timeout(_) => SendError::Timeout,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => SendError::Tls,
        Error::Io(io) if io.kind() == std::io::ErrorKind::TimedOut => SendError::Timeout,
        Error::Io(_) | Error::ConnectionFailed => SendError::Connection,
        _ => SendError::Protocol,
    }
}

impl<In: Transport> Connector<In> for Reason {
    type Out = Listening<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Listening { inner, reason: self.clone() }))
    }
}

/// A connection that takes note of the status line.
#[derive(Debug)]
struct Listening<In> {
    inner: In,
    reason: Reason,
}

impl<In: Transport> Transport for Listening<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let progress = self.inner.await_input(timeout)?;
        if let Some(text) = reason(self.inner.buffers().input()) {
            *self.reason.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
        }
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// `text` of `HTTP/1.1 500 text`, if the input begins with a whole status line.
fn reason(input: &[u8]) -> Option<String> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let line = input.get(..end)?;
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let mut words = rest.splitn(3, |byte| *byte == b' ');
    let text = words.nth(2).unwrap_or_default();
    Some(String::from_utf8_lossy(text).trim().to_owned())
}
