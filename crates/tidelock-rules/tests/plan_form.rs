//! The graph of what plan JSON tells of a configuration, and of what the sources tell in its place.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::{
    Configuration, Plan, Schemas, Source,
    config::{Dialect, MemoryTree},
    plan::PlanConfiguration,
};
use tidelock_rules::graph::Graph;

/// Every edge between blocks of the configuration.
fn edges(configuration: &PlanConfiguration) -> BTreeSet<String> {
    let graph = Graph::of(None, configuration);
    let blocks = configuration.modules().flat_map(|(_, module)| module.resources.keys());
    let of = |block| {
        graph
            .references(block)
            .map(move |edge| format!("{block} {:?} {} {}", edge.through, edge.target, edge.attribute))
    };
    blocks.flat_map(of).collect()
}

#[test]
fn sources_give_the_graph_that_every_recorded_plan_gives() {
    let mut count = 0;
    for case in tidelock_testkit::fixtures::all().unwrap() {
        let plan = Plan::from_source(&Source::new(&case.name, case.plan_json().unwrap())).unwrap();
        let tree: MemoryTree = case.sources().unwrap().into_iter().collect();
        let sources = Configuration::load_as(&tree, &BTreeMap::new(), Dialect::OpenTofu);
        let recorded = edges(&plan.configuration().unwrap());
        let made = edges(&PlanConfiguration::from_sources(&sources, &Schemas::builtin()));
        assert_eq!(made, recorded, "{}", case.name);
        count += made.len();
    }
    assert!(count >= 20, "only {count} edges were compared");
}
