//! What a platform answers to a DELETE that did something, and to one that had nothing to do any more.
//!
//! A status alone proves nothing: a login page answers 200, a wrong base address 404.
//!
//! Sources: the API viewer of Proxmox VE (a deletion gives the UPID of its task; a guest that is not there is a 500 that names its
//! configuration file); the API references of Hetzner Cloud (`action` for a server, 204 for the rest, `error.code` `not_found`),
//! Tailscale (an empty answer, `message` in errors) and `DigitalOcean` (204, `id` `not_found` in errors).

use serde_json::Value as Json;

use super::{api::PROXMOX, http::Answer};

/// What an answer proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The platform removes the object, or has done so.
    Removed,
    /// The platform says that there is no such object.
    Gone,
    /// The platform does not want to.
    Refused,
    /// The platform does not answer like this.
    Alien,
}

/// What the answer to a DELETE of the object with this id proves, at the place that the placeholder stands for.
pub(super) fn of(place: &str, id: &str, answer: &Answer) -> Proof {
    if is_gone(place, id, answer) {
        return Proof::Gone;
    }
    match answer.status {
        200..300 if is_removed(place, id, answer) => Proof::Removed,
        200..300 | 404 | 410 => Proof::Alien,
        _ => Proof::Refused,
    }
}

/// Whether the platform says, in its own words, that there is no such object.
pub(super) fn is_gone(place: &str, id: &str, answer: &Answer) -> bool {
    let Some(body) = json(answer).filter(Json::is_object) else { return false };
    let text = |pointer: &str| body.pointer(pointer).and_then(Json::as_str);
    let missing = matches!(answer.status, 404 | 410);
    match place {
        PROXMOX => answer.status == 500 && names_no_guest(id, answer),
        "HCLOUD_ENDPOINT" => missing && text("/error/code") == Some("not_found"),
        "TAILSCALE_BASE_URL" => missing && text("/message").is_some(),
        "DIGITALOCEAN_API_URL" => missing && text("/id") == Some("not_found"),
        _ => false,
    }
}

/// `Configuration file 'nodes/pve1/qemu-server/110.conf' does not exist`, in the status line or the body. What else is missing
/// (a storage, a disk of the guest) says nothing about the guest.
fn names_no_guest(id: &str, answer: &Answer) -> bool {
    let text = format!("{}\n{}", answer.reason, String::from_utf8_lossy(&answer.body)).to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    text.contains("does not exist") && words.windows(2).any(|pair| pair == [id, "conf"])
}

fn is_removed(place: &str, id: &str, answer: &Answer) -> bool {
    let body = json(answer);
    let is_empty = answer.body.iter().all(u8::is_ascii_whitespace);
    let field = |name: &str| body.as_ref().and_then(|body| body.get(name));
    match place {
        PROXMOX => field("data").and_then(Json::as_str).is_some_and(|task| task.starts_with("UPID:")),
        "HCLOUD_ENDPOINT" if answer.status == 204 => is_empty,
        "HCLOUD_ENDPOINT" => field("action").is_some_and(Json::is_object),
        "TAILSCALE_BASE_URL" => {
            let says_nothing =
                |body: &Json| body.is_null() || body.as_object().is_some_and(serde_json::Map::is_empty);
            let is_it = |name: &str| field(name).and_then(Json::as_str) == Some(id);
            is_empty || body.as_ref().is_some_and(says_nothing) || is_it("id") || is_it("nodeId")
        }
        "DIGITALOCEAN_API_URL" => answer.status == 204 && is_empty,
        _ => false,
    }
}

fn json(answer: &Answer) -> Option<Json> {
    serde_json::from_slice(&answer.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(place: &str, status: u16, body: &str) -> Proof {
        of(place, "141", &Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() })
    }

    #[test]
    fn an_answer_of_something_else_proves_nothing() {
        for place in ["PROXMOX_VE_ENDPOINT", "HCLOUD_ENDPOINT", "TAILSCALE_BASE_URL", "DIGITALOCEAN_API_URL"]
        {
            for (status, body) in [
                (200, "<html>log in</html>"),
                (200, r#"{"servers":[]}"#),
                (200, r#"{"data":[]}"#),
                (404, ""),
                (404, "<html>not found</html>"),
                (404, "{}"),
                (410, "gone"),
            ] {
                assert_eq!(proof(place, status, body), Proof::Alien, "{place} {status} {body}");
            }
        }
        assert_eq!(proof("HCLOUD_ENDPOINT", 200, ""), Proof::Alien);
        assert_eq!(proof("PROXMOX_VE_ENDPOINT", 200, r#"{"data":null}"#), Proof::Alien);
    }

    #[test]
    fn each_platform_says_it_in_its_own_words() {
        for (place, status, body, expected) in [
            ("PROXMOX_VE_ENDPOINT", 200, r#"{"data":"UPID:pve1:1:2:3:qmdestroy:141:a@b:"}"#, Proof::Removed),
            (
                "PROXMOX_VE_ENDPOINT",
                500,
                r#"{"message":"Configuration file 'nodes/p/qemu-server/141.conf' does not exist"}"#,
                Proof::Gone,
            ),
            (
                "PROXMOX_VE_ENDPOINT",
                500,
                r#"{"message":"volume 'fast:vm-141-disk-0' does not exist"}"#,
                Proof::Refused,
            ),
            ("HCLOUD_ENDPOINT", 200, r#"{"action":{"id":1,"status":"running"}}"#, Proof::Removed),
            ("HCLOUD_ENDPOINT", 204, "", Proof::Removed),
            ("HCLOUD_ENDPOINT", 404, r#"{"error":{"code":"not_found"}}"#, Proof::Gone),
            ("TAILSCALE_BASE_URL", 200, "null", Proof::Removed),
            ("TAILSCALE_BASE_URL", 200, "", Proof::Removed),
            ("TAILSCALE_BASE_URL", 404, r#"{"message":"no such device"}"#, Proof::Gone),
            ("DIGITALOCEAN_API_URL", 204, "", Proof::Removed),
            ("DIGITALOCEAN_API_URL", 404, r#"{"id":"not_found","message":"x"}"#, Proof::Gone),
            ("HCLOUD_ENDPOINT", 403, "{}", Proof::Refused),
        ] {
            assert_eq!(proof(place, status, body), expected, "{place} {status} {body}");
        }
    }
}
