//! What a name means where it is used: module instances, `each` and `count`, bound names.

use std::{
    collections::BTreeMap,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    lifecycle::ResourceBlock,
    module::ModuleCall,
    syntax::{Attr, Expr},
    val::Val,
};
use crate::{
    address::{InstanceKey, Mode, ModulePath},
    path::Step,
};

/// An instance of a module.
#[derive(Debug)]
pub(crate) struct Instance {
    /// Position in the order in which instances were first asked for.
    pub(crate) id: usize,
    pub(crate) path: ModulePath,
    /// Position of its module among the nodes of the configuration.
    pub(crate) node: usize,
    pub(crate) parent: Option<Arc<Instance>>,
}

impl Instance {
    /// The key of this instance in its call.
    pub(crate) fn key(&self) -> Option<&InstanceKey> {
        self.path.steps().last().and_then(|step| step.key.as_ref())
    }

    pub(crate) fn call_name(&self) -> Option<&str> {
        self.path.steps().last().map(|step| &*step.name)
    }
}

/// The module instances that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Instances(Mutex<BTreeMap<ModulePath, Arc<Instance>>>);

impl Instances {
    pub(crate) fn get(
        &self,
        path: &ModulePath,
        node: usize,
        parent: Option<&Arc<Instance>>,
    ) -> Arc<Instance> {
        let mut all = lock(&self.0);
        if let Some(instance) = all.get(path) {
            return Arc::clone(instance);
        }
        let instance =
            Arc::new(Instance { id: all.len(), path: path.clone(), node, parent: parent.map(Arc::clone) });
        all.insert(path.clone(), Arc::clone(&instance));
        instance
    }
}

/// Takes a lock whatever happened to its last holder: what it guards is only ever replaced as a whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Named values of a module instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    Variable,
    Local,
    Output,
    /// `count` or `for_each` of a resource (by its address) or call.
    Repetition,
}

/// Which value of which module instance.
pub(crate) type Key = (usize, Named, Box<str>);

/// Values that were evaluated.
#[derive(Debug, Default)]
pub(crate) struct Memo(Mutex<BTreeMap<Key, Val>>);

impl Memo {
    pub(crate) fn get(&self, key: &Key) -> Option<Val> {
        lock(&self.0).get(key).cloned()
    }

    pub(crate) fn insert(&self, key: Key, value: Val) {
        lock(&self.0).insert(key, value);
    }
}

/// A block or call that may stand for several instances.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'c> {
    Resource(&'c ResourceBlock),
    Call(&'c str, &'c ModuleCall),
}

impl<'c> Owner<'c> {
    pub(crate) fn count(self) -> Option<&'c Attr> {
        match self {
            Self::Resource(block) => block.count.as_ref(),
            Self::Call(_, call) => call.count.as_ref(),
        }
    }

    pub(crate) fn for_each(self) -> Option<&'c Attr> {
        match self {
            Self::Resource(block) => block.for_each.as_ref(),
            Self::Call(_, call) => call.for_each.as_ref(),
        }
    }

    /// Name that is unique among the owners of a module.
    pub(crate) fn name(self) -> Box<str> {
        match self {
            Self::Resource(block) => {
                let mode = match block.mode {
                    Mode::Managed => "",
                    Mode::Data => "data.",
                    Mode::Ephemeral => "ephemeral.",
                };
                format!("{mode}{}.{}", block.type_name, block.name).into()
            }
            Self::Call(name, _) => format!("module.{name}").into(),
        }
    }
}

/// What `each` and `count` mean.
#[derive(Clone, Debug)]
pub(crate) struct Repeated<'c> {
    pub(crate) owner: Owner<'c>,
    pub(crate) key: Option<InstanceKey>,
}

/// Where an expression is evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Env<'c> {
    pub(crate) instance: Arc<Instance>,
    pub(crate) repeated: Option<Rc<Repeated<'c>>>,
    bound: Option<Rc<Bound<'c>>>,
}

/// A name bound by `for`, or the iterator of a `dynamic` block.
#[derive(Debug)]
pub(crate) struct Bound<'c> {
    pub(crate) name: &'c str,
    pub(crate) value: Val,
    pub(crate) source: Option<Source<'c>>,
    outer: Option<Rc<Bound<'c>>>,
}

/// Which part of which expression a bound name stands for.
#[derive(Clone, Debug)]
pub(crate) struct Source<'c> {
    pub(crate) collection: &'c Expr,
    pub(crate) env: Env<'c>,
    pub(crate) step: Step,
    pub(crate) role: Role,
}

/// Whether bound names must lead back to where their values were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sourced {
    Yes,
    /// Only values are asked for.
    No,
}

/// How a bound name gives its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The name is the element.
    Element,
    /// The name is an iterator, the element is its `value`.
    Iterator,
}

impl<'c> Env<'c> {
    pub(crate) fn new(instance: Arc<Instance>, repeated: Option<Repeated<'c>>) -> Self {
        Self { instance, repeated: repeated.map(Rc::new), bound: None }
    }

    #[must_use]
    pub(crate) fn bind(&self, name: &'c str, value: Val, source: Option<Source<'c>>) -> Self {
        let bound = Bound { name, value, source, outer: self.bound.clone() };
        Self { bound: Some(Rc::new(bound)), ..self.clone() }
    }

    pub(crate) fn bound(&self, name: &str) -> Option<&Bound<'c>> {
        let mut at = self.bound.as_deref();
        while let Some(bound) = at {
            if bound.name == name {
                return Some(bound);
            }
            at = bound.outer.as_deref();
        }
        None
    }
}
