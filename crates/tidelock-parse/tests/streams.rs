//! Recorded logs, cut everywhere: what is told of a cut log is never more than the whole one says.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

use std::collections::BTreeSet;

use tidelock_parse::{
    Input, Kind, RawText, Source,
    stream::{ApplyRun, Ending, PlanPart, Stream},
};
use tidelock_testkit::fixtures;

/// Every recorded log, by name.
fn logs() -> Vec<(String, Vec<u8>)> {
    let mut logs = Vec::new();
    for case in fixtures::all().unwrap() {
        for entry in std::fs::read_dir(&case.dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                logs.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    assert!(logs.len() > 15, "only {} logs", logs.len());
    logs
}

fn read(bytes: &[u8]) -> Stream {
    let source = Source::new("log", bytes.to_vec());
    Stream::read(&source, RawText::whole(&source))
}

/// What is said to be done or to have failed.
fn claims(run: &ApplyRun) -> BTreeSet<String> {
    let done = [&run.created, &run.changed, &run.destroyed, &run.other].into_iter().flatten();
    let done = done.map(|done| format!("{} {:?}", done.address, done.action));
    let all = run.imported.iter().chain(&run.forgotten).map(ToString::to_string);
    let failed =
        run.failed.iter().filter(|failed| failed.began).map(|failed| format!("{} failed", failed.address));
    done.chain(all).chain(failed).collect()
}

#[test]
fn every_message_of_every_recorded_log_is_understood() {
    for (name, bytes) in logs() {
        let tally = read(&bytes).tally().clone();
        assert_eq!((tally.damaged, tally.other_lines, tally.cut), (0, 0, false), "{name}");
        assert!(tally.unknown.is_empty(), "{name}: {:?}", tally.unknown);
    }
}

#[test]
fn a_cut_log_claims_no_more_than_the_whole_one() {
    for (name, bytes) in logs() {
        let whole = read(&bytes);
        let run = whole.apply();
        let all = run.as_ref().map(claims).unwrap_or_default();
        let ends: Vec<usize> =
            bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at).collect();
        // Long ones are cut at every line end and its neighbours, and here and there between.
        let step = if bytes.len() < 4000 { 1 } else { 13 };
        let near = ends.iter().flat_map(|end| [end.saturating_sub(1), *end, end + 1, end + 2]);
        let cuts: BTreeSet<usize> =
            (0..bytes.len()).step_by(step).chain(near).filter(|at| *at < bytes.len()).collect();
        for at in cuts {
            let cut = read(&bytes[..at]);
            let inside = !ends.contains(&at) && at > 0 && bytes[at - 1] != b'\n';
            assert_eq!(cut.tally().cut, inside, "{name} at {at}");
            assert!(cut.drift().len() <= whole.drift().len() && cut.planned().len() <= whole.planned().len());
            if cut.plan() == PlanPart::ToTheEnd {
                assert_eq!(cut.drift(), whole.drift(), "{name} at {at}");
                assert_eq!(cut.planned(), whole.planned(), "{name} at {at}");
            }
            let Some(part) = cut.apply() else { continue };
            let more: Vec<String> = claims(&part).difference(&all).cloned().collect();
            assert!(more.is_empty(), "{name} at {at}: {more:?}");
            let ending = run.as_ref().map(|run| run.ending);
            assert!(part.ending == Ending::Interrupted || Some(part.ending) == ending, "{name} at {at}");
            // Nothing that is planned gets lost.
            for change in cut.planned().iter().filter(|change| !change.action().is_quiet()) {
                let found =
                    claims(&part).iter().any(|claim| claim.starts_with(&format!("{}", change.address)))
                        || part.in_doubt.iter().any(|doubt| doubt.address == change.address)
                        || part.failed.iter().any(|failed| failed.address == change.address)
                        || part.not_started.iter().any(|left| left.address == change.address);
                assert!(found, "{name} at {at}: {}", change.address);
            }
        }
    }
}

#[test]
fn a_log_is_told_by_its_content_wherever_it_is_cut() {
    for (name, bytes) in logs().into_iter().filter(|(_, bytes)| bytes.len() < 5000) {
        let first = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        for at in (first..bytes.len()).step_by(7) {
            let input = Input::read(&Source::new("log", bytes[..at].to_vec())).unwrap();
            assert_eq!(
                input.documents.iter().map(|d| d.kind).collect::<Vec<_>>(),
                [Kind::UiStream],
                "{name} {at}"
            );
        }
    }
}

#[test]
fn a_log_cut_inside_a_character_and_one_with_a_foreign_byte_are_logs() {
    let head = br#"{"@level":"info","@message":"x","terraform":"1.9.0","type":"version"}"#;
    for tail in
        [&b"\n{\"@level\":\"info\",\"@message\":\"\xc3"[..], &b"\nStra\xdfe\n{\"@level\":\"info\"}\n"[..]]
    {
        let input = Input::read(&Source::new("log", [head, tail].concat())).unwrap();
        assert_eq!(input.documents.len(), 1);
        let stream = Stream::read(&input.source, input.documents[0].text);
        assert!(stream.tally().messages >= 1);
    }
}

#[test]
fn runs_one_after_the_other_are_documents_of_their_own() {
    let log = |name: &str| fixtures::case(name).unwrap().bytes("apply.jsonl").unwrap();
    let joined = [log("streams/apply_killed"), log("streams/apply_fails")].concat();
    let input = Input::read(&Source::new("log", joined)).unwrap();
    let endings: Vec<_> = input
        .documents
        .iter()
        .map(|document| Stream::read(&input.source, document.text).apply().unwrap().ending)
        .collect();
    assert_eq!(endings, [Ending::Interrupted, Ending::Failed]);
}

#[test]
fn the_log_of_a_plan_tells_what_the_plan_says() {
    for case in fixtures::all().unwrap().into_iter().filter(|case| case.has("plan.jsonl")) {
        // Refresh-only plans list no changes.
        let plan = Source::new("plan", case.plan_json().unwrap());
        let plan = tidelock_parse::Plan::from_source(&plan).unwrap();
        let stream = read(&case.bytes("plan.jsonl").unwrap());
        let told = |list: &[tidelock_parse::ResourceChange]| -> BTreeSet<String> {
            let loud = list.iter().filter(|change| !change.action.is_quiet());
            loud.map(|change| format!("{} {} {:?}", change.address, change.action, change.action_reason))
                .collect()
        };
        let log = tidelock_parse::Plan::from_stream(plan.source(), std::sync::Arc::new(stream)).unwrap();
        assert_eq!(told(log.drift()), told(plan.drift()), "{}", case.name);
        assert_eq!(told(log.changes()), told(plan.changes()), "{}", case.name);
        assert_eq!(log.header().errored, plan.header().errored, "{}", case.name);
    }
}
