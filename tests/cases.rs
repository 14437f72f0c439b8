//! What the tests over recorded cases share.

use tidelock::{Analysis, Source, config::MemoryTree};
use tidelock_testkit::fixtures::Case;

/// The `.tf` sources of a case, as the CLI would read them from its folder.
pub(crate) fn sources(case: &Case) -> MemoryTree {
    case.sources().unwrap().into_iter().collect()
}

/// An analysis that rests on the sources and schemas of a case.
pub(crate) fn analysis<'t>(case: &Case, tree: &'t MemoryTree) -> Analysis<'t> {
    let analysis = Analysis::new().config(tree);
    match &case.meta.schema {
        Some(schema) => analysis.schema(&Source::new(schema, case.bytes(schema).unwrap())).unwrap(),
        None => analysis,
    }
}
