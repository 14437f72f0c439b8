//! TL204, TL205, TL206: much at once.

use serde_json::json;
use tidelock_rules::report::{Finding, Severity};

use super::stack::Stack;

fn related(finding: &Finding) -> Vec<String> {
    finding.related.iter().map(|one| one.address.to_string()).collect()
}

/// So many functions go, and so many stay.
fn functions(go: usize, stay: usize) -> Stack {
    let stack = (0..go).fold(Stack::new(), |stack, at| {
        stack.deletes(
            &format!("aws_lambda_function.f[\"{at}\"]"),
            "delete_because_each_key",
            json!({"id": "1"}),
        )
    });
    (0..stay)
        .fold(stack, |stack, at| stack.stays(&format!("aws_lambda_function.g[\"{at}\"]"), json!({"id": "2"})))
}

#[test]
fn much_of_the_stack_at_once_is_refused() {
    let finding = functions(5, 11).finding("TL204");
    assert_eq!(finding.severity, Severity::Deny);
    assert!(finding.address.is_none() && finding.related.len() == 5);
    assert_eq!(
        finding.message,
        "apply destroys or replaces 5 of the 16 instances that hold something or are compute"
    );
}

#[test]
fn a_few_or_a_small_share_are_not_much() {
    assert!(functions(4, 0).is_silent("TL204"));
    assert!(functions(6, 14).is_silent("TL204"), "30 % is not more than 30 %");
}

#[test]
fn what_holds_nothing_counts_neither_way() {
    let rules = (0..20).fold(Stack::new(), |stack, at| {
        stack.deletes(
            &format!("aws_cloudwatch_metric_alarm.a[\"{at}\"]"),
            "delete_because_each_key",
            json!({"id": "1"}),
        )
    });
    assert!(rules.is_silent("TL204") && rules.denies().is_empty());
    // Five of six that count, whatever else stays.
    let stack = (0..50).fold(functions(5, 1), |stack, at| {
        stack.stays(&format!("aws_cloudwatch_metric_alarm.a[\"{at}\"]"), json!({"id": "1"}))
    });
    assert!(!stack.is_silent("TL204"));
}

#[test]
fn the_limits_are_the_policys() {
    let mut stack = functions(5, 11);
    stack.thresholds.mass_destroy_percent = 50;
    assert!(stack.is_silent("TL204"));
    stack.thresholds.mass_destroy_percent = 10;
    stack.thresholds.mass_destroy_at_least = 6;
    assert!(stack.is_silent("TL204"));
}

#[test]
fn a_partial_plan_is_measured_against_the_whole_state() {
    let objects: Vec<_> = (0..40)
        .map(|at| json!({"address": format!("aws_lambda_function.g[\"{at}\"]"), "mode": "managed", "type": "aws_lambda_function",
            "name": "g", "index": at.to_string(), "values": {"id": "1"}}))
        .collect();
    let stack = functions(5, 0).section("complete", json!(false)).section(
        "prior_state",
        json!({"format_version": "1.0", "values": {"root_module": {"resources": objects}}}),
    );
    assert!(stack.is_silent("TL204"));
}

#[test]
fn a_plan_that_destroys_all_is_refused_once() {
    let stack = (0..6).fold(Stack::new(), |stack, at| {
        stack.deletes(&format!("aws_s3_bucket.b[\"{at}\"]"), "", json!({"id": "1"}))
    });
    let stack = stack.deletes("aws_cloudwatch_metric_alarm.r", "", json!({"id": "r"}));
    let finding = stack.finding("TL205");
    assert_eq!(stack.denies(), ["TL205"]);
    assert_eq!(finding.related.len(), 6);
    assert!(
        finding.message.contains("apply destroys 7 instances, 6 of which hold something"),
        "{}",
        finding.message
    );
}

#[test]
fn a_plan_that_destroys_one_thing_for_a_reason_is_no_destroy_plan() {
    let stack =
        Stack::new().deletes("aws_s3_bucket.b", "delete_because_no_resource_config", json!({"id": "1"}));
    assert!(stack.is_silent("TL205"));
}

/// A tenant with a bucket, a role and an inner module; reason, and whether the call is still in the configuration.
fn tenant_leaves(call: &str, reason: &str, declared: bool) -> Stack {
    let root = if declared {
        json!({"module_calls": {"tenant": {"module": {"module_calls": {"inner": {"module": {}}}}}}})
    } else {
        json!({})
    };
    Stack::new()
        .deletes(&format!("{call}.aws_cloudwatch_metric_alarm.r"), reason, json!({"id": "r"}))
        .deletes(&format!("{call}.aws_s3_bucket.b"), reason, json!({"id": "b"}))
        .deletes(&format!("{call}.module.inner.aws_lambda_function.f"), reason, json!({"id": "f"}))
        .configuration(root)
}

#[test]
fn a_call_that_is_gone_is_told_once_at_its_most_valuable_member() {
    let stack = tenant_leaves("module.tenant", "delete_because_no_resource_config", false);
    let finding = stack.finding("TL206");
    assert_eq!(finding.severity, Severity::Deny);
    assert_eq!(finding.address.as_ref().unwrap().to_string(), "module.tenant.aws_s3_bucket.b");
    assert_eq!(
        finding.message,
        "the call of `module.tenant` is gone: apply destroys 3 instances, of which the bucket holds something"
    );
    let others =
        ["module.tenant.module.inner.aws_lambda_function.f", "module.tenant.aws_cloudwatch_metric_alarm.r"];
    assert_eq!(related(&finding), others);
    assert_eq!(stack.denies(), ["TL206"]);
}

#[test]
fn an_instance_that_is_gone_is_named_by_its_key() {
    let stack = tenant_leaves("module.tenant[\"acme\"]", "delete_because_no_module", true)
        .stays("module.tenant[\"other\"].aws_s3_bucket.b", json!({"id": "o"}));
    let finding = stack.finding("TL206");
    assert!(
        finding.message.starts_with("the instance `module.tenant[\"acme\"]` of its module is gone"),
        "{}",
        finding.message
    );
    assert_eq!(stack.denies(), ["TL206"]);
}

#[test]
fn a_module_that_is_switched_off_is_gone_without_a_key() {
    let stack = tenant_leaves("module.tenant", "delete_because_no_module", true);
    assert!(stack.finding("TL206").message.starts_with("the instance `module.tenant` of its module"));
}

#[test]
fn a_module_that_held_nothing_is_a_warning() {
    let stack = Stack::new()
        .deletes(
            "module.m.aws_cloudwatch_metric_alarm.r",
            "delete_because_no_resource_config",
            json!({"id": "r"}),
        )
        .configuration(json!({}));
    assert_eq!(stack.finding("TL206").severity, Severity::Warn);
    assert!(stack.denies().is_empty());
}

#[test]
fn a_block_that_leaves_a_module_which_stays_is_no_module_that_is_gone() {
    let stack = tenant_leaves("module.tenant", "delete_because_no_resource_config", true);
    assert!(stack.is_silent("TL206"));
    assert_eq!(stack.finding("TL201").address.unwrap().to_string(), "module.tenant.aws_s3_bucket.b");
}

#[test]
fn a_module_that_was_moved_is_not_gone() {
    let stack = Stack::new()
        .stays("module.new.aws_s3_bucket.b", json!({"id": "b"}))
        .with("previous_address", "module.old.aws_s3_bucket.b".into())
        .configuration(json!({"module_calls": {"new": {"module": {}}}}));
    assert!(stack.is_silent("TL206"));
}

#[test]
fn what_is_forgotten_with_its_module_is_not_lost() {
    let stack = Stack::new()
        .change(
            "module.m.aws_s3_bucket.b",
            json!({"actions": ["forget"], "before": {"id": "b"}, "after": null}),
        )
        .with("action_reason", "delete_because_no_resource_config".into())
        .configuration(json!({}));
    assert!(stack.is_silent("TL206"));
}

/// All ways to let a story weigh less: its rule, and its rule at the address it is told at.
fn loosened(code: &str, address: &str) -> [String; 4] {
    ["warn", "allow"]
        .map(|severity| {
            [
                format!("[rules]\n{code} = \"{severity}\"\n"),
                format!(
                    "[[severity]]\nrule = \"{code}\"\naddress = \"{address}\"\nseverity = \"{severity}\"\n"
                ),
            ]
        })
        .concat()
        .try_into()
        .unwrap()
}

#[test]
fn a_loosened_module_leaves_its_members_refused() {
    for policy in loosened("TL206", "module.tenant") {
        let stack =
            tenant_leaves("module.tenant", "delete_because_no_resource_config", false).policy(&policy);
        assert_eq!(stack.denies(), ["TL201"], "{policy}");
        let finding = stack.finding("TL201");
        assert_eq!(finding.address.unwrap().to_string(), "module.tenant.aws_s3_bucket.b");
    }
}

#[test]
fn a_loosened_shift_leaves_its_members_refused() {
    let bucket = |name: &str| json!({"id": name, "bucket": name});
    let stack = Stack::new()
        .replaces("aws_s3_bucket.b[0]", "bucket", bucket("acme"), json!({"bucket": "beta"}))
        .replaces("aws_s3_bucket.b[1]", "bucket", bucket("beta"), json!({"bucket": "gamma"}))
        .deletes("aws_s3_bucket.b[2]", "delete_because_count_index", bucket("gamma"));
    assert_eq!(stack.denies(), ["TL203"]);
    for policy in loosened("TL203", "aws_s3_bucket.b") {
        assert_eq!(stack.clone().policy(&policy).denies(), ["TL202", "TL202", "TL201"], "{policy}");
    }
}

#[test]
fn a_loosened_destroy_plan_leaves_its_members_refused() {
    let stack = Stack::new()
        .deletes("aws_s3_bucket.b", "", json!({"id": "1"}))
        .deletes("aws_lb.web", "", json!({"id": "l"}))
        .policy("[rules]\nTL205 = \"warn\"\n");
    assert_eq!(stack.denies(), ["TL201"]);
    assert!(stack.finding("TL201").message.ends_with("the plan was made with -destroy"));
}

#[test]
fn a_story_that_weighs_no_less_than_its_members_speaks_for_them() {
    for policy in ["profile = \"ephemeral\"\n", "[rules]\nTL206 = \"warn\"\nTL201 = \"warn\"\n"] {
        let stack = tenant_leaves("module.tenant", "delete_because_no_resource_config", false).policy(policy);
        assert!(stack.denies().is_empty() && stack.is_silent("TL201"), "{policy}");
        assert_eq!(stack.findings("TL206").len(), 1, "{policy}");
    }
    let kept = "profile = \"ephemeral\"\n[[severity]]\nrule = \"TL201\"\naddress = \"module.tenant\"\nseverity = \"deny\"\n";
    let stack = tenant_leaves("module.tenant", "delete_because_no_resource_config", false).policy(kept);
    assert_eq!(stack.denies(), ["TL201"], "what was said about the members holds in a story, too");
}

#[test]
fn a_waiver_of_a_story_speaks_for_its_members() {
    let waiver = "[[waiver]]\nrule = \"TL206\"\naddress = \"module.tenant.*\"\nreason = \"r\"\nowner = \"o\"\nuntil = \"2999-01-01\"\n";
    let stack = tenant_leaves("module.tenant", "delete_because_no_resource_config", false).policy(waiver);
    assert!(stack.denies().is_empty() && stack.is_silent("TL201"));
}

#[test]
fn an_accepted_story_accepts_no_further_victims() {
    let module = || tenant_leaves("module.tenant", "delete_because_no_resource_config", false);
    assert!(module().accepted(&module()).denies().is_empty());
    let more = module().deletes(
        "module.tenant.aws_s3_bucket.c",
        "delete_because_no_resource_config",
        json!({"id": "c"}),
    );
    assert_eq!(more.clone().accepted(&module()).denies(), ["TL206"]);
    let harmless = module().deletes(
        "module.tenant.aws_cloudwatch_metric_alarm.z",
        "delete_because_no_resource_config",
        json!({"id": "z"}),
    );
    assert!(harmless.accepted(&module()).denies().is_empty());
}

#[test]
fn a_long_list_of_victims_is_told_apart_beyond_what_is_listed() {
    let all = |last: &str| {
        let stack = (0..120).fold(Stack::new(), |stack, at| {
            stack.deletes(&format!("aws_s3_bucket.b[\"{at:03}\"]"), "", json!({"id": "1"}))
        });
        stack.deletes(&format!("aws_s3_bucket.{last}"), "", json!({"id": "1"}))
    };
    assert!(all("y").accepted(&all("y")).denies().is_empty());
    assert_eq!(all("z").accepted(&all("y")).denies(), ["TL205"]);
}
