//! The API of HCP Terraform on loopback, as far as a plan is downloaded: it redirects to an archive on another host.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// One request, as it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
}

/// Gives what it holds to everybody who knows the address.
pub(crate) struct Archive(Server);

impl Archive {
    pub(crate) fn start(held: Vec<u8>) -> Self {
        Self(Server::start(move |_| reply("200 OK", "", &held)))
    }

    /// The last request.
    pub(crate) fn asked(&self) -> Asked {
        self.0.asked()
    }
}

/// Knows one run, and one that is not planned yet.
pub(crate) struct Api {
    server: Server,
    archive: Archive,
}

impl Api {
    pub(crate) fn start(archive: Archive) -> Self {
        // Another name for the same machine: another host, as far as a client knows.
        let location = format!("Location: http://localhost:{}/v1/object/x\r\n", archive.0.address.port());
        let server = Server::start(move |asked| match asked.path.as_str() {
            "/api/v2/runs/run-1/plan/json-output" => reply("307 Temporary Redirect", &location, b""),
            "/api/v2/runs/run-planning/plan/json-output" => reply("204 No Content", "", b""),
            _ => reply("404 Not Found", "", br#"{"errors":[{"status":"404","title":"not found"}]}"#),
        });
        Self { server, archive }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The last request.
    pub(crate) fn asked(&self) -> Asked {
        self.server.asked()
    }

    pub(crate) fn archive(&self) -> &Archive {
        &self.archive
    }
}

struct Server {
    address: SocketAddr,
    last: Arc<Mutex<Asked>>,
}

impl Server {
    fn start(answer: impl Fn(&Asked) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let last = Arc::new(Mutex::new(Asked::default()));
        let seen = Arc::clone(&last);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = read(&stream);
                let mut stream = stream;
                stream.write_all(&answer(&asked)).unwrap();
                *seen.lock().unwrap() = asked;
            }
        });
        Self { address, last }
    }

    fn asked(&self) -> Asked {
        self.last.lock().unwrap().clone()
    }
}

/// Reads a request without a body.
fn read(stream: &TcpStream) -> Asked {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let first = lines.next().unwrap_or_default();
    let mut asked =
        Asked { path: first.split(' ').nth(1).unwrap_or_default().to_owned(), authorization: None };
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap_or((&line, ""));
        if name.eq_ignore_ascii_case("authorization") {
            asked.authorization = Some(value.to_owned());
        }
    }
    asked
}

fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
