//! Evaluates expressions: exactly, lazily, and never by guessing.

mod named;
mod operator;
mod reference;
mod repeat;
mod template;

pub(crate) use self::{
    operator::{arithmetic, equality},
    repeat::step_of,
};

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use super::{
    Configuration, functions,
    location::Place,
    not_known::{Eval, Fail, NotKnown, Why},
    scope::{Env, Key, Memo},
    syntax::{Call, Expr, ExprKind, Op},
    types::{to_text, unify},
    val::{MapKind, SeqKind, Val},
};
use crate::path::Step;

/// Nested evaluations. An expression nests at most 64 deep by itself; the rest is references.
const MAX_DEPTH: u32 = 220;
/// Evaluation steps of one question.
const MAX_STEPS: u32 = 2_000_000;
/// Length of a text that is built.
const MAX_TEXT: usize = 8 << 20;

/// One question to a configuration.
pub(crate) struct Evaluator<'c> {
    pub(crate) config: &'c Configuration,
    memo: Arc<Memo>,
    /// The literal whose users are looked for: its value is taken for not known, and marked.
    mark: Option<Place>,
    active: RefCell<Vec<Key>>,
    depth: Cell<u32>,
    steps: Cell<u32>,
    /// Whether a limit was met, so that what is computed now holds for this question only.
    cut: Cell<bool>,
}

impl<'c> Evaluator<'c> {
    pub(crate) fn new(config: &'c Configuration) -> Self {
        Self::with(config, Arc::clone(&config.memo), None)
    }

    /// Evaluates with the expression at `mark` taken for not known.
    pub(crate) fn marking(config: &'c Configuration, mark: Place) -> Self {
        Self::with(config, Arc::default(), Some(mark))
    }

    fn with(config: &'c Configuration, memo: Arc<Memo>, mark: Option<Place>) -> Self {
        Self {
            config,
            memo,
            mark,
            active: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            cut: Cell::new(false),
        }
    }

    pub(crate) fn is_marking(&self) -> bool {
        self.mark.is_some()
    }

    /// Whether an answer may be incomplete because a limit was met.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// The value, not known if evaluating fails.
    pub(crate) fn value(&self, expr: &'c Expr, env: &Env<'c>) -> Val {
        self.eval(expr, env).unwrap_or_else(|fail| Val::Unknown(Why::failed(fail)))
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// [`Fail`] if evaluating it is an error in the language.
    pub(crate) fn eval(&self, expr: &'c Expr, env: &Env<'c>) -> Eval {
        if self.mark == Some(expr.place) && expr.place.is_exact() {
            return Ok(Val::Unknown(Why::marked()));
        }
        if self.depth.get() >= MAX_DEPTH || !self.step() {
            self.cut.set(true);
            return Ok(Val::Unknown(Why::limit()));
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.eval_kind(expr, env);
        self.depth.set(self.depth.get() - 1);
        value
    }

    /// Counts one step; false if there were too many.
    fn step(&self) -> bool {
        self.steps.set(self.steps.get().saturating_add(1));
        let within = self.steps.get() <= MAX_STEPS;
        if !within {
            self.cut.set(true);
        }
        within
    }

    fn eval_kind(&self, expr: &'c Expr, env: &Env<'c>) -> Eval {
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Paren(inner) => self.eval(inner, env),
            ExprKind::Tuple(items) => self.tuple(items, env),
            ExprKind::Object(items) => self.object(items, env),
            ExprKind::Template(parts) => self.template(parts, env),
            ExprKind::Root(name) => Ok(root(name, env)),
            ExprKind::Traversal(root, ops) => self.traversal(root, ops, env),
            ExprKind::Call(call) => self.call(call, env),
            ExprKind::Conditional(parts) => self.conditional(parts, env),
            ExprKind::Unary(operator, operand) => self.unary(*operator, operand, env),
            ExprKind::Binary(operator, sides) => self.binary(*operator, sides, env),
            ExprKind::For(each) => self.for_expr(each, env),
        }
    }

    fn tuple(&self, items: &'c [Expr], env: &Env<'c>) -> Eval {
        let items: Result<Vec<Val>, Fail> = items.iter().map(|item| self.eval(item, env)).collect();
        items.map(Val::tuple)
    }

    fn object(&self, items: &'c [(Expr, Expr)], env: &Env<'c>) -> Eval {
        let mut fields = std::collections::BTreeMap::new();
        let mut unknown: Option<Why> = None;
        for (key, value) in items {
            let value = self.eval(value, env)?;
            match to_text(self.eval(key, env)?)? {
                Val::Text(name) => {
                    fields.insert(name, value);
                }
                Val::Unknown(why) => {
                    let why = why.and(Why::of(&value).as_ref());
                    unknown = Some(why.and(unknown.as_ref()));
                }
                _ => return Err(Fail("a key is null")),
            }
        }
        let object = Val::object(fields);
        Ok(match unknown {
            // Which keys there are is not known, so nothing is.
            Some(why) => Val::Unknown(why.and(Why::of(&object).as_ref())),
            None => object,
        })
    }

    fn conditional(&self, [condition, then, otherwise]: &'c [Expr; 3], env: &Env<'c>) -> Eval {
        let (taken, other) = match super::types::to_bool(self.eval(condition, env)?)? {
            Val::Bool(true) => (then, otherwise),
            Val::Bool(false) => (otherwise, then),
            Val::Unknown(why) => {
                let (a, b) = (self.value(then, env), self.value(otherwise, env));
                let parts = Why::of_all([&a, &b]);
                return Ok(if parts.is_none() && a == b { a } else { Val::Unknown(why.and(parts.as_ref())) });
            }
            _ => return Err(Fail("a condition is null")),
        };
        let value = self.eval(taken, env)?;
        // Both branches get one type, unless the other one fails, which is no error then.
        match self.eval(other, env) {
            Ok(other) => Ok(unify(vec![value, other])?.into_iter().next().unwrap_or(Val::Null)),
            Err(_) => Ok(value),
        }
    }

    fn call(&self, call: &'c Call, env: &Env<'c>) -> Eval {
        match &*call.name {
            "try" => return self.try_each(&call.args, env),
            "can" => return self.can(&call.args, env),
            _ => {}
        }
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            args.push(self.eval(arg, env)?);
        }
        if call.expand {
            match args.pop() {
                Some(Val::Seq(_, items)) => args.extend(items.iter().cloned()),
                Some(Val::Unknown(why)) => return Ok(Val::Unknown(why.and(Why::of_all(&args).as_ref()))),
                _ => return Err(Fail("only a list can be expanded into arguments")),
            }
        }
        functions::call(&call.name, &args)
    }

    /// The first argument that does not fail. One that is not known might still fail.
    fn try_each(&self, args: &'c [Expr], env: &Env<'c>) -> Eval {
        for arg in args {
            match self.eval(arg, env) {
                Err(_) => {}
                Ok(value) => {
                    let Some(why) = Why::of(&value) else { return Ok(value) };
                    let rest = args.iter().map(|arg| self.value(arg, env)).collect::<Vec<_>>();
                    return Ok(Val::Unknown(why.and(Why::of_all(&rest).as_ref())));
                }
            }
        }
        Err(Fail("every alternative fails"))
    }

    fn can(&self, args: &'c [Expr], env: &Env<'c>) -> Eval {
        let [arg] = args else { return Err(Fail("can() takes one argument")) };
        Ok(match self.eval(arg, env) {
            Err(_) => Val::Bool(false),
            Ok(value) => Why::of(&value).map_or(Val::Bool(true), Val::Unknown),
        })
    }

    /// Applies the steps of a reference to a value.
    fn apply(&self, mut value: Val, ops: &'c [Op], env: &Env<'c>) -> Eval {
        for (at, op) in ops.iter().enumerate() {
            let rest = ops.get(at + 1..).unwrap_or_default();
            value = match op {
                Op::Attr(name) => attribute(&value, name)?,
                Op::Index(key) => index(&value, &self.eval(key, env)?)?,
                Op::FullSplat => return self.splat(value, rest, env),
                Op::AttrSplat => {
                    let attrs = rest.iter().take_while(|op| matches!(op, Op::Attr(_))).count();
                    let (attrs, rest) = rest.split_at(attrs);
                    let items = self.splat(value, attrs, env)?;
                    return self.apply(items, rest, env);
                }
            };
        }
        Ok(value)
    }

    /// Applies `ops` to every element; what is no list counts as a list of itself, null as an empty one.
    fn splat(&self, value: Val, ops: &'c [Op], env: &Env<'c>) -> Eval {
        let items = match value {
            Val::Seq(..) if !value.is_ordered() => return Ok(Val::Unknown(Why::opaque(NotKnown::Other))),
            Val::Seq(_, items) => items,
            Val::Null => return Ok(Val::tuple(Vec::new())),
            Val::Unknown(_) => return Ok(value),
            value => Arc::new(vec![value]),
        };
        let mut results = Vec::with_capacity(items.len());
        for item in items.iter() {
            if !self.step() {
                return Ok(Val::Unknown(Why::limit()));
            }
            results.push(self.apply(item.clone(), ops, env)?);
        }
        Ok(Val::tuple(results))
    }
}

/// A name without any step behind it.
fn root(name: &str, env: &Env<'_>) -> Val {
    match env.bound(name) {
        Some(bound) => bound.value.clone(),
        None => Val::Unknown(Why::seen(NotKnown::Reference(name.into()))),
    }
}

/// `value.name`
fn attribute(value: &Val, name: &str) -> Eval {
    match value {
        Val::Map(_, fields) => fields.get(name).cloned().ok_or(Fail("there is no such attribute")),
        Val::Unknown(_) => Ok(value.clone()),
        _ => Err(Fail("only an object has attributes")),
    }
}

/// `value[key]`
pub(crate) fn index(value: &Val, key: &Val) -> Eval {
    if let Some(why) = key.why().or(value.why()) {
        return Ok(Val::Unknown(why.clone().and(Why::of_all([value, key]).as_ref())));
    }
    let step = index_step(value, key)?;
    value.step(&step).ok_or(Fail("there is no such element"))
}

/// The step that `[key]` takes on a value.
pub(crate) fn index_step(value: &Val, key: &Val) -> Result<Step, Fail> {
    match value {
        Val::Seq(SeqKind::Set, _) => Err(Fail("a set has no index")),
        Val::Seq(..) => match super::types::to_number(key.clone())? {
            Val::Number(number) => number.as_u64().map(Step::Index).ok_or(Fail("no index of a list")),
            _ => Err(Fail("no index of a list")),
        },
        Val::Map(MapKind::Object | MapKind::Map, _) => match to_text(key.clone())? {
            Val::Text(key) => Ok(Step::Key((&*key).into())),
            _ => Err(Fail("no key of a map")),
        },
        _ => Err(Fail("only a collection has elements")),
    }
}

/// A text, unless it is absurdly long.
fn bounded_text(text: String) -> Val {
    if text.len() > MAX_TEXT { Val::Unknown(Why::limit()) } else { Val::text(text) }
}

/// A function that is not evaluated: its result depends on all of its arguments.
pub(crate) fn unknown_call(name: &str, args: &[Val]) -> Val {
    Val::Unknown(Why::seen(NotKnown::Function(name.into())).and(Why::of_all(args).as_ref()))
}
