//! The real client, against real sockets on this machine.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use tidelock_run::rollback::{Call, Client, Http, SendError};

/// Answers one connection after the other with these bytes; returns the base and what was asked.
fn serve(answers: Vec<String>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            loop {
                let read = stream.read(&mut part).unwrap();
                request.extend_from_slice(&part[..read]);
                let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length =
                    head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            stream.write_all(answer.as_bytes()).unwrap();
            asked.push(String::from_utf8_lossy(&request).into_owned());
        }
        asked
    });
    (base, asked)
}

fn call<'c>(method: &'c str, url: &'c str) -> Call<'c> {
    Call { method, url, authorization: Some("Bearer t"), body: None, api: None }
}

#[test]
fn status_reason_waiting_time_and_body_arrive() {
    let answer = "HTTP/1.1 500 Configuration file 'x' does not exist\r\nRetry-After: 3\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    let (base, asked) = serve(vec![answer.to_owned()]);
    let url = format!("{base}/v1/servers/2");
    let answer = Client::new().send(&call("DELETE", &url)).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (500, b"{}".as_slice()));
    assert_eq!(answer.reason, "Configuration file 'x' does not exist");
    assert_eq!(answer.retry_after, Some(Duration::from_secs(3)));
    let asked = asked.join().unwrap().remove(0).to_ascii_lowercase();
    assert!(asked.starts_with("delete /v1/servers/2 http/1.1\r\n"), "{asked}");
    assert!(asked.contains("\r\nauthorization: bearer t\r\n"), "{asked}");
}

#[test]
fn a_redirect_is_not_followed() {
    let (base, asked) = serve(vec![
        "HTTP/1.1 307 x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    ]);
    let url = format!("{base}/a");
    assert_eq!(Client::new().send(&call("DELETE", &url)).unwrap().status, 307);
    assert_eq!(asked.join().unwrap().len(), 1);
}

#[test]
fn a_call_without_a_body_says_so_and_sends_no_chunks() {
    for method in ["POST", "PUT", "DELETE"] {
        let (base, asked) =
            serve(vec!["HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()]);
        let url = format!("{base}/api2/json/nodes/pve1/qemu/110/status/stop");
        assert_eq!(Client::new().send(&call(method, &url)).unwrap().status, 200);
        let asked = asked.join().unwrap().remove(0).to_ascii_lowercase();
        assert!(!asked.contains("transfer-encoding"), "{asked}");
        assert_eq!(
            asked.matches("content-length: 0\r\n").count(),
            usize::from(method != "DELETE"),
            "{asked}"
        );
    }
}

#[test]
fn a_body_is_sent_as_json() {
    let (base, asked) = serve(vec!["HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned()]);
    let sent = Call { method: "POST", url: &base, authorization: None, body: Some(br#"{"a":1}"#), api: None };
    assert_eq!(Client::new().send(&sent).unwrap().status, 204);
    let asked = asked.join().unwrap().remove(0);
    assert!(
        asked.ends_with(r#"{"a":1}"#)
            && asked.to_ascii_lowercase().contains("content-type: application/json"),
        "{asked}"
    );
    assert!(!asked.to_ascii_lowercase().contains("authorization"));
}

#[test]
fn nobody_there_or_no_http_is_said_so() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    assert_eq!(Client::new().send(&call("DELETE", &url)), Err(SendError::Connection));
    let (base, _asked) = serve(vec!["nonsense\r\n\r\n".to_owned()]);
    assert!(matches!(
        Client::new().send(&call("DELETE", &base)),
        Err(SendError::Protocol | SendError::Connection)
    ));
}

#[test]
fn a_huge_answer_is_cut() {
    let body = "x".repeat(3 << 20);
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut part = [0; 4096];
        let _ = stream.read(&mut part);
        // The reader hangs up before the end.
        let _ = stream.write_all(answer.as_bytes());
    });
    assert_eq!(Client::new().send(&call("GET", &base)).unwrap().body.len(), 1 << 20);
}
