//! The documentation holds what the program says: rule pages, captured reports, links, examples of each class.
//!
//! `UPDATE_DOCS=1 cargo test -p tidelock --test docs` writes the generated parts anew.

#![allow(clippy::unwrap_used, reason = "a page that cannot be read fails the test")]

mod cases;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};
use tidelock::{
    Anchor, Class, Command, Source,
    context::Thresholds,
    policy,
    render::human,
    rule::{Rule, RuleMeta},
    rules::RULES,
    schema::digest::Digest,
};
use tidelock_testkit::fixtures;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Compares a page with what it should hold, or writes it if asked to.
fn hold(path: &Path, expected: &str, wrong: &mut Vec<String>) {
    if fs::read_to_string(path).is_ok_and(|found| found == expected) {
        return;
    }
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
    } else {
        wrong.push(path.strip_prefix(root()).unwrap().display().to_string());
    }
}

fn assert_held(wrong: &[String]) {
    assert!(wrong.is_empty(), "out of date: {}; UPDATE_DOCS=1 writes them anew", wrong.join(", "));
}

#[test]
fn every_rule_has_its_page_and_every_page_its_rule() {
    let dir = root().join("docs/rules");
    let mut wrong = Vec::new();
    let mut expected: BTreeSet<String> = BTreeSet::from(["README.md".to_owned()]);
    for meta in RULES.iter().map(|rule| rule.meta()) {
        let name = format!("{}.md", meta.code);
        hold(&dir.join(&name), &page(meta), &mut wrong);
        expected.insert(name);
    }
    hold(&dir.join("README.md"), &index(RULES), &mut wrong);
    assert_held(&wrong);
    let found: BTreeSet<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, expected);
}

fn page(meta: &RuleMeta) -> String {
    let source = meta.name.replace('-', "_");
    format!(
        "# {} {}\n\n<!-- Generated from crates/tidelock-rules/src/rules/{source}.rs; edit that file. -->\n\n\
         Severity: {}. Run by: {}.\n\n{}",
        meta.code,
        meta.name,
        meta.severity,
        commands(meta),
        meta.markdown()
    )
}

/// Commands that exist; rules name those to come, too.
const COMMANDS: &[Command] = &[Command::Drift, Command::Gate, Command::Reconcile, Command::Retry];

/// The commands that run a rule.
fn commands(meta: &RuleMeta) -> String {
    let there = meta.commands.iter().filter(|command| COMMANDS.contains(command));
    let list: Vec<String> = there.map(|command| format!("`tidelock {command}`")).collect();
    list.join(", ")
}

fn index(rules: &[&dyn Rule]) -> String {
    let mut text = String::from(
        "# Rules\n\n<!-- Generated from the rules' doc comments. -->\n\n\
         One page a rule; `tidelock explain CODE` prints the same text, `tidelock rules` this list. Codes are permanent.\n\
         The pages are generated: edit the doc comment of the rule, then run\n\
         `UPDATE_DOCS=1 cargo test -p tidelock --test docs`.\n\n\
         | code | name | severity | run by | what |\n| --- | --- | --- | --- | --- |\n",
    );
    for meta in rules.iter().map(|rule| rule.meta()) {
        let RuleMeta { code, name, severity, summary, .. } = meta;
        let run_by = commands(meta);
        writeln!(text, "| [{code}]({code}.md) | `{name}` | {severity} | {run_by} | {summary} |").unwrap();
    }
    text
}

/// Pages written by hand: the README and everything under `docs/`.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    collect(&root().join("docs"), &mut pages);
    for name in ["CONTRIBUTING.md", "CHANGELOG.md", "fixtures/README.md"] {
        pages.extend(Some(root().join(name)).filter(|page| page.is_file()));
    }
    pages
}

fn collect(dir: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}

#[test]
fn the_built_in_schemas_are_listed() {
    const START: &str = "<!-- schemas: generated, UPDATE_DOCS=1 cargo test -p tidelock --test docs -->\n";
    let page = root().join("docs/formats.md");
    let text = fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once(START).unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    let mut table = String::from("| provider | release |\n| --- | --- |\n");
    for provider in Digest::builtin().providers() {
        writeln!(table, "| `{}` | {} |", provider.key, provider.version).unwrap();
    }
    let mut wrong = Vec::new();
    hold(&page, &format!("{head}{START}{table}<!-- end -->{tail}"), &mut wrong);
    assert_held(&wrong);
}

#[test]
fn every_key_of_the_policy_is_explained() {
    const START: &str = "<!-- keys: generated from docs/schema/policy-1.json, UPDATE_DOCS=1 cargo test -p tidelock --test docs -->\n";
    let page = root().join("docs/policy.md");
    let text = fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once(START).unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    let schema: Json = serde_json::from_str(policy::SCHEMA).unwrap();
    let mut tables = String::new();
    keys(&schema, &schema, "", &mut tables);
    for (heading, part) in [
        ("[thresholds]", "thresholds"),
        ("[types.NAME]", "type"),
        ("[types.NAME.paths]", "paths"),
        ("[secrets]", "secrets"),
        ("[[severity]]", "severity_entry"),
        ("[[stack]]", "stack_entry"),
        ("[[waiver]]", "waiver_entry"),
        ("[[inventory]]", "inventory_entry"),
    ] {
        keys(&schema, &schema["$defs"][part], heading, &mut tables);
    }
    keys(&schema, &schema["properties"]["normalisers"], "[normalisers]", &mut tables);
    let mut wrong = Vec::new();
    hold(&page, &format!("{head}{START}{tables}<!-- end -->{tail}"), &mut wrong);
    assert_held(&wrong);
}

/// A table of the keys of one object of a schema.
fn keys(schema: &Json, object: &Json, heading: &str, text: &mut String) {
    if !heading.is_empty() {
        writeln!(text, "### `{heading}`\n").unwrap();
    }
    let required = |name: &str| {
        object["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name))
    };
    text.push_str("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
    for (name, key) in object["properties"].as_object().unwrap() {
        let default = match &key["default"] {
            Json::Null if required(name) => "required".to_owned(),
            Json::Null => String::new(),
            value => format!("`{value}`"),
        };
        let mut meaning = key["description"].as_str().expect(name).replace('|', "\\|");
        if let Some(example) = key["examples"].get(0) {
            write!(meaning, " Example: `{example}`.").unwrap();
        }
        writeln!(text, "| `{name}` | {} | {default} | {meaning} |", kind(schema, key)).unwrap();
    }
    text.push('\n');
}

/// What may stand there, in words.
fn kind(schema: &Json, key: &Json) -> String {
    if let Some(path) = key["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap();
        return match name {
            "pattern" | "rule" => name.to_owned(),
            "patterns" => "pattern or list".to_owned(),
            "texts" | "expressions" => "text or list".to_owned(),
            _ => kind(schema, &schema["$defs"][name]),
        };
    }
    if let Some(words) = key["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect();
        return words.join(", ");
    }
    if key.get("oneOf").is_some() {
        return "rule or list".to_owned();
    }
    let entries = key["items"]["$ref"].as_str().is_some_and(|target| target.ends_with("_entry"));
    match key["type"].as_str().unwrap() {
        "string" => "text",
        "integer" => "number",
        "boolean" => "`true`, `false`",
        "array" if entries => "tables",
        "array" => "list",
        "object" => "table",
        other => other,
    }
    .to_owned()
}

#[test]
fn the_defaults_in_the_schema_of_the_policy_are_those_of_the_rules() {
    let schema: Json = serde_json::from_str(policy::SCHEMA).unwrap();
    let said = schema["$defs"]["thresholds"]["properties"].as_object().unwrap();
    let limits = Thresholds::default();
    let defaults = [
        ("mostly_gone_at_least", json!(limits.mostly_gone_at_least)),
        ("mostly_gone_percent", json!(limits.mostly_gone_percent)),
        ("mass_destroy_at_least", json!(limits.mass_destroy_at_least)),
        ("mass_destroy_percent", json!(limits.mass_destroy_percent)),
        ("blast_radius", json!(limits.blast_radius)),
        ("max_creates", json!(limits.max_creates)),
        ("max_age_hours", json!(limits.max_age_hours)),
    ];
    for (name, default) in &defaults {
        assert_eq!(&said[*name]["default"], default, "{name}");
    }
    assert_eq!(said.len(), defaults.len());
}

/// The question and the fixture's name, from the line above a captured report.
fn captured(line: &str) -> Option<(Command, &str)> {
    let line = line.strip_prefix("<!-- tidelock ")?.strip_suffix(" -->")?;
    let (command, name) = line.split_once(" fixtures/")?;
    Some((*Command::ALL.iter().find(|known| known.as_str() == command)?, name))
}

#[test]
fn captured_reports_are_what_the_program_prints() {
    let mut wrong = Vec::new();
    let mut captures = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let mut lines = text.lines();
        let mut fresh = String::new();
        while let Some(line) = lines.next() {
            writeln!(fresh, "{line}").unwrap();
            let Some((command, name)) = captured(line) else { continue };
            captures += 1;
            assert_eq!(lines.next(), Some("```text"), "{}: {line}", page.display());
            assert!(lines.any(|line| line == "```"), "{}: the block of {line} ends", page.display());
            write!(fresh, "```text\n{}```\n", printed(command, name)).unwrap();
        }
        hold(&page, &fresh, &mut wrong);
    }
    assert_held(&wrong);
    assert!(captures > 0);
}

/// What the program prints for the plan of a fixture, from the root of the repository.
fn printed(command: Command, name: &str) -> String {
    let case = fixtures::case(name).unwrap();
    let tree = cases::sources(&case);
    let plan = Source::new("plan.json", case.plan_json().unwrap());
    let analysis = cases::analysis(&case, &tree).anchor(Anchor::new(&format!("fixtures/{name}")));
    let report = match command {
        Command::Gate => analysis.gate(&plan),
        _ => analysis.drift(&plan),
    };
    let mut bytes = Vec::new();
    human::report(&report.unwrap(), &human::Options::default(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in links(&text) {
            let path = target.split('#').next().unwrap_or_default();
            let leads = path.is_empty() || page.parent().unwrap().join(path).exists();
            if !leads {
                broken.push(format!("{}: {target}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Targets of Markdown links that point into the repository.
fn links(text: &str) -> Vec<&str> {
    let starts = text.split("](").skip(1);
    let targets = starts.filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.contains(char::is_whitespace)).collect()
}

#[test]
fn the_example_of_each_class_has_that_class() {
    let text = fs::read_to_string(root().join("docs/drift.md")).unwrap();
    let mut shown = BTreeMap::new();
    for class in Class::ALL {
        let row = format!("| `{class}` |");
        let line = text.lines().find(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("no row {row}"));
        for link in links(line) {
            let name = link.trim_start_matches("../fixtures/").trim_end_matches('/');
            let case = fixtures::case(name).unwrap();
            let tree = cases::sources(&case);
            let plan = Source::new("plan.json", case.plan_json().unwrap());
            let report = cases::analysis(&case, &tree).drift(&plan).unwrap();
            let mut classes = report.resources.iter().flat_map(|resource| &resource.divergences);
            assert!(classes.any(|divergence| divergence.class == *class), "{name} has no {class}");
            *shown.entry(*class).or_insert(0) += 1;
        }
    }
    assert_eq!(shown.len(), Class::ALL.len(), "each class has an example: {shown:?}");
}
