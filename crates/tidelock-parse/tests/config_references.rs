//! What blocks refer to, through locals, variables and outputs.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;

use tidelock_parse::config::{Configuration, MemoryTree, Via};

fn load<const N: usize>(files: [(&str, &str); N]) -> Configuration {
    let config = Configuration::load(&MemoryTree::from(files), &BTreeMap::new());
    assert!(config.diagnostics().is_empty(), "{:?}", config.diagnostics());
    config
}

/// `from -> to path`, with the part that refers where it is no argument.
fn references(config: &Configuration, addr: &str) -> Vec<String> {
    let line = |reference: tidelock_parse::config::Reference| {
        let from = match reference.via {
            Via::Argument => reference.from.to_string(),
            other => format!("{other:?}"),
        };
        format!("{from} -> {} {}", reference.to, reference.path).trim_end().to_owned()
    };
    config.references(&addr.parse().unwrap()).into_iter().map(line).collect()
}

#[test]
fn arguments_and_blocks_refer_to_attributes() {
    let config = load([(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  id   = x_y.z.id\n  name = \"n-${x_y.z.tags[\"n\"]}-${data.d_e.f.name}\"\n  rule {\n    port = x_y.list[0].port\n  }\n  rule {\n    port = 1\n    inner {\n      k = x_y.z.k\n    }\n  }\n  dynamic \"disk\" {\n    for_each = x_y.z.disks\n    content {\n      size = disk.value.size\n    }\n  }\n}\nresource \"x_y\" \"list\" {\n  count = 2\n}\n",
    )]);
    assert_eq!(
        references(&config, "a_b.c"),
        [
            "disk -> x_y.z disks",
            "id -> x_y.z id",
            r#"name -> x_y.z tags["n"]"#,
            "name -> data.d_e.f name",
            "rule[0].port -> x_y.list port",
            "rule[1].inner -> x_y.z k",
        ]
    );
}

#[test]
fn references_pass_through_locals_variables_and_outputs() {
    let config = load([
        (
            "main.tf",
            "locals {\n  net = { id = x_y.z.id, other = x_y.z.other }\n  alias = x_y.z\n}\nmodule \"m\" {\n  source = \"./m\"\n  subnet = local.net.id\n}\nmodule \"out\" {\n  source = \"./out\"\n}\nresource \"a_b\" \"c\" {\n  through = module.out.id\n  alias   = local.alias.name\n}\nresource \"x_y\" \"z\" {}\n",
        ),
        ("m/main.tf", "variable \"subnet\" {}\nresource \"a_b\" \"c\" {\n  subnet = var.subnet\n}\n"),
        ("out/main.tf", "resource \"p_q\" \"r\" {}\noutput \"id\" {\n  value = p_q.r.id\n}\n"),
    ]);
    assert_eq!(references(&config, "module.m.a_b.c"), ["subnet -> x_y.z id"]);
    assert_eq!(references(&config, "a_b.c"), ["alias -> x_y.z name", "through -> module.out.p_q.r id"]);
}

#[test]
fn dependencies_triggers_and_repetition_are_told_apart() {
    let config = load([
        (
            "main.tf",
            "resource \"a_b\" \"c\" {\n  for_each = x_y.z.map\n  v        = each.value.id\n  depends_on = [p_q.r, module.m]\n  lifecycle {\n    replace_triggered_by = [null_resource.t, null_resource.u.triggers]\n  }\n}\nmodule \"m\" {\n  source     = \"./m\"\n  count      = x_y.z.n\n  depends_on = [p_q.s]\n}\n",
        ),
        ("m/main.tf", "resource \"i_j\" \"k\" {}\n"),
    ]);
    assert_eq!(
        references(&config, "a_b.c"),
        [
            "v -> x_y.z map",
            "Repetition -> x_y.z map",
            "DependsOn -> p_q.r",
            "DependsOn -> module.m.i_j.k",
            "ReplaceTriggeredBy -> null_resource.t",
            "ReplaceTriggeredBy -> null_resource.u triggers",
        ]
    );
    assert_eq!(references(&config, "module.m.i_j.k"), ["Repetition -> x_y.z n", "DependsOn -> p_q.s"]);
}

#[test]
fn elements_of_repeated_resources_keep_their_attribute() {
    let config = load([(
        "main.tf",
        "resource \"x_y\" \"z\" {\n  count = 2\n}\nresource \"a_b\" \"c\" {\n  splat = x_y.z[*].id\n  each  = [for s in x_y.z : s.id]\n  map   = { for i, s in x_y.z : i => s.name if s.on }\n  keyed = x_y.z[local.n].tags\n}\nlocals {\n  n = p_q.r.n\n}\n",
    )]);
    assert_eq!(
        references(&config, "a_b.c"),
        [
            "each -> x_y.z id",
            "keyed -> p_q.r n",
            "keyed -> x_y.z tags",
            "map -> x_y.z name",
            "map -> x_y.z on",
            "splat -> x_y.z id",
        ]
    );
}
