//! What the tests over recorded cases share.

use std::{fs, path::Path};

use tidelock::{Analysis, Source, config::MemoryTree};
use tidelock_testkit::fixtures::Case;

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
