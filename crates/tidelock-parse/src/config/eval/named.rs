//! Named values of a module instance: variables, locals, outputs, `count` and `for_each`.

use std::{collections::BTreeMap, sync::Arc};

use super::Evaluator;
use crate::{
    address::InstanceKey,
    config::{
        module::{ModuleCall, Variable},
        not_known::{Eval, NotKnown, Why},
        scope::{Env, Instance, Key, Named, Owner, Repeated},
        syntax::Attr,
        types::to_number,
        val::Val,
    },
    value::MAX_DEPTH,
};

/// Parts of a value that is given a name.
const MAX_PARTS: usize = 1 << 20;
/// Instances of one block.
const MAX_INSTANCES: u64 = 100_000;

impl<'c> Evaluator<'c> {
    /// Evaluates a named value once, and sees when it needs itself.
    fn named(&self, instance: &Instance, named: Named, name: &str, compute: impl FnOnce() -> Eval) -> Val {
        let key: Key = (instance.id, named, name.into());
        if let Some(value) = self.memo.get(&key) {
            return value;
        }
        if self.active.borrow().contains(&key) {
            return Val::Unknown(Why::opaque(NotKnown::Cycle));
        }
        self.active.borrow_mut().push(key);
        // A failure inside is no failure of who refers to it: the real thing would have stopped there.
        let value = compute().unwrap_or_else(|fail| Val::Unknown(Why::failed(fail)));
        let value =
            if fits(&value, MAX_DEPTH, &mut MAX_PARTS.clone()) { value } else { Val::Unknown(Why::limit()) };
        let key = self.active.borrow_mut().pop();
        if let (Some(key), false) = (key, self.is_cut()) {
            self.memo.insert(key, value.clone());
        }
        value
    }

    /// The environment of expressions that belong to the module instance as a whole.
    pub(crate) fn module_env(instance: &Arc<Instance>) -> Env<'c> {
        Env::new(Arc::clone(instance), None)
    }

    /// The environment of the arguments of the call that made a module instance.
    pub(crate) fn call_env(&self, instance: &Instance) -> Option<(&'c ModuleCall, Env<'c>)> {
        let parent = instance.parent.as_ref()?;
        let (name, call) =
            self.config.node(parent.node)?.module.calls.get_key_value(instance.call_name()?)?;
        let repeated = Repeated { owner: Owner::Call(name, call), key: instance.key().cloned() };
        Some((call, Env::new(Arc::clone(parent), Some(repeated))))
    }

    pub(crate) fn local(&self, instance: &Arc<Instance>, name: &str) -> Val {
        let Some(attr) = self.config.node(instance.node).and_then(|node| node.module.locals.get(name)) else {
            return Val::Unknown(Why::seen(NotKnown::Reference(format!("local.{name}").into())));
        };
        self.named(instance, Named::Local, name, || self.eval(&attr.value, &Self::module_env(instance)))
    }

    pub(crate) fn variable(&self, instance: &Arc<Instance>, name: &str) -> Val {
        self.named(instance, Named::Variable, name, || {
            let Some(variable) =
                self.config.node(instance.node).and_then(|node| node.module.variables.get(name))
            else {
                return Ok(missing(name));
            };
            match self.call_env(instance) {
                Some((call, env)) => self.argument_value(variable, call.arg(name), &env, instance),
                None if instance.parent.is_none() => self.root_variable(name, variable, instance),
                None => Ok(missing(name)),
            }
        })
    }

    fn argument_value(
        &self,
        variable: &'c Variable,
        arg: Option<&'c Attr>,
        env: &Env<'c>,
        instance: &Arc<Instance>,
    ) -> Eval {
        let given = arg.map(|arg| self.eval(&arg.value, env)).transpose()?;
        self.typed(variable, given, instance)
    }

    /// A value as its variable has it: the default where none is given, converted to the type.
    pub(crate) fn typed(&self, variable: &'c Variable, given: Option<Val>, instance: &Arc<Instance>) -> Eval {
        let given = given.filter(|value| !value.is_null() || variable.nullable);
        let value = match (given, &variable.default) {
            (Some(value), _) => value,
            (None, Some(default)) => self.eval(&default.value, &Self::module_env(instance))?,
            (None, None) => return Ok(Val::Unknown(Why::seen(NotKnown::Other))),
        };
        let env = Self::module_env(instance);
        variable.ty.convert(value, &|default| self.value(default, &env))
    }

    fn root_variable(&self, name: &str, variable: &'c Variable, instance: &Arc<Instance>) -> Eval {
        let from_files = self.file_value(name, variable, instance)?;
        let Some(given) = self.config.given.get(name) else {
            return Ok(from_files.unwrap_or_else(|| missing(name)));
        };
        let given = self.typed(variable, Some(Val::from_value(given)), instance)?;
        // The same value, with where it was written: this is how a marked literal shows up.
        match from_files {
            Some(files) if self.is_marking() && Why::of(&files).is_some_and(|why| why.marked) => Ok(files),
            _ => Ok(given),
        }
    }

    /// What the variables files and the default say; `None` if they say nothing.
    pub(crate) fn file_value(
        &self,
        name: &str,
        variable: &'c Variable,
        instance: &Arc<Instance>,
    ) -> Result<Option<Val>, crate::config::not_known::Fail> {
        let env = Self::module_env(instance);
        let written =
            self.config.variable_files.get(name).map(|attr| self.eval(&attr.value, &env)).transpose()?;
        if written.is_none() && variable.default.is_none() {
            return Ok(None);
        }
        self.typed(variable, written, instance).map(Some)
    }

    pub(crate) fn output(
        &self,
        caller: &Arc<Instance>,
        call: &str,
        key: Option<InstanceKey>,
        output: &str,
    ) -> Val {
        let Some(child) = self.child(caller, call, key) else {
            return Val::Unknown(Why::seen(NotKnown::Module(call.into())));
        };
        let Some(attr) = self.config.node(child.node).and_then(|node| node.module.outputs.get(output)) else {
            return Val::Unknown(Why::seen(NotKnown::Reference(format!("module.{call}.{output}").into())));
        };
        self.named(&child, Named::Output, output, || self.eval(&attr.value, &Self::module_env(&child)))
    }

    /// All outputs of a module instance, as an object.
    pub(crate) fn outputs(&self, caller: &Arc<Instance>, call: &str, key: Option<&InstanceKey>) -> Val {
        let Some(child) = self.child(caller, call, key.cloned()) else {
            return Val::Unknown(Why::seen(NotKnown::Module(call.into())));
        };
        let names = self.config.node(child.node).map(|node| node.module.outputs.keys());
        let output = |name: &str| (Arc::from(name), self.output(caller, call, key.cloned(), name));
        Val::object(names.into_iter().flatten().map(|name| output(name)).collect::<BTreeMap<_, _>>())
    }

    /// The value of `count` or `for_each`.
    pub(crate) fn repetition(&self, instance: &Arc<Instance>, owner: Owner<'c>) -> Val {
        self.named(instance, Named::Repetition, &owner.name(), || {
            let env = Self::module_env(instance);
            match (owner.count(), owner.for_each()) {
                (Some(count), _) => to_number(self.eval(&count.value, &env)?),
                (None, Some(for_each)) => self.eval(&for_each.value, &env),
                (None, None) => Ok(Val::Null),
            }
        })
    }

    /// The keys of the instances of a block or call in one module instance.
    pub(crate) fn keys(
        &self,
        instance: &Arc<Instance>,
        owner: Owner<'c>,
    ) -> Result<Vec<Option<InstanceKey>>, Why> {
        if owner.count().is_none() && owner.for_each().is_none() {
            return Ok(vec![None]);
        }
        let failed = || Why::opaque(NotKnown::Failed("count or for_each has no usable value"));
        match self.repetition(instance, owner) {
            Val::Unknown(why) => Err(why),
            Val::Number(number) if owner.count().is_some() => {
                let count = number.as_u64().filter(|count| *count <= MAX_INSTANCES).ok_or_else(failed)?;
                Ok((0..count).map(|at| Some(InstanceKey::Int(at))).collect())
            }
            Val::Map(_, fields) => {
                Ok(fields.keys().map(|key| Some(InstanceKey::Str((&**key).into()))).collect())
            }
            Val::Seq(_, items) => {
                let key = |item: &Val| item.as_text().map(|key| Some(InstanceKey::Str(key.into())));
                items.iter().map(key).collect::<Option<_>>().ok_or_else(failed)
            }
            _ => Err(failed()),
        }
    }
}

fn missing(name: &str) -> Val {
    Val::Unknown(Why::seen(NotKnown::Variable(name.into())))
}

/// Whether a value is small enough to be given a name, so that naming it again and again stays bounded.
fn fits(value: &Val, depth: usize, parts: &mut usize) -> bool {
    let (Some(depth), Some(rest)) = (depth.checked_sub(1), parts.checked_sub(1)) else {
        return false;
    };
    *parts = rest;
    match value {
        Val::Seq(_, items) => items.iter().all(|item| fits(item, depth, parts)),
        Val::Map(_, fields) => fields.values().all(|field| fits(field, depth, parts)),
        _ => true,
    }
}
