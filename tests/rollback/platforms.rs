//! Proxmox VE and Tailscale as far as a rollback calls them, and whoever is called back.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tidelock_testkit::forge::{Api, Reply, Request};

pub(crate) const PROXMOX_TOKEN: &str = "root@pam!ci=0123456789abcdef";

/// A world of objects by id; deleting one twice is a mistake that `deleted` shows.
#[derive(Debug, Default)]
pub(crate) struct Platforms {
    objects: BTreeMap<String, bool>,
    /// Ids, in the order in which they were deleted.
    pub(crate) deleted: Vec<String>,
    /// What was posted elsewhere.
    pub(crate) heard: Vec<Json>,
    /// Whether tasks never end.
    pub(crate) hangs: bool,
    /// Whether every call is refused, with all that it brought.
    pub(crate) echoes: bool,
}

impl Platforms {
    pub(crate) fn new(ids: &[&str]) -> Self {
        let objects = ids.iter().map(|id| ((*id).to_owned(), true)).collect();
        Self { objects, ..Self::default() }
    }

    /// Ids of what is there.
    pub(crate) fn there(&self) -> Vec<String> {
        self.objects.iter().filter(|(_, there)| **there).map(|(id, _)| id.clone()).collect()
    }

    fn delete(&mut self, id: &str) -> bool {
        let there = self.objects.insert(id.to_owned(), false) == Some(true);
        if there {
            self.deleted.push(id.to_owned());
        }
        there
    }

    fn proxmox(&mut self, request: &Request, segments: &[&str]) -> Reply {
        if request.header("authorization") != Some(&*format!("PVEAPIToken={PROXMOX_TOKEN}")) {
            return Reply::error(401, "no ticket");
        }
        if let [_, "tasks", _, "status"] = segments {
            let status = if self.hangs {
                json!({ "status": "running" })
            } else {
                json!({ "status": "stopped", "exitstatus": "OK" })
            };
            return Reply::new(200, json!({ "data": status }));
        }
        let [node, "qemu", id, what @ ..] = segments else { return Reply::error(501, "not here") };
        if self.objects.get(*id) != Some(&true) {
            let message = format!("Configuration file 'nodes/{node}/qemu-server/{id}.conf' does not exist");
            return Reply::error(500, &message);
        }
        let task = |what: &str| {
            Reply::new(200, json!({ "data": format!("UPID:{node}:0001:0002:0003:{what}:{id}:root@pam:") }))
        };
        match (request.method.as_str(), what) {
            ("GET", ["status", "current"]) => {
                Reply::new(200, json!({ "data": { "vmid": id, "name": "shop" } }))
            }
            // Stopping does not hang, so that a test can stop at the deletion.
            ("POST", ["status", "stop"]) => Reply::new(200, json!({ "data": null })),
            ("DELETE", []) => {
                self.delete(id);
                task("qmdestroy")
            }
            _ => Reply::error(501, "not here"),
        }
    }
}

impl Api for Platforms {
    fn answer(&mut self, request: &Request) -> Reply {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        if segments.first() == Some(&"hooks") {
            self.heard.push(request.json());
            return Reply::new(200, Json::Null);
        }
        if self.echoes {
            return Reply::error(403, &format!("refused: {:?}", request.headers));
        }
        match segments.as_slice() {
            ["api2", "json", "nodes", rest @ ..] => self.proxmox(request, rest),
            ["api", "v2", "device", id] | ["api", "v2", "tailnet", "-", "keys", id]
                if request.method == "DELETE" =>
            {
                let signed = request
                    .header("authorization")
                    .is_some_and(|token| token.starts_with("Bearer tskey-api-"));
                match (signed, signed && self.delete(id)) {
                    (false, _) => Reply::error(401, "no key"),
                    (true, false) => Reply::error(404, "no such thing"),
                    (true, true) => Reply::new(200, Json::Null),
                }
            }
            _ => Reply::error(501, "not here"),
        }
    }
}
