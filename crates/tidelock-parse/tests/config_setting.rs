//! What the configuration of an instance sets: expressions, blocks, instances, and what nobody can tell.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::{collections::BTreeMap, sync::Arc};

use tidelock_parse::{
    AttrPath, ResourceAddr, Value,
    config::{CannotTell, Configuration, Evaluated, MemoryTree, NotKnown, Resolver, Setting},
};

fn load<const N: usize>(files: [(&str, &str); N]) -> Configuration {
    let config = Configuration::load(&MemoryTree::from(files), &BTreeMap::new());
    assert!(config.diagnostics().is_empty(), "{:?}", config.diagnostics());
    config
}

fn setting(config: &Configuration, addr: &str, path: &str) -> Setting {
    config.setting(&addr.parse().unwrap(), &path.parse().unwrap())
}

/// The value as JSON, or what is said instead.
fn value(config: &Configuration, addr: &str, path: &str) -> String {
    match setting(config, addr, path) {
        Setting::Set { value: Evaluated::Known(value), .. } => serde_json::to_string(&value).unwrap(),
        Setting::Set { value: Evaluated::NotKnown(why), .. } => why.to_string(),
        Setting::NotSet => "not set".to_owned(),
        Setting::CannotTell(why) => format!("{why:?}"),
        other => format!("{other:?}"),
    }
}

fn all(config: &Configuration, addr: &str, cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(value(config, addr, path), *expected, "{addr} {path}");
    }
}

#[test]
fn arguments_are_set_with_the_line_of_the_member() {
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  tags = {\n    env = \"prod\"\n    n   = null\n  }\n  list = [\n    1,\n    2,\n  ]\n}\n",
    )]);
    let line = |path: &str| match setting(&config, "a_b.c", path) {
        Setting::Set { location, .. } => location.line,
        other => panic!("{other:?}"),
    };
    assert_eq!([line("tags"), line(r#"tags["env"]"#), line("tags.env"), line("list[1]")], [2, 3, 3, 8]);
    all(
        &config,
        "a_b.c",
        &[
            ("tags.env", "\"prod\""),
            ("tags.n", "not set"),
            ("tags.x", "not set"),
            ("list[2]", "not set"),
            ("other", "not set"),
            ("list", "[1,2]"),
        ],
    );
}

#[test]
fn numbers_keep_all_their_digits() {
    let config =
        load([("main.tf", "resource \"a_b\" \"c\" {\n  n = 12345678901234567890123\n  d = 0.10\n}\n")]);
    all(&config, "a_b.c", &[("n", "12345678901234567890123"), ("d", "0.10")]);
}

#[test]
fn nested_blocks_are_found_by_position_or_alone() {
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  one {\n    x = 1\n  }\n  two {\n    x = 1\n  }\n  two {\n    x = 2\n    deep {\n      y = 3\n    }\n  }\n  map \"lab\" {\n    k = 4\n  }\n}\n",
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("one.x", "1"),
            ("one[0].x", "1"),
            ("two[1].x", "2"),
            ("two[1].deep[0].y", "3"),
            ("two[1].deep.y", "3"),
            ("two[2].x", "not set"),
            ("two.x", "Shape"),
            ("two", r#"[{"x":1},{"deep":[{"y":3}],"x":2}]"#),
            ("two[1]", r#"{"deep":[{"y":3}],"x":2}"#),
            (r#"map["lab"].k"#, "4"),
            ("map", r#"{"lab":{"k":4}}"#),
            ("three", "not set"),
            ("three[0].x", "not set"),
        ],
    );
}

#[test]
fn dynamic_blocks_are_expanded_in_order() {
    let config = load([(
        "main.tf",
        "locals {\n  ports = [22, 80]\n}\nresource \"a_b\" \"c\" {\n  rule {\n    port = 1\n  }\n  dynamic \"rule\" {\n    for_each = local.ports\n    content {\n      port = rule.value\n      at   = rule.key\n    }\n  }\n  dynamic \"none\" {\n    for_each = []\n    content {}\n  }\n  dynamic \"named\" {\n    for_each = { a = 1 }\n    iterator = it\n    labels   = [it.key]\n    content {\n      v = it.value\n      dynamic \"inner\" {\n        for_each = [it.key]\n        content {\n          k = \"${it.key}-${inner.value}\"\n        }\n      }\n    }\n  }\n}\n",
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("rule[0].port", "1"),
            ("rule[2].port", "80"),
            ("rule[2].at", "1"),
            ("rule[3].port", "not set"),
            ("none", "not set"),
            (r#"named["a"].v"#, "1"),
            (r#"named["a"].inner[0].k"#, "\"a-a\""),
        ],
    );
}

#[test]
fn a_dynamic_block_over_something_unknown_cannot_be_told() {
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  rule {\n    port = 1\n  }\n  dynamic \"rule\" {\n    for_each = x_y.z.list\n    content {\n      port = rule.value\n    }\n  }\n}\n",
    )]);
    assert_eq!(value(&config, "a_b.c", "rule[0].port"), "1", "blocks before it keep their positions");
    let reason = Setting::CannotTell(CannotTell::DynamicBlock(NotKnown::Reference("x_y.z.list".into())));
    assert_eq!(setting(&config, "a_b.c", "rule[1].port"), reason);
    assert_eq!(setting(&config, "a_b.c", "rule"), reason);
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let config = load([(
        "main.tf",
        "variable \"v\" {}\nresource \"a_b\" \"c\" {\n  r = x_y.z.id\n  t = \"a-${data.d_e.f.id}\"\n  v = var.v\n  f = file(\"x\")\n  p = path.module\n  w = terraform.workspace\n  m = { a = x_y.z.id, b = 1 }\n  s = x_y.z.map\n  c = x_y.z.on ? 1 : 1\n  d = x_y.z.on ? 1 : 2\n}\n",
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("r", "depends on x_y.z.id"),
            ("t", "depends on data.d_e.f.id"),
            ("v", "no value is known for var.v"),
            ("f", "calls file()"),
            ("p", "depends on path.module"),
            ("w", "depends on terraform.workspace"),
            ("m", "depends on x_y.z.id"),
            ("m.b", "1"),
            ("c", "1"),
            ("d", "depends on x_y.z.on"),
        ],
    );
    let inside = Setting::CannotTell(CannotTell::Inside(NotKnown::Reference("x_y.z.map".into())));
    assert_eq!(setting(&config, "a_b.c", "s.k"), inside);
}

#[test]
fn each_instance_has_its_own_values() {
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  for_each = { x = { n = 1 }, y = { n = 2 } }\n  n = each.value.n\n  k = each.key\n}\nresource \"a_b\" \"d\" {\n  for_each = toset([\"p\", \"q\"])\n  v = each.value\n}\nresource \"a_b\" \"e\" {\n  count = 2\n  n = count.index + 10\n}\n",
    )]);
    all(&config, r#"a_b.c["y"]"#, &[("n", "2"), ("k", "\"y\"")]);
    all(&config, r#"a_b.d["p"]"#, &[("v", "\"p\"")]);
    all(&config, "a_b.e[1]", &[("n", "11")]);
    assert_eq!(value(&config, r#"a_b.c["gone"]"#, "n"), "cannot be evaluated: no such instance");
}

#[test]
fn modules_pass_values_down_and_up() {
    let config = load([
        (
            "main.tf",
            "module \"m\" {\n  source   = \"./m\"\n  for_each = { a = 1, b = 2 }\n  n        = each.value\n}\nmodule \"c\" {\n  source = \"./m\"\n  count  = 2\n  n      = count.index\n}\nresource \"a_b\" \"r\" {\n  one   = module.m[\"b\"].twice\n  all   = { for k, v in module.m : k => v.twice }\n  list  = module.c[*].twice\n  vals  = values(module.m)[*].twice\n  whole = module.m[\"a\"]\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"n\" {\n  type = number\n}\nresource \"a_b\" \"r\" {\n  n = var.n\n}\noutput \"twice\" {\n  value = var.n * 2\n}\n",
        ),
    ]);
    all(
        &config,
        "a_b.r",
        &[
            ("one", "4"),
            ("all", r#"{"a":2,"b":4}"#),
            ("list", "[0,2]"),
            ("vals", "[2,4]"),
            ("whole", r#"{"twice":2}"#),
        ],
    );
    all(&config, r#"module.m["b"].a_b.r"#, &[("n", "2")]);
    all(&config, "module.c[1].a_b.r", &[("n", "1")]);
}

#[test]
fn variables_convert_to_their_types() {
    let source = "variable \"n\" {\n  type = number\n}\nvariable \"s\" {\n  type = set(string)\n}\nvariable \"o\" {\n  type = object({ a = number, b = optional(string, \"dflt\"), c = optional(bool) })\n}\nvariable \"l\" {\n  type = list(any)\n}\nvariable \"nn\" {\n  default  = 5\n  nullable = false\n}\nvariable \"nl\" {\n  default = 5\n}\nresource \"a_b\" \"c\" {\n  n = var.n\n  s = var.s\n  o = var.o\n  l = var.l\n  nn = var.nn\n  nl = var.nl\n}\n";
    let vars = "n = \"3\"\ns = [\"b\", \"a\", \"b\"]\no = { a = \"1\", dropped = 2 }\nl = [1, \"x\"]\nnn = null\nnl = null\n";
    let config = load([("main.tf", source), ("terraform.tfvars", vars)]);
    all(
        &config,
        "a_b.c",
        &[
            ("n", "3"),
            ("s", r#"["a","b"]"#),
            ("o", r#"{"a":1,"b":"dflt","c":null}"#),
            ("l", r#"["1","x"]"#),
            ("nn", "5"),
            ("nl", "not set"),
        ],
    );
}

#[test]
fn values_of_the_plan_convert_like_any_other() {
    let given = BTreeMap::from([("n".to_owned(), Value::decode("\"7\"").unwrap())]);
    let tree = MemoryTree::from([(
        "main.tf",
        "variable \"n\" {\n  type = number\n  default = 1\n}\nresource \"a_b\" \"c\" {\n  n = var.n + 1\n}\n",
    )]);
    assert_eq!(value(&Configuration::load(&tree, &given), "a_b.c", "n"), "8");
}

#[test]
fn for_expressions_and_splats_follow_the_language() {
    let config = load([(
        "main.tf",
        "locals {\n  vms = { a = { n = 1, on = true }, b = { n = 2, on = false } }\n  list = [{ id = 1 }, { id = 2 }]\n}\nresource \"a_b\" \"c\" {\n  t = [for k, v in local.vms : \"${k}${v.n}\"]\n  o = { for k, v in local.vms : v.n => k if v.on }\n  g = { for v in [\"x1\", \"x2\", \"y1\"] : substr(v, 0, 1) => v... }\n  i = [for i, v in [\"p\", \"q\"] : i]\n  s = local.list[*].id\n  a = local.list.*.id[1]\n  n = null[*].id\n  x = { id = 9 }[*].id\n  nested = [for a in [1, 2] : [for b in [a] : a * b]]\n}\n",
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("t", r#"["a1","b2"]"#),
            ("o", r#"{"1":"a"}"#),
            ("g", r#"{"x":["x1","x2"],"y":["y1"]}"#),
            ("i", "[0,1]"),
            ("s", "[1,2]"),
            ("a", "2"),
            ("n", "[]"),
            ("x", "[9]"),
            ("nested", "[[1],[4]]"),
        ],
    );
}

#[test]
fn the_branches_of_a_conditional_get_one_type() {
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  a = true ? 1 : \"x\"\n  b = true ? [] : [\"a\"]\n  c = jsonencode(true ? { n = 1 } : { n = \"x\" })\n  d = true ? 1 : x_y.z.n\n  e = true ? \"s\" : x_y.z.n\n  f = false ? null : 5\n}\n",
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("a", "\"1\""),
            ("b", "[]"),
            ("c", r#""{\"n\":\"1\"}""#),
            ("d", "cannot be evaluated"),
            ("e", "\"s\""),
            ("f", "5"),
        ],
    );
}

#[test]
fn try_and_can_decide_only_where_failure_is_certain() {
    let config = load([(
        "main.tf",
        "locals {\n  m = { a = 1 }\n}\nresource \"a_b\" \"c\" {\n  a = try(local.m.b, \"no\")\n  b = try(local.m.a, \"no\")\n  c = try(x_y.z.id, \"no\")\n  d = can(local.m.b)\n  e = can(x_y.z.id)\n  f = try(local.gone.x, \"no\")\n}\n",
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("a", "\"no\""),
            ("b", "1"),
            ("c", "depends on x_y.z.id"),
            ("d", "false"),
            ("e", "depends on x_y.z.id"),
            ("f", "depends on local.gone"),
        ],
    );
}

#[test]
fn a_json_object_may_be_a_block() {
    let config = load([(
        "main.tf.json",
        r#"{"variable": {"n": {"type": "number", "default": "4"}}, "resource": {"a_b": {"c": {
        "memory": {"dedicated": "${var.n * 2}"}, "rule": [{"p": 1}, {"p": 2}], "//": "comment",
        "dynamic": {"disk": {"for_each": [1, 2], "content": {"size": "${disk.value}"}}}}}}}"#,
    )]);
    all(
        &config,
        "a_b.c",
        &[
            ("memory[0].dedicated", "8"),
            ("memory.dedicated", "8"),
            ("rule[1].p", "2"),
            ("disk[1].size", "2"),
            ("//", "not set"),
        ]
        .into_iter()
        .filter(|(path, _)| *path != "//")
        .collect::<Vec<_>>(),
    );
}

#[test]
fn unknown_blocks_and_modules_cannot_be_told() {
    let config = load([("main.tf", "")]);
    assert_eq!(setting(&config, "a_b.c", "x"), Setting::CannotTell(CannotTell::NoBlock));
    assert_eq!(setting(&config, "module.m.a_b.c", "x"), Setting::CannotTell(CannotTell::NoModule));
}

#[test]
fn a_resolver_gives_values_of_the_prior_state() {
    struct State;
    impl Resolver for State {
        fn value(&self, addr: &ResourceAddr, path: &AttrPath) -> Option<Value> {
            (addr.to_string() == r#"x_y.z["k"]"# && path.to_string() == "id")
                .then(|| Value::String("i-1".into()))
        }
    }
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  a = \"x-${x_y.z[\"k\"].id}\"\n  b = x_y.z[\"k\"].other\n}\n",
    )]);
    assert_eq!(value(&config, "a_b.c", "a"), r#"depends on x_y.z["k"].id"#);
    let config = config.with_resolver(Arc::new(State));
    all(&config, "a_b.c", &[("a", "\"x-i-1\""), ("b", r#"depends on x_y.z["k"].other"#)]);
}

#[test]
fn cycles_of_locals_and_modules_end() {
    let config = load([
        (
            "main.tf",
            "locals {\n  a = local.b\n  b = local.a\n  self = [local.self]\n  fine = 1\n}\nmodule \"m\" {\n  source = \"./m\"\n  n      = module.m.o\n}\nresource \"a_b\" \"c\" {\n  a    = local.a\n  self = local.self\n  m    = module.m.o\n  fine = local.fine\n}\n",
        ),
        ("m/main.tf", "variable \"n\" {}\noutput \"o\" {\n  value = var.n\n}\n"),
    ]);
    all(
        &config,
        "a_b.c",
        &[("a", "refers to itself"), ("self", "refers to itself"), ("m", "refers to itself"), ("fine", "1")],
    );
    assert!(config.references(&"a_b.c".parse().unwrap()).is_empty());
}

#[test]
fn long_chains_and_floods_end() {
    use std::fmt::Write as _;
    let mut source = String::from("locals {\n  n0 = 1\n  t0 = \"xxxxxxxxxxxxxxxx\"\n  l0 = [1]\n");
    for at in 1..5_000 {
        let before = at - 1;
        writeln!(source, "  n{at} = local.n{before}").unwrap();
        if at < 60 {
            writeln!(source, "  t{at} = \"${{local.t{before}}}${{local.t{before}}}\"").unwrap();
            writeln!(source, "  l{at} = [local.l{before}, local.l{before}]").unwrap();
        }
    }
    source.push_str("}\nresource \"a_b\" \"c\" {\n  n = local.n4999\n  short = local.n50\n  t = local.t59\n  l = local.l59\n  f = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]\n}\n");
    let config = load([("main.tf", &source)]);
    let limit = "is nested or repeated too deeply";
    all(&config, "a_b.c", &[("n", limit), ("short", "1"), ("t", limit), ("l", limit), ("f", limit)]);
    assert!(config.references(&"a_b.c".parse().unwrap()).is_empty());
    assert!(config.origin(&"a_b.c".parse().unwrap(), &"n".parse().unwrap()).is_err());
}

#[test]
fn deep_nesting_is_a_diagnostic_or_evaluated_but_no_crash() {
    for depth in [60_usize, 100_000] {
        for (open, close) in [
            ("[", "]"),
            ("(", ")"),
            ("{a=", "}"),
            ("!", ""),
            ("true ? 1 : ", ""),
            ("\"${", "}\""),
            ("upper(", ")"),
        ] {
            let source = format!(
                "resource \"a_b\" \"c\" {{\n  x = {}1{}\n}}\n",
                open.repeat(depth),
                close.repeat(depth)
            );
            let config = Configuration::load(&MemoryTree::from([("main.tf", source)]), &BTreeMap::new());
            let addr = "a_b.c".parse().unwrap();
            let _ = config.setting(&addr, &"x".parse().unwrap());
            let _ = config.origin(&addr, &"x".parse().unwrap());
        }
        let json = format!(
            "{{\"resource\": {{\"a_b\": {{\"c\": {{\"x\": {}1{}}}}}}}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        );
        let config = Configuration::load(&MemoryTree::from([("main.tf.json", json)]), &BTreeMap::new());
        let _ = config.setting(&"a_b.c".parse().unwrap(), &"x".parse().unwrap());
    }
}

#[test]
fn one_configuration_serves_several_threads() {
    let config = load([("main.tf", "locals {\n  n = 1\n}\nresource \"a_b\" \"c\" {\n  n = local.n\n}\n")]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(value(&config, "a_b.c", "n"), "1"));
        }
    });
}

#[test]
fn heredocs_lose_their_indentation_line_by_line() {
    // Values as Terraform 1.11 gives them for these sources.
    let source = [
        "resource \"a_b\" \"c\" {",
        "  a = <<-EOT",
        "      one",
        "        two ${1}",
        "",
        "      %{ if true }",
        "      three",
        "      %{ else ~}",
        "        four",
        "      %{ endif ~}",
        "      five",
        "    EOT",
        "  b = <<EOT",
        "  x ${~ 1 ~}",
        "    y",
        "%{ for i in [\"a\", \"b\"] ~}",
        "  ${i}",
        "%{ endfor ~}",
        "$${lit} %%{lit} $x % $$",
        "EOT",
        "  c = <<-EOT",
        "    ${1}",
        "      b",
        "    EOT",
        "  d = <<-EOT",
        "      a\\nb \"q\"",
        "        %{~ if false }no%{ endif }",
        "      c",
        "      EOT",
        "  e = \"  ${~ 1 ~}  %{ for i in [\"a\", \"b\"] ~} ${i} %{~ endfor } z\"",
        "}",
    ];
    let config = load([("main.tf", &source.join("\n"))]);
    all(
        &config,
        "a_b.c",
        &[
            ("a", r#""one\n  two 1\n\n\nthree\n      five\n""#),
            ("b", r#""  x1    y\n  a\n  b\n${lit} %{lit} $x % $$\n""#),
            ("c", r#""1\n  b\n""#),
            ("d", r#""      a\\nb \"q\"\n\n      c\n""#),
            ("e", r#""1ab z""#),
        ],
    );
}

#[test]
fn an_empty_heredoc_costs_its_file_instead_of_swallowing_what_follows() {
    let tree = MemoryTree::from([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  a = <<EOT\nEOT\n  b = <<EOT\nx\nEOT\n}\n",
    )]);
    let config = Configuration::load(&tree, &BTreeMap::new());
    assert_eq!(config.diagnostics().len(), 1);
    assert!(matches!(setting(&config, "a_b.c", "b"), Setting::CannotTell(CannotTell::BrokenFile(_))));
}
