//! What a platform answers that has only begun: tasks of Proxmox VE, actions of Hetzner Cloud.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use tidelock_types::Request;

use super::{
    Event,
    api::{Api, segments},
    exchange::{Exchange, Failure, Settled, said, shown},
};

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Something that a platform is at.
#[derive(Debug)]
pub(super) struct Pending<'p> {
    api: &'p Api,
    id: String,
    /// Where its state is told.
    url: String,
}

impl Pending<'_> {
    /// What names it: a UPID, or the number of an action.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

/// What an answer says is still to be awaited.
pub(super) fn of<'x>(
    exchange: &Exchange<'x>,
    request: &'x Request,
    settled: &Settled,
) -> Result<Option<Pending<'x>>, Failure> {
    if settled.was_gone {
        return Ok(None);
    }
    let api = exchange.base(request)?;
    let body: Json = serde_json::from_slice(&settled.answer.body).unwrap_or_default();
    if let Some(upid) = body.get("data").and_then(Json::as_str) {
        return parse(upid, Ok(api));
    }
    let Some(action) = body.get("action").filter(|action| action.is_object()) else { return Ok(None) };
    match state(api, action) {
        State::Done => Ok(None),
        State::Failed(said) => Err(Failure::Task(said)),
        State::Running => {
            let number = action.get("id").and_then(Json::as_u64);
            parse(&number.map(|id| id.to_string()).unwrap_or_default(), Ok(api))
        }
    }
}

/// The task of that name; `None` if it names none.
pub(super) fn parse<'p>(id: &str, api: Result<&'p Api, Failure>) -> Result<Option<Pending<'p>>, Failure> {
    let api = api?;
    let encoded = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
    let path = if let Some(rest) = id.strip_prefix("UPID:") {
        let node = rest.split(':').next().unwrap_or_default();
        format!("/api2/json/nodes/{}/tasks/{}/status", encoded(node), encoded(id))
    } else if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("/actions/{id}")
    } else {
        return Ok(None);
    };
    if segments(&path).is_none() {
        return Err(Failure::Task("the platform names a task that is none".to_owned()));
    }
    Ok(Some(Pending { api, id: id.to_owned(), url: format!("{}{path}", api.base()) }))
}

enum State {
    Running,
    Done,
    Failed(String),
}

/// Waits until it has ended well.
pub(super) fn finish(
    exchange: &Exchange<'_>,
    pending: &Pending<'_>,
    tell: &mut dyn FnMut(&Event<'_>),
) -> Result<(), Failure> {
    let limits = exchange.runner.limits;
    let clock = exchange.runner.clock;
    let began = clock.now();
    let mut unheard = 0;
    loop {
        match exchange.once(pending.api, "GET", &pending.url) {
            Ok(answer) if answer.status == 200 => {
                unheard = 0;
                let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
                let inner = body.get("data").or_else(|| body.get("action")).unwrap_or(&body);
                match state(pending.api, inner) {
                    State::Done => return Ok(()),
                    State::Failed(said) => return Err(Failure::Task(said)),
                    State::Running => {}
                }
            }
            Ok(answer) => {
                // Right after a task was begun, Proxmox VE may not know it yet.
                unheard += 1;
                if unheard >= limits.attempts || matches!(answer.status, 401 | 403) {
                    let said = said(pending.api, &answer);
                    return Err(Failure::Status { status: answer.status, said });
                }
            }
            Err(error) => {
                unheard += 1;
                if unheard >= limits.attempts {
                    return Err(Failure::Send(error));
                }
            }
        }
        let so_far = clock.now().saturating_sub(began);
        if so_far >= limits.task {
            return Err(Failure::TooLong(limits.task));
        }
        tell(&Event::Awaiting { item: exchange.item, so_far });
        clock.sleep(limits.poll);
    }
}

/// `{"status": "stopped", "exitstatus": "OK"}` of Proxmox VE, `{"status": "success"}` of Hetzner Cloud.
fn state(api: &Api, task: &Json) -> State {
    let text = |name: &str| task.get(name).and_then(Json::as_str);
    match text("status") {
        Some("success") => State::Done,
        Some("stopped") => match text("exitstatus") {
            Some(exit) if exit == "OK" || exit.starts_with("WARNINGS") => State::Done,
            exit => State::Failed(shown(api, exit.unwrap_or("it does not say which"))),
        },
        Some("error") => {
            let error = |name: &str| task.pointer(&format!("/error/{name}")).and_then(Json::as_str);
            let said = match (error("code"), error("message")) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (code, message) => code.or(message).unwrap_or("it does not say which").to_owned(),
            };
            State::Failed(shown(api, &said))
        }
        _ => State::Running,
    }
}
