//! Every format over the same reports.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, reason = "a test")]

#[path = "ci.rs"]
mod for_ci;
mod samples;
#[path = "summary.rs"]
mod summing_up;

use std::io;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use samples::*;
use serde_json::Value as Json;
use tidelock_report::{Detail, human, json, markdown, plain, summary};
use tidelock_rules::report::{Class, Report, Reports};

fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn human_at(report: &Report, options: human::Options) -> String {
    text(|out| human::report(report, &options, out))
}

fn human_text(report: &Report) -> String {
    human_at(report, human::Options::default())
}

fn markdown_text(report: &Report) -> String {
    text(|out| markdown::report(report, &markdown::Options::default(), out))
}

/// Every sample under its name.
fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("blocked", blocked()),
        ("deleted", deleted()),
        ("every_story", every_story()),
        ("lone_findings", lone_findings()),
        ("pending_destroys", pending_destroys()),
        ("hostile", hostile()),
        ("clear", report(vec![], vec![])),
        ("gate_blocked", gate_blocked()),
        ("gate_clear", gate_clear()),
        ("gate_hostile", gate_hostile()),
    ]
}

fn several() -> Reports {
    let mut reports = vec![blocked(), deleted(), pending_destroys()];
    for (report, stack) in reports.iter_mut().zip(["live/media", "live/web", "live/disks"]) {
        report.input.path = Some(format!("{stack}/plan.json"));
        report.input.stack = Some(stack.into());
    }
    Reports::new(reports)
}

macro_rules! snapshot {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

mod for_people {
    use super::*;

    #[test]
    fn the_report_reads_as_designed() {
        for (name, report) in all() {
            snapshot!(format!("{name}.human"), human_text(&report));
        }
        let options = human::Options::default();
        snapshot!("several.human", text(|out| human::reports(&several(), &options, out)));
    }

    #[test]
    fn verbose_shows_every_divergence() {
        let options = human::Options { detail: Detail::Verbose, ..human::Options::default() };
        for (name, report) in all() {
            let text = human_at(&report, options);
            for resource in &report.resources {
                assert!(text.contains(&resource.address.to_string()), "{name}: {}", resource.address);
                for divergence in &resource.divergences {
                    assert!(text.contains(&divergence.path.to_string()), "{name}: {}", divergence.path);
                }
            }
            snapshot!(format!("{name}.verbose.human"), text);
        }
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        for (name, report) in all() {
            let color = human::Options { color: human::Color::Always, ..human::Options::default() };
            let colored = human_at(&report, color);
            let mut plain = String::new();
            let mut rest = colored.as_str();
            while let Some((before, escape)) = rest.split_once("\u{1b}[") {
                plain.push_str(before);
                rest = escape.split_once('m').unwrap().1;
            }
            plain.push_str(rest);
            assert!(colored.contains("\u{1b}["), "{name}");
            assert_eq!(plain, human_text(&report), "{name}");
        }
    }

    #[test]
    fn eighty_columns_are_enough_for_everything_but_names_and_commands() {
        let options = human::Options { width: 80, ..human::Options::default() };
        for report in [blocked(), deleted(), every_story(), lone_findings()] {
            for line in human_at(&report, options).lines() {
                let unbreakable = line.contains("tofu apply");
                assert!(line.chars().count() <= 80 || unbreakable, "{line}");
            }
        }
    }

    #[test]
    fn ascii_is_enough_where_nothing_else_is_at_hand() {
        let options = human::Options { symbols: human::Symbols::Ascii, ..human::Options::default() };
        for report in [blocked(), every_story(), wide(3)] {
            assert!(human_at(&report, options).is_ascii());
        }
        assert!(human_text(&wide(3)).contains('…'));
    }

    #[test]
    fn groups_come_in_the_order_of_urgency_and_the_verdict_comes_last() {
        let text = human_text(&blocked());
        let labels: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(labels, ["stop", "decide", "ignore", "", "blocked:"]);
        assert!(text.trim_end().ends_with("exit 3"));
    }

    #[test]
    fn drift_never_says_clear_over_pending_destroys() {
        let report = pending_destroys();
        for text in [human_text(&report), markdown_text(&report)] {
            assert!(text.contains("no drift"), "{text}");
            assert!(text.contains("12 pending, 1 would destroy"), "{text}");
            assert!(!text.contains("clear"), "{text}");
        }
        assert!(human_text(&samples::report(vec![], vec![])).starts_with("clear: nothing diverged"));
    }

    #[test]
    fn every_live_finding_is_shown_with_its_code() {
        let options = human::Options { detail: Detail::Verbose, ..human::Options::default() };
        for (name, report) in all() {
            for finding in &report.findings {
                for text in [human_text(&report), human_at(&report, options), markdown_text(&report)] {
                    let told = text.contains(finding.code) || finding.waived.is_some();
                    assert!(told, "{name}: {}\n{text}", finding.code);
                }
            }
        }
    }

    #[test]
    fn a_warning_about_a_folded_resource_is_not_folded_with_it() {
        let text = human_text(&lone_findings());
        assert!(text.starts_with("stop    the whole plan\n        TL106 "), "{text}");
        assert!(text.contains("stop    a_vm.b\n        TL508 "), "{text}");
        assert!(text.contains("1 waived"), "{text}");
    }

    #[test]
    fn drift_elsewhere_that_destroys_this_is_named() {
        let (mut resource, mut finding) = migrated();
        resource.divergences[0].class = Class::Pending;
        resource.divergences[0].drift = false;
        finding.caused_by[0].address = address("a_network.lan");
        let options = human::Options { width: 200, ..human::Options::default() };
        let text = human_at(&report(vec![resource], vec![finding]), options);
        assert!(text.contains("behind it: a_network.lan node_name"), "{text}");
    }

    #[test]
    fn what_a_replacement_implies_is_no_row() {
        let (mut resource, finding) = migrated();
        let mut computed = divergence("id", Class::Pending, [r#""a""#, r#""a""#, "?"]);
        computed.until_apply = true;
        resource.divergences.push(computed);
        let report = report(vec![resource], vec![finding]);
        assert!(!human_text(&report).contains("known after apply"), "{}", human_text(&report));
        assert!(!human_text(&report).contains("besides"), "{}", human_text(&report));
    }

    #[test]
    fn the_quiet_report_is_the_headline() {
        let options = human::Options { detail: Detail::Quiet, ..human::Options::default() };
        assert_eq!(human_at(&blocked(), options).lines().count(), 1);
        assert_eq!(text(|out| human::reports(&several(), &options, out)).lines().count(), 4);
    }

    #[test]
    fn every_refusal_begins_with_the_address_at_fault_and_ends_with_the_way_to_accept_it() {
        let text = human_text(&gate_blocked());
        let refusals: Vec<&str> = text.split("\nwarn ").next().unwrap().split("refuse  ").skip(1).collect();
        assert_eq!(refusals.len(), 2);
        for (refusal, address) in refusals.iter().zip(["aws_s3_bucket.logs", "module.shop[\"eu\"]"]) {
            assert!(refusal.starts_with(address), "{refusal}");
            let last = refusal.trim_end().lines().last().unwrap().trim();
            assert!(last.starts_with("waive "), "{last}");
        }
    }

    #[test]
    fn a_gate_says_what_it_answers() {
        let mut report = gate_clear();
        assert!(human_text(&report).starts_with("clear: may be applied; 1 to add, 1 to change, 1 to move"));
        report.verdict = tidelock_rules::report::Verdict::Blocked;
        assert!(human_text(&report).starts_with("blocked: by `--fail-on`; 1 to add"));
        let text = human_text(&gate_blocked());
        assert!(text.contains("blocked: 2 refused, 2 warnings, 1 waived; 1 to add, 1 to change, "), "{text}");
    }

    #[test]
    fn what_an_apply_would_overwrite_is_told_by_a_gate() {
        for text in [human_text(&gate_blocked()), markdown_text(&gate_blocked())] {
            let at = text.find("this apply also undoes").expect(&text);
            assert!(text[at..].contains("memory[0].dedicated"), "{text}");
        }
    }

    #[test]
    fn a_long_story_is_cut_and_counted() {
        let text = human_text(&gate_blocked());
        assert!(text.contains("and 6 more") && !text.contains("aws_alarm.a[9]"), "{text}");
        let options = human::Options { detail: Detail::Verbose, ..human::Options::default() };
        assert!(human_at(&gate_blocked(), options).contains("aws_alarm.a[14]"));
    }

    #[test]
    fn a_remark_about_the_plan_that_does_not_count_is_a_note() {
        let mut report = lone_findings();
        report.findings.retain(|finding| finding.code == "TL503");
        report.verdict = tidelock_rules::report::Verdict::Noise;
        let text = human_text(&report);
        assert!(text.contains("note    the plan does not cover everything (TL503)"), "{text}");
        assert!(!text.contains("decide"), "{text}");
        assert!(markdown_text(&report).contains("- the plan does not cover everything (TL503)"));
    }

    #[test]
    fn none_destroys_is_said_only_of_plans_that_destroy_nothing() {
        assert!(!human_text(&blocked()).contains("none destroys"), "drift makes it destroy a VM");
        let mut report = pending_destroys();
        report.resources.pop();
        report.summary.pending_destroy = 0;
        assert!(human_text(&report).contains("none destroys"));
    }

    #[test]
    fn nothing_from_an_artifact_reaches_the_terminal_unescaped() {
        for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
            let options = human::Options { detail, ..human::Options::default() };
            for text in [
                human_at(&hostile(), options),
                human_at(&gate_hostile(), options),
                text(|out| human::reports(&Reports::new(vec![hostile()]), &options, out)),
            ] {
                assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
                assert!(!text.lines().any(|line| line.starts_with("# head")), "{text}");
            }
        }
    }
}

mod as_markdown {
    use super::*;

    #[test]
    fn the_comment_reads_as_designed() {
        for (name, report) in all() {
            snapshot!(format!("{name}.markdown"), markdown_text(&report));
        }
        let options = markdown::Options::default();
        snapshot!("several.markdown", text(|out| markdown::reports(&several(), &options, out)));
    }

    /// What the text becomes once rendered: links, headings and HTML tags, and the prose outside of code.
    fn rendered(text: &str) -> (Vec<String>, String) {
        let (mut structure, mut prose, mut code) = (Vec::new(), String::new(), false);
        for event in Parser::new_ext(text, Options::ENABLE_GFM | Options::ENABLE_TABLES) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => {
                    for tag in html.split_inclusive('>').filter(|tag| tag.contains('<')) {
                        let tag = &tag[tag.find('<').unwrap()..];
                        code = if tag == "<code>" { true } else { code && tag != "</code>" };
                        structure.push(tag.trim().to_owned());
                    }
                }
                // Blocks to paste; nothing else is fenced.
                Event::Start(Tag::CodeBlock(kind)) => {
                    code = true;
                    if kind != CodeBlockKind::Fenced("hcl".into()) {
                        structure.push(format!("{kind:?}"));
                    }
                }
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Start(
                    tag @ (Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::Heading { .. }
                    | Tag::Emphasis
                    | Tag::BlockQuote(_)),
                ) => structure.push(format!("{tag:?}")),
                Event::Text(text) if !code => prose.push_str(&text),
                _ => {}
            }
        }
        (structure, prose)
    }

    #[test]
    fn hostile_text_cannot_break_out() {
        let one = markdown_text(&hostile());
        let options = markdown::Options::default();
        let many = text(|out| markdown::reports(&Reports::new(vec![hostile(), blocked()]), &options, out));
        for text in [one, many, markdown_text(&gate_hostile())] {
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
            let (structure, prose) = rendered(&text);
            let ours = ["<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>"];
            for piece in &structure {
                assert!(ours.contains(&&**piece) || piece.starts_with("Heading"), "{piece}\n{text}");
            }
            let count = |tag: &str| structure.iter().filter(|piece| *piece == tag).count();
            assert_eq!(count("<details>"), count("</details>"), "{text}");
            assert_eq!(count("<code>"), count("</code>"), "{text}");
            for caller in ["@team", "#1", "://"] {
                assert!(!prose.contains(caller), "{caller}: {prose}");
            }
        }
    }

    #[test]
    fn a_name_between_backticks_may_hold_some_and_brings_nothing_to_life() {
        let live = ["<img src=x>", "@org/team", "![i](http://e/x)", "[a](//b)", "<!--"];
        let shapes = ["k`LIVE` LIVE", "``LIVE`", "`LIVE", "LIVE`", "a`b`LIVE`c", "`|`LIVE", "LIVE"];
        for name in shapes.iter().flat_map(|shape| live.iter().map(|live| shape.replace("LIVE", live))) {
            for message in
                [format!("`{name}` failed"), format!("`a` changes: `tags[\"{name}\"]` from \"{name}\"")]
            {
                let mut report = gate_blocked();
                for finding in &mut report.findings {
                    finding.message.clone_from(&message);
                    finding.help = Some(message.clone());
                }
                let file = text(|out| json::report(&report, out)).into_bytes();
                let overview = summary::Overview::new([summary::read("x", &file).unwrap()]);
                let page = text(|out| summary::markdown(&overview, &markdown::Options::default(), out));
                for text in [markdown_text(&report), page] {
                    for mark in ["<img", "<!--", "@org", "![", "](", "http:/"] {
                        assert!(!text.contains(mark), "{mark} of {message}: {text}");
                    }
                    let (structure, _) = rendered(&text);
                    assert!(
                        !structure.iter().any(|piece| piece.starts_with("<img") || piece.starts_with("<!--"))
                    );
                }
            }
        }
    }

    #[test]
    fn a_long_report_stays_within_the_limit_and_says_what_is_left_out() {
        for limit in [4_096, 20_000, markdown::COMMENT_BYTES] {
            let options = markdown::Options { max_bytes: limit, detail: Detail::Normal };
            let wide = wide(1_000);
            let text = super::text(|out| markdown::report(&wide, &options, out));
            assert!(text.len() <= limit, "{} > {limit}", text.len());
            let shown = text.lines().filter(|line| line.starts_with("**decide**")).count();
            let said = format!("{} more resources left out: {} to decide", 1_000 - shown, 1_000 - shown);
            assert!(text.contains(&said), "{said}\n{}", &text[text.len() - 300..]);
        }
        assert!(!markdown_text(&blocked()).contains("left out"));
    }

    #[test]
    fn what_has_no_room_is_counted_and_not_listed_without_details() {
        let text = super::text(|out| markdown::report(&gate_wide(3_000), &markdown::Options::default(), out));
        assert!(text.len() <= markdown::COMMENT_BYTES);
        assert!(text.matches("details left out").count() <= 20);
        assert!(text.contains(" refused (the text is limited to 65536 bytes; `tidelock gate` shows"));
    }

    #[test]
    fn a_stop_has_room_before_everything_else() {
        let mut wide = wide(1_000);
        let (stop, finding) = migrated();
        wide.resources.push(stop);
        wide.findings.push(finding);
        let options = markdown::Options { max_bytes: 4_096, detail: Detail::Normal };
        let text = super::text(|out| markdown::report(&wide, &options, out));
        assert!(text.contains("**stop** `module.media"), "{text}");
    }

    #[test]
    fn many_inputs_stay_within_the_limit_and_the_worst_are_named() {
        let mut reports: Vec<Report> = (0..600).map(|_| pending_destroys()).collect();
        reports.push(blocked());
        for (report, n) in reports.iter_mut().zip(0..) {
            report.input.path = Some(format!("live/stack-{n}"));
        }
        let text =
            super::text(|out| markdown::reports(&Reports::new(reports), &markdown::Options::default(), out));
        assert!(text.len() <= markdown::COMMENT_BYTES);
        assert!(text.contains("| `live/stack-600` | ⛔ blocked |"));
        assert!(text.contains("more inputs, none worse than these, are left out"));
    }
}

mod for_programs {
    use super::*;

    fn schema() -> jsonschema::Validator {
        let schema: Json = serde_json::from_str(json::SCHEMA).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    }

    fn json_text(report: &Report) -> String {
        text(|out| json::report(report, out))
    }

    fn assert_valid(schema: &jsonschema::Validator, name: &str, text: &str) {
        let instance: Json = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&instance)
            .map(|error| format!("{} at {}", error, error.instance_path))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }

    #[test]
    fn every_report_follows_the_published_schema() {
        let schema = schema();
        for (name, report) in all() {
            assert_valid(&schema, name, &json_text(&report));
        }
        assert_valid(&schema, "several", &text(|out| json::reports(&several(), out)));
        assert_valid(&schema, "none", &text(|out| json::reports(&Reports::new(vec![]), out)));
    }

    #[test]
    fn the_schema_misses_no_field_of_a_report() {
        let schema: Json = serde_json::from_str(json::SCHEMA).unwrap();
        let instance: Json = serde_json::from_str(&json_text(&every_story())).unwrap();
        let places = [
            ("report", instance.clone()),
            ("input", instance["input"].clone()),
            ("summary", instance["summary"].clone()),
            ("resource", instance["resources"][0].clone()),
            ("divergence", instance["resources"][0]["divergences"][0].clone()),
            ("finding", instance["findings"][0].clone()),
            ("output", instance["outputs"][0].clone()),
            ("note", instance["notes"][0].clone()),
        ];
        for (name, object) in places {
            let known = &schema["$defs"][name]["properties"];
            let required = schema["$defs"][name]["required"].as_array().unwrap();
            for field in object.as_object().unwrap().keys() {
                assert!(known.get(field).is_some(), "{name}.{field}");
                let optional = name == "divergence" && matches!(&**field, "desired" | "elements");
                assert_eq!(required.iter().any(|name| name == field), !optional, "{name}.{field}");
            }
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        let schema = schema();
        for field in ["verdict", "summary", "resources", "notes"] {
            let mut instance: Json = serde_json::from_str(&json_text(&blocked())).unwrap();
            instance.as_object_mut().unwrap().remove(field);
            assert!(!schema.is_valid(&instance), "{field}");
        }
        let mut instance: Json = serde_json::from_str(&json_text(&blocked())).unwrap();
        instance["verdict"] = "fine".into();
        assert!(!schema.is_valid(&instance));
        instance["verdict"] = "blocked".into();
        instance["added_later"] = true.into();
        assert!(schema.is_valid(&instance), "the contract is additive");
    }

    #[test]
    fn the_text_is_indented_and_ends_in_a_newline() {
        let text = json_text(&blocked());
        assert!(text.starts_with("{\n  \"schema_version\": \"1\",\n"));
        assert!(text.ends_with("\n}\n"));
        snapshot!("blocked.json", text);
    }

    #[test]
    fn plain_is_the_verdict_in_one_word() {
        let word = |report: &Report| text(|out| plain::report(report, out));
        assert_eq!(word(&blocked()), "blocked\n");
        assert_eq!(word(&report(vec![], vec![])), "clear\n");
        assert_eq!(text(|out| plain::reports(&several(), out)), "blocked\n");
    }
}
