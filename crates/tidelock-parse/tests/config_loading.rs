//! Reading modules, override files, lifecycle and variables files.

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
