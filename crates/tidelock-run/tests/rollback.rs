//! A rollback against platforms that fail in every way that the real ones do.

#![allow(clippy::unwrap_used, reason = "a broken list or server fails the test")]

#[path = "rollback/network.rs"]
mod network;
#[path = "rollback/platform.rs"]
mod platform;

use std::time::Duration;

use platform::{Platform, answer, delete, item, list, runner};
use serde_json::json;
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
    let outcome = run(&platform, &list(&[delete("volume", "3"), delete("server", "2")]));
    assert_eq!(ended(&outcome), [&Ended::Deleted, &Ended::Deleted]);
    assert_eq!(
        platform.calls(),
        ["DELETE http://127.0.0.1:1/v1/volumes/3", "DELETE http://127.0.0.1:1/v1/servers/2"]
    );
    assert!(outcome.is_complete());
}

#[test]
fn what_is_gone_is_done() {
    for status in [404, 410] {
        let platform = Platform::new(move |_, _| Ok(answer(status, "")));
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
    expected.push("DELETE /qemu/110?purge=1".to_owned());
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
    assert_eq!(failure(&outcome), "its task ended in an error: storage 'fast' is not online");
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
        Ok(if call.starts_with("POST") {
            answer(500, r#"{"message":"VM 110 not running"}"#)
        } else {
            answer(200, r#"{"data":null}"#)
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
        Ok(if call.contains("volumes") { answer(422, &broken.to_string()) } else { answer(204, "") })
    });
    let mut items: Vec<_> = (1..=5).map(|id| delete("volume", &id.to_string())).collect();
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
    let items: Vec<_> = (1..=6).map(|id| delete("volume", &id.to_string())).collect();
    let outcome = run(&platform, &list(&items));
    assert!(ended(&outcome).iter().all(|ended| matches!(ended, Ended::Failed(_))));
}

#[test]
fn an_item_that_names_nothing_or_something_else_is_refused() {
    let url = "{HCLOUD_ENDPOINT}/servers/2";
    let wrong = [
        ("an empty id", item("hcloud", "server", "", "DELETE", "{HCLOUD_ENDPOINT}/servers/")),
        ("a blank id", item("hcloud", "server", " ", "DELETE", "{HCLOUD_ENDPOINT}/servers/%20")),
        ("an empty segment", item("hcloud", "server", "2", "DELETE", "{HCLOUD_ENDPOINT}/servers//2")),
        ("all servers", item("hcloud", "server", "2", "DELETE", "{HCLOUD_ENDPOINT}/servers")),
        ("a way up", item("hcloud", "server", "2", "DELETE", "{HCLOUD_ENDPOINT}/servers/../2")),
        ("a hidden way up", item("hcloud", "server", "2", "DELETE", "{HCLOUD_ENDPOINT}/a/%2e%2e/servers/2")),
        ("another object", item("hcloud", "server", "3", "DELETE", url)),
        ("another host", item("hcloud", "server", "2", "DELETE", "https://evil.example/servers/2")),
        (
            "a host behind the base",
            item("hcloud", "server", "2", "DELETE", "{HCLOUD_ENDPOINT}.evil.example/servers/2"),
        ),
        ("a user before a host", item("hcloud", "server", "2", "DELETE", "{HCLOUD_ENDPOINT}@evil.example/2")),
        ("a place that is not set", item("hcloud", "server", "2", "DELETE", "{HOME}/servers/2")),
        ("another verb", item("hcloud", "server", "2", "PATCH", url)),
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
fn a_call_before_is_held_to_the_same_rules() {
    let mut item = delete("volume", "3");
    item["request"]["first"] =
        json!([{ "method": "POST", "url": "{HCLOUD_ENDPOINT}/volumes/4/actions/detach", "success": [201] }]);
    let platform = Platform::new(|_, _| Ok(answer(204, "")));
    assert!(failure(&run(&platform, &list(&[item]))).contains("another object"));
    assert!(platform.calls().is_empty());
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
    for url in ["http://hooks.example.com/", "ftp://x", "https://user:pw@hooks.example.com/"] {
        let platform = Platform::new(|_, _| Ok(answer(204, "")));
        let outcome = run(&platform, &calling(&[delete("server", "2")], url));
        assert!(matches!(outcome.posted, Posted::Failed(_)), "{url}");
        assert!(platform.posted().is_empty());
    }
}

#[test]
fn a_run_that_is_taken_up_does_nothing_twice() {
    let list = calling(&[delete("volume", "3"), delete("server", "2")], "https://hooks.example.com/");
    let platform = Platform::new(|_, _| Ok(answer(200, "")));
    let mut first = MemoryJournal::default();
    run_from(&platform, &list, &mut first);
    assert_eq!(platform.calls().len(), 3);
    let again = Platform::new(|_, _| Ok(answer(200, "")));
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
