//! Reading modules, override files, lifecycle and variables files.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;

use tidelock_parse::{
    ConfigAddr, Value,
    config::{
        Configuration, Dialect, Evaluated, IgnoreChanges, MAX_FILE_BYTES, MemoryTree, Repetition,
        ResourceBlock, Setting,
    },
};

fn load<const N: usize>(files: [(&str, &str); N]) -> Configuration {
    Configuration::load(&MemoryTree::from(files), &BTreeMap::new())
}

fn addr(text: &str) -> ConfigAddr {
    text.parse().unwrap()
}

fn block<'c>(config: &'c Configuration, text: &str) -> &'c ResourceBlock {
    config.resource(&addr(text)).unwrap_or_else(|| panic!("{text} {:?}", config.diagnostics()))
}

/// The value as JSON, or what is said instead.
fn value(config: &Configuration, instance: &str, path: &str) -> String {
    match config.setting(&instance.parse().unwrap(), &path.parse().unwrap()) {
        Setting::Set { value: Evaluated::Known(value), .. } => serde_json::to_string(&value).unwrap(),
        other => format!("{other:?}"),
    }
}

fn codes(config: &Configuration) -> Vec<String> {
    use miette::Diagnostic;
    config.diagnostics().iter().filter_map(|problem| Some(problem.code()?.to_string())).collect()
}

/// Entries of `ignore_changes` with their lines.
fn ignored(config: &Configuration, text: &str) -> Vec<(String, u32)> {
    match &block(config, text).lifecycle.ignore_changes {
        IgnoreChanges::All { location } => vec![("all".to_owned(), location.line)],
        IgnoreChanges::Entries(entries) => {
            entries.iter().map(|entry| (entry.path.to_string(), entry.location.line)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn lifecycle_is_read_with_the_line_of_each_entry() {
    let config = load([(
        "main.tf",
        r#"
resource "a_b" "c" {
  count    = 2
  provider = a.west
  lifecycle {
    prevent_destroy       = true
    create_before_destroy = false
    ignore_changes = [
      tags["env"],
      disk[0].size,
      obj.a, "quoted",
    ]
    replace_triggered_by = [null_resource.x, null_resource.y.id]
  }
  depends_on = [module.net]
}
"#,
    )]);
    let block = block(&config, "a_b.c");
    assert_eq!(
        ignored(&config, "a_b.c"),
        [
            (r#"tags["env"]"#.to_owned(), 9),
            ("disk[0].size".to_owned(), 10),
            ("obj.a".to_owned(), 11),
            ("quoted".to_owned(), 11)
        ]
    );
    assert_eq!(block.lifecycle.prevent_destroy.as_ref().unwrap().value, Some(true));
    assert_eq!(block.lifecycle.prevent_destroy.as_ref().unwrap().location.line, 6);
    assert_eq!(block.lifecycle.create_before_destroy.as_ref().unwrap().value, Some(false));
    assert!(block.lifecycle.destroy.is_none());
    let triggers: Vec<_> = block.lifecycle.replace_triggered_by.iter().map(|entry| &*entry.text).collect();
    assert_eq!(triggers, ["null_resource.x", "null_resource.y.id"]);
    assert_eq!(block.depends_on.first().unwrap().text, "module.net");
    assert_eq!(block.repetition, Repetition::Count);
    assert_eq!(block.provider.as_deref(), Some("a.west"));
    assert_eq!((block.location.file.as_str(), block.location.line), ("main.tf", 2));
}

#[test]
fn json_lifecycles_are_objects_or_lists_and_quote_their_entries() {
    let lifecycle = r#"{"ignore_changes": ["name", "tags[\"a\"]"], "prevent_destroy": true}"#;
    for spelled in [lifecycle.to_owned(), format!("[{lifecycle}]")] {
        let json = format!(
            "{{\"resource\": {{\"a_b\": {{\n  \"c\": {{\n    \"lifecycle\": {spelled},\n    \"depends_on\": [\"a_b.d\"]}}}}}}}}"
        );
        let config = load([("main.tf.json", &json)]);
        assert!(config.diagnostics().is_empty(), "{:?}", config.diagnostics());
        assert_eq!(ignored(&config, "a_b.c"), [("name".to_owned(), 3), (r#"tags["a"]"#.to_owned(), 3)]);
        let block = block(&config, "a_b.c");
        assert!(block.lifecycle.prevent_destroy.as_ref().unwrap().is_on());
        assert_eq!(block.depends_on.first().unwrap().text, "a_b.d");
    }
    let all = r#"{"resource": [{"a_b": [{"c": [{"lifecycle": {"ignore_changes": "all"}}]}]}]}"#;
    assert_eq!(ignored(&load([("main.tf.json", all)]), "a_b.c"), [("all".to_owned(), 1)]);
}

#[test]
fn ignore_changes_all_is_a_keyword() {
    let config = load([("main.tf", "resource \"a_b\" \"c\" {\n lifecycle {\n  ignore_changes = all\n }\n}")]);
    assert_eq!(ignored(&config, "a_b.c"), [("all".to_owned(), 3)]);
}

#[test]
fn an_empty_ignore_changes_ignores_nothing() {
    let config = load([("main.tf", "resource \"a_b\" \"c\" {\n lifecycle {\n  ignore_changes = []\n }\n}")]);
    assert!(ignored(&config, "a_b.c").is_empty());
}

#[test]
fn a_flag_that_is_an_expression_is_evaluated() {
    let config = load([(
        "main.tf",
        "variable \"keep\" {\n default = true\n}\nresource \"a_b\" \"c\" {\n lifecycle {\n  prevent_destroy = var.keep\n }\n}",
    )]);
    let flag = block(&config, "a_b.c").lifecycle.prevent_destroy.as_ref().unwrap();
    assert_eq!(flag.value, None);
    assert_eq!(config.flag(&"".parse().unwrap(), flag), Some(true));
}

const BASE: &str = r#"
resource "a_b" "c" {
  kept     = 1
  replaced = 1
  rule {
    n = 1
  }
  rule {
    n = 2
  }
  dynamic "spread" {
    for_each = [1]
    content {
      n = spread.value
    }
  }
  count = 1
  lifecycle {
    prevent_destroy      = true
    ignore_changes       = [kept]
    replace_triggered_by = [x_y.z]
  }
}
"#;

fn overridden(body: &str) -> Configuration {
    let config =
        load([("main.tf", BASE), ("x_override.tf", &format!("resource \"a_b\" \"c\" {{\n{body}\n}}"))]);
    assert!(config.diagnostics().is_empty(), "{:?}", config.diagnostics());
    config
}

#[test]
fn overriding_arguments_win_by_name() {
    let config = overridden("replaced = 2");
    assert_eq!(value(&config, "a_b.c[0]", "kept"), "1");
    assert_eq!(value(&config, "a_b.c[0]", "replaced"), "2");
    let Setting::Set { location, .. } =
        config.setting(&"a_b.c[0]".parse().unwrap(), &"replaced".parse().unwrap())
    else {
        panic!()
    };
    assert_eq!((location.file.as_str(), location.line), ("x_override.tf", 2));
}

#[test]
fn overriding_blocks_replace_all_blocks_of_their_type() {
    let config = overridden("rule {\n n = 9\n}\nspread {\n n = 8\n}");
    assert_eq!(value(&config, "a_b.c[0]", "rule"), r#"[{"n":9}]"#);
    assert_eq!(value(&config, "a_b.c[0]", "spread"), r#"[{"n":8}]"#);
}

#[test]
fn a_dynamic_block_in_an_override_replaces_blocks_of_its_label() {
    let config = overridden("dynamic \"rule\" {\n for_each = [7]\n content {\n  n = rule.value\n }\n}");
    assert_eq!(value(&config, "a_b.c[0]", "rule"), r#"[{"n":7}]"#);
}

#[test]
fn overriding_for_each_replaces_count() {
    let config = overridden("for_each = toset([\"x\"])");
    assert_eq!(block(&config, "a_b.c").repetition, Repetition::ForEach);
}

#[test]
fn overriding_prevent_destroy_wins_even_as_false() {
    let config = overridden("lifecycle {\n prevent_destroy = false\n}");
    assert_eq!(block(&config, "a_b.c").lifecycle.prevent_destroy.as_ref().unwrap().value, Some(false));
    assert_eq!(ignored(&config, "a_b.c").len(), 1, "the rest of the block is kept");
}

#[test]
fn an_overriding_list_replaces_ignore_changes_without_a_union() {
    let config = overridden("lifecycle {\n ignore_changes = [replaced]\n}");
    assert_eq!(ignored(&config, "a_b.c"), [("replaced".to_owned(), 3)]);
    let config = overridden("lifecycle {\n ignore_changes = []\n}");
    assert_eq!(ignored(&config, "a_b.c"), [("kept".to_owned(), 20)], "an empty list overrides nothing");
}

#[test]
fn ignore_changes_all_sticks_in_base_or_override() {
    let config = overridden("lifecycle {\n ignore_changes = all\n}");
    assert_eq!(ignored(&config, "a_b.c"), [("all".to_owned(), 3)]);
    let base = "resource \"a_b\" \"c\" {\n lifecycle {\n  ignore_changes = all\n }\n}";
    let over = "resource \"a_b\" \"c\" {\n lifecycle {\n  ignore_changes = [x]\n }\n}";
    let config = load([("main.tf", base), ("override.tf", over)]);
    assert_eq!(ignored(&config, "a_b.c"), [("all".to_owned(), 3)]);
}

#[test]
fn replace_triggered_by_in_an_override_is_dropped() {
    let config = overridden("lifecycle {\n replace_triggered_by = [x_y.other]\n}");
    let triggers = &block(&config, "a_b.c").lifecycle.replace_triggered_by;
    assert_eq!(triggers.iter().map(|entry| &*entry.text).collect::<Vec<_>>(), ["x_y.z"]);
}

#[test]
fn depends_on_and_enabled_in_an_override_change_nothing() {
    let config = overridden("depends_on = [x_y.other]\nlifecycle {\n enabled = false\n}");
    assert!(block(&config, "a_b.c").depends_on.is_empty());
    assert!(block(&config, "a_b.c").lifecycle.enabled.is_none());
}

#[test]
fn later_override_files_win_over_earlier_ones() {
    let over = |n: u32| format!("resource \"a_b\" \"c\" {{\n replaced = {n}\n}}\nlocals {{\n x = {n}\n}}");
    let config = load([
        ("main.tf", &format!("{BASE}\nlocals {{\n x = 0\n}}\nresource \"a_b\" \"l\" {{\n x = local.x\n}}")),
        ("b_override.tf", &over(2)),
        ("a_override.tf", &over(1)),
    ]);
    assert_eq!(value(&config, "a_b.c[0]", "replaced"), "2");
    assert_eq!(value(&config, "a_b.l", "x"), "2");
}

#[test]
fn variables_outputs_and_calls_are_overridden_by_argument() {
    let config = load([
        (
            "main.tf",
            "variable \"v\" {\n type = string\n default = \"base\"\n}\nmodule \"m\" {\n source = \"./m\"\n n = 1\n}\nresource \"a_b\" \"c\" {\n v = var.v\n o = module.m.o\n}",
        ),
        ("override.tf", "variable \"v\" {\n default = 5\n}\nmodule \"m\" {\n n = 2\n}"),
        ("m/main.tf", "variable \"n\" {}\noutput \"o\" {\n value = var.n\n}"),
    ]);
    assert_eq!(value(&config, "a_b.c", "v"), "\"5\"");
    assert_eq!(value(&config, "a_b.c", "o"), "2");
}

#[test]
fn an_override_without_a_base_and_a_second_declaration_are_reported() {
    let one = "resource \"a_b\" \"c\" {\n x = 1\n}";
    let config = load([
        ("a.tf", one),
        ("b.tf", "resource \"a_b\" \"c\" {\n x = 2\n}"),
        ("z_override.tf", "resource \"a_b\" \"d\" {\n}"),
    ]);
    assert_eq!(codes(&config), ["tidelock::config::duplicate", "tidelock::config::override_base"]);
    assert_eq!(value(&config, "a_b.c", "x"), "1");
}

#[test]
fn a_broken_file_costs_itself_only_and_is_underlined() {
    use miette::Diagnostic;
    let config = load([
        ("good.tf", "resource \"a_b\" \"c\" {\n x = 1\n}"),
        ("bad.tf", "resource \"a_b\" \"d\" {\n x = = 1\n}\n"),
    ]);
    assert_eq!(value(&config, "a_b.c", "x"), "1");
    assert_eq!(codes(&config), ["tidelock::config::syntax"]);
    let problem = config.diagnostics().first().unwrap();
    let label = problem.labels().unwrap().next().unwrap();
    let source = problem.source_code().unwrap();
    let contents = source.read_span(label.inner(), 0, 0).unwrap();
    assert_eq!((contents.name(), contents.line() + 1), (Some("bad.tf"), 2));
    // What the broken file may declare cannot be told to be missing.
    assert!(value(&config, "a_b.d", "x").contains("BrokenFile"), "{}", value(&config, "a_b.d", "x"));
}

#[test]
fn a_broken_override_file_leaves_nothing_certain() {
    let config = load([("main.tf", BASE), ("override.tf", "resource {")]);
    assert!(value(&config, "a_b.c[0]", "kept").contains("BrokenFile"));
}

#[test]
fn broken_json_is_underlined_too() {
    use miette::Diagnostic;
    let config = load([("main.tf.json", "{\n  \"resource\": {\n    \"a_b\": 5\n  }\n}")]);
    assert_eq!(codes(&config), ["tidelock::config::syntax"]);
    let problem = config.diagnostics().first().unwrap();
    let label = problem.labels().unwrap().next().unwrap();
    let contents = problem.source_code().unwrap().read_span(label.inner(), 0, 0).unwrap().line();
    assert_eq!(contents + 1, 3);
    assert_eq!(codes(&load([("main.tf.json", "{\"a\":")])), ["tidelock::config::syntax"]);
}

#[test]
fn variables_files_are_never_quoted() {
    use miette::Diagnostic;
    let config = load([("main.tf", ""), ("terraform.tfvars", "password = = \"hunter2\"\n")]);
    assert_eq!(codes(&config), ["tidelock::config::variables"]);
    let problem = config.diagnostics().first().unwrap();
    assert!(problem.source_code().is_none());
    assert!(!format!("{problem} {problem:?}").contains("hunter2"));
}

#[test]
fn a_byte_order_mark_shifts_nothing_that_is_said() {
    let text = "\u{feff}resource \"a_b\" \"c\" {\n  x = 1\n}\n";
    let config = load([("main.tf", text)]);
    let origin = config.origin(&"a_b.c".parse().unwrap(), &"x".parse().unwrap()).unwrap();
    assert_eq!(text.get(origin.span.start..origin.span.end), Some("1"));
    assert_eq!((origin.location.line, origin.location.column), (2, Some(7)));
    assert_eq!(block(&config, "a_b.c").location.column, Some(1));
    let broken = load([("main.tf", "\u{feff}resource {")]);
    assert_eq!(codes(&broken), ["tidelock::config::syntax"]);
}

#[test]
fn text_that_is_not_utf8_and_files_that_are_too_large_are_left_out() {
    let mut tree = MemoryTree::from([("good.tf", "resource \"a_b\" \"c\" {\n x = 1\n}")]);
    tree.insert("bad.tf", vec![0xff, 0xfe, 0x00]);
    tree.insert("big.tf", vec![b'#'; MAX_FILE_BYTES + 1]);
    let config = Configuration::load(&tree, &BTreeMap::new());
    assert_eq!(codes(&config), ["tidelock::config::encoding", "tidelock::config::size"]);
    assert_eq!(value(&config, "a_b.c", "x"), "1");
}

#[test]
fn terraform_ignores_tofu_files() {
    let tree = MemoryTree::from([
        ("main.tf", "resource \"a_b\" \"c\" {\n x = 1\n}"),
        ("main.tofu", "resource \"a_b\" \"c\" {\n x = 2\n}"),
    ]);
    let load = |dialect| Configuration::load_as(&tree, &BTreeMap::new(), dialect);
    assert_eq!(value(&load(Dialect::OpenTofu), "a_b.c", "x"), "2");
    assert_eq!(value(&load(Dialect::Terraform), "a_b.c", "x"), "1");
}

#[test]
fn modules_are_found_by_local_path_and_by_manifest() {
    let config = load([
        (
            "main.tf",
            "module \"near\" {\n source = \"./mods/near\"\n}\nmodule \"far\" {\n source = \"acme/far/aws\"\n}",
        ),
        ("mods/near/main.tf", "module \"deep\" {\n source = \"../deep\"\n}"),
        ("mods/deep/main.tf", "resource \"a_b\" \"c\" {}"),
        (
            ".terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"far","Source":"acme/far/aws","Dir":".terraform/modules/far"}]}"#,
        ),
        (".terraform/modules/far/main.tf", "resource \"a_b\" \"c\" {}"),
    ]);
    assert!(config.diagnostics().is_empty(), "{:?}", config.diagnostics());
    let all: Vec<String> = config.resources().map(|(addr, _)| addr.to_string()).collect();
    assert_eq!(all, ["module.far.a_b.c", "module.near.module.deep.a_b.c"]);
    assert_eq!(block(&config, "module.near.module.deep.a_b.c").location.file, "mods/deep/main.tf");
    assert_eq!(config.module_call(&addr("module.far.a_b.c").module).unwrap().line, 4);
}

#[test]
fn missing_modules_and_modules_that_call_themselves_are_reported() {
    let config = load([
        (
            "main.tf",
            "module \"gone\" {\n source = \"acme/gone/aws\"\n}\nmodule \"self\" {\n source = \"./m\"\n}",
        ),
        (
            "m/main.tf",
            "module \"again\" {\n source = \"../m\"\n}\nmodule \"root\" {\n source = \"../\"\n}\nresource \"a_b\" \"c\" {}",
        ),
    ]);
    assert_eq!(
        codes(&config),
        ["tidelock::config::module", "tidelock::config::module_cycle", "tidelock::config::module_cycle"]
    );
    assert!(config.resource(&addr("module.self.a_b.c")).is_some());
    assert!(value(&config, "module.gone.a_b.c", "x").contains("NoModule"));
}

#[test]
fn variables_files_apply_in_order_and_the_plan_wins_over_all() {
    let tree = MemoryTree::from([
        (
            "main.tf",
            "variable \"v\" {\n type = string\n default = \"d\"\n}\nresource \"a_b\" \"c\" {\n v = var.v\n}",
        ),
        ("terraform.tfvars", "v = \"1\""),
        ("terraform.tfvars.json", r#"{"v": "2"}"#),
        ("a.auto.tfvars", "v = \"3\""),
        ("b.auto.tfvars.json", r#"{"v": "${4}"}"#),
        ("prod.tfvars", "v = \"5\""),
    ]);
    let config = Configuration::load(&tree, &BTreeMap::new());
    assert_eq!(value(&config, "a_b.c", "v"), "\"${4}\"", "no templates in JSON variables");
    let given = BTreeMap::from([("v".to_owned(), Value::String("plan".into()))]);
    assert_eq!(value(&Configuration::load(&tree, &given), "a_b.c", "v"), "\"plan\"");
}

#[test]
fn an_escape_block_holds_arguments_named_like_meta_arguments() {
    let config = load([("main.tf", "resource \"a_b\" \"c\" {\n count = 2\n _ {\n  count = 7\n }\n}")]);
    assert_eq!(value(&config, "a_b.c[0]", "count"), "7");
}
