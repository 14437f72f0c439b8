//! TL207 to TL211: what a change brings with it.

use serde_json::{Value, json};
use tidelock_rules::{catalogue::Machines, report::Severity};

use super::stack::Stack;

/// A subnet is replaced; what refers to its id follows. Each follower: type, name, and whether it is replaced.
fn cascade(followers: &[(&str, &str)]) -> Stack {
    let mut sources = "resource \"aws_subnet\" \"net\" {}\n".to_owned();
    let stack = Stack::new().replaces(
        "aws_subnet.net",
        "cidr",
        json!({"id": "s1", "cidr": "a"}),
        json!({"cidr": "b"}),
    );
    let stack = followers.iter().fold(stack, |stack, (address, refers)| {
        let (type_name, name) = address.split_once('.').unwrap();
        sources.push_str(&format!("resource \"{type_name}\" \"{name}\" {{\n  within = {refers}.id\n}}\n"));
        stack.change(address, follower()).with("action_reason", "replace_because_cannot_update".into())
    });
    stack.sources(&sources)
}

fn follower() -> Value {
    json!({"actions": ["delete", "create"], "before": {"id": "1", "within": "s1"}, "after": {},
        "after_unknown": {"id": true, "within": true}, "replace_paths": [["within"]]})
}

#[test]
fn a_cascade_is_told_once_at_its_root_as_a_tree() {
    let stack = cascade(&[
        ("aws_db_instance.orders", "aws_subnet.net"),
        ("aws_route53_record.orders", "aws_db_instance.orders"),
        ("aws_lambda_function.f", "aws_subnet.net"),
    ]);
    let finding = stack.finding("TL207");
    assert_eq!(finding.severity, Severity::Deny);
    assert_eq!(finding.address.unwrap().to_string(), "aws_subnet.net");
    assert!(
        finding.message.contains("makes apply replace 3 other instances, 2 of which hold something"),
        "{}",
        finding.message
    );
    let tree: Vec<_> = finding.related.iter().map(|one| (one.address.to_string(), one.depth)).collect();
    let expected =
        [("aws_db_instance.orders", 1), ("aws_route53_record.orders", 2), ("aws_lambda_function.f", 1)];
    assert_eq!(tree, expected.map(|(address, depth)| (address.to_owned(), depth)));
}

#[test]
fn a_cascade_without_anything_stateful_is_a_warning() {
    let stack = cascade(&[("aws_lambda_function.f", "aws_subnet.net")]);
    assert_eq!(stack.finding("TL207").severity, Severity::Warn);
}

#[test]
fn replacements_that_have_nothing_to_do_with_each_other_are_no_cascade() {
    let stack = cascade(&[]).replaces(
        "aws_db_instance.a",
        "zone",
        json!({"id": "1", "zone": "a"}),
        json!({"zone": "b"}),
    );
    assert!(stack.is_silent("TL207"));
}

#[test]
fn a_trigger_makes_a_cascade() {
    let stack = Stack::new()
        .updates("aws_ssm_parameter.version", json!({"id": "v", "value": "1"}), json!({"id": "v", "value": "2"}))
        .change("aws_db_instance.orders", json!({"actions": ["delete", "create"], "before": {"id": "1"}, "after": {}}))
        .with("action_reason", "replace_by_triggers".into())
        .sources(
            "resource \"aws_ssm_parameter\" \"version\" {}\nresource \"aws_db_instance\" \"orders\" {\n  lifecycle {\n    \
             replace_triggered_by = [aws_ssm_parameter.version]\n  }\n}\n",
        );
    let finding = stack.finding("TL207");
    assert_eq!(finding.address.unwrap().to_string(), "aws_ssm_parameter.version");
}

#[test]
fn instances_of_one_key_belong_together() {
    let replaced = |stack: Stack, key: &str| {
        stack
            .replaces(
                &format!("aws_subnet.net[\"{key}\"]"),
                "cidr",
                json!({"id": "s", "cidr": "a"}),
                json!({"cidr": "b"}),
            )
            .change(&format!("aws_lambda_function.f[\"{key}\"]"), follower())
    };
    let stack = replaced(replaced(Stack::new(), "a"), "b").sources(
        "resource \"aws_subnet\" \"net\" {\n  for_each = toset([\"a\", \"b\"])\n}\nresource \"aws_lambda_function\" \"f\" {\n  \
         for_each = toset([\"a\", \"b\"])\n  within = aws_subnet.net[each.key].id\n}\n",
    );
    let roots: Vec<_> = stack
        .findings("TL207")
        .into_iter()
        .map(|f| (f.address.unwrap().to_string(), f.related.len()))
        .collect();
    assert_eq!(roots, [("aws_subnet.net[\"a\"]".to_owned(), 1), ("aws_subnet.net[\"b\"]".to_owned(), 1)]);
}

/// A cluster is replaced, and so many services that refer to it stay; some of them in a module of their own.
fn cluster(services: usize) -> Stack {
    let stack = Stack::new().replaces(
        "aws_ecs_cluster.all",
        "name",
        json!({"id": "1", "name": "a"}),
        json!({"name": "b"}),
    );
    (0..services).fold(stack, |stack, at| stack.stays(&format!("aws_ecs_service.s[{at}]"), json!({"id": "s"}))).sources(
        "resource \"aws_ecs_cluster\" \"all\" {}\nresource \"aws_ecs_service\" \"s\" {\n  cluster = aws_ecs_cluster.all.id\n}\n",
    )
}

#[test]
fn many_that_depend_are_counted() {
    let finding = cluster(26).finding("TL208");
    assert_eq!(finding.severity, Severity::Warn);
    assert_eq!(finding.address.unwrap().to_string(), "aws_ecs_cluster.all");
    assert!(finding.message.starts_with("26 instances that stay depend on the"), "{}", finding.message);
}

#[test]
fn a_radius_within_the_limit_is_silent() {
    assert!(cluster(25).is_silent("TL208"));
    let mut stack = cluster(3);
    stack.thresholds.blast_radius = 2;
    assert!(!stack.is_silent("TL208"));
}

#[test]
fn instances_of_other_modules_do_not_depend() {
    let module = |stack: Stack, key: usize| {
        stack.stays(&format!("module.t[{key}].aws_ecs_service.s"), json!({"id": "s"}))
    };
    let stack = (0..30).fold(Stack::new(), module).replaces(
        "module.t[3].aws_ecs_cluster.all",
        "name",
        json!({"id": "1", "name": "a"}),
        json!({"name": "b"}),
    );
    let stack = stack.configuration(json!({"module_calls": {"t": {"module": {"resources": [
        {"mode": "managed", "type": "aws_ecs_cluster", "name": "all"},
        {"mode": "managed", "type": "aws_ecs_service", "name": "s", "expressions":
            {"cluster": {"references": ["aws_ecs_cluster.all.id"]}}}]}}}}));
    assert!(stack.is_silent("TL208"));
}

#[test]
fn what_goes_itself_is_not_counted() {
    let stack = (0..30).fold(cluster(0), |stack, at| {
        stack.deletes(&format!("aws_ecs_service.s[{at}]"), "delete_because_count_index", json!({"id": "s"}))
    });
    assert!(stack.is_silent("TL208"));
}

fn replaced(address: &str, actions: [&str; 2]) -> Stack {
    let change = json!({"actions": actions, "before": {"id": "1", "name": "a"}, "after": {"name": "b"}, "replace_paths": [["name"]]});
    Stack::new().change(address, change).with("action_reason", "replace_because_cannot_update".into())
}

#[test]
fn traffic_that_goes_first_is_refused_and_the_block_is_named() {
    let stack = replaced("aws_lb.web", ["delete", "create"])
        .sources("\nresource \"aws_lb\" \"web\" {\n  lifecycle {\n  }\n}\n");
    let finding = stack.finding("TL209");
    assert_eq!(finding.severity, Severity::Deny);
    assert!(finding.help.unwrap().contains("`create_before_destroy = true` to the block at main.tf:3"));
}

#[test]
fn compute_that_goes_first_is_a_warning() {
    assert_eq!(
        replaced("aws_lambda_function.f", ["delete", "create"]).finding("TL209").severity,
        Severity::Warn
    );
    let mut stack = replaced("aws_instance.web", ["delete", "create"]);
    assert!(stack.is_silent("TL209"), "TL202 refuses a pet");
    stack.machines = Some(Machines::Cattle);
    assert_eq!(stack.finding("TL209").severity, Severity::Warn);
}

#[test]
fn a_successor_that_comes_first_or_what_holds_nothing_is_silent() {
    assert!(replaced("aws_lb.web", ["create", "delete"]).is_silent("TL209"));
    assert!(replaced("aws_cloudwatch_metric_alarm.a", ["delete", "create"]).is_silent("TL209"));
    assert!(replaced("aws_db_instance.a", ["delete", "create"]).is_silent("TL209"));
}

#[test]
fn traffic_that_goes_for_good_is_a_warning_told_once() {
    let stack = Stack::new()
        .deletes("aws_lb.web", "delete_because_no_resource_config", json!({"id": "1"}))
        .deletes("aws_route53_record.www", "delete_because_each_key", json!({"id": "2"}))
        .deletes("aws_cloudwatch_metric_alarm.a", "delete_because_no_resource_config", json!({"id": "3"}));
    let finding = stack.finding("TL209");
    assert_eq!((finding.severity, finding.related.len()), (Severity::Warn, 1));
    assert_eq!(
        finding.message,
        "apply takes the load balancer and 1 other instance away, and nothing in the plan takes their traffic"
    );
    assert!(stack.denies().is_empty());
    let gateway =
        Stack::new().deletes("aws_nat_gateway.a", "delete_because_no_resource_config", json!({"id": "1"}));
    assert!(gateway.finding("TL209").message.ends_with("nothing in the plan takes its traffic"));
}

#[test]
fn traffic_that_has_a_successor_or_is_told_elsewhere_is_silent() {
    let gone = "delete_because_no_resource_config";
    let lb = |address: &str, reason: &str| Stack::new().deletes(address, reason, json!({"id": "1"}));
    assert!(lb("aws_lb.web", gone).creates("aws_lb.new", json!({"name": "n"})).is_silent("TL209"));
    assert!(lb("aws_lb.web", "").is_silent("TL209"), "a destroy plan");
    let module = lb("module.web.aws_lb.web", gone).configuration(json!({}));
    assert!(module.is_silent("TL209"));
    assert_eq!(module.denies(), ["TL206"]);
    assert_eq!(module.policy("[rules]\nTL206 = \"allow\"\n").findings("TL209").len(), 1);
}

fn database(before: Value, after: Value) -> Stack {
    Stack::new().updates("aws_db_instance.orders", before, after)
}

#[test]
fn what_is_taken_away_in_place_is_listed() {
    let before = json!({"id": "1", "allocated_storage": 100, "backup_retention_period": 14, "deletion_protection": true});
    let after = json!({"id": "1", "allocated_storage": 50, "backup_retention_period": 0, "deletion_protection": false});
    let finding = database(before, after).finding("TL210");
    assert_eq!(finding.severity, Severity::Warn);
    assert_eq!(
        finding.message,
        "apply takes from the database: `allocated_storage` goes from 100 to 50, `backup_retention_period` goes from 14 to 0, \
         `deletion_protection` goes off"
    );
}

#[test]
fn a_disk_that_is_taken_away_in_place_is_told() {
    let disk = |interface: &str, size: u32| json!({"interface": interface, "size": size});
    let machine = |disks: Value| json!({"id": "1", "name": "v", "disk": disks});
    let both = machine(json!([disk("scsi0", 100), disk("scsi1", 500)]));
    for left in [disk("scsi0", 100), disk("scsi1", 500)] {
        let less = machine(json!([left]));
        let stack = Stack::new().updates("proxmox_virtual_environment_vm.v", both.clone(), less.clone());
        let message = stack.finding("TL210").message;
        assert!(message.contains("a disk goes (`disk"), "{message}");
        assert!(
            Stack::new().updates("proxmox_virtual_environment_vm.v", less, both.clone()).is_silent("TL210")
        );
    }
}

#[test]
fn contents_that_expire_from_now_on_are_told() {
    let set = |days: Value| json!({"id": "1", "dataset_id": "o", "default_table_expiration_ms": days});
    let stack = Stack::new().updates("google_bigquery_dataset.o", set(json!(null)), set(json!(3_600_000)));
    assert!(stack.finding("TL210").message.contains("`default_table_expiration_ms` makes contents expire"));
    let bucket = |rules: Value| json!({"id": "1", "name": "o", "lifecycle_rule": rules});
    let rule = json!([{"action": [{"type": "Delete"}], "condition": [{"age": 1}]}]);
    let stack = Stack::new().updates("google_storage_bucket.o", bucket(json!([])), bucket(rule));
    assert!(stack.finding("TL210").message.contains("`lifecycle_rule"));
}

#[test]
fn growth_and_other_edits_are_silent() {
    let before = json!({"id": "1", "allocated_storage": 100, "deletion_protection": false, "port": 5432, "tags": {"size": "9"}});
    let after = json!({"id": "1", "allocated_storage": 200, "deletion_protection": true, "port": 5000, "tags": {"size": "1"}});
    assert!(database(before, after).is_silent("TL210"));
}

#[test]
fn what_holds_nothing_may_shrink() {
    let stack = Stack::new().updates(
        "aws_lambda_function.f",
        json!({"id": "1", "memory": 512}),
        json!({"id": "1", "memory": 128}),
    );
    assert!(stack.is_silent("TL210"));
}

#[test]
fn a_sensitive_size_is_not_told() {
    let stack =
        database(json!({"id": "1", "allocated_storage": 100}), json!({"id": "1", "allocated_storage": 50}))
            .changing("before_sensitive", json!({"allocated_storage": true}));
    assert!(stack.finding("TL210").message.ends_with("`allocated_storage` goes down"));
}

#[test]
fn more_creates_than_allowed_are_a_warning() {
    let mut stack = (0..3).fold(Stack::new(), |stack, at| {
        stack.creates(&format!("aws_sqs_queue.q[{at}]"), json!({"name": "q"}))
    });
    assert!(stack.is_silent("TL211"), "without a limit");
    stack.thresholds.max_creates = Some(3);
    assert!(stack.is_silent("TL211"));
    stack.thresholds.max_creates = Some(2);
    let finding = stack.finding("TL211");
    assert_eq!(
        (finding.severity, finding.message.as_str()),
        (Severity::Warn, "the plan creates 3 instances; 2 are allowed")
    );
}
