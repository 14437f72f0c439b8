//! How two addresses of one type are related.

use tidelock_parse::{ModulePath, ModuleStep, ResourceAddr};

/// What two addresses share; the closer, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kinship {
    /// Nothing that would tell.
    None,
    /// The block, in the same module instance; the key differs.
    Key,
    /// All but the module, or all but the name of the block.
    Renamed,
}

pub(crate) fn kinship(from: &ResourceAddr, to: &ResourceAddr) -> Kinship {
    let (module, name, key) = (from.module == to.module, from.name == to.name, from.key == to.key);
    match (module, name, key) {
        (true, true, false) => Kinship::Key,
        (false, true, true) | (true, false, true) => Kinship::Renamed,
        _ => Kinship::None,
    }
}

/// A module that was renamed: what is left of two module paths without what both end with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rename {
    pub(crate) from: ModulePath,
    pub(crate) to: ModulePath,
}

impl Rename {
    /// The rename that leads from one address to the other; `None` if anything but the module differs.
    pub(crate) fn between(from: &ResourceAddr, to: &ResourceAddr) -> Option<Self> {
        if from.name != to.name || from.key != to.key || from.module == to.module {
            return None;
        }
        let (a, b) = (from.module.steps(), to.module.steps());
        let shared = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
        Some(Self { from: path(a.iter().take(a.len() - shared)), to: path(b.iter().take(b.len() - shared)) })
    }

    /// Where an address comes to lie; `None` if the rename does not concern it.
    pub(crate) fn apply(&self, address: &ResourceAddr) -> Option<ResourceAddr> {
        let rest = address.module.steps().strip_prefix(self.from.steps())?;
        let module = path(self.to.steps().iter().chain(rest));
        Some(ResourceAddr { module, ..address.clone() })
    }
}

fn path<'s>(steps: impl Iterator<Item = &'s ModuleStep>) -> ModulePath {
    steps.fold(ModulePath::root(), |path, step| path.child(&step.name, step.key.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ResourceAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_rename_of_a_module_is_what_the_paths_do_not_share_at_their_end() {
        let from = address(r#"module.a["x"].module.inner.t.n[0]"#);
        let rename = Rename::between(&from, &address("module.b.module.inner.t.n[0]")).unwrap();
        assert_eq!(
            (rename.from.to_string().as_str(), rename.to.to_string().as_str()),
            (r#"module.a["x"]"#, "module.b")
        );
        let other = rename.apply(&address(r#"module.a["x"].u.m"#)).unwrap();
        assert_eq!(other.to_string(), "module.b.u.m");
        assert_eq!(rename.apply(&address("module.a.u.m")), None);
        assert_eq!(Rename::between(&from, &address("module.b.module.inner.t.other[0]")), None);
    }

    #[test]
    fn names_and_modules_relate_more_closely_than_keys() {
        let of = |a: &str, b: &str| kinship(&address(a), &address(b));
        assert_eq!(of("t.a[0]", "t.a[1]"), Kinship::Key);
        assert_eq!(of("t.a[0]", "t.b[0]"), Kinship::Renamed);
        assert_eq!(of("t.a", "module.m.t.a"), Kinship::Renamed);
        assert_eq!(of("t.a[0]", "t.b[1]"), Kinship::None);
    }
}
