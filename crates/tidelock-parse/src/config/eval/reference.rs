//! References: what the first names of a traversal stand for.

use super::Evaluator;
use crate::{
    address::{InstanceKey, Mode, ResourceAddr},
    config::{
        lifecycle::{Repetition, static_step},
        not_known::{Eval, Fail, NotKnown, Why},
        scope::{Env, Instance, Owner},
        syntax::{Expr, ExprKind, Op},
        val::Val,
    },
    path::{AttrPath, Step},
};

impl<'c> Evaluator<'c> {
    pub(super) fn traversal(&self, root: &'c Expr, ops: &'c [Op], env: &Env<'c>) -> Eval {
        let ExprKind::Root(name) = &root.kind else {
            let value = self.eval(root, env)?;
            return self.apply(value, ops, env);
        };
        if let Some(bound) = env.bound(name) {
            return self.apply(bound.value.clone(), ops, env);
        }
        let Some((Op::Attr(first), rest)) = ops.split_first() else {
            return Ok(self.unknown_reference(name, ops, env));
        };
        let value = match &**name {
            "var" => self.variable(&env.instance, first),
            "local" => self.local(&env.instance, first),
            "each" | "count" => self.repeated(name, first, env)?,
            "module" => return self.module_reference(first, rest, env),
            "path" | "terraform" | "tofu" | "self" => {
                Val::Unknown(Why::seen(NotKnown::Environment(format!("{name}.{first}").into())))
            }
            _ => return Ok(self.resource_reference(name, ops, env)),
        };
        self.apply(value, rest, env)
    }

    fn repeated(&self, name: &str, attr: &str, env: &Env<'c>) -> Eval {
        let missing = || Val::Unknown(Why::seen(NotKnown::Environment(format!("{name}.{attr}").into())));
        let Some(repeated) = &env.repeated else { return Ok(missing()) };
        match (name, attr, &repeated.key) {
            ("each", "key", Some(InstanceKey::Str(key))) => Ok(Val::text(&**key)),
            ("each", "value", Some(InstanceKey::Str(key))) => {
                let collection = self.repetition(&env.instance, repeated.owner);
                match &collection {
                    Val::Map(_, fields) => fields.get(&**key).cloned().ok_or(Fail("no such instance")),
                    Val::Seq(_, items) => {
                        let own = items.iter().find(|item| item.as_text() == Some(key));
                        own.cloned().ok_or(Fail("no such instance"))
                    }
                    Val::Unknown(_) => Ok(collection),
                    _ => Err(Fail("for_each takes a map or a set")),
                }
            }
            ("count", "index", Some(InstanceKey::Int(at))) => Ok(Val::Number((*at).into())),
            _ => Ok(missing()),
        }
    }

    /// `module.NAME…`: one output of one instance where the steps say so, else all outputs.
    fn module_reference(&self, name: &'c str, ops: &'c [Op], env: &Env<'c>) -> Eval {
        let node = self.config.node(env.instance.node);
        let Some((call, _)) =
            node.and_then(|node| Some((node.module.calls.get(name)?, node.children.get(name)?)))
        else {
            let why = Why::seen(NotKnown::Module(name.into()));
            return Ok(Val::Unknown(why.and(self.marks(ops, env).as_ref())));
        };
        if call.repetition() == Repetition::Single {
            return match ops.split_first() {
                Some((Op::Attr(output), rest)) => {
                    let value = self.output(&env.instance, name, None, output);
                    self.apply(value, rest, env)
                }
                _ => self.apply(self.outputs(&env.instance, name, None), ops, env),
            };
        }
        if let Some((Op::Index(key), rest)) = ops.split_first() {
            let key = match self.eval(key, env)? {
                Val::Text(key) => InstanceKey::Str((&*key).into()),
                Val::Number(number) => InstanceKey::Int(number.as_u64().ok_or(Fail("no index of a module"))?),
                Val::Unknown(why) => {
                    return Ok(Val::Unknown(why.unseen()));
                }
                _ => return Err(Fail("no key of a module")),
            };
            return match rest.split_first() {
                Some((Op::Attr(output), rest)) => {
                    let value = self.output(&env.instance, name, Some(key), output);
                    self.apply(value, rest, env)
                }
                _ => self.apply(self.outputs(&env.instance, name, Some(&key)), rest, env),
            };
        }
        let all = match self.keys(&env.instance, Owner::Call(name, call)) {
            Err(why) => Val::Unknown(why.unseen()),
            Ok(keys) if call.repetition() == Repetition::Count => Val::tuple(
                keys.into_iter().map(|key| self.outputs(&env.instance, name, key.as_ref())).collect(),
            ),
            Ok(keys) => {
                let entry = |key: Option<InstanceKey>| match key {
                    Some(InstanceKey::Str(ref text)) => {
                        let outputs = self.outputs(&env.instance, name, key.as_ref());
                        Some((std::sync::Arc::from(&**text), outputs))
                    }
                    _ => None,
                };
                Val::object(keys.into_iter().filter_map(entry).collect())
            }
        };
        self.apply(all, ops, env)
    }

    /// A resource or data source. Its values are not in the sources; a resolver may know them.
    fn resource_reference(&self, name: &str, ops: &'c [Op], env: &Env<'c>) -> Val {
        self.resolved(name, ops, env).unwrap_or_else(|| self.unknown_reference(name, ops, env))
    }

    fn resolved(&self, name: &str, ops: &'c [Op], env: &Env<'c>) -> Option<Val> {
        let resolver = self.config.resolver.as_ref()?;
        let (mode, type_name, ops) = match (name, ops.split_first()?) {
            ("data", (Op::Attr(type_name), rest)) => (Mode::Data, &**type_name, rest),
            ("ephemeral", _) => return None,
            _ => (Mode::Managed, name, ops),
        };
        let (Op::Attr(block), rest) = ops.split_first()? else { return None };
        let (key, rest) = match rest.split_first() {
            Some((Op::Index(key), behind)) => match self.value(key, env) {
                Val::Text(key) => (Some(InstanceKey::Str((&*key).into())), behind),
                Val::Number(number) => (Some(InstanceKey::Int(number.as_u64()?)), behind),
                _ => return None,
            },
            _ => (None, rest),
        };
        let addr = ResourceAddr {
            module: env.instance.path.clone(),
            mode,
            type_name: type_name.into(),
            name: block.clone(),
            key,
        };
        let steps = rest.iter().map_while(static_step).collect::<Vec<Step>>();
        // At least one attribute: whole instances would have to be complete.
        let path = AttrPath::from(steps);
        if path.is_root() {
            return None;
        }
        let behind = rest.get(path.steps().len()..)?;
        let value = Val::from_value(&resolver.value(&addr, &path)?);
        self.apply(value, behind, env).ok()
    }

    fn unknown_reference(&self, name: &str, ops: &'c [Op], env: &Env<'c>) -> Val {
        let steps = ops.iter().map_while(static_step);
        let path: AttrPath = std::iter::once(Step::Attr(name.into())).chain(steps).collect();
        let why = Why::seen(NotKnown::Reference(path.to_string().into()));
        Val::Unknown(why.and(self.marks(ops, env).as_ref()))
    }

    /// What is not known about the keys of a reference.
    fn marks(&self, ops: &'c [Op], env: &Env<'c>) -> Option<Why> {
        let keys: Vec<Val> = ops
            .iter()
            .filter_map(|op| match op {
                Op::Index(key) => Some(self.value(key, env)),
                _ => None,
            })
            .collect();
        Why::of_all(&keys)
    }

    /// The instance of a called module, if its sources are there.
    pub(crate) fn child(
        &self,
        caller: &std::sync::Arc<Instance>,
        name: &str,
        key: Option<InstanceKey>,
    ) -> Option<std::sync::Arc<Instance>> {
        let node = *self.config.node(caller.node)?.children.get(name)?;
        let path = caller.path.child(name, key);
        Some(self.config.instances.get(&path, node, Some(caller)))
    }
}
