//! What the tests over recorded cases share.

use std::{fs, path::Path};

use tidelock::{
    Analysis, Error, Report, Source,
    config::MemoryTree,
    context::{Given, Thresholds},
};
use tidelock_testkit::fixtures::{Case, Gate};

/// The `.tf` sources of a case, as the CLI would read them from its folder.
pub(crate) fn sources(case: &Case) -> MemoryTree {
    let mut tree = MemoryTree::default();
    collect(&case.dir, "", &mut tree);
    tree
}

fn collect(dir: &Path, prefix: &str, tree: &mut MemoryTree) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), tree);
        } else if [".tf", ".tfvars", ".tofu"].iter().any(|end| name.ends_with(end))
            || name.ends_with(".tf.json")
        {
            tree.insert(name, fs::read(path).unwrap());
        }
    }
}

/// An analysis that rests on the sources and schemas of a case.
pub(crate) fn analysis<'t>(case: &Case, tree: &'t MemoryTree) -> Analysis<'t> {
    let analysis = Analysis::new().config(tree);
    match &case.meta.schema {
        Some(schema) => analysis.schema(&Source::new(schema, case.bytes(schema).unwrap())).unwrap(),
        None => analysis,
    }
}

/// The gate's report about a case, with what the case gives it beside the plan.
pub(crate) fn gate(case: &Case, gate: &Gate) -> Result<Report, Error> {
    let tree = sources(case);
    let mut given = Given::default();
    given.lineage.clone_from(&gate.args.expect_lineage);
    given.resources = gate.args.expect_resources;
    let mut thresholds = Thresholds::default();
    thresholds.max_creates = gate.args.max_creates;
    let mut analysis = analysis(case, &tree).given(given).thresholds(thresholds);
    if let Some(state) = &gate.args.state {
        analysis = analysis.state(&Source::new(state, case.bytes(state).unwrap()))?;
    }
    analysis.gate(&Source::new("plan.json", case.plan_json().unwrap()))
}
