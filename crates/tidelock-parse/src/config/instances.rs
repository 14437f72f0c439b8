//! Which instances a configuration declares.

use std::sync::Arc;

use super::{
    Configuration,
    eval::Evaluator,
    module::ResourceName,
    not_known::{NotKnown, Why},
    scope::{Instance, Owner},
};
use crate::address::{ConfigAddr, ConfigModulePath, InstanceKey, Mode, ResourceAddr};

/// Instances of one configuration that are listed.
const MAX_LISTED: usize = 500_000;

/// The managed instances that a configuration declares, as far as they can be counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Declared {
    /// The instances, sorted.
    pub instances: Vec<ResourceAddr>,
    /// What nobody can count from the sources alone, in the order of the sources.
    pub uncounted: Vec<Uncounted>,
}

/// A block or module whose instances cannot be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Uncounted {
    /// A resource block in one module instance.
    Block(ConfigAddr, NotKnown),
    /// A module call, with everything in it.
    Module(ConfigModulePath, NotKnown),
    /// A module whose sources are not there.
    Absent(ConfigModulePath),
    /// A file that does not parse.
    File(String),
    /// Further instances: there are more than are listed.
    Rest,
}

impl Configuration {
    /// The managed instances that the sources declare, with `count`, `for_each` and `enabled` evaluated.
    ///
    /// What `moved` blocks rename and `removed` blocks drop is not looked at.
    pub fn declared(&self) -> Declared {
        let evaluator = Evaluator::new(self);
        let mut found = Declared::default();
        self.declare(&evaluator, &self.root(), &mut found);
        found.instances.sort();
        found
    }

    /// Adds what one module instance holds; the depth of calls is bounded when they are loaded.
    fn declare(&self, evaluator: &Evaluator<'_>, at: &Arc<Instance>, found: &mut Declared) {
        let Some(node) = self.node(at.node) else { return };
        found.uncounted.extend(node.module.broken.iter().map(|file| Uncounted::File(file.path.clone())));
        for (name, block) in node.module.resources.iter().filter(|(name, _)| name.mode == Mode::Managed) {
            let enabled = match &block.lifecycle.enabled {
                Some(flag) => self.flag(&at.path, flag),
                None => Some(true),
            };
            let keys = match enabled {
                Some(true) => evaluator.keys(at, Owner::Resource(block)).map_err(|why: Why| why.reason()),
                Some(false) => Ok(Vec::new()),
                None => Err(NotKnown::Failed("`enabled` has no usable value")),
            };
            match keys {
                Ok(keys) => keys.into_iter().for_each(|key| found.add(address(at, name, key))),
                Err(why) => found.uncounted.push(Uncounted::Block(address(at, name, None).config(), why)),
            }
        }
        for (name, call) in &node.module.calls {
            let path = at.path.config().child(name);
            let Some(child) = node.children.get(name) else {
                found.uncounted.push(Uncounted::Absent(path));
                continue;
            };
            match evaluator.keys(at, Owner::Call(name, call)) {
                Ok(keys) => {
                    for key in keys {
                        if found.instances.len() >= MAX_LISTED {
                            return found.add_rest();
                        }
                        let inside = self.instances.get(&at.path.child(name, key), *child, Some(at));
                        self.declare(evaluator, &inside, found);
                    }
                }
                Err(why) => found.uncounted.push(Uncounted::Module(path, why.reason())),
            }
        }
    }
}

impl Declared {
    fn add(&mut self, address: ResourceAddr) {
        if self.instances.len() < MAX_LISTED { self.instances.push(address) } else { self.add_rest() }
    }

    fn add_rest(&mut self) {
        if self.uncounted.last() != Some(&Uncounted::Rest) {
            self.uncounted.push(Uncounted::Rest);
        }
    }
}

fn address(at: &Instance, name: &ResourceName, key: Option<InstanceKey>) -> ResourceAddr {
    ResourceAddr {
        module: at.path.clone(),
        mode: name.mode,
        type_name: name.type_name.clone(),
        name: name.name.clone(),
        key,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::MemoryTree;

    fn declared(main: &str) -> Declared {
        let module = "variable \"n\" {}\nresource \"a_c\" \"x\" {\n  count = var.n\n}\n";
        let tree = MemoryTree::from([("main.tf", main), ("m/main.tf", module)]);
        Configuration::load(&tree, &BTreeMap::new()).declared()
    }

    fn texts(declared: &Declared) -> Vec<String> {
        declared.instances.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_instance_of_count_for_each_and_modules_is_listed() {
        let found = declared(
            r#"
            locals { names = ["b", "a"] }
            data "a_b" "not_managed" {}
            resource "a_b" "one" {}
            resource "a_b" "none" { count = 0 }
            resource "a_b" "many" { for_each = toset(local.names) }
            module "m" {
              source   = "./m"
              for_each = { x = 1, y = 2 }
              n        = each.value
            }
            "#,
        );
        assert_eq!(found.uncounted, []);
        assert_eq!(
            texts(&found),
            [
                "a_b.many[\"a\"]",
                "a_b.many[\"b\"]",
                "a_b.one",
                "module.m[\"x\"].a_c.x[0]",
                "module.m[\"y\"].a_c.x[0]",
                "module.m[\"y\"].a_c.x[1]",
            ]
        );
    }

    #[test]
    fn what_cannot_be_counted_is_named() {
        let found = declared(
            r#"
            variable "n" { type = number }
            resource "a_b" "many" { count = var.n }
            module "m" {
              source = "./m"
              n      = 1
            }
            module "elsewhere" { source = "registry.example/x/y/z" }
            "#,
        );
        assert_eq!(texts(&found), ["module.m.a_c.x[0]"]);
        let [Uncounted::Block(block, NotKnown::Variable(name)), Uncounted::Absent(module)] =
            found.uncounted.as_slice()
        else {
            panic!("{found:?}")
        };
        assert_eq!((block.to_string().as_str(), &**name), ("a_b.many", "n"));
        assert_eq!(module.to_string(), "module.elsewhere");
    }
}
