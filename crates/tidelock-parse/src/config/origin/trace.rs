//! Follows an expression to the literal that gives it its value.

use super::NoOrigin;
use crate::{
    address::InstanceKey,
    address::ResourceAddr,
    config::{
        eval::{Evaluator, index_step},
        loader::Editable,
        module::Variable,
        scope::{Env, Role, Source, Sourced},
        setting::Found,
        syntax::{Attr, Call, Expr, ExprKind, For, Op, Part},
        tree::VariableFiles,
        types::Type,
        val::{SeqKind, Val},
    },
    path::Step,
};

/// A literal that was arrived at.
pub(crate) struct Literal<'c> {
    pub(crate) expr: &'c Expr,
    /// What it is written for.
    pub(crate) name: Option<Box<str>>,
}

type Traced<'c> = Result<Literal<'c>, NoOrigin>;

/// References behind each other; the search gives up beyond.
const MAX_HOPS: usize = 100;

/// Where the search stands: an expression, and the steps into its value.
struct At<'c> {
    expr: &'c Expr,
    env: Env<'c>,
    steps: Vec<Step>,
    name: Option<Box<str>>,
    hops: usize,
}

impl<'c> At<'c> {
    /// The same steps into another expression.
    fn to(self, expr: &'c Expr) -> Self {
        Self { expr, ..self }
    }

    /// The same steps into one of several expressions to choose from. What it is written for belongs to the choice,
    /// which must not be written over.
    fn into_choice(self, expr: &'c Expr) -> Self {
        Self { expr, name: None, ..self }
    }

    /// One step less, into a part of the expression that is written for `name`.
    fn into_part(mut self, expr: &'c Expr, name: Option<Box<str>>) -> Self {
        self.steps.remove(0);
        Self { expr, name, ..self }
    }

    fn first(&self) -> Option<&Step> {
        self.steps.first()
    }
}

impl<'c> Evaluator<'c> {
    /// The literal that sets a path of an instance.
    pub(crate) fn literal(&self, addr: &ResourceAddr, path: &[Step]) -> Traced<'c> {
        match self.find(addr, path) {
            Found::Nothing => Err(NoOrigin::NotSet),
            Found::CannotTell(_) => Err(NoOrigin::Unknown),
            Found::Blocks { .. } => Err(NoOrigin::Blocks),
            Found::Expr { expr, env, rest, name, .. } => {
                self.trace(At { expr, env, steps: rest, name, hops: 0 })
            }
        }
    }

    fn trace(&self, mut at: At<'c>) -> Traced<'c> {
        at.hops += 1;
        if at.hops > MAX_HOPS {
            return Err(NoOrigin::Unknown);
        }
        match &at.expr.kind {
            ExprKind::Paren(inner) => self.trace(at.to(inner)),
            ExprKind::Template(parts) => match parts.as_slice() {
                [Part::Interpolation(inner)] => self.trace(at.to(inner)),
                _ => Err(NoOrigin::Computed),
            },
            ExprKind::Literal(Val::Null) => Err(NoOrigin::NotSet),
            ExprKind::Literal(_) => self.arrive(at),
            ExprKind::Object(items) => self.member_origin(at, items),
            ExprKind::Tuple(items) => match at.first() {
                None => self.arrive(at),
                Some(Step::Index(index)) => {
                    let item = usize::try_from(*index).ok().and_then(|index| items.get(index));
                    let item = item.ok_or(NoOrigin::NotSet)?;
                    self.trace(at.into_part(item, None))
                }
                Some(_) => Err(NoOrigin::Unknown),
            },
            ExprKind::Root(name) => self.bound(at, name, &[]),
            ExprKind::Traversal(root, ops) => self.traversal_origin(at, root, ops),
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                match crate::config::types::to_bool(self.value(condition, &at.env)) {
                    Ok(Val::Bool(true)) => self.trace(at.into_choice(then)),
                    Ok(Val::Bool(false)) => self.trace(at.into_choice(otherwise)),
                    _ => Err(NoOrigin::Unknown),
                }
            }
            ExprKind::Call(call) => self.call_origin(at, call),
            ExprKind::For(each) => self.for_origin(at, each),
            ExprKind::Unary(..) | ExprKind::Binary(..) => Err(NoOrigin::Computed),
        }
    }

    /// The expression is the literal, if it is one with nothing computed in it.
    fn arrive(&self, at: At<'c>) -> Traced<'c> {
        if !at.steps.is_empty() || !is_literal(at.expr) {
            return Err(NoOrigin::Computed);
        }
        // Only a literal whose bytes are known can be replaced.
        if !at.expr.place.is_exact() {
            return Err(NoOrigin::Unknown);
        }
        match self.config.node(at.env.instance.node).map(|node| node.editable) {
            Some(Editable::Yes) => Ok(Literal { expr: at.expr, name: at.name }),
            Some(Editable::Elsewhere) => Err(NoOrigin::OutsideRoot),
            _ => Err(NoOrigin::Downloaded),
        }
    }

    fn member_origin(&self, at: At<'c>, items: &'c [(Expr, Expr)]) -> Traced<'c> {
        let Some(step) = at.first() else {
            return self.arrive(at);
        };
        let name: Box<str> = step.name().ok_or(NoOrigin::Unknown)?.into();
        if !self.keys_known(items, &at.env) {
            return Err(NoOrigin::Unknown);
        }
        match self.member(items, &name, &at.env) {
            Some((_, value)) => self.trace(at.into_part(value, Some(name))),
            None => Err(NoOrigin::NotSet),
        }
    }

    fn keys_known(&self, items: &'c [(Expr, Expr)], env: &Env<'c>) -> bool {
        items
            .iter()
            .all(|(key, _)| matches!(crate::config::types::to_text(self.value(key, env)), Ok(Val::Text(_))))
    }

    /// A name bound by `for` or `dynamic`, with the steps that are written behind it.
    fn bound(&self, at: At<'c>, name: &str, ops: &'c [Op]) -> Traced<'c> {
        let bound = at.env.bound(name).ok_or(NoOrigin::Unknown)?;
        let source = bound.source.clone().ok_or(NoOrigin::Computed)?;
        let mut steps = self.steps_behind(bound.value.clone(), ops, &at.env)?;
        if source.role == Role::Iterator {
            match steps.first() {
                Some(Step::Attr(part)) if &**part == "value" => steps.remove(0),
                _ => return Err(NoOrigin::Computed),
            };
        }
        steps.insert(0, source.step.clone());
        steps.extend(at.steps);
        let Source { collection, env, .. } = source;
        self.trace(At { expr: collection, env, steps, name: at.name, hops: at.hops })
    }

    /// The steps that operators take from a value on.
    fn steps_behind(&self, mut value: Val, ops: &'c [Op], env: &Env<'c>) -> Result<Vec<Step>, NoOrigin> {
        let mut steps = Vec::with_capacity(ops.len());
        for op in ops {
            let step = match op {
                Op::Attr(name) => Step::Attr(name.clone()),
                Op::Index(key) => index_step(&value, &self.value(key, env)).map_err(|_| NoOrigin::Unknown)?,
                Op::AttrSplat | Op::FullSplat => return Err(NoOrigin::Computed),
            };
            value = value.step(&step).ok_or(NoOrigin::Unknown)?;
            steps.push(step);
        }
        Ok(steps)
    }

    fn traversal_origin(&self, at: At<'c>, root: &'c Expr, ops: &'c [Op]) -> Traced<'c> {
        let ExprKind::Root(name) = &root.kind else {
            let value = self.value(root, &at.env);
            let mut steps = self.steps_behind(value, ops, &at.env)?;
            steps.extend(at.steps.iter().cloned());
            return self.trace(At { expr: root, steps, ..at });
        };
        if at.env.bound(name).is_some() {
            return self.bound(at, name, ops);
        }
        let (Some(Op::Attr(first)), rest) = (ops.first(), ops.get(1..).unwrap_or_default()) else {
            return Err(NoOrigin::Computed);
        };
        match &**name {
            "var" => {
                let value = self.variable(&at.env.instance, first);
                let at = self.behind(at, value, rest)?;
                self.variable_origin(at, first)
            }
            "local" => {
                let value = self.local(&at.env.instance, first);
                let at = self.behind(at, value, rest)?;
                let local =
                    self.config.node(at.env.instance.node).and_then(|node| node.module.locals.get(first));
                let attr = local.ok_or(NoOrigin::Unknown)?;
                self.named_origin(at, attr)
            }
            "each" if &**first == "value" => self.each_value(at, rest),
            "module" => self.module_origin(at, first, rest),
            _ => Err(NoOrigin::Computed),
        }
    }

    /// The position behind the steps of a reference to a value.
    fn behind(&self, at: At<'c>, value: Val, ops: &'c [Op]) -> Result<At<'c>, NoOrigin> {
        let mut steps = self.steps_behind(value, ops, &at.env)?;
        steps.extend(at.steps.iter().cloned());
        Ok(At { steps, ..at })
    }

    /// Goes on with the expression of a local or output in the environment of its module.
    fn named_origin(&self, at: At<'c>, attr: &'c Attr) -> Traced<'c> {
        let env = Self::module_env(&at.env.instance);
        self.trace(At { expr: &attr.value, env, name: Some(attr.name.clone()), ..at })
    }

    fn each_value(&self, at: At<'c>, ops: &'c [Op]) -> Traced<'c> {
        let repeated = at.env.repeated.clone().ok_or(NoOrigin::Unknown)?;
        let Some(InstanceKey::Str(key)) = &repeated.key else {
            return Err(NoOrigin::Unknown);
        };
        // The elements of a set are the keys of the instances.
        let Val::Map(_, fields) = self.repetition(&at.env.instance, repeated.owner) else {
            return Err(NoOrigin::Computed);
        };
        let value = fields.get(&**key).cloned().ok_or(NoOrigin::Unknown)?;
        let mut at = self.behind(at, value, ops)?;
        at.steps.insert(0, Step::Key(key.clone()));
        let attr = repeated.owner.for_each().ok_or(NoOrigin::Unknown)?;
        let env = Self::module_env(&at.env.instance);
        self.trace(At { expr: &attr.value, env, ..at })
    }

    fn module_origin(&self, at: At<'c>, call: &'c str, ops: &'c [Op]) -> Traced<'c> {
        let (key, ops) = match ops.split_first() {
            Some((Op::Index(key), rest)) => match self.value(key, &at.env) {
                Val::Text(key) => (Some(InstanceKey::Str((&*key).into())), rest),
                Val::Number(number) => (number.as_u64().map(InstanceKey::Int), rest),
                _ => return Err(NoOrigin::Unknown),
            },
            _ => (None, ops),
        };
        let Some((Op::Attr(output), rest)) = ops.split_first() else {
            return Err(NoOrigin::Computed);
        };
        let value = self.output(&at.env.instance, call, key.clone(), output);
        let child = self.child(&at.env.instance, call, key).ok_or(NoOrigin::Unknown)?;
        let at = self.behind(at, value, rest)?;
        let node = self.config.node(child.node).ok_or(NoOrigin::Unknown)?;
        let attr = node.module.outputs.get(output).ok_or(NoOrigin::Unknown)?;
        self.trace(At { expr: &attr.value, env: Self::module_env(&child), name: Some("value".into()), ..at })
    }

    fn variable_origin(&self, at: At<'c>, name: &str) -> Traced<'c> {
        let instance = at.env.instance.clone();
        let node = self.config.node(instance.node).ok_or(NoOrigin::Unknown)?;
        let variable = node.module.variables.get(name).ok_or(NoOrigin::Unknown)?;
        if !keeps_steps(&variable.ty, &at.steps) {
            return Err(NoOrigin::Computed);
        }
        let given = match self.call_env(&instance) {
            Some((call, env)) => call.arg(name).map(|arg| (arg, env)),
            None if instance.parent.is_none() => {
                self.settled_by_files(name, variable, &instance)?;
                self.config.variable_files.get(name).map(|arg| (arg, Self::module_env(&instance)))
            }
            None => return Err(NoOrigin::Unknown),
        };
        // Null stands for the default where the variable says so.
        let given = given.filter(|(arg, env)| variable.nullable || !self.value(&arg.value, env).is_null());
        if let Some((arg, env)) = given {
            return self.trace(At { expr: &arg.value, env, name: Some(arg.name.clone()), ..at });
        }
        let default = variable.default.as_ref().ok_or(NoOrigin::Unknown)?;
        self.trace(At {
            expr: &default.value,
            env: Self::module_env(&instance),
            name: Some("default".into()),
            ..at
        })
    }

    /// Whether the files give a root variable the value that the plan has.
    fn settled_by_files(
        &self,
        name: &str,
        variable: &'c Variable,
        instance: &std::sync::Arc<crate::config::scope::Instance>,
    ) -> Result<(), NoOrigin> {
        let outside = || NoOrigin::GivenOutside { variable: name.into() };
        let files = self.config.visible_variable_files;
        if files == VariableFiles::NotIncluded || self.config.named_files.contains(name) {
            return Err(outside());
        }
        let Some(given) = self.config.given.get(name) else { return Ok(()) };
        if files == VariableFiles::AllGiven {
            return Err(outside());
        }
        let given = self.typed(variable, Some(Val::from_value(given)), instance).map_err(|_| outside())?;
        let files = self.file_value(name, variable, instance).map_err(|_| outside())?.ok_or_else(outside)?;
        if given.to_value() == files.to_value() { Ok(()) } else { Err(outside()) }
    }

    fn call_origin(&self, at: At<'c>, call: &'c Call) -> Traced<'c> {
        if call.expand {
            return Err(NoOrigin::Computed);
        }
        match (&*call.name, call.args.as_slice()) {
            ("tostring" | "tonumber" | "tobool" | "tomap" | "sensitive" | "nonsensitive", [arg]) => {
                self.trace(at.to(arg))
            }
            ("toset", [arg]) if at.steps.is_empty() => self.trace(at.to(arg)),
            ("tolist", [arg]) => {
                let set = matches!(self.value(arg, &at.env), Val::Seq(SeqKind::Set, _));
                if set && !at.steps.is_empty() { Err(NoOrigin::Computed) } else { self.trace(at.to(arg)) }
            }
            ("try", args) => {
                let taken = args.iter().find(|arg| self.eval(arg, &at.env).is_ok());
                self.trace(at.into_choice(taken.ok_or(NoOrigin::Unknown)?))
            }
            ("coalesce", args) => self.coalesce_origin(at, args),
            ("lookup", [map, key, rest @ ..]) => self.lookup_origin(at, map, key, rest.first()),
            ("merge", args) => self.merge_origin(at, args),
            ("concat", args) => self.concat_origin(at, args),
            ("element", [list, index]) => self.element_origin(at, list, index),
            _ => Err(NoOrigin::Computed),
        }
    }

    fn coalesce_origin(&self, at: At<'c>, args: &'c [Expr]) -> Traced<'c> {
        for arg in args {
            match self.value(arg, &at.env) {
                Val::Null => {}
                Val::Text(text) if text.is_empty() => {}
                Val::Unknown(_) => return Err(NoOrigin::Unknown),
                _ => return self.trace(at.into_choice(arg)),
            }
        }
        Err(NoOrigin::Unknown)
    }

    fn lookup_origin(
        &self,
        mut at: At<'c>,
        map: &'c Expr,
        key: &'c Expr,
        default: Option<&'c Expr>,
    ) -> Traced<'c> {
        let value = self.value(map, &at.env);
        // A number is a key, too: `lookup(sizes, count.index)`.
        let key = crate::config::types::to_text(self.value(key, &at.env));
        let (Val::Map(_, fields), Ok(Val::Text(key))) = (&value, key) else {
            return Err(NoOrigin::Unknown);
        };
        if fields.contains_key(&key) {
            at.steps.insert(0, Step::Key((&*key).into()));
            return self.trace(at.to(map));
        }
        self.trace(at.into_choice(default.ok_or(NoOrigin::Unknown)?))
    }

    /// The last argument that has the key wins.
    fn merge_origin(&self, at: At<'c>, args: &'c [Expr]) -> Traced<'c> {
        let name = at.first().and_then(Step::name).ok_or(NoOrigin::Computed)?;
        let mut winner = None;
        for arg in args {
            match self.value(arg, &at.env) {
                Val::Map(_, fields) if fields.contains_key(name) => winner = Some(arg),
                Val::Map(..) | Val::Null => {}
                _ => return Err(NoOrigin::Unknown),
            }
        }
        let winner = winner.ok_or(NoOrigin::NotSet)?;
        self.trace(at.to(winner))
    }

    fn concat_origin(&self, mut at: At<'c>, args: &'c [Expr]) -> Traced<'c> {
        let Some(Step::Index(index)) = at.first() else { return Err(NoOrigin::Computed) };
        let mut index = usize::try_from(*index).map_err(|_| NoOrigin::Unknown)?;
        for arg in args {
            let value = self.value(arg, &at.env);
            let length = value.as_seq().ok_or(NoOrigin::Unknown)?.len();
            if let Some(rest) = index.checked_sub(length) {
                index = rest;
                continue;
            }
            if let Some(step) = at.steps.first_mut() {
                *step = Step::Index(index as u64);
            }
            return self.trace(at.to(arg));
        }
        Err(NoOrigin::NotSet)
    }

    fn element_origin(&self, mut at: At<'c>, list: &'c Expr, index: &'c Expr) -> Traced<'c> {
        let (value, index) = (self.value(list, &at.env), self.value(index, &at.env));
        let length = value.as_seq().map_or(0, <[Val]>::len) as u64;
        let index = index.as_number().and_then(crate::number::Number::as_u64).ok_or(NoOrigin::Unknown)?;
        let index = index.checked_rem(length).ok_or(NoOrigin::Unknown)?;
        at.steps.insert(0, Step::Index(index));
        self.trace(at.to(list))
    }

    /// The turn of a `for` expression that makes the element.
    fn for_origin(&self, mut at: At<'c>, each: &'c For) -> Traced<'c> {
        if each.grouping || at.steps.is_empty() {
            return Err(NoOrigin::Computed);
        }
        let step = at.steps.remove(0);
        let turns =
            self.turns(each, &at.env, Sourced::Yes).ok().and_then(Result::ok).ok_or(NoOrigin::Unknown)?;
        let turn = match &step {
            Step::Index(index) if each.key.is_none() && turns.ordered => {
                usize::try_from(*index).ok().and_then(|index| turns.turns.into_iter().nth(index))
            }
            Step::Attr(name) | Step::Key(name) if each.key.is_some() => {
                turns.turns.into_iter().find(|turn| turn.key.as_deref() == Some(name))
            }
            _ => return Err(NoOrigin::Unknown),
        };
        let turn = turn.ok_or(NoOrigin::NotSet)?;
        self.trace(At { expr: &each.value, env: turn.env, ..at })
    }

    /// Whether the configuration certainly has the instance.
    pub(crate) fn certainly_exists(&self, addr: &ResourceAddr) -> bool {
        self.exists(addr) == Some(true)
    }
}

/// Whether steps into a value lead to the same part after it is converted to a type.
fn keeps_steps(ty: &Type, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return !matches!(ty, Type::Unreadable);
    };
    match (ty, step) {
        (Type::Any, _) => true,
        (Type::List(element), Step::Index(_)) | (Type::Map(element), Step::Attr(_) | Step::Key(_)) => {
            keeps_steps(element, rest)
        }
        (Type::Tuple(types), Step::Index(at)) => {
            usize::try_from(*at).ok().and_then(|at| types.get(at)).is_some_and(|ty| keeps_steps(ty, rest))
        }
        (Type::Object(fields), Step::Attr(name) | Step::Key(name)) => {
            fields.get(name).is_some_and(|field| keeps_steps(&field.ty, rest))
        }
        _ => false,
    }
}

/// Whether nothing in an expression is computed.
fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Tuple(items) => items.iter().all(is_literal),
        ExprKind::Object(items) => items.iter().all(|(key, value)| is_literal(key) && is_literal(value)),
        _ => false,
    }
}
