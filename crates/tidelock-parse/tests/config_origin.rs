//! *Accept*: the one literal that sets a path of an instance, or the reason why there is none.
//!
//! Every accepted edit is applied to the files, which are then read again: the path has the new value, and no other
//! path of any instance has changed.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;

use tidelock_parse::{
    ResourceAddr, Value,
    config::{Configuration, Evaluated, MemoryTree, NoOrigin, Setting, SourceTree, VariableFiles},
};

type Files<'f> = [(&'f str, &'f str)];

fn tree(files: &Files<'_>) -> MemoryTree {
    files.iter().copied().collect()
}

fn load(files: &Files<'_>) -> Configuration {
    let config = Configuration::load(&tree(files), &BTreeMap::new());
    assert!(config.diagnostics().is_empty(), "{:?}", config.diagnostics());
    config
}

fn v(json: &str) -> Value {
    Value::decode(json).unwrap()
}

fn setting(config: &Configuration, addr: &str, path: &str) -> Setting {
    config.setting(&addr.parse().unwrap(), &path.parse().unwrap())
}

/// Accepts `new` for a path, applies the edit, and checks that only this path changed. `others` are all other
/// paths that the configuration sets, of all instances. Returns `file:line text`.
fn accept(files: &Files<'_>, (addr, path): (&str, &str), new: &str, others: &[(&str, &str)]) -> String {
    let before = load(files);
    let origin = before.origin(&addr.parse().unwrap(), &path.parse().unwrap()).unwrap();
    let new = v(new);
    let text = origin.accept_hcl(&new).unwrap();
    let edited: Vec<(&str, String)> = files
        .iter()
        .map(|(name, source)| {
            let mut source = (*source).to_owned();
            if *name == origin.location.file {
                assert_eq!(source.get(origin.span.start..origin.span.end), Some(origin.old_text.as_str()));
                source.replace_range(origin.span.start..origin.span.end, &text);
            }
            (*name, source)
        })
        .collect();
    let edited: Vec<(&str, &str)> = edited.iter().map(|(name, source)| (*name, source.as_str())).collect();
    let after = load(&edited);
    let Setting::Set { value: Evaluated::Known(value), .. } = setting(&after, addr, path) else {
        panic!("{addr} {path}: {:?}", setting(&after, addr, path))
    };
    assert!(value == new || format!("{value:?}") == format!("{:?}", as_text(&new)), "{value:?} {new:?}");
    for (addr, path) in others {
        let value = |config: &Configuration| match setting(config, addr, path) {
            Setting::Set { value, .. } => value,
            other => panic!("{addr} {path}: {other:?}"),
        };
        assert_eq!(value(&before), value(&after), "{addr} {path}");
    }
    format!("{}:{} {}", origin.location.file, origin.location.line, origin.accept_line(&new).unwrap())
}

fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.as_str().into()),
        other => other.clone(),
    }
}

fn refused(files: &Files<'_>, addr: &str, path: &str) -> NoOrigin {
    load(files).origin(&addr.parse().unwrap(), &path.parse().unwrap()).unwrap_err()
}

#[test]
fn a_literal_in_a_block_is_its_own_origin() {
    let files = [(
        "main.tf",
        "resource \"pond_vm\" \"a\" {\n  name = \"x\"\n  memory {\n    dedicated = 8192\n  }\n}\n",
    )];
    let at = accept(&files, ("pond_vm.a", "memory[0].dedicated"), "10240", &[("pond_vm.a", "name")]);
    assert_eq!(at, "main.tf:4 dedicated = 10240");
    let at = accept(&files, ("pond_vm.a", "name"), r#""y ${z}\n""#, &[]);
    assert_eq!(at, r#"main.tf:2 name = "y $${z}\n""#);
}

#[test]
fn lists_and_maps_are_replaced_as_a_whole_or_by_member() {
    let files = [(
        "main.tf",
        "resource \"pond_vm\" \"a\" {\n  tags = { env = \"prod\", \"a.b\" = \"x\" }\n  keys = [\"a\", \"b\"]\n}\n",
    )];
    let one = ("pond_vm.a", r#"tags["env"]"#);
    assert_eq!(accept(&files, one, "\"dev\"", &[("pond_vm.a", r#"tags["a.b"]"#)]), "main.tf:2 env = \"dev\"");
    assert_eq!(accept(&files, ("pond_vm.a", r#"tags["a.b"]"#), "\"y\"", &[one]), "main.tf:2 \"a.b\" = \"y\"");
    assert_eq!(
        accept(&files, ("pond_vm.a", "keys"), r#"["a","c"]"#, &[one]),
        r#"main.tf:3 keys = ["a", "c"]"#
    );
    assert_eq!(
        accept(&files, ("pond_vm.a", "keys[1]"), r#""c""#, &[("pond_vm.a", "keys[0]")]),
        "main.tf:3 \"c\""
    );
    assert_eq!(
        accept(&files, ("pond_vm.a", "tags"), r#"{"env":"dev","for":"x","a b":true}"#, &[]),
        r#"main.tf:2 tags = { "a b" = true, env = "dev", "for" = "x" }"#
    );
}

#[test]
fn a_text_keeps_its_quotes_for_a_number() {
    let files = [("main.tf", "resource \"pond_vm\" \"a\" {\n  size = tonumber(\"8\")\n}\n")];
    assert_eq!(accept(&files, ("pond_vm.a", "size"), "16", &[]), "main.tf:2 size = \"16\"");
}

const VM: &str = "variable \"name\" {}\nvariable \"memory\" {\n  type    = number\n  default = 1024\n}\nresource \"pond_vm\" \"vm\" {\n  name = var.name\n  memory {\n    dedicated = var.memory\n  }\n}\n";

#[test]
fn a_module_argument_is_followed_to_the_call() {
    let files = [
        (
            "main.tf",
            "module \"a\" {\n  source = \"./vm\"\n  name   = \"a\"\n  memory = 2048\n}\nmodule \"b\" {\n  source = \"./vm\"\n  name   = \"b\"\n  memory = 2048\n}\n",
        ),
        ("vm/main.tf", VM),
    ];
    let b = ("module.b.pond_vm.vm", "memory[0].dedicated");
    let at = accept(&files, ("module.a.pond_vm.vm", "memory[0].dedicated"), "4096", &[b]);
    assert_eq!(at, "main.tf:4 memory = 4096");
}

#[test]
fn a_default_that_two_calls_use_is_shared() {
    let files = [
        (
            "main.tf",
            "module \"a\" {\n  source = \"./vm\"\n  name   = \"a\"\n}\nmodule \"b\" {\n  source = \"./vm\"\n  name   = \"b\"\n}\n",
        ),
        ("vm/main.tf", VM),
    ];
    let shared = refused(&files, "module.a.pond_vm.vm", "memory[0].dedicated");
    assert_eq!(shared, NoOrigin::SharedBy { instances: 1 });
}

#[test]
fn a_default_that_one_call_uses_is_an_origin() {
    let files =
        [("main.tf", "module \"a\" {\n  source = \"./vm\"\n  name   = \"a\"\n}\n"), ("vm/main.tf", VM)];
    let at = accept(&files, ("module.a.pond_vm.vm", "memory[0].dedicated"), "4096", &[]);
    assert_eq!(at, "vm/main.tf:4 default = 4096");
}

const FLEET: [(&str, &str); 3] = [
    (
        "main.tf",
        "variable \"vms\" {\n  type = map(object({ memory = number, tags = optional(map(string), {}) }))\n}\nmodule \"vm\" {\n  source   = \"./vm\"\n  for_each = var.vms\n  name     = each.key\n  memory   = each.value.memory\n}\n",
    ),
    ("vm/main.tf", VM),
    ("prod.auto.tfvars", "vms = {\n  web = { memory = 2048 }\n  \"d.b\" = {\n    memory = 4096\n  }\n}\n"),
];

#[test]
fn a_for_each_entry_in_tfvars_is_the_origin_of_its_instance() {
    let db = (r#"module.vm["d.b"].pond_vm.vm"#, "memory[0].dedicated");
    let at = accept(&FLEET, (r#"module.vm["web"].pond_vm.vm"#, "memory[0].dedicated"), "3072", &[db]);
    assert_eq!(at, "prod.auto.tfvars:2 memory = 3072");
    let web = (r#"module.vm["web"].pond_vm.vm"#, "memory[0].dedicated");
    assert_eq!(accept(&FLEET, db, "3072", &[web]), "prod.auto.tfvars:4 memory = 3072");
}

#[test]
fn the_key_of_an_instance_is_no_origin() {
    assert_eq!(refused(&FLEET, r#"module.vm["web"].pond_vm.vm"#, "name"), NoOrigin::Computed);
}

#[test]
fn an_instance_that_is_not_there_has_no_origin() {
    assert_eq!(refused(&FLEET, r#"module.vm["gone"].pond_vm.vm"#, "memory[0].dedicated"), NoOrigin::Unknown);
    let files = [("main.tf", "resource \"pond_vm\" \"a\" {\n  count = 1\n  size  = 1\n}\n")];
    assert_eq!(refused(&files, "pond_vm.a[3]", "size"), NoOrigin::Unknown);
    assert_eq!(refused(&files, "pond_vm.a", "size"), NoOrigin::Unknown);
}

#[test]
fn json_variables_are_edited_as_json() {
    let files = [
        FLEET[0],
        FLEET[1],
        (
            "terraform.tfvars.json",
            "{\"vms\": {\n  \"web\": {\"memory\": 2048},\n  \"db\": {\"memory\": 4096}}}",
        ),
    ];
    let db = (r#"module.vm["db"].pond_vm.vm"#, "memory[0].dedicated");
    let at = accept(&files, (r#"module.vm["web"].pond_vm.vm"#, "memory[0].dedicated"), "3072", &[db]);
    assert_eq!(at, "terraform.tfvars.json:2 \"memory\": 3072");
}

#[test]
fn json_configuration_is_edited_as_json() {
    let files = [(
        "main.tf.json",
        "{\"resource\": {\"pond_vm\": {\"a\": {\n  \"memory\": {\"dedicated\": 1},\n  \"name\": \"x\"}}}}",
    )];
    let name = ("pond_vm.a", "name");
    let at = accept(&files, ("pond_vm.a", "memory[0].dedicated"), "2", &[name]);
    assert_eq!(at, "main.tf.json:2 \"dedicated\": 2");
    assert_eq!(accept(&files, name, r#""${y}""#, &[]), r#"main.tf.json:3 "name": "$${y}""#);
}

#[test]
fn a_repeated_block_shares_its_literals() {
    let files = [("main.tf", "resource \"pond_vm\" \"a\" {\n  count = 3\n  size  = 1\n}\n")];
    assert_eq!(refused(&files, "pond_vm.a[1]", "size"), NoOrigin::SharedBy { instances: 2 });
    let one = [("main.tf", "resource \"pond_vm\" \"a\" {\n  count = 1\n  size  = 1\n}\n")];
    assert_eq!(accept(&one, ("pond_vm.a[0]", "size"), "2", &[]), "main.tf:3 size = 2");
}

#[test]
fn a_block_repeated_over_what_is_not_known_shares_with_nobody_knows_whom() {
    let files = [(
        "main.tf",
        "resource \"pond_vm\" \"a\" {\n  for_each = toset(data.x.y.names)\n  size     = 1\n}\n",
    )];
    assert_eq!(refused(&files, r#"pond_vm.a["k"]"#, "size"), NoOrigin::Unknown);
}

#[test]
fn a_local_that_others_use_is_shared() {
    let files = [(
        "main.tf",
        "locals {\n  size = 1\n}\nresource \"pond_vm\" \"a\" {\n  size = local.size\n}\nresource \"pond_vm\" \"b\" {\n  size = local.size * 2\n}\n",
    )];
    assert_eq!(refused(&files, "pond_vm.a", "size"), NoOrigin::SharedBy { instances: 1 });
    assert_eq!(refused(&files, "pond_vm.b", "size"), NoOrigin::Computed);
    let one =
        [("main.tf", "locals {\n  size = 1\n}\nresource \"pond_vm\" \"a\" {\n  size = local.size\n}\n")];
    assert_eq!(accept(&one, ("pond_vm.a", "size"), "2", &[]), "main.tf:2 size = 2");
}

#[test]
fn a_literal_that_sets_another_argument_of_the_instance_too_is_no_origin() {
    let files = [(
        "main.tf",
        "locals {\n  n = \"x\"\n}\nresource \"pond_vm\" \"a\" {\n  name = local.n\n  tags = { Name = local.n }\n}\n",
    )];
    let also = refused(&files, "pond_vm.a", "name");
    assert!(matches!(&also, NoOrigin::AlsoSets { path } if path.to_string() == "tags.Name"), "{also:?}");
}

#[test]
fn an_attribute_that_others_refer_to_is_no_origin() {
    let files = [(
        "main.tf",
        "resource \"pond_vm\" \"a\" {\n  name = \"x\"\n  size = 1\n}\nresource \"pond_dns\" \"d\" {\n  host = pond_vm.a.name\n  id   = pond_vm.a.id\n}\n",
    )];
    let referred = refused(&files, "pond_vm.a", "name");
    assert!(
        matches!(&referred, NoOrigin::ReferredTo { by } if by.to_string() == "pond_dns.d"),
        "{referred:?}"
    );
    assert_eq!(accept(&files, ("pond_vm.a", "size"), "2", &[]), "main.tf:3 size = 2");
}

#[test]
fn what_decides_about_instances_or_providers_is_no_origin() {
    let files = [(
        "main.tf",
        "variable \"n\" {\n  default = 2\n}\nresource \"pond_vm\" \"a\" {\n  size = var.n\n}\nresource \"pond_vm\" \"b\" {\n  count = var.n\n}\n",
    )];
    assert_eq!(refused(&files, "pond_vm.a", "size"), NoOrigin::Structural);
    let files = [(
        "main.tf",
        "variable \"n\" {\n  default = \"eu\"\n}\nprovider \"pond\" {\n  region = var.n\n}\nresource \"pond_vm\" \"a\" {\n  region = var.n\n}\n",
    )];
    assert_eq!(refused(&files, "pond_vm.a", "region"), NoOrigin::Structural);
    let files = [
        (
            "main.tf",
            "locals {\n  on = true\n}\nmodule \"m\" {\n  source = \"./m\"\n  count  = local.on ? 1 : 0\n}\nresource \"pond_vm\" \"a\" {\n  on = local.on\n}\n",
        ),
        ("m/main.tf", ""),
    ];
    assert_eq!(refused(&files, "pond_vm.a", "on"), NoOrigin::Structural);
}

#[test]
fn what_a_data_source_uses_is_no_origin() {
    let files = [(
        "main.tf",
        "locals {\n  n = \"x\"\n}\nresource \"pond_vm\" \"a\" {\n  name = local.n\n}\ndata \"pond_image\" \"i\" {\n  name = local.n\n}\n",
    )];
    let referred = refused(&files, "pond_vm.a", "name");
    assert!(matches!(&referred, NoOrigin::ReferredTo { by } if by.to_string() == "data.pond_image.i"));
}

#[test]
fn what_a_module_without_sources_gets_is_no_origin() {
    let files = [(
        "main.tf",
        "locals {\n  n = \"x\"\n}\nresource \"pond_vm\" \"a\" {\n  name = local.n\n}\nmodule \"gone\" {\n  source = \"acme/x/y\"\n  n      = local.n\n}\n",
    )];
    let config = Configuration::load(&tree(&files), &BTreeMap::new());
    let origin = config.origin(&"pond_vm.a".parse().unwrap(), &"name".parse().unwrap());
    assert_eq!(origin.unwrap_err(), NoOrigin::Unknown);
}

#[test]
fn computed_values_have_no_origin() {
    for expression in ["1 + 1", "\"a-${1}\"", "upper(\"a\")", "other.x.id", "[for x in [1] : x]", "-(1)"] {
        let source = format!("resource \"pond_vm\" \"a\" {{\n  x = {expression}\n}}\n");
        assert_eq!(refused(&[("main.tf", &source)], "pond_vm.a", "x"), NoOrigin::Computed, "{expression}");
    }
}

#[test]
fn what_is_not_set_has_no_origin() {
    let files = [("main.tf", "resource \"pond_vm\" \"a\" {\n  x = null\n  tags = { a = 1 }\n}\n")];
    for path in ["x", "y", r#"tags["b"]"#, "memory[0].dedicated"] {
        assert_eq!(refused(&files, "pond_vm.a", path), NoOrigin::NotSet, "{path}");
    }
}

#[test]
fn functions_that_hand_on_are_followed() {
    let cases = [
        ("tostring(5)", "\"6\"", "x = \"6\""),
        ("lookup({ a = 5, b = 6 }, \"a\", 7)", "8", "a = 8"),
        ("lookup({ b = 6 }, \"a\", 7)", "8", "8"),
        ("lookup({ \"1\" = 5 }, 1, 7)", "8", "\"1\" = 8"),
        ("try(null.x, 5)", "8", "8"),
        ("coalesce(null, 5)", "8", "8"),
        ("true ? 5 : 6", "8", "8"),
        ("merge({ a = 1 }, { a = 2 }).a", "8", "a = 8"),
        ("concat([1], [2, 3])[2]", "8", "8"),
        ("element([1, 2], 3)", "8", "8"),
        ("{ for k, v in { a = 1, b = 2 } : k => v }[\"b\"]", "8", "b = 8"),
        ("[for v in [1, 2] : v][0]", "8", "8"),
        ("[for v in [1, 2] : v if v > 1][0]", "8", "8"),
    ];
    for (expression, new, line) in cases {
        let source = format!("resource \"pond_vm\" \"a\" {{\n  x = {expression}\n}}\n");
        let files = [("main.tf", source.as_str())];
        let at = accept(&files, ("pond_vm.a", "x"), new, &[]);
        assert!(at.starts_with("main.tf:2 "), "{expression}: {at}");
        // A name only where all that stands behind it is written anew: the rest of a choice is not to be lost.
        let config = Configuration::load(&tree(&files), &BTreeMap::new());
        let origin = config.origin(&"pond_vm.a".parse().unwrap(), &"x".parse().unwrap()).unwrap();
        assert_eq!(origin.accept_line(&Value::decode(new).unwrap()).as_deref(), Some(line), "{expression}");
    }
}

#[test]
fn a_literal_that_also_decides_about_itself_is_computed_or_checked() {
    // 2 is let through by its own value: another one might not be.
    let files = [(
        "main.tf",
        "locals {\n  all = [1, 2]\n  big = [for v in local.all : v if v > 1]\n}\nresource \"pond_vm\" \"a\" {\n  x = local.big[0]\n}\nresource \"pond_vm\" \"b\" {\n  x = length(local.big)\n}\n",
    )];
    assert!(matches!(
        refused(&files, "pond_vm.a", "x"),
        NoOrigin::SharedBy { .. } | NoOrigin::Unknown | NoOrigin::Structural
    ));
}

#[test]
fn dynamic_blocks_are_followed_to_their_entries() {
    let files = [(
        "main.tf",
        "locals {\n  rules = [\n    { port = 22, cidr = \"10.0.0.0/8\" },\n    { port = 80, cidr = \"0.0.0.0/0\" },\n  ]\n}\nresource \"pond_fw\" \"f\" {\n  dynamic \"rule\" {\n    for_each = local.rules\n    content {\n      port = rule.value.port\n      cidr = rule.value.cidr\n    }\n  }\n}\n",
    )];
    let others =
        [("pond_fw.f", "rule[0].port"), ("pond_fw.f", "rule[0].cidr"), ("pond_fw.f", "rule[1].cidr")];
    assert_eq!(accept(&files, ("pond_fw.f", "rule[1].port"), "443", &others), "main.tf:4 port = 443");
}

#[test]
fn a_module_output_is_followed_into_the_module() {
    let files = [
        (
            "main.tf",
            "module \"defaults\" {\n  source = \"./d\"\n}\nresource \"pond_vm\" \"a\" {\n  size = module.defaults.sizes[\"small\"]\n}\n",
        ),
        ("d/main.tf", "output \"sizes\" {\n  value = { small = 1, large = 2 }\n}\n"),
    ];
    assert_eq!(accept(&files, ("pond_vm.a", "size"), "3", &[]), "d/main.tf:2 small = 3");
}

#[test]
fn entries_merged_over_defaults_are_told_apart() {
    let files = [(
        "main.tf",
        "locals {\n  defaults = { memory = 1, cores = 1 }\n  vms = {\n    a = { cores = 4 }\n    b = { memory = 2 }\n  }\n}\nresource \"pond_vm\" \"v\" {\n  for_each = { for k, v in local.vms : k => merge(local.defaults, v) }\n  memory   = each.value.memory\n  cores    = each.value.cores\n}\n",
    )];
    let all =
        [(r#"pond_vm.v["a"]"#, "memory"), (r#"pond_vm.v["b"]"#, "memory"), (r#"pond_vm.v["b"]"#, "cores")];
    assert_eq!(accept(&files, (r#"pond_vm.v["a"]"#, "cores"), "8", &all), "main.tf:4 cores = 8");
    // The default of one argument serves one instance only, as the other one has its own.
    assert_eq!(accept(&files, (r#"pond_vm.v["a"]"#, "memory"), "8", &all[1..]), "main.tf:2 memory = 8");
}

#[test]
fn a_variable_given_outside_the_files_is_no_origin() {
    let files =
        [("main.tf", "variable \"n\" {\n  default = 1\n}\nresource \"pond_vm\" \"a\" {\n  n = var.n\n}\n")];
    let origin = |given: &str| {
        let given = BTreeMap::from([("n".to_owned(), v(given))]);
        let config = Configuration::load(&tree(&files), &given);
        config.origin(&"pond_vm.a".parse().unwrap(), &"n".parse().unwrap())
    };
    assert_eq!(origin("1").unwrap().location.line, 2);
    assert_eq!(origin("2").unwrap_err(), NoOrigin::GivenOutside { variable: "n".into() });
}

#[test]
fn a_variable_that_a_named_variables_file_may_give_is_no_origin() {
    let files = [
        ("main.tf", "variable \"n\" {\n  default = 1\n}\nresource \"pond_vm\" \"a\" {\n  n = var.n\n}\n"),
        ("prod.tfvars", "n = 1\n"),
    ];
    assert_eq!(refused(&files, "pond_vm.a", "n"), NoOrigin::GivenOutside { variable: "n".into() });
}

#[test]
fn a_tree_without_variables_files_gives_no_origin_of_a_root_variable() {
    struct Snapshot(MemoryTree);
    impl SourceTree for Snapshot {
        fn read(
            &self,
            path: &str,
            limit: usize,
        ) -> Result<std::borrow::Cow<'_, [u8]>, tidelock_parse::config::ReadError> {
            self.0.read(path, limit)
        }
        fn list(&self, dir: &str) -> Vec<String> {
            self.0.list(dir)
        }
        fn variable_files(&self) -> VariableFiles {
            VariableFiles::NotIncluded
        }
    }
    let files = [(
        "main.tf",
        "variable \"n\" {\n  default = 1\n}\nresource \"pond_vm\" \"a\" {\n  n = var.n\n  m = 2\n}\n",
    )];
    let config = Configuration::load(&Snapshot(tree(&files)), &BTreeMap::new());
    let addr: ResourceAddr = "pond_vm.a".parse().unwrap();
    assert!(matches!(config.origin(&addr, &"n".parse().unwrap()), Err(NoOrigin::GivenOutside { .. })));
    assert_eq!(config.origin(&addr, &"m".parse().unwrap()).unwrap().location.line, 6);
}

#[test]
fn a_downloaded_module_is_not_edited() {
    let files = [
        ("main.tf", "module \"far\" {\n  source = \"acme/far/aws\"\n  given  = 5\n}\n"),
        (
            ".terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"far","Source":"acme/far/aws","Dir":".terraform/modules/far"}]}"#,
        ),
        (
            ".terraform/modules/far/main.tf",
            "variable \"given\" {}\nresource \"pond_vm\" \"a\" {\n  own   = 1\n  given = var.given\n}\n",
        ),
    ];
    assert_eq!(refused(&files, "module.far.pond_vm.a", "own"), NoOrigin::Downloaded);
    // What the own call gives to it is.
    let own = ("module.far.pond_vm.a", "own");
    assert_eq!(accept(&files, ("module.far.pond_vm.a", "given"), "6", &[own]), "main.tf:3 given = 6");
}

#[test]
fn a_type_that_reorders_keeps_no_positions() {
    let files = [(
        "main.tf",
        "variable \"keys\" {\n  type    = set(string)\n  default = [\"b\", \"a\"]\n}\nresource \"pond_vm\" \"a\" {\n  keys = var.keys\n}\n",
    )];
    assert_eq!(refused(&files, "pond_vm.a", "keys[0]"), NoOrigin::Computed);
    let at = accept(&files, ("pond_vm.a", "keys"), r#"["a","c"]"#, &[]);
    assert_eq!(at, r#"main.tf:3 default = ["a", "c"]"#);
}

#[test]
fn nested_literals_in_a_template_of_json_have_no_certain_place() {
    let files = [("main.tf.json", r#"{"resource": {"pond_vm": {"a": {"x": "${5}"}}}}"#)];
    assert_eq!(refused(&files, "pond_vm.a", "x"), NoOrigin::Unknown);
}

#[test]
fn null_and_unknown_values_cannot_be_written() {
    let files = [("main.tf", "resource \"pond_vm\" \"a\" {\n  x = 1\n}\n")];
    let origin = load(&files).origin(&"pond_vm.a".parse().unwrap(), &"x".parse().unwrap()).unwrap();
    assert_eq!(origin.accept_hcl(&Value::Null), None);
    assert_eq!(origin.accept_hcl(&Value::List(vec![Value::Unknown])), None);
    // Inside a value, null says that the argument is not set.
    assert_eq!(origin.accept_hcl(&v(r#"{"a":null}"#)).as_deref(), Some("{ a = null }"));
}

#[test]
fn a_module_outside_the_root_may_serve_others_and_is_not_edited() {
    let files = [
        ("main.tf", "module \"vm\" {\n  source = \"../shared/vm\"\n  given  = 5\n}\n"),
        (
            "../shared/vm/main.tf",
            "variable \"given\" {}\nresource \"pond_vm\" \"a\" {\n  own   = 1\n  given = var.given\n}\n",
        ),
    ];
    assert_eq!(refused(&files, "module.vm.pond_vm.a", "own"), NoOrigin::OutsideRoot);
    let own = ("module.vm.pond_vm.a", "own");
    assert_eq!(accept(&files, ("module.vm.pond_vm.a", "given"), "6", &[own]), "main.tf:3 given = 6");
}

#[test]
fn the_default_of_an_optional_attribute_is_no_origin() {
    let files = [(
        "main.tf",
        "variable \"vm\" {\n  type    = object({ memory = optional(number, 512), cores = number })\n  default = { cores = 2 }\n}\nresource \"pond_vm\" \"a\" {\n  memory = var.vm.memory\n  cores  = var.vm.cores\n}\n",
    )];
    assert_eq!(refused(&files, "pond_vm.a", "memory"), NoOrigin::Computed);
    let memory = ("pond_vm.a", "memory");
    assert_eq!(accept(&files, ("pond_vm.a", "cores"), "4", &[memory]), "main.tf:3 cores = 4");
}

#[test]
fn one_entry_among_many_is_found_without_evaluating_all_of_them() {
    use std::fmt::Write as _;
    let mut vars = String::from("vms = {\n");
    for at in 0..400 {
        writeln!(vars, "  vm{at} = {{ memory = {at} }}").unwrap();
    }
    vars.push_str("}\n");
    let files = [FLEET[0], FLEET[1], ("terraform.tfvars", vars.as_str())];
    let other = (r#"module.vm["vm8"].pond_vm.vm"#, "memory[0].dedicated");
    let at = accept(&files, (r#"module.vm["vm7"].pond_vm.vm"#, "memory[0].dedicated"), "9999", &[other]);
    assert_eq!(at, "terraform.tfvars:9 memory = 9999");
}
