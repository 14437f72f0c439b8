use super::*;
use crate::redact::CUT;

fn read(lines: &[&str]) -> Stream {
    let source = Source::new("log", lines.join("\n").into_bytes());
    Stream::read(&source, RawText::whole(&source))
}

fn version(tool: &str) -> String {
    format!(
        r#"{{"@level":"info","@message":"x","@timestamp":"2026-01-02T03:04:05.6Z","{tool}":"1.9.0","type":"version","ui":"1.2"}}"#
    )
}

fn change(kind: &str, address: &str, rest: &str) -> String {
    let address = address.replace('"', "\\\"");
    format!(
        r#"{{"@level":"info","@message":"","change":{{"resource":{{"addr":"{address}"}},{rest}}},"type":"{kind}"}}"#
    )
}

fn planned(address: &str, action: &str) -> String {
    change("planned_change", address, &format!(r#""action":"{action}""#))
}

fn hook(kind: &str, address: &str, rest: &str) -> String {
    format!(
        r#"{{"@level":"info","@message":"","@timestamp":"2026-01-02T03:04:06Z","hook":{{"resource":{{"addr":"{address}"}},{rest}}},"type":"{kind}"}}"#
    )
}

fn summary(about: &str, add: u32, change: u32, remove: u32) -> String {
    format!(
        r#"{{"@level":"info","@message":"","changes":{{"add":{add},"change":{change},"import":0,"remove":{remove},"operation":"{about}"}},"type":"change_summary"}}"#
    )
}

fn error(address: &str, summary: &str) -> String {
    format!(
        r#"{{"@level":"error","@message":"","diagnostic":{{"severity":"error","summary":"{summary}","detail":"","address":"{address}"}},"type":"diagnostic"}}"#
    )
}

fn names<T>(list: &[T], address: impl Fn(&T) -> &ResourceAddr) -> Vec<String> {
    list.iter().map(|item| address(item).to_string()).collect()
}

#[test]
fn the_first_message_names_the_product() {
    let header = read(&[&version("terraform")]).header().clone();
    assert_eq!((header.producer, header.version.as_deref()), (Some(Producer::Terraform), Some("1.9.0")));
    assert_eq!(header.began.as_deref(), Some("2026-01-02T03:04:05.6Z"));
    assert_eq!(read(&[&version("tofu")]).header().producer, Some(Producer::OpenTofu));
}

#[test]
fn addresses_actions_and_reasons_are_those_of_plan_json() {
    let stream = read(&[
        &change("planned_change", "a.z", r#""action":"replace","reason":"cannot_update""#),
        &change(
            "planned_change",
            r#"module.m["k"].a.b[0]"#,
            r#""action":"delete","reason":"delete_because_each_key""#,
        ),
        &change("planned_change", "a.m", r#""action":"move","previous_resource":{"addr":"a.l"}"#),
        &change("planned_change", "a.i", r#""action":"import","importing":{"id":"4711"}"#),
        &change("planned_change", "a.f", r#""action":"remove""#),
        &change("planned_change", "a.n", r#""action":"relocate","reason":"because""#),
    ]);
    let told: Vec<String> = stream
        .planned()
        .iter()
        .map(|c| {
            format!(
                "{} {} {:?} {}",
                c.address,
                c.action(),
                c.reason.as_ref().map(ActionReason::as_str),
                c.importing
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "a.f forget None false",
            "a.i no-op None true",
            "a.m no-op None false",
            r#"a.n relocate Some("because") false"#,
            r#"a.z delete,create Some("replace_because_cannot_update") false"#,
            r#"module.m["k"].a.b[0] delete Some("delete_because_each_key") false"#,
        ]
    );
}

#[test]
fn opentofu_calls_a_replacement_that_forgets_a_no_op() {
    let stream = read(&[&change("planned_change", "a.b", r#""action":"noop","reason":"cannot_update""#)]);
    assert_eq!(stream.planned()[0].action(), Action::ForgetThenCreate);
}

#[test]
fn lines_between_the_messages_are_counted_and_skipped() {
    let stream = read(&[
        "Initialising",
        &version("terraform"),
        "",
        "npm WARN {not json",
        "12:00:01 {\"@level\":\"info\",\"@message\":\"\",\"type\":\"log\"}",
        r#"{"@level":"info","@message":"","type":"mood","mood":{"a":[1]}}"#,
        r#"{"@level":"info","@message":"","type":"mood"}"#,
        r#"{"@level":"info","@message":"no kind"}"#,
        r#"{"@level":"info","@message":"","type":"planned_change","change":{"resource":{"addr":"a..b"},"action":"create"}}"#,
        r#"{"@level":"info","@message":"","type":"planned_change","change":[]}"#,
        r#"{"@level":"info","@message":"","type":"test_run","hook":7}"#,
        r#"{"@level":"info","@mess"#,
        &summary("plan", 0, 0, 0),
        "",
    ]);
    let tally = stream.tally();
    assert_eq!((tally.messages, tally.other_lines, tally.damaged, tally.cut), (7, 2, 3, false));
    assert_eq!(tally.unknown, [(String::new(), 1), ("mood".to_owned(), 2)].into());
    assert_eq!(stream.plan(), PlanPart::Incomplete, "a damaged line may have been a change");
}

#[test]
fn a_last_line_without_an_end_is_cut_unless_it_is_whole_or_no_message() {
    let cut = |last: &str| read(&[&version("tofu"), last]).tally().clone();
    assert!(cut(r#"{"@level":"info","@me"#).cut && cut("{").cut && cut("12:00 {\"@").cut);
    assert_eq!(cut(r#"{"@level":"info","@me"#).damaged, 0);
    assert!(!cut(&summary("plan", 0, 0, 0)).cut && !cut("Done.").cut && !cut("").cut);
}

#[test]
fn a_plan_is_incomplete_without_its_summary_or_with_fewer_lines_than_it_counts() {
    let head = version("tofu");
    let create = planned("a.b", "create");
    assert_eq!(read(&[&head, &create]).plan(), PlanPart::Incomplete);
    assert_eq!(read(&[&head, &create, &summary("plan", 1, 0, 0)]).plan(), PlanPart::ToTheEnd);
    assert_eq!(read(&[&head, &create, &summary("plan", 2, 0, 0)]).plan(), PlanPart::Incomplete);
    let replace = planned("a.c", "replace");
    assert_eq!(read(&[&head, &replace, &summary("plan", 1, 0, 1)]).plan(), PlanPart::ToTheEnd);
    let cut = read(&[&head, &create, &summary("plan", 1, 0, 0), r#"{"@level":"error","#]);
    assert_eq!(cut.plan(), PlanPart::Incomplete, "errors come after the summary");
    assert_eq!(read(&[&head, &summary("apply", 0, 0, 0)]).plan(), PlanPart::None);
}

#[test]
fn an_error_while_planning_is_told_from_one_while_applying() {
    let plan = [version("tofu"), planned("a.b", "create"), summary("plan", 1, 0, 0), error("a.b", "no")];
    let lines: Vec<&str> = plan.iter().map(String::as_str).collect();
    assert!(read(&lines).plan_errored() && read(&lines).apply().is_none());
    let start = hook("apply_start", "a.b", r#""action":"create""#);
    let applied = read(&[lines[0], lines[1], lines[2], &start, lines[3]]);
    assert!(!applied.plan_errored());
    assert_eq!(applied.apply().unwrap().ending, Ending::Failed);
}

#[test]
fn a_replacement_of_which_one_half_is_done_leaves_the_other() {
    let lines = [
        planned("a.b", "replace"),
        summary("plan", 1, 0, 1),
        hook("apply_start", "a.b", r#""action":"delete","id_key":"id","id_value":"old""#),
        hook("apply_complete", "a.b", r#""action":"delete","elapsed_seconds":2"#),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let run = read(&lines).apply().unwrap();
    assert_eq!(run.ending, Ending::Interrupted);
    assert_eq!(run.destroyed[0].object.as_ref().map(ObjectId::real), Some("old"));
    assert_eq!(run.destroyed[0].took, Some(Duration::from_secs(2)));
    assert_eq!(run.not_started, [NotStarted { address: "a.b".parse().unwrap(), action: UiAction::Create }]);

    let begun = hook("apply_start", "a.b", r#""action":"create""#);
    let run = read(&[&lines[..], &[&begun]].concat()).apply().unwrap();
    assert_eq!((run.in_doubt.len(), run.not_started.len()), (1, 0));
    assert!(run.destroyed[0].replaces);
}

#[test]
fn what_no_message_tells_the_end_of_is_in_doubt_unless_the_apply_ended_well() {
    let lines = [
        change("planned_change", "a.i", r#""action":"import","importing":{"id":"1"}"#),
        planned("a.f", "remove"),
        planned("a.b", "update"),
        hook("apply_start", "a.b", r#""action":"update""#),
    ];
    let mut lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let run = read(&lines).apply().unwrap();
    assert_eq!(names(&run.in_doubt, |doubt| &doubt.address), ["a.b", "a.f", "a.i"]);
    let (complete, end) = (hook("apply_complete", "a.b", r#""action":"update""#), summary("apply", 0, 1, 0));
    lines.extend([complete.as_str(), end.as_str()]);
    let run = read(&lines).apply().unwrap();
    assert!(run.is_settled());
    assert_eq!(
        (names(&run.imported, |a| a), names(&run.forgotten, |a| a)),
        (vec!["a.i".to_owned()], vec!["a.f".to_owned()])
    );
}

#[test]
fn errors_stand_with_what_they_are_about() {
    let run = read(&[
        &planned("a.b", "create"),
        &planned("a.c", "update"),
        &hook("apply_start", "a.b", r#""action":"create""#),
        &hook("apply_errored", "a.b", r#""action":"create""#),
        &error("a.b", "quota"),
        &error("a.c", "inconsistent"),
        &error("data.x.y", "gone"),
        &error("", "all is lost"),
    ])
    .apply()
    .unwrap();
    let failed: Vec<_> = run
        .failed
        .iter()
        .map(|f| (f.address.to_string(), f.began, f.diagnostics[0].summary.as_str()))
        .collect();
    assert_eq!(failed, [("a.b".to_owned(), true, "quota"), ("a.c".to_owned(), false, "inconsistent")]);
    let errors: Vec<&str> = run.errors.iter().map(|error| error.summary.as_str()).collect();
    assert_eq!(errors, ["all is lost", "gone"]);
}

#[test]
fn two_operations_of_one_kind_on_one_address_are_two() {
    // A deposed object and the current one.
    let delete = |kind| hook(kind, "a.b", r#""action":"delete""#);
    let run =
        read(&[&delete("apply_start"), &delete("apply_start"), &delete("apply_complete")]).apply().unwrap();
    assert_eq!((run.destroyed.len(), run.in_doubt.len()), (1, 1));
}

#[test]
fn data_sources_that_are_read_are_no_apply() {
    let stream = read(&[
        &hook("apply_start", "data.a.b", r#""action":"read""#),
        &hook("apply_complete", "data.a.b", r#""action":"read""#),
    ]);
    assert!(stream.apply().is_none());
    assert_eq!(stream.tally().reads, 1);
}

#[test]
fn the_size_of_the_pieces_does_not_matter() {
    let lines =
        [version("tofu"), planned("a.ü", "create"), planned("a.b", "create"), summary("plan", 1, 0, 0)];
    let text = lines.join("\n");
    let whole = format!("{:?}", read(&lines.iter().map(String::as_str).collect::<Vec<_>>()));
    for size in 1..40 {
        let mut reader = Reader::default();
        text.as_bytes().chunks(size).for_each(|piece| reader.push(piece));
        assert_eq!(format!("{:?}", reader.finish()), whole, "{size}");
    }
}

#[test]
fn a_line_without_end_is_not_kept() {
    let mut reader = Reader::default();
    for _ in 0..40 {
        reader.push(&vec![b'x'; 1 << 20]);
    }
    reader.push(b"\n");
    reader.push(version("tofu").as_bytes());
    let stream = reader.finish();
    assert_eq!((stream.tally().damaged, stream.tally().messages), (1, 1));
}

#[test]
fn secrets_in_texts_are_cut_and_values_are_not_kept() {
    const KEY: &str = "ghp_k2Vx8Qw3Zt6Yb1Nc5Md7Lf9Jh0Gs4Ra2Pe8U";
    let stream = read(&[
        &error("a.b", &format!("key {KEY} is not allowed")),
        &format!(r#"{{"@level":"info","type":"{KEY}"}}"#),
        r#"{"@level":"info","outputs":{"password":{"sensitive":false,"type":"string","value":"hunter2"}},"type":"outputs"}"#,
        &hook("provision_progress", "a.b", r#""provisioner":"local-exec","output":"hunter2""#),
        &hook("refresh_start", "a.b", &format!(r#""id_key":"id","id_value":"{KEY}""#)),
        &hook("apply_start", "a.b", &format!(r#""action":"{KEY}","id_key":"id","id_value":"{KEY}""#)),
    ]);
    let debug = format!("{stream:?} {:?}", stream.apply());
    assert!(!debug.contains("hunter2"), "{debug}");
    assert!(stream.diagnostics()[0].summary.contains(CUT));
    // Keys of maps are addresses and stay; nothing else holds the key.
    assert_eq!(debug.matches(KEY).count(), 0, "{debug}");
    assert_eq!(stream.object(&"a.b".parse().unwrap()).map(ObjectId::real), Some(KEY), "for acting on it");
}

#[test]
fn a_deletion_beside_another_change_of_the_address_is_that_of_a_deposed_object() {
    let stream = read(&[&planned("a.b", "delete"), &planned("a.b", "update"), &planned("a.c", "delete")]);
    let source = Source::new("log", Vec::new());
    let plan = crate::Plan::from_stream(&source, std::sync::Arc::new(stream)).unwrap();
    let told: Vec<_> = plan.changes().iter().map(|c| (c.action.to_string(), c.deposed.as_deref())).collect();
    assert_eq!(
        told,
        [("delete".to_owned(), Some("unknown")), ("update".to_owned(), None), ("delete".to_owned(), None)]
    );
    let contradicts = read(&[&planned("a.b", "create"), &planned("a.b", "update")]);
    assert!(crate::Plan::from_stream(&source, std::sync::Arc::new(contradicts)).is_err());
}
