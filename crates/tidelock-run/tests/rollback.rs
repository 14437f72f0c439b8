//! A rollback against platforms that fail in every way that the real ones do.

#![allow(clippy::unwrap_used, reason = "a broken list or server fails the test")]

#[path = "rollback/network.rs"]
mod network;
#[path = "rollback/platform.rs"]
mod platform;

use std::time::Duration;

use platform::{Platform, answer, delete, item, list, runner};
use serde_json::{Value as Json, json};
use tidelock_run::rollback::{
    ActionList, Answer, Ended, Entry, Event, Journal, JournalError, ListError, MemoryJournal, Outcome, Past,
    Posted, SendError,
};

fn run(platform: &Platform, list: &ActionList) -> Outcome {
    run_from(platform, list, &mut MemoryJournal::default())
}

fn run_from(platform: &Platform, list: &ActionList, journal: &mut dyn Journal) -> Outcome {
    runner(platform, |runner| runner.run(list, journal, &mut |_| {}).unwrap())
}

fn ended(outcome: &Outcome) -> Vec<&Ended> {
    outcome.ends.iter().map(|end| &end.ended).collect()
}

fn failure(outcome: &Outcome) -> &str {
    match ended(outcome).as_slice() {
        [Ended::Failed(why) | Ended::Refused(why) | Ended::HeldBack(why)] => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_there_is_deleted_once_in_the_order_of_the_list() {
    let platform = Platform::new(|_, _| Ok(answer(204, "")));
    let outcome = run(&platform, &list(&[delete("network", "3"), delete("server", "2")]));
    assert_eq!(ended(&outcome), [&Ended::Deleted, &Ended::Deleted]);
    assert_eq!(
        platform.calls(),
        ["DELETE http://127.0.0.1:1/v1/networks/3", "DELETE http://127.0.0.1:1/v1/servers/2"]
    );
    assert!(outcome.is_complete());
}

#[test]
fn what_is_gone_is_done() {
    for status in [404, 410] {
        let platform = Platform::new(move |_, _| Ok(answer(status, platform::NOT_FOUND)));
        assert_eq!(ended(&run(&platform, &list(&[delete("server", "2")]))), [&Ended::Gone]);
        assert_eq!(platform.calls().len(), 1);
    }
}

#[test]
fn the_500_of_a_missing_machine_is_done_in_body_or_reason() {
    let words = "Configuration file 'nodes/pve1/qemu-server/110.conf' does not exist";
    let in_body = answer(500, &json!({ "data": null, "message": words }).to_string());
    let in_reason = Answer { reason: words.to_owned(), ..answer(500, r#"{"data":null}"#) };
    for said in [in_body, in_reason] {
        let platform = Platform::new(move |_, _| Ok(said.clone()));
        assert_eq!(ended(&run(&platform, &list(&[platform::machine("110")]))), [&Ended::Gone]);
    }
}

#[test]
fn the_500_of_a_missing_storage_is_a_failure() {
    let said = json!({ "data": null, "message": "storage 'fast' does not exist" }).to_string();
    let platform = Platform::new(move |_, _| Ok(answer(500, &said)));
    let outcome = run(&platform, &list(&[platform::machine("110")]));
    assert!(failure(&outcome).contains("storage 'fast'"), "{outcome:?}");
    assert!(!outcome.is_complete());
}

#[test]
fn what_may_pass_is_tried_again_and_later_each_time() {
    for status in [409, 423, 429, 500, 502, 503, 504] {
        let platform = Platform::new(move |_, before| Ok(answer(if before < 3 { status } else { 204 }, "")));
        let outcome = run(&platform, &list(&[delete("server", "2")]));
        assert_eq!(ended(&outcome), [&Ended::Deleted], "{status}");
        assert_eq!(platform.pauses(), [1, 2, 4].map(Duration::from_secs), "{status}");
    }
}

#[test]
fn what_never_passes_is_given_up_in_time() {
    let platform = Platform::new(|_, _| Ok(answer(503, "")));
    let outcome = run(&platform, &list(&[delete("server", "2")]));
    assert_eq!(failure(&outcome), "answered with 503");
    assert_eq!(platform.calls().len(), 6);
    assert!(platform.pauses().iter().sum::<Duration>() < Duration::from_secs(60));
}

#[test]
fn retry_after_is_heeded_within_bounds() {
    let platform = Platform::new(|_, before| {
        let wait = if before == 0 { 7 } else { 86_400 };
        let retry_after = Some(Duration::from_secs(wait));
        Ok(if before < 2 { Answer { retry_after, ..answer(429, "") } } else { answer(204, "") })
    });
    assert!(run(&platform, &list(&[delete("server", "2")])).is_complete());
    assert_eq!(platform.pauses(), [7, 60].map(Duration::from_secs));
}

#[test]
fn a_broken_connection_is_tried_again_and_a_wrong_certificate_is_not() {
    let platform =
        Platform::new(|_, before| if before < 2 { Err(SendError::Connection) } else { Ok(answer(204, "")) });
    assert!(run(&platform, &list(&[delete("server", "2")])).is_complete());
    let platform = Platform::new(|_, _| Err(SendError::Tls));
    assert!(failure(&run(&platform, &list(&[delete("server", "2")]))).contains("certificate"));
    assert_eq!(platform.calls().len(), 1);
}

#[test]
fn a_refusal_is_final() {
    for status in [400, 401, 403, 405, 412, 422] {
        let body = json!({ "error": { "code": "forbidden", "message": "no rights" } }).to_string();
        let platform = Platform::new(move |_, _| Ok(answer(status, &body)));
        let outcome = run(&platform, &list(&[delete("server", "2")]));
        assert_eq!(failure(&outcome), format!("answered with {status}: forbidden: no rights"));
        assert_eq!(platform.calls().len(), 1);
    }
}

#[test]
fn a_redirect_is_a_failure() {
    for status in [301, 302, 307, 308] {
        let platform = Platform::new(move |_, _| Ok(answer(status, "")));
        assert!(failure(&run(&platform, &list(&[delete("server", "2")]))).contains("redirect"));
        assert_eq!(platform.calls().len(), 1);
    }
}

#[test]
fn a_machine_is_stopped_then_deleted_and_both_tasks_are_awaited() {
    let platform = Platform::proxmox(&["running", "running", "OK"]);
    let outcome = run(&platform, &list(&[platform::machine("110")]));
    assert_eq!(ended(&outcome), [&Ended::Deleted]);
    let calls: Vec<String> = platform
        .calls()
        .iter()
        .map(|call| call.replace("http://127.0.0.1:1/api2/json/nodes/pve1", ""))
        .collect();
    let (stop, delete) = (
        "/tasks/UPID%3Apve1%3A00%3Aqmstop%3A110%3Aroot%40pam%3A/status",
        "/tasks/UPID%3Apve1%3A00%3Aqmdestroy%3A110%3Aroot%40pam%3A/status",
    );
    let poll = |task: &str| vec![format!("GET {task}"); 3];
    let mut expected =
        vec!["GET /qemu/110/status/current".to_owned(), "POST /qemu/110/status/stop".to_owned()];
    expected.extend(poll(stop));
    expected.push("DELETE /qemu/110?destroy-unreferenced-disks=1&purge=1".to_owned());
    expected.extend(poll(delete));
    assert_eq!(calls, expected);
}

#[test]
fn a_task_that_ends_with_warnings_is_done_and_one_with_an_error_is_not() {
    assert!(run(&Platform::proxmox(&["WARNINGS: 1"]), &list(&[platform::machine("110")])).is_complete());
    let outcome = run(
        &Platform::proxmox(&["running", "storage 'fast' is not online"]),
        &list(&[platform::machine("110")]),
    );
    assert!(failure(&outcome).starts_with("its task ended in an error: storage 'fast' is not online"));
}

#[test]
fn a_task_that_never_ends_is_given_up() {
    let platform = Platform::proxmox(&["running"]);
    let outcome = run(&platform, &list(&[platform::machine("110")]));
    assert!(failure(&outcome).contains("did not end within 600 s"), "{outcome:?}");
}

#[test]
fn a_refused_stop_stops_nothing() {
    let platform = Platform::new(|call, _| {
        Ok(match call.split(' ').next() {
            Some("POST") => answer(500, r#"{"message":"VM 110 not running"}"#),
            Some("DELETE") => answer(200, &platform::upid("110")),
            _ if call.contains("/tasks/") => {
                answer(200, r#"{"data":{"status":"stopped","exitstatus":"OK"}}"#)
            }
            _ => answer(200, r#"{"data":{"name":"vm"}}"#),
        })
    });
    assert!(run(&platform, &list(&[platform::machine("110")])).is_complete());
    assert!(platform.pauses().is_empty(), "nobody waits for a machine that does not run");
}

#[test]
fn a_number_that_was_given_anew_is_left_alone() {
    let platform = Platform::new(|call, _| {
        Ok(answer(200, if call.contains("current") { r#"{"data":{"name":"somebody-elses"}}"# } else { "{}" }))
    });
    let outcome = run(&platform, &list(&[platform::machine("110")]));
    assert!(failure(&outcome).contains("another name"));
    assert!(platform.calls().iter().all(|call| call.starts_with("GET")));
}

#[test]
fn an_action_is_awaited_and_its_error_is_a_failure() {
    let action = |status: &str| json!({ "action": { "id": 77, "status": status, "error": { "code": "server_error", "message": "no" } } });
    for (last, complete) in [("success", true), ("error", false)] {
        let platform = Platform::new(move |call, before| {
            let status = if call.contains("/actions/77") && before > 2 { last } else { "running" };
            Ok(answer(200, &action(status).to_string()))
        });
        let outcome = run(&platform, &list(&[delete("server", "2")]));
        assert_eq!(outcome.is_complete(), complete);
        assert!(platform.calls().contains(&"GET http://127.0.0.1:1/v1/actions/77".to_owned()));
        if !complete {
            assert_eq!(failure(&outcome), "its task ended in an error: server_error: no");
        }
    }
}

#[test]
fn three_failures_alike_hold_back_the_rest_of_that_kind_alone() {
    let platform = Platform::new(|call, _| {
        let id = call.rsplit('/').next().unwrap().to_owned();
        let broken =
            json!({ "error": { "code": "storage", "message": format!("volume {id} is on a broken host") } });
        Ok(if call.contains("networks") { answer(422, &broken.to_string()) } else { answer(204, "") })
    });
    let mut items: Vec<_> = (1..=5).map(|id| delete("network", &id.to_string())).collect();
    items.push(delete("server", "9"));
    let outcome = run(&platform, &list(&items));
    let kinds: Vec<&str> = ended(&outcome)
        .iter()
        .map(|ended| match ended {
            Ended::Failed(_) => "failed",
            Ended::HeldBack(_) => "held back",
            Ended::Deleted => "deleted",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["failed", "failed", "failed", "held back", "held back", "deleted"]);
    assert_eq!(outcome.left(), 5);
    assert_eq!(platform.calls().len(), 4);
}

#[test]
fn failures_that_differ_hold_nothing_back() {
    let platform =
        Platform::new(|_, before| Ok(answer([400, 403, 412, 422][usize::try_from(before).unwrap() % 4], "")));
    let items: Vec<_> = (1..=6).map(|id| delete("network", &id.to_string())).collect();
    let outcome = run(&platform, &list(&items));
    assert!(ended(&outcome).iter().all(|ended| matches!(ended, Ended::Failed(_))));
}

/// An item of which some parts were edited.
fn edited(mut item: Json, edits: &[(&str, Json)]) -> Json {
    for (pointer, value) in edits {
        *item.pointer_mut(pointer).unwrap() = value.clone();
    }
    item
}

/// A server whose call was edited.
fn called(url: &str) -> Json {
    edited(delete("server", "2"), &[("/request/url", json!(url))])
}

/// A machine of Proxmox VE whose call was edited.
fn machine_called(url: &str) -> Json {
    edited(
        platform::machine("110"),
        &[("/request/url", json!(format!("{{PROXMOX_VE_ENDPOINT}}/api2/json{url}")))],
    )
}

#[test]
fn an_item_that_names_nothing_or_something_else_is_refused() {
    let url = "{HCLOUD_ENDPOINT}/servers/2";
    let named = |provider: &str, kind: &str, id: &str| json!({ "provider": provider, "type": kind, "id": id, "name": null, "location": null });
    let server = |object: Json| edited(delete("server", "2"), &[("/object", object)]);
    let guest = |object: Json| edited(platform::machine("110"), &[("/object", object)]);
    let wrong = [
        ("an empty id", item("hcloud", "server", "", "DELETE", "{HCLOUD_ENDPOINT}/servers/")),
        ("a blank id", item("hcloud", "server", " ", "DELETE", "{HCLOUD_ENDPOINT}/servers/%20")),
        ("an empty segment", called("{HCLOUD_ENDPOINT}/servers//2")),
        ("all servers", called("{HCLOUD_ENDPOINT}/servers")),
        ("a way up", called("{HCLOUD_ENDPOINT}/servers/../2")),
        ("another host", called("https://evil.example/servers/2")),
        ("a host behind the base", called("{HCLOUD_ENDPOINT}.evil.example/servers/2")),
        ("a user before a host", called("{HCLOUD_ENDPOINT}@evil.example/2")),
        ("a place that is not set", called("{HOME}/servers/2")),
        ("a token for a place", called("{HCLOUD_TOKEN}/servers/2")),
        ("another verb", edited(delete("server", "2"), &[("/request/method", json!("PATCH"))])),
        (
            "another call",
            edited(
                delete("server", "2"),
                &[
                    ("/request/method", json!("POST")),
                    ("/request/url", json!(format!("{url}/actions/reset_password"))),
                ],
            ),
        ),
        (
            "other words for success",
            edited(delete("server", "2"), &[("/request/success", json!([200, 401]))]),
        ),
        ("other words for gone", edited(platform::machine("110"), &[("/request/gone", json!("e"))])),
        ("no words for gone", edited(platform::machine("110"), &[("/request/gone", Json::Null)])),
        ("no stop before", edited(platform::machine("110"), &[("/request/first", json!([]))])),
        (
            "another stop before",
            edited(
                platform::machine("110"),
                &[(
                    "/request/first/0/url",
                    json!("{PROXMOX_VE_ENDPOINT}/api2/json/nodes/pve1/qemu/100/status/stop"),
                )],
            ),
        ),
        (
            "a removal before",
            edited(
                platform::machine("110"),
                &[
                    ("/request/first/0/method", json!("DELETE")),
                    ("/request/first/0/url", json!("{PROXMOX_VE_ENDPOINT}/api2/json/nodes/110/qemu/100")),
                ],
            ),
        ),
        ("a word of the path for an id", guest(named("proxmox", "qemu", "json"))),
        ("a node for an id", guest(named("proxmox", "qemu", "pve1"))),
        ("a collection for an id", server(named("hcloud", "server", "servers"))),
        ("another object", server(named("hcloud", "server", "3"))),
        ("another type", server(named("hcloud", "ssh_key", "2"))),
        ("another platform", server(named("aws", "ec2:instance", "2"))),
        ("no platform", server(named("Hcloud", "server", "2"))),
        (
            "another spelling of an id",
            edited(item("hcloud", "server", "02", "DELETE", "{HCLOUD_ENDPOINT}/servers/02"), &[]),
        ),
        (
            "a machine that is a server elsewhere",
            edited(platform::machine("110"), &[("/request", delete("server", "110")["request"].clone())]),
        ),
        ("a user", machine_called("/access/users/110")),
        ("a disk", machine_called("/nodes/pve1/storage/local/content/110")),
        ("a snapshot", machine_called("/nodes/pve1/qemu/110/snapshot/x")),
        ("a node of that name", machine_called("/nodes/110/qemu/100")),
        ("a machine without a name", edited(platform::machine("110"), &[("/object/name", Json::Null)])),
        ("a machine with a blank name", edited(platform::machine("110"), &[("/object/name", json!(" "))])),
        ("an address of another type", {
            let mut item = delete("server", "2");
            item["address"] = json!("hcloud_volume.data");
            item
        }),
        (
            "no call",
            json!({ "action": "remove", "object": { "provider": "hcloud", "type": "server", "id": "2" } }),
        ),
        (
            "no object",
            json!({ "action": "remove", "request": { "method": "DELETE", "url": url, "success": [204] } }),
        ),
    ];
    for (what, wrong) in wrong {
        let platform = Platform::new(|_, _| Ok(answer(204, "")));
        let outcome = run(&platform, &list(&[wrong]));
        assert!(matches!(ended(&outcome).as_slice(), [Ended::Refused(_)]), "{what}: {outcome:?}");
        assert!(platform.calls().is_empty(), "{what}: {:?}", platform.calls());
    }
}

#[test]
fn what_nothing_is_known_of_is_left_to_its_command() {
    let unknown = item("acme", "acme_box", "7", "DELETE", "{HCLOUD_ENDPOINT}/servers/7");
    let platform = Platform::new(|_, _| Ok(answer(204, "")));
    assert!(failure(&run(&platform, &list(&[unknown]))).contains("use its command"));
    assert!(platform.calls().is_empty());
}

#[test]
fn an_answer_that_is_not_the_platforms_is_a_failure_and_not_done() {
    for (status, body) in [
        (200, "<html>log in</html>"),
        (200, r#"{"servers":[]}"#),
        (200, ""),
        (404, ""),
        (404, "<html>nginx</html>"),
        (410, ""),
    ] {
        let platform = Platform::new(move |call, _| {
            let looks = call.starts_with("GET");
            Ok(if looks { answer(200, r#"{"data":{"name":"vm"}}"#) } else { answer(status, body) })
        });
        let mut journal = MemoryJournal::default();
        let items = [delete("server", "2"), platform::machine("110")];
        let outcome = run_from(&platform, &list(&items), &mut journal);
        for (end, place) in ended(&outcome).iter().zip(["HCLOUD_ENDPOINT", "PROXMOX_VE_ENDPOINT"]) {
            let Ended::Failed(why) = end else { panic!("{status} {body}: {end:?}") };
            assert!(why.contains(&format!("not as this platform does: check {place}")), "{why}");
        }
        let journal = String::from_utf8(journal.lines().to_vec()).unwrap();
        assert!(!journal.contains("\"done\""), "{journal}");
    }
    let platform = Platform::new(|_, _| Ok(answer(200, r#"{"servers":[]}"#)));
    assert!(failure(&run(&platform, &list(&[platform::device("nAAA")]))).contains("TAILSCALE_BASE_URL"));
    let platform = Platform::new(|_, _| Ok(answer(200, "null")));
    assert!(run(&platform, &list(&[platform::device("nAAA")])).is_complete());
}

#[test]
fn a_machine_that_cannot_be_looked_at_is_left_alone() {
    for (status, body) in [(403, "{}"), (200, r#"{"data":{}}"#), (200, "<html>"), (500, "{}"), (404, "")] {
        let platform = Platform::new(move |call, _| {
            Ok(if call.starts_with("GET") {
                answer(status, body)
            } else {
                answer(200, &platform::upid("110"))
            })
        });
        let outcome = run(&platform, &list(&[platform::machine("110")]));
        assert!(failure(&outcome).contains("cannot look at it"), "{status}: {outcome:?}");
        assert!(platform.calls().iter().all(|call| call.starts_with("GET")), "{:?}", platform.calls());
    }
}

#[test]
fn a_stop_that_failed_is_told_with_the_removal_that_failed() {
    let platform = Platform::new(|call, _| {
        Ok(match call.split(' ').next() {
            Some("POST") => Answer { reason: "no chunks".to_owned(), ..answer(501, r#"{"data":null}"#) },
            Some("DELETE") => answer(403, r#"{"message":"VM 110 is running"}"#),
            _ => answer(200, r#"{"data":{"name":"vm"}}"#),
        })
    });
    let outcome = run(&platform, &list(&[platform::machine("110")]));
    let why = failure(&outcome);
    assert!(why.contains("answered with 403: VM 110 is running"), "{why}");
    assert!(why.contains("/qemu/110/status/stop: answered with 501: no chunks"), "{why}");
}

#[test]
fn what_the_caller_protects_is_refused() {
    let platform = Platform::new(|_, _| Ok(answer(204, "")));
    let list = list(&[delete("server", "1"), delete("server", "2")]);
    let outcome = platform::guarded(&platform, "1", |runner| {
        runner.run(&list, &mut MemoryJournal::default(), &mut |_| {}).unwrap()
    });
    assert_eq!(ended(&outcome), [&Ended::Refused("protected".to_owned()), &Ended::Deleted]);
}

#[test]
fn only_removals_are_executed_and_each_call_once() {
    let other = |action: &str| {
        let mut other = delete("server", "7");
        other["action"] = action.into();
        other
    };
    let actions = [
        other("keep"),
        other("decide"),
        other("state-rm"),
        other("import"),
        delete("server", "2"),
        delete("server", "2"),
    ];
    let platform = Platform::new(|_, _| Ok(answer(204, "")));
    let outcome = run(&platform, &list(&actions));
    assert_eq!(platform.calls(), ["DELETE http://127.0.0.1:1/v1/servers/2"]);
    assert_eq!(outcome.undecided, 1);
}

#[test]
fn the_report_of_another_command_is_refused() {
    let text = json!({ "command": "reconcile", "actions": [] }).to_string();
    assert!(matches!(ActionList::read("x", text.as_bytes()), Err(ListError::Command { .. })));
    for text in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"actions":[1]}"#,
        r#"{"actions":{}}"#,
        r#"{"actions":[{"action":"remove","object":{}}]}"#,
    ] {
        assert!(matches!(ActionList::read("x", text.as_bytes()), Err(ListError::Format { .. })), "{text}");
    }
}

#[test]
fn a_list_whose_callback_would_go_out_in_the_open_is_refused_at_once() {
    for url in ["http://hooks.example.com/", "ftp://x", "https://user:pw@hooks.example.com/", ""] {
        let text = json!({ "actions": [], "callback": { "url": url, "document": {} } }).to_string();
        assert!(matches!(ActionList::read("x", text.as_bytes()), Err(ListError::Callback { .. })), "{url}");
    }
}

/// A list with a callback.
fn calling(items: &[serde_json::Value], url: &str) -> ActionList {
    let text = json!({ "actions": items, "callback": { "url": url, "document": { "server_id": "2", "run": { "id": "8" } } } });
    ActionList::read("list", text.to_string().as_bytes()).unwrap()
}

#[test]
fn the_callback_is_posted_whatever_failed() {
    for status in [204, 422] {
        let platform = Platform::new(move |call, _| {
            Ok(answer(if call.starts_with("DELETE") { status } else { 200 }, ""))
        });
        let outcome =
            run(&platform, &calling(&[delete("server", "2")], "https://hooks.example.com/secret-path"));
        assert_eq!(outcome.posted, Posted::Done);
        let (url, body) = platform.posted().pop().unwrap();
        assert_eq!(url, "https://hooks.example.com/secret-path");
        let left = u64::from(status != 204);
        assert_eq!(
            (&body["server_id"], &body["run"]["id"], &body["left"]),
            (&json!("2"), &json!("8"), &json!(left))
        );
        assert_eq!(body["still_there"].as_array().unwrap().len() as u64, left);
        assert!(
            platform
                .tokens()
                .iter()
                .filter(|(url, _)| url.contains("hooks"))
                .all(|(_, token)| token.is_none())
        );
    }
}

#[test]
fn a_callback_nobody_hears_is_tried_again_and_then_said() {
    let platform =
        Platform::new(|call, _| Ok(answer(if call.starts_with("DELETE") { 204 } else { 503 }, "")));
    let outcome = run(&platform, &calling(&[delete("server", "2")], "https://hooks.example.com/"));
    assert!(matches!(&outcome.posted, Posted::Failed(why) if why == "answered with 503"));
    assert!(!outcome.is_complete());
    assert_eq!(platform.posted().len(), 6);
}

#[test]
fn a_run_that_is_taken_up_does_nothing_twice() {
    let list = calling(&[delete("network", "3"), delete("server", "2")], "https://hooks.example.com/");
    let platform = Platform::new(|_, _| Ok(answer(204, "")));
    let mut first = MemoryJournal::default();
    run_from(&platform, &list, &mut first);
    assert_eq!(platform.calls().len(), 3);
    let again = Platform::new(|_, _| Ok(answer(204, "")));
    let outcome = run_from(&again, &list, &mut MemoryJournal::resume(first.lines(), list.digest()));
    assert_eq!(
        (ended(&outcome), &outcome.posted),
        (vec![&Ended::Earlier, &Ended::Earlier], &Posted::Earlier)
    );
    assert!(again.calls().is_empty());
    assert!(outcome.is_complete());
}

#[test]
fn a_run_killed_at_any_line_of_its_journal_deletes_each_object_once_in_the_end() {
    let items = [platform::machine("110"), delete("server", "2"), platform::machine("111")];
    let list = list(&items);
    let whole = Platform::world(&["110", "2", "111", "500"]);
    let mut journal = MemoryJournal::default();
    run_from(&whole, &list, &mut journal);
    let lines = journal.lines().to_vec();
    assert_eq!(whole.still_there(), ["500"]);
    for cut in 0..lines.len() {
        // What was done up to there in the world, and not a call more.
        let world = Platform::world(&["110", "2", "111", "500"]);
        let mut until = Stopping { inner: MemoryJournal::default(), bytes: cut };
        let stopped = runner(&world, |runner| runner.run(&list, &mut until, &mut |_| {}));
        let mut resumed = MemoryJournal::resume(lines.get(..cut).unwrap(), list.digest());
        let outcome = run_from(&world, &list, &mut resumed);
        assert!(outcome.is_complete(), "cut at {cut} ({stopped:?}): {outcome:?}");
        assert_eq!(world.still_there(), ["500"], "cut at {cut}");
        assert_eq!(world.deletions(), 3, "cut at {cut}");
    }
}

/// A journal on a disk that is full after some bytes.
struct Stopping {
    inner: MemoryJournal,
    bytes: usize,
}

impl Journal for Stopping {
    fn past(&self) -> &Past {
        self.inner.past()
    }

    fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        if self.inner.lines().len() + entry.line()?.len() > self.bytes {
            return Err(JournalError(std::io::ErrorKind::StorageFull.into()));
        }
        self.inner.append(entry)
    }
}

#[test]
fn without_a_journal_nothing_is_deleted_and_the_callback_is_posted() {
    let list = calling(&[delete("server", "2")], "https://hooks.example.com/");
    let platform = Platform::new(|_, _| Ok(answer(200, "")));
    let mut full = Stopping { inner: MemoryJournal::default(), bytes: 0 };
    let ended = runner(&platform, |runner| runner.run(&list, &mut full, &mut |_| {}));
    assert!(ended.is_err());
    assert!(
        platform.calls().iter().all(|call| call.starts_with("POST https://hooks")),
        "{:?}",
        platform.calls()
    );
    assert_eq!(platform.posted().pop().unwrap().1["left"], 1);
}

#[test]
fn no_token_appears_in_any_output() {
    let echo =
        |call: &str| format!(r#"{{"message":"bad header PVEAPIToken={} in {call}"}}"#, platform::TOKEN);
    let platform = Platform::new(move |call, _| Ok(answer(403, &echo(call))));
    let list =
        calling(&[platform::machine("110"), delete("server", "2")], "https://hooks.example.com/secret-path");
    let mut journal = MemoryJournal::default();
    let mut said = String::new();
    let outcome = runner(&platform, |runner| {
        let mut tell = |event: &Event<'_>| said.push_str(&format!("{event:?}"));
        runner.run(&list, &mut journal, &mut tell).unwrap()
    });
    let journal = String::from_utf8(journal.lines().to_vec()).unwrap();
    let bodies: String = platform.posted().iter().map(|(_, body)| body.to_string()).collect();
    for text in [format!("{outcome:?}"), journal, said, bodies] {
        assert!(!text.contains(platform::TOKEN) && !text.contains("0123456789abcdef"), "{text}");
        assert!(!text.contains("secret-path"), "{text}");
    }
    assert!(
        platform
            .tokens()
            .iter()
            .any(|(_, token)| token.as_deref() == Some(&*format!("PVEAPIToken={}", platform::TOKEN)))
    );
    assert!(
        platform.tokens().iter().any(|(_, token)| token.as_deref() == Some("Bearer hcloud-0123456789abcdef"))
    );
}
