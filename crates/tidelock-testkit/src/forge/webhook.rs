//! What receives notifications: a chat, by an address that is its own secret.

use serde_json::Value;

use super::{Api, Reply, Request};

/// Takes `{"text": …}` at one path, as Slack, Mattermost and their like do.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The path, which is the secret: `/hooks/xyz`.
    pub path: String,
    /// The texts that came in.
    pub texts: Vec<String>,
}

impl Webhook {
    /// A chat that nobody has written to.
    pub fn new(path: &str) -> Self {
        Self { path: path.into(), texts: Vec::new() }
    }
}

impl Api for Webhook {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.path != self.path {
            return Reply::error(404, "no_team");
        }
        match (request.method.as_str(), request.json()["text"].as_str()) {
            ("POST", Some(text)) => {
                self.texts.push(text.to_owned());
                Reply::new(200, Value::Null)
            }
            _ => Reply::error(400, "invalid_payload"),
        }
    }
}
