use std::collections::BTreeSet;

use super::*;

fn metas() -> Vec<&'static RuleMeta> {
    RULES.iter().map(|rule| rule.meta()).collect()
}

#[test]
fn every_rule_file_is_registered() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
    let files: BTreeSet<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .filter(|name| name != "tests")
        .collect();
    let names: BTreeSet<String> = metas().iter().map(|meta| meta.name.to_owned()).collect();
    assert_eq!(files, names);
}

#[test]
fn codes_are_sorted_and_unique() {
    let codes: Vec<&str> = metas().iter().map(|meta| meta.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(codes, sorted);
}

#[test]
fn every_rule_is_documented_under_the_same_headings() {
    for meta in metas() {
        let text = meta.markdown();
        let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let expected = ["What it finds", "Why it matters", "Example", "What to do", "What it misses"];
        assert_eq!(headings, expected, "{}", meta.code);
        assert!(meta.summary.ends_with('.') && !meta.summary.starts_with(' '), "{:?}", meta.summary);
    }
}

#[test]
fn rules_are_found_by_code_and_by_name() {
    assert_eq!(find("TL101").map(|meta| meta.name), Some("changed-outside"));
    assert_eq!(find("drift-destroys").map(|meta| meta.code), Some("TL104"));
    assert!(find("TL999").is_none());
}
