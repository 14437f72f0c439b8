//! One call, made until it is answered for good.

use std::{fmt, time::Duration};

use serde_json::Value as Json;
use tidelock_parse::redact;
use tidelock_types::Request;

use super::{
    Event, Item, Runner,
    api::{Api, CallbackUrl, PROXMOX, split},
    http::{Answer, Call, SendError},
    proof::{self, Proof},
};

/// Characters of a platform's message that are kept.
const MAX_SAID_CHARS: usize = 200;

/// Calls about one item.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'x> {
    pub runner: &'x Runner<'x>,
    pub item: &'x Item,
}

/// An answer that counts.
#[derive(Debug)]
pub(super) struct Settled {
    pub answer: Answer,
    /// Whether it says that the object was gone before.
    pub was_gone: bool,
}

/// How much is made of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// It has to work: every error that may pass is waited for.
    Full,
    /// It may be refused: a plain 500 is an answer (Proxmox VE, of a machine that does not run).
    Brief,
}

/// Why something did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No answer.
    Send(SendError),
    /// An answer that is no success.
    Status { status: u16, said: String },
    /// The task ended in an error.
    Task(String),
    /// The task did not end.
    TooLong(Duration),
    /// An answer that the platform does not give.
    Alien { status: u16, place: String },
    /// The object could not be looked at before it is removed.
    Unseen(Box<Failure>),
    /// It failed, and so did a call before it.
    After { failure: Box<Failure>, first: String },
    /// Not even tried.
    Refused(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(error) => error.fmt(f),
            Self::Status { status, .. } if (300..400).contains(status) => {
                write!(f, "answered with {status}, a redirect, which is not followed")
            }
            Self::Status { status, said } if said.is_empty() => write!(f, "answered with {status}"),
            Self::Status { status, said } => write!(f, "answered with {status}: {said}"),
            Self::Task(said) => write!(f, "its task ended in an error: {said}"),
            Self::TooLong(time) => write!(f, "its task did not end within {} s", time.as_secs()),
            Self::Alien { status, place } => {
                write!(f, "answered with {status}, and not as this platform does: check {place}")
            }
            Self::Unseen(failure) => write!(
                f,
                "cannot look at it, so that nobody knows whether its number was given anew: {failure}"
            ),
            Self::After { failure, first } => write!(f, "{failure}; before it, {first}"),
            Self::Refused(why) => f.write_str(why),
        }
    }
}

impl Failure {
    /// What failures for the same reason share: numbers in messages are ids, as a rule.
    pub(super) fn class(&self) -> String {
        let said = match self {
            Self::Status { status, said } => return format!("{status} {}", without_digits(said)),
            Self::After { failure, .. } => return failure.class(),
            other => other.to_string(),
        };
        without_digits(&said)
    }
}

fn without_digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

impl<'x> Exchange<'x> {
    /// The platform of a call and the path below it.
    pub(super) fn resolve(&self, url: &'x str) -> Result<(&'x Api, &'x str), Failure> {
        self.runner.apis.resolve(url).map_err(Failure::Refused)
    }

    /// The platform of a call.
    pub(super) fn base(&self, request: &'x Request) -> Result<&'x Api, Failure> {
        Ok(self.resolve(&request.url)?.0)
    }

    /// Makes a call of the list until it is answered for good.
    pub(super) fn send(
        &self,
        request: &'x Request,
        patience: Patience,
        tell: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Settled, Failure> {
        let (api, path) = self.resolve(&request.url)?;
        let url = format!("{}{path}", api.base());
        let judge = |answer| match request.method.as_str() {
            "DELETE" => self.judge(api, request, answer),
            _ => settled(api, answer),
        };
        self.settle(api, (&request.method, &url), &judge, patience, tell)
    }

    /// Makes a call until an answer counts.
    fn settle(
        &self,
        api: &Api,
        (method, url): (&str, &str),
        judge: &dyn Fn(Answer) -> Result<Settled, (Failure, Option<Duration>)>,
        patience: Patience,
        tell: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Settled, Failure> {
        let mut attempt = 0;
        loop {
            let (failure, retry_after) = match self.once(api, method, url) {
                Ok(answer) => match judge(answer) {
                    Ok(settled) => return Ok(settled),
                    Err(failed) => failed,
                },
                Err(error) => (Failure::Send(error), None),
            };
            attempt += 1;
            if attempt >= self.runner.limits.attempts || !passes(&failure, patience) {
                return Err(failure);
            }
            pause(self.runner, Some(self.item), attempt, retry_after, &failure, tell);
        }
    }

    /// Makes a call, once.
    pub(super) fn once(&self, api: &Api, method: &str, url: &str) -> Result<Answer, SendError> {
        let authorization = api.authorization();
        let authorization = authorization.as_ref().map(|text| text.as_str());
        self.runner.http.send(&Call { method, url, authorization, body: None, api: Some(api) })
    }

    /// Whether the platform has answered, in its own words, that the object goes or was gone.
    fn judge(
        &self,
        api: &Api,
        request: &Request,
        answer: Answer,
    ) -> Result<Settled, (Failure, Option<Duration>)> {
        let id = self.item.object().map_or("", |object| object.id.as_str());
        let place = split(&request.url).map_or("", |(place, _)| place);
        match proof::of(place, id, &answer) {
            Proof::Removed => Ok(Settled { answer, was_gone: false }),
            Proof::Gone => Ok(Settled { answer, was_gone: true }),
            Proof::Alien => {
                Err((Failure::Alien { status: answer.status, place: place.to_owned() }, answer.retry_after))
            }
            Proof::Refused => {
                let said = said(api, &answer);
                Err((Failure::Status { status: answer.status, said }, answer.retry_after))
            }
        }
    }

    /// Looks at a guest of Proxmox VE before it is removed: one of another name has got the number anew. True if it is gone.
    pub(super) fn is_gone_or_other(&self, tell: &mut dyn FnMut(&Event<'_>)) -> Result<bool, Failure> {
        let Some((object, request)) = self.item.object().zip(self.item.request()) else { return Ok(false) };
        if split(&request.url).is_none_or(|(place, _)| place != PROXMOX) {
            return Ok(false);
        }
        let (api, path) = self.resolve(&request.url)?;
        let path = path.split('?').next().unwrap_or_default();
        let url = format!("{}{path}/status/current", api.base());
        let judge = |answer: Answer| {
            if proof::is_gone(PROXMOX, &object.id, &answer) {
                return Ok(Settled { answer, was_gone: true });
            }
            settled(api, answer)
        };
        let seen = self
            .settle(api, ("GET", &url), &judge, Patience::Brief, tell)
            .map_err(|failure| Failure::Unseen(Box::new(failure)))?;
        if seen.was_gone {
            return Ok(true);
        }
        let body: Json = serde_json::from_slice(&seen.answer.body).unwrap_or_default();
        match body.pointer("/data/name").and_then(Json::as_str) {
            Some(name) if Some(name) == object.name.as_deref() => Ok(false),
            Some(_) => Err(Failure::Refused(
                "its id belongs to a machine of another name now: it was given anew, or renamed".to_owned(),
            )),
            None => {
                let status = seen.answer.status;
                Err(Failure::Unseen(Box::new(Failure::Alien { status, place: PROXMOX.to_owned() })))
            }
        }
    }
}

/// An answer of which the status counts alone.
fn settled(api: &Api, answer: Answer) -> Result<Settled, (Failure, Option<Duration>)> {
    if (200..300).contains(&answer.status) {
        return Ok(Settled { answer, was_gone: false });
    }
    let said = said(api, &answer);
    Err((Failure::Status { status: answer.status, said }, answer.retry_after))
}

/// Whether waiting may help.
fn passes(failure: &Failure, patience: Patience) -> bool {
    match failure {
        Failure::Send(error) => !matches!(error, SendError::Tls | SendError::Host),
        Failure::Status { status: 409 | 423 | 429 | 502..=504, .. } => true,
        Failure::Status { status, .. } => patience == Patience::Full && *status >= 500,
        _ => false,
    }
}

fn pause(
    runner: &Runner<'_>,
    item: Option<&Item>,
    attempt: u32,
    retry_after: Option<Duration>,
    failure: &Failure,
    tell: &mut dyn FnMut(&Event<'_>),
) {
    let longer = runner.limits.pause.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let pause = retry_after.unwrap_or(longer).min(runner.limits.longest_pause);
    tell(&Event::Again { item, why: &failure.to_string(), pause });
    runner.clock.sleep(pause);
}

/// What a platform says, in short, on one line, and nothing secret of it.
pub(super) fn said(api: &Api, answer: &Answer) -> String {
    let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |pointer: &str| {
        body.pointer(pointer).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
    };
    let said = match (text("/error/code"), text("/error/message").or_else(|| text("/message"))) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => answer.reason.clone(),
    };
    shown(api, &said)
}

/// A text of a platform, in short, on one line, and nothing secret of it.
pub(super) fn shown(api: &Api, text: &str) -> String {
    let text = redact::cut_text(&api.hide(text));
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_SAID_CHARS).collect();
    line.trim().to_owned()
}

/// Posts the callback until it is heard.
pub(super) fn post(
    runner: &Runner<'_>,
    url: &CallbackUrl,
    body: &[u8],
    tell: &mut dyn FnMut(&Event<'_>),
) -> Result<(), Failure> {
    let call = Call { method: "POST", url: url.text(), authorization: None, body: Some(body), api: None };
    let mut attempt = 0;
    loop {
        let (failure, retry_after) = match runner.http.send(&call) {
            Ok(answer) if (200..300).contains(&answer.status) => return Ok(()),
            Ok(answer) => {
                (Failure::Status { status: answer.status, said: String::new() }, answer.retry_after)
            }
            Err(error) => (Failure::Send(error), None),
        };
        attempt += 1;
        if attempt >= runner.limits.attempts || !passes(&failure, Patience::Full) {
            return Err(failure);
        }
        pause(runner, None, attempt, retry_after, &failure, tell);
    }
}
