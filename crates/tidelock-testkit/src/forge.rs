//! A stand-in for the API of a forge, on loopback: the scripts of `docs/pipelines` talk to it in tests.
//!
//! [`Forge`] is the server: it keeps a log of what was asked, fails when told to, and leaves the
//! answers to an [`Api`]. [`github`] is one.

pub mod github;
pub mod gitlab;
pub mod store;
pub mod webhook;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// What answers requests: the state of a forge, and the rules it changes by.
pub trait Api: Debug + Send + 'static {
    /// Answers one request. Called for one request at a time.
    fn answer(&mut self, request: &Request) -> Reply;
}

/// One request, as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query, percent encoding left in place: a GitLab project is `group%2Fname`.
    pub path: String,
    /// The query, decoded; of a key given twice the last value.
    pub query: BTreeMap<String, String>,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Request {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The parts of the path, decoded: a GitLab project is `group/name`.
    pub fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|part| !part.is_empty()).map(decoded).collect()
    }

    /// The address that the client reached the forge at, without a path: `http://127.0.0.1:4711`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.header("host").unwrap_or("127.0.0.1"))
    }
}

/// What a request is answered with.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// More headers; the content type is always JSON.
    pub headers: Vec<(String, String)>,
    /// The body; none for `null`.
    pub body: Value,
}

impl Reply {
    /// An answer with a status and a body.
    pub fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// An answer that says what is wrong, as GitHub and GitLab both do: `{"message": …}`.
    pub fn error(status: u16, message: &str) -> Self {
        Self::new(status, json!({ "message": message }))
    }

    /// One page of a list, by `page` and `per_page` (1 to 100, `default` without one), with a `Link`
    /// header to the next page where there is one.
    pub fn page(request: &Request, items: Vec<Value>, default: usize) -> Self {
        let number = |key: &str| request.query.get(key).and_then(|text| text.parse::<usize>().ok());
        let size = number("per_page").unwrap_or(default).clamp(1, 100);
        let page = number("page").unwrap_or(1).max(1);
        let start = (page - 1).saturating_mul(size);
        let more = items.len() > start.saturating_add(size);
        let shown = items.into_iter().skip(start).take(size).collect();
        let mut reply = Self::new(200, Value::Array(shown));
        if more {
            let rest = request.query.iter().filter(|(key, _)| *key != "page");
            let query = rest.map(|(key, value)| format!("{key}={}", encoded(value)));
            let query: Vec<_> = query.chain([format!("page={}", page + 1)]).collect();
            let url = format!("{}{}?{}", request.origin(), request.path, query.join("&"));
            reply.headers.push(("Link".into(), format!("<{url}>; rel=\"next\"")));
        }
        reply
    }
}

/// Answers to be given instead of the forge's own.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Only requests with this method, if given.
    pub method: Option<&'static str>,
    /// Only requests whose path holds this.
    pub path: &'static str,
    /// The status to answer with.
    pub status: u16,
    /// More headers: `Retry-After`.
    pub headers: Vec<(String, String)>,
    /// How often; afterwards the forge is fine again.
    pub times: usize,
    /// What becomes of the request.
    pub fate: Fate,
}

/// What becomes of a request that is answered with a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is not looked at.
    Dropped,
    /// It is done; only the answer is lost, as behind a gateway that does not wait.
    Done,
}

impl Failure {
    /// Any request fails with this status, so many times.
    pub fn new(status: u16, times: usize) -> Self {
        Self { method: None, path: "", status, headers: Vec::new(), times, fate: Fate::Dropped }
    }

    /// Only requests with this method fail.
    #[must_use]
    pub fn on(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// Only requests fail whose path holds this.
    #[must_use]
    pub fn at(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }

    /// The failure comes with this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The request is done all the same.
    #[must_use]
    pub fn though_done(mut self) -> Self {
        self.fate = Fate::Done;
        self
    }

    fn meets(&self, request: &Request) -> bool {
        self.times > 0
            && self.method.is_none_or(|method| method == request.method)
            && request.path.contains(self.path)
    }
}

/// A running forge; it ends when this is dropped.
pub struct Forge<A: Api> {
    origin: String,
    inner: Arc<Mutex<Inner<A>>>,
    server: Arc<tiny_http::Server>,
    thread: Option<JoinHandle<()>>,
}

impl<A: Api> Drop for Forge<A> {
    fn drop(&mut self) {
        self.server.unblock();
        // A panic in the thread was already printed; there is nobody left to tell.
        self.thread.take().map(JoinHandle::join);
    }
}

struct Inner<A> {
    api: A,
    failures: Vec<Failure>,
    log: Vec<Request>,
}

impl<A: Api> Forge<A> {
    /// Starts a forge on a free port of the loopback interface.
    ///
    /// # Panics
    /// If no port can be had.
    #[allow(clippy::expect_used, reason = "a test that gets no port has failed")]
    pub fn start(api: A) -> Self {
        let server = Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a port on loopback"));
        let inner = Arc::new(Mutex::new(Inner { api, failures: Vec::new(), log: Vec::new() }));
        let thread = thread::spawn({
            let (server, inner) = (Arc::clone(&server), Arc::clone(&inner));
            move || server.incoming_requests().for_each(|request| serve(request, &inner))
        });
        let origin = format!("http://{}", server.server_addr());
        Self { origin, inner, server, thread: Some(thread) }
    }

    /// The address without a path: `http://127.0.0.1:4711`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Has later requests fail; the first failure that meets a request is the one it gets.
    pub fn fail(&self, failure: Failure) {
        lock(&self.inner).failures.push(failure);
    }

    /// All requests so far, failed ones too.
    pub fn log(&self) -> Vec<Request> {
        lock(&self.inner).log.clone()
    }

    /// Looks into the forge, or changes something behind the script's back.
    pub fn with<T>(&self, look: impl FnOnce(&mut A) -> T) -> T {
        look(&mut lock(&self.inner).api)
    }
}

/// A test that panicked while it looked does not make the forge unusable for what is said afterwards.
fn lock<A>(inner: &Mutex<Inner<A>>) -> MutexGuard<'_, Inner<A>> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve<A: Api>(mut incoming: tiny_http::Request, inner: &Mutex<Inner<A>>) {
    let request = read(&mut incoming);
    let reply = {
        let mut inner = lock(inner);
        inner.log.push(request.clone());
        match inner.failures.iter_mut().find(|failure| failure.meets(&request)) {
            Some(failure) => {
                failure.times -= 1;
                let failure = failure.clone();
                if failure.fate == Fate::Done {
                    inner.api.answer(&request);
                }
                Reply { headers: failure.headers, ..Reply::error(failure.status, "as ordered") }
            }
            None => inner.api.answer(&request),
        }
    };
    let body = if reply.body.is_null() { String::new() } else { reply.body.to_string() };
    let content = ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned());
    let response = reply.headers.iter().chain([&content]).fold(
        tiny_http::Response::from_string(body).with_status_code(reply.status),
        |response, (name, value)| match tiny_http::Header::from_bytes(name.as_bytes(), value.as_bytes()) {
            Ok(header) => response.with_header(header),
            Err(()) => response,
        },
    );
    // The client may be gone; then it says so itself.
    let _ = incoming.respond(response);
}

fn read(incoming: &mut tiny_http::Request) -> Request {
    let mut bytes = Vec::new();
    // What was read before an error is logged; the answer then says what is missing.
    let _ = incoming.as_reader().read_to_end(&mut bytes);
    let (path, query) = incoming.url().split_once('?').unwrap_or((incoming.url(), ""));
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key), decoded(&value.replace('+', " ")))
    });
    let headers = incoming
        .headers()
        .iter()
        .map(|header| (header.field.to_string().to_ascii_lowercase(), header.value.to_string()));
    Request {
        method: incoming.method().to_string(),
        path: path.to_owned(),
        query: query.collect(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
