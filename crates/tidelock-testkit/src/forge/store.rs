//! An object store that speaks S3, as far as reports are put into it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Api, Reply, Request};

/// Takes objects from whoever signs with the right access key. The signature itself is not checked: it is curl's work.
#[derive(Debug, Clone)]
pub struct Store {
    /// The access key that is known.
    pub access_key: String,
    /// What was put, by path.
    pub objects: BTreeMap<String, String>,
}

impl Store {
    /// An empty store.
    pub fn new(access_key: &str) -> Self {
        Self { access_key: access_key.into(), objects: BTreeMap::new() }
    }
}

impl Api for Store {
    fn answer(&mut self, request: &Request) -> Reply {
        let credential = format!("AWS4-HMAC-SHA256 Credential={}/", self.access_key);
        if !request.header("authorization").is_some_and(|value| value.starts_with(&credential)) {
            return Reply::error(403, "AccessDenied");
        }
        if request.method != "PUT" {
            return Reply::error(405, "MethodNotAllowed");
        }
        self.objects.insert(request.path.clone(), request.body.clone());
        Reply::new(200, Value::Null)
    }
}
