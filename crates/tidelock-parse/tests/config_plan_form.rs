//! Sources in the form that plan JSON has of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use tidelock_parse::{
    ConfigModulePath, Configuration, SchemaFile, Schemas,
    config::MemoryTree,
    plan::{Mention, PlanConfiguration, PlanExpressions, Simple},
};

fn form_of(tree: &MemoryTree, schemas: &Schemas) -> PlanConfiguration {
    PlanConfiguration::from_sources(&Configuration::load(tree, &BTreeMap::new()), schemas)
}

fn form<const N: usize>(files: [(&str, &str); N]) -> PlanConfiguration {
    form_of(&MemoryTree::from(files), &Schemas::none())
}

/// The arguments of `t.n` with this body.
fn block(body: &str) -> PlanExpressions {
    expressions(&form([("main.tf", &format!("resource \"t\" \"n\" {{\n{body}\n}}\n"))]), "t.n")
}

fn expressions(form: &PlanConfiguration, block: &str) -> PlanExpressions {
    form.resource(&block.parse().unwrap()).unwrap().expressions.clone()
}

fn references(expressions: &PlanExpressions) -> Vec<String> {
    expressions.references().into_iter().map(|(path, reference)| format!("{path} {reference}")).collect()
}

/// What `x = …` refers to.
fn of(value: &str) -> Vec<String> {
    block(&format!("x = {value}")).references().into_iter().map(|(_, reference)| reference).collect()
}

/// The constant that `x = …` is, as JSON.
fn constant(value: &str) -> Option<String> {
    match block(&format!("x = {value}")).simple("x") {
        Some(Simple::Constant(value)) => Some(serde_json::to_string(&value).unwrap()),
        _ => None,
    }
}

fn mention(expressions: &PlanExpressions, path: &str) -> Mention {
    expressions.mention(&path.parse().unwrap())
}

#[test]
fn a_reference_is_listed_with_all_that_is_shorter() {
    assert_eq!(of("a.b[0].c.d"), ["a.b[0].c.d", "a.b[0].c", "a.b[0]", "a.b"]);
    assert_eq!(of(r#"a.b["k"].c"#), [r#"a.b["k"].c"#, r#"a.b["k"]"#, "a.b"]);
    assert_eq!(of("data.a.b.c"), ["data.a.b.c", "data.a.b"]);
    assert_eq!(of("module.m.o.p"), ["module.m.o.p", "module.m.o", "module.m"]);
    assert_eq!(of("module.m[0].o"), ["module.m[0].o", "module.m[0]"]);
    assert_eq!(of("module.m"), ["module.m"]);
    assert_eq!(of("module.m[0]"), ["module.m[0]", "module.m"]);
    assert_eq!(of("var.v.w"), ["var.v.w", "var.v"]);
    assert_eq!(of(r#"each.value["a"]"#), [r#"each.value["a"]"#, "each.value"]);
    assert_eq!(of("count.index"), ["count.index"]);
    assert_eq!(of("path.module"), ["path.module"]);
    assert_eq!(of("resource.a.b.c"), ["a.b.c", "a.b"]);
    assert_eq!(of("self.id"), ["self.id", "self"]);
}

#[test]
fn a_reference_ends_before_what_has_to_be_computed() {
    assert_eq!(of("a.b[var.i].c"), ["a.b", "var.i"]);
    assert_eq!(of("a.b[*].c"), ["a.b"]);
    assert_eq!(of("a.b.*.c"), ["a.b"]);
    assert_eq!(of("a.b[each.key].c[local.l]"), ["a.b", "each.key", "local.l"]);
    assert_eq!(of("f(a.b.c).d"), ["a.b.c", "a.b"]);
}

#[test]
fn references_are_found_wherever_they_stand() {
    assert_eq!(of(r#""a${var.a}b${upper(local.l)}""#), ["var.a", "local.l"]);
    assert_eq!(of("<<-E\n  a ${var.a}\n  %{ if var.b }x%{ endif }\n  E\n"), ["var.a", "var.b"]);
    assert_eq!(of("var.a ? local.b : -var.c + 1"), ["var.a", "local.b", "var.c"]);
    assert_eq!(of("{ (var.k) = var.v, plain = [var.w] }"), ["var.k", "var.v", "var.w"]);
}

#[test]
fn names_bound_by_for_are_no_references() {
    assert_eq!(of("[for k, v in var.a : v.id if k != local.l]"), ["var.a", "local.l"]);
    assert_eq!(of("{ for v in a.b : v.id => [for v in v.list : v.x] }"), ["a.b"]);
    assert_eq!(of("\"%{ for v in var.a }${v.id}${var.b}%{ endfor }\""), ["var.a", "var.b"]);
}

#[test]
fn what_refers_to_nothing_is_a_constant_unless_it_calls_functions() {
    assert_eq!(constant("null").as_deref(), Some("null"));
    assert_eq!(constant(r#"[1, "a", { b = true }]"#).as_deref(), Some(r#"[1,"a",{"b":true}]"#));
    assert_eq!(constant("123456789012345678901234567890").as_deref(), Some("123456789012345678901234567890"));
    assert_eq!(constant("0.10").as_deref(), Some("0.1"));
    assert_eq!(constant("1e3").as_deref(), Some("1000"));
    assert_eq!(constant("1024 * 8").as_deref(), Some("8192"));
    assert_eq!(constant(r#""a${1}""#).as_deref(), Some(r#""a1""#));
    assert_eq!(constant("<<E\na\n\"b\"\nE\n").as_deref(), Some(r#""a\n\"b\"\n""#));
    for expression in ["toset([\"a\"])", "word", "[1, f(2)]"] {
        assert_eq!(constant(expression), None, "{expression}");
        assert_eq!(mention(&block(&format!("x = {expression}")), "x"), Mention::Expression, "{expression}");
    }
}

#[test]
fn meta_arguments_are_told_apart_from_arguments() {
    let form = form([(
        "main.tf",
        r#"
        resource "t" "n" {
          provider   = t.west
          count      = var.size
          depends_on = [a.b, module.m, data.c.d[0].e]
          x          = 1
          lifecycle { ignore_changes = [x] }
          provisioner "local-exec" { command = a.c.id }
        }
        resource "t" "known" { for_each = toset(["a"]) }
        "#,
    )]);
    let resource = form.resource(&"t.n".parse().unwrap()).unwrap();
    assert_eq!(resource.expressions.arguments(), ["x".into()]);
    assert_eq!(references(&resource.repetition), ["count var.size"]);
    assert_eq!(resource.depends_on, ["a.b", "module.m", "data.c.d[0]"]);
    assert_eq!(resource.provider.as_deref(), Some("t.west"));
    let known = form.resource(&"t.known".parse().unwrap()).unwrap();
    assert_eq!(references(&known.repetition), Vec::<String>::new());
}

const SCHEMA: &str = r#"{"format_version":"1.0","provider_schemas":{"registry.terraform.io/acme/t":{"resource_schemas":{"t_x":{
    "version":1,"block":{"block_types":{
        "one":{"nesting_mode":"single","block":{"attributes":{"a":{"type":"string","optional":true}}}},
        "many":{"nesting_mode":"list","block":{"attributes":{"a":{"type":"string","optional":true}}}},
        "named":{"nesting_mode":"map","block":{"attributes":{"a":{"type":"string","optional":true}}}}}}}}}}}"#;

fn with_schema(name: &str, text: &str) -> PlanExpressions {
    let requires = "terraform {\n required_providers {\n t = { source = \"acme/t\" }\n }\n}\n";
    let tree = MemoryTree::from([("versions.tf", requires), (name, text)]);
    let schemas = Schemas::none().with_file(SchemaFile::from_slice("schema", SCHEMA.as_bytes()).unwrap());
    expressions(&form_of(&tree, &schemas), "t_x.n")
}

#[test]
fn blocks_nest_as_the_schema_says_in_both_syntaxes() {
    let native = r#"resource "t_x" "n" {
        one { a = var.a }
        many { a = var.b }
        many { a = var.c }
        named "k" { a = var.d }
    }"#;
    let json = r#"{"resource":{"t_x":{"n":{"one":{"a":"${var.a}"},"many":[{"a":"${var.b}"},{"a":"${var.c}"}],
        "named":{"k":{"a":"${var.d}"}}}}}}"#;
    for expressions in [with_schema("main.tf", native), with_schema("main.tf.json", json)] {
        assert_eq!(
            references(&expressions),
            ["many[0].a var.b", "many[1].a var.c", "named.k.a var.d", "one.a var.a"]
        );
        assert_eq!(mention(&expressions, "one[0].a"), Mention::Expression);
    }
}

#[test]
fn blocks_without_a_schema_are_lists_and_a_single_one_is_found_by_either_path() {
    let expressions = block("one { a = 1 }\nmany { a = 1 }\nmany { a = 2 }");
    for path in ["one.a", "one[0].a", "many[0].a"] {
        assert!(matches!(mention(&expressions, path), Mention::Constant(_)), "{path}");
    }
    assert_eq!(mention(&expressions, "one.b"), Mention::NotSet);
    assert_eq!(mention(&expressions, "one[1].a"), Mention::CannotTell);
    assert_eq!(mention(&expressions, "many.a"), Mention::CannotTell);
}

#[test]
fn dynamic_blocks_are_told_and_positions_among_them_say_nothing() {
    let expressions = block(
        r#"
        rule { port = 1 }
        dynamic "rule" {
          for_each = var.open
          iterator = it
          content {
            port   = it.value.port
            secret = "hunter2"
            to     = a.b.id
            dynamic "deep" {
              for_each = it.value.deep
              content { x = deep.value }
            }
          }
        }"#,
    );
    assert_eq!(references(&expressions), ["rule[1].to a.b.id", "rule[1].to a.b", "rule[2] var.open"]);
    let constants: Vec<String> = expressions.constants().iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(constants, ["rule[0].port", "rule[1].secret"]);
    for path in ["rule[0].port", "rule[1].port", "rule[7].port"] {
        assert_eq!(mention(&expressions, path), Mention::CannotTell, "{path}");
    }
    assert_eq!(mention(&expressions, "rule"), Mention::Expression);
}

#[test]
fn modules_are_told_for_each_call_with_their_provider() {
    let inner = r#"
        variable "v" {}
        variable "secret" {
          type      = number
          default   = "5"
          sensitive = true
        }
        resource "aws_x" "n" { v = var.v }
        output "o" { value = aws_x.n.id }
        "#;
    let form = form([
        (
            "main.tf",
            r#"
            provider "aws" { region = "a" }
            provider "aws" {
              alias  = "west"
              region = "b"
            }
            module "one" {
              source     = "./inner"
              v          = aws_y.n.id
              depends_on = [aws_y.n]
            }
            module "two" {
              source    = "./inner"
              count     = 2
              providers = { aws = aws.west }
            }
            "#,
        ),
        ("main_override.tf", "provider \"aws\" { region = \"c\" }"),
        ("inner/main.tf", inner),
    ]);
    let root = form.module(&ConfigModulePath::root()).unwrap();
    let one = &root.calls["one"];
    assert_eq!(
        (one.source.as_str(), one.depends_on.as_slice()),
        ("./inner", ["aws_y.n".to_owned()].as_slice())
    );
    assert_eq!(references(&one.expressions), ["v aws_y.n.id", "v aws_y.n"]);
    assert!(root.calls["two"].repetition.simple("count").is_some());
    for (call, provider) in [("one", "aws"), ("two", "aws.west")] {
        let path = ConfigModulePath::root().child(call);
        let module = form.module(&path).unwrap();
        let (addr, resource) = module.resources.first_key_value().unwrap();
        assert_eq!(addr.to_string(), format!("module.{call}.aws_x.n"));
        assert_eq!(resource.provider.as_deref(), Some(provider));
        assert_eq!(references(&module.outputs["o"]), [" aws_x.n.id", " aws_x.n"]);
        let secret = &module.variables["secret"];
        assert!(secret.sensitive && !module.variables["v"].sensitive);
        assert_eq!(serde_json::to_string(&secret.default()).unwrap(), "5");
    }
    let providers: Vec<(&str, bool)> = form.providers().map(|(key, own)| (key, own.in_root)).collect();
    assert_eq!(providers, [("aws", true), ("aws.west", true)]);
    let region = form.provider("aws").unwrap().expressions.simple("region");
    assert!(matches!(region, Some(Simple::Constant(value)) if value.as_str() == Some("c")));
}

#[test]
fn a_module_that_configures_its_provider_has_a_configuration_of_its_own() {
    let form = form([
        ("main.tf", "module \"m\" {\n source = \"./m\"\n}\nresource \"aws_x\" \"n\" {}\n"),
        ("m/main.tf", "provider \"aws\" { region = var.r }\nresource \"aws_x\" \"n\" {}\n"),
    ]);
    let provider = |block: &str| form.resource(&block.parse().unwrap()).unwrap().provider.clone();
    assert_eq!(provider("aws_x.n").as_deref(), Some("aws"));
    assert_eq!(provider("module.m.aws_x.n").as_deref(), Some("module.m:aws"));
    assert!(!form.provider("module.m:aws").unwrap().in_root);
}

/// As Terraform 1.1 and later and `OpenTofu` write it for configurations of this shape.
#[test]
fn providers_are_handed_down_by_name_and_by_silence() {
    let child = r#"
        terraform {
          required_providers {
            aws = {
              source                = "hashicorp/aws"
              configuration_aliases = [aws.second]
            }
          }
        }
        resource "aws_x" "first" {}
        resource "aws_x" "second" { provider = aws.second }
        module "named" {
          source    = "../leaf"
          providers = { aws = aws.second }
        }
        module "silent" { source = "../leaf" }
        "#;
    let form = form([
        (
            "main.tf",
            r#"
            provider "aws" {}
            provider "aws" { alias = "west" }
            module "child" {
              source    = "./child"
              providers = { aws = aws, aws.second = aws.west }
            }
            module "sibling" {
              source    = "./child"
              providers = { aws = aws.west, aws.second = aws }
            }
            "#,
        ),
        ("child/main.tf", child),
        ("leaf/main.tf", "resource \"aws_x\" \"n\" {}\n"),
    ]);
    let provider = |block: &str| form.resource(&block.parse().unwrap()).unwrap().provider.clone().unwrap();
    for (module, first, second) in [("child", "aws", "aws.west"), ("sibling", "aws.west", "aws")] {
        assert_eq!(&*provider(&format!("module.{module}.aws_x.first")), first);
        assert_eq!(&*provider(&format!("module.{module}.aws_x.second")), second);
        assert_eq!(&*provider(&format!("module.{module}.module.named.aws_x.n")), second);
        assert_eq!(&*provider(&format!("module.{module}.module.silent.aws_x.n")), first);
    }
    assert_eq!(form.providers().map(|(key, _)| key).collect::<Vec<_>>(), ["aws", "aws.west"]);
}

#[test]
fn a_data_source_inside_a_check_is_one_of_the_module() {
    let native = r#"check "c" {
        data "t" "n" { x = var.x }
        assert { condition = true }
    }"#;
    let json = r#"{"check":{"c":{"data":{"t":{"n":{"x":"${var.x}"}}},"assert":{"condition":true}}}}"#;
    for (name, text) in [("main.tf", native), ("main.tf.json", json)] {
        assert_eq!(references(&expressions(&form([(name, text)]), "data.t.n")), ["x var.x"]);
    }
}

#[test]
fn what_does_not_parse_costs_its_file_only() {
    let form =
        form([("bad.tf", "resource \"t\" {{{"), ("good.tf", "resource \"t\" \"n\" {\n x = var.x\n}\n")]);
    assert_eq!(references(&expressions(&form, "t.n")), ["x var.x"]);
}

#[test]
fn endless_references_and_modules_of_many_blocks_stay_bounded() {
    let steps = ".b".repeat(2_000);
    assert!(of(&format!("a{steps}")).len() < 100);
    // 1,000 blocks, in a module that is called 2,000 times.
    let blocks: Vec<String> = (0..1_000).map(|at| format!("resource \"t\" \"n{at}\" {{}}\n")).collect();
    let calls: Vec<String> =
        (0..2_000).map(|at| format!("module \"m{at}\" {{\n source = \"./m\"\n}}\n")).collect();
    let form = form([("main.tf", &calls.concat()), ("m/main.tf", &blocks.concat())]);
    assert!((500..1_500).contains(&form.modules().count()));
}

/// Pieces of the language, so that what is put together goes deep before it breaks.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "resource \"t_x\" \"n\" {\n",
        "module \"m\" {\n",
        "provider \"t\" {\n",
        "variable \"v\" {\n",
        "output \"o\" {\n",
        "terraform {\n",
        "required_providers {\n",
        "dynamic \"rule\" {\n",
        "content {\n",
        "rule \"l\" {\n",
        "}\n",
        "x = ",
        "default = ",
        "value = ",
        "source = \"./m\"\n",
        "for_each = ",
        "count = ",
        "providers = ",
        "alias = ",
        "a.b[0].c\n",
        "var.v\n",
        "\"${each.key}\"\n",
        "[for v in var.a : v]\n",
        "{ aws = aws.west }\n",
        "\"text\"\n",
        "[1, 2]\n",
        "f(a.b)\n",
        "1e999999\n",
        "a.b[*].c\n",
        "<<E\n",
        "E\n",
        "\"%{ for x in y }${x}%{ endfor }\"\n",
        "depends_on = [a.b]\n",
        "{",
        "[",
        "\"",
        "${",
        "\u{feff}",
        "\0",
        "é",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_in_sources_makes_it_fail(native in pieces(), inner in pieces(), json in "[\\[\\]{}:,\"$a-z0-9]{0,60}") {
        let tree = MemoryTree::from([("main.tf", native), ("m/main.tf", inner), ("x.tf.json", json)]);
        let form = form_of(&tree, &Schemas::builtin());
        for (_, module) in form.modules() {
            for resource in module.resources.values() {
                // Whatever was written can be read.
                let arguments = resource.expressions.arguments();
                prop_assert!(resource.expressions.references().iter().all(|(path, _)| !path.is_root()));
                prop_assert!(arguments.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }

    #[test]
    fn damaged_sources_of_the_fixtures_are_read(at in 0_usize..4_000, with in prop::sample::select(vec!["", "{", "}", "\"", "${", "[", "<<E\n", "\n"]), cut in 0_usize..40) {
        let case = tidelock_testkit::fixtures::case("drift/accept_locals").unwrap();
        let text = case.text("main.tf").unwrap();
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let behind = (at + cut..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        let damaged = format!("{}{with}{}", &text[..at], &text[behind.min(text.len())..]);
        form_of(&MemoryTree::from([("main.tf", damaged)]), &Schemas::builtin());
    }
}
