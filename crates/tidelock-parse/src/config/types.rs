//! Type constraints of variables, and conversion of values to them.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    decimal,
    native::parse_number,
    not_known::{Eval, Fail, NotKnown, Why},
    syntax::{Call, Expr, ExprKind},
    val::{MapKind, SeqKind, Val},
};

/// A type as a constraint writes it.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    Any,
    Bool,
    Number,
    String,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Object(BTreeMap<Box<str>, Field>),
    /// A constraint that this version does not understand: nothing converted to it is known.
    Unreadable,
}

/// An attribute of an object type.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) ty: Type,
    pub(crate) optional: Option<Optional>,
}

/// `optional(type, default)`.
#[derive(Clone, Debug)]
pub(crate) struct Optional {
    pub(crate) default: Option<Expr>,
}

/// Evaluates the default of an optional attribute, which may only call functions.
pub(crate) type Defaults<'a, 't> = &'a dyn Fn(&'t Expr) -> Val;

impl Type {
    pub(crate) fn parse(expr: &Expr) -> Self {
        match &expr.unwrapped().kind {
            ExprKind::Root(word) => Self::keyword(word),
            // Quoted types are the spelling of Terraform 0.11.
            ExprKind::Literal(Val::Text(word)) => Self::keyword(word),
            ExprKind::Call(call) => Self::constructor(call),
            _ => Self::Unreadable,
        }
    }

    fn keyword(word: &str) -> Self {
        match word {
            "any" => Self::Any,
            "bool" => Self::Bool,
            "number" => Self::Number,
            "string" => Self::String,
            "list" => Self::List(Box::new(Self::Any)),
            "map" => Self::Map(Box::new(Self::Any)),
            "set" => Self::Set(Box::new(Self::Any)),
            _ => Self::Unreadable,
        }
    }

    fn constructor(call: &Call) -> Self {
        let [arg] = call.args.as_slice() else {
            return Self::Unreadable;
        };
        let element = || Box::new(Self::parse(arg));
        match (&*call.name, &arg.kind) {
            ("list", _) => Self::List(element()),
            ("set", _) => Self::Set(element()),
            ("map", _) => Self::Map(element()),
            ("tuple", ExprKind::Tuple(items)) => Self::Tuple(items.iter().map(Self::parse).collect()),
            ("object", ExprKind::Object(items)) => {
                let field =
                    |(key, value): &(Expr, Expr)| Some((key.literal_text()?.into(), Field::parse(value)));
                items.iter().map(field).collect::<Option<_>>().map_or(Self::Unreadable, Self::Object)
            }
            _ => Self::Unreadable,
        }
    }

    /// Converts a value as assigning it to a variable of this type does.
    pub(crate) fn convert<'t>(&'t self, value: Val, defaults: Defaults<'_, 't>) -> Eval {
        if let Val::Unknown(_) = value {
            return Ok(value);
        }
        match self {
            Self::Any => Ok(value),
            Self::Unreadable => Ok(Val::Unknown(Why::opaque(NotKnown::Other).and(Why::of(&value).as_ref()))),
            _ if value.is_null() => Ok(Val::Null),
            Self::Bool => to_bool(value),
            Self::Number => to_number(value),
            Self::String => to_text(value),
            Self::List(element) => {
                let items = element.convert_all(elements(&value)?, defaults)?;
                Ok(Val::list(items))
            }
            Self::Set(element) => {
                let items = element.convert_all(elements(&value)?, defaults)?;
                Ok(Val::set(items))
            }
            Self::Map(element) => {
                let fields = value.as_map().ok_or(Fail("a map is required"))?;
                let (names, values): (Vec<_>, Vec<_>) =
                    fields.iter().map(|(name, field)| (Arc::clone(name), field.clone())).unzip();
                let values = element.convert_all(values, defaults)?;
                Ok(Val::map(names.into_iter().zip(values).collect()))
            }
            Self::Tuple(types) => {
                let items = value.as_seq().filter(|items| items.len() == types.len());
                let items = items.ok_or(Fail("a tuple of another length is required"))?;
                let items = items.iter().zip(types).map(|(item, ty)| ty.convert(item.clone(), defaults));
                Ok(Val::tuple(items.collect::<Result<_, _>>()?))
            }
            Self::Object(fields) => to_object(&value, fields, defaults),
        }
    }

    /// Converts the elements of a collection, which all get one type.
    fn convert_all<'t>(&'t self, items: Vec<Val>, defaults: Defaults<'_, 't>) -> Result<Vec<Val>, Fail> {
        if matches!(self, Self::Any) {
            return unify(items);
        }
        items.into_iter().map(|item| self.convert(item, defaults)).collect()
    }
}

impl Field {
    fn parse(expr: &Expr) -> Self {
        if let ExprKind::Call(call) = &expr.kind
            && &*call.name == "optional"
        {
            let ty = call.args.first().map_or(Type::Unreadable, Type::parse);
            return Self { ty, optional: Some(Optional { default: call.args.get(1).cloned() }) };
        }
        Self { ty: Type::parse(expr), optional: None }
    }
}

fn to_object<'t>(value: &Val, fields: &'t BTreeMap<Box<str>, Field>, defaults: Defaults<'_, 't>) -> Eval {
    let given = value.as_map().ok_or(Fail("an object is required"))?;
    let mut converted = BTreeMap::new();
    for (name, field) in fields {
        let own = given.get(&**name).cloned().unwrap_or(Val::Null);
        let own = match (&own, &field.optional) {
            (Val::Null, Some(Optional { default: Some(default) })) => defaults(default),
            (Val::Null, None) if !given.contains_key(&**name) => {
                return Err(Fail("an attribute of an object is missing"));
            }
            _ => own,
        };
        converted.insert(Arc::from(&**name), field.ty.convert(own, defaults)?);
    }
    Ok(Val::object(converted))
}

/// The elements of a list, set or tuple.
fn elements(value: &Val) -> Result<Vec<Val>, Fail> {
    value.as_seq().map(<[Val]>::to_vec).ok_or(Fail("a list is required"))
}

pub(crate) fn to_bool(value: Val) -> Eval {
    match value {
        Val::Text(text) => match &*text {
            "true" | "1" => Ok(Val::Bool(true)),
            "false" | "0" => Ok(Val::Bool(false)),
            _ => Err(Fail("a truth value is required")),
        },
        Val::Bool(_) | Val::Null | Val::Unknown(_) => Ok(value),
        _ => Err(Fail("a truth value is required")),
    }
}

pub(crate) fn to_number(value: Val) -> Eval {
    match &value {
        Val::Text(text) => {
            if let Some(number) = parse_number(text) {
                return Ok(Val::Number(number));
            }
            // Spellings that only the real parser accepts or refuses for sure.
            let odd = text.chars().all(|c| c.is_ascii_hexdigit() || "+-._xXoOpPinfINF".contains(c))
                && (text.contains(|c: char| c.is_ascii_digit()) || text.to_ascii_lowercase().contains("inf"));
            if odd { Ok(Val::Unknown(Why::seen(NotKnown::Other))) } else { Err(Fail("a number is required")) }
        }
        Val::Number(_) | Val::Null | Val::Unknown(_) => Ok(value),
        _ => Err(Fail("a number is required")),
    }
}

pub(crate) fn to_text(value: Val) -> Eval {
    match &value {
        Val::Number(number) => {
            Ok(decimal::plain(number).map_or_else(|| Val::Unknown(Why::limit()), Val::text))
        }
        Val::Bool(flag) => Ok(Val::text(if *flag { "true" } else { "false" })),
        Val::Text(_) | Val::Null | Val::Unknown(_) => Ok(value),
        _ => Err(Fail("a string is required")),
    }
}

/// The kind of a value as far as unifying types needs it.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Null: fits everywhere.
    Null,
    /// The type of what is not known is not known either.
    Unknown,
    Bool,
    Number,
    String,
    Seq(SeqKind, Vec<Shape>),
    Map(MapKind, BTreeMap<Arc<str>, Shape>),
}

impl Shape {
    fn of(value: &Val) -> Self {
        match value {
            Val::Null => Self::Null,
            Val::Unknown(_) => Self::Unknown,
            Val::Bool(_) => Self::Bool,
            Val::Number(_) => Self::Number,
            Val::Text(_) => Self::String,
            Val::Seq(kind, items) => Self::Seq(*kind, items.iter().map(Self::of).collect()),
            Val::Map(kind, fields) => Self::Map(
                *kind,
                fields.iter().map(|(name, field)| (Arc::clone(name), Self::of(field))).collect(),
            ),
        }
    }

    /// Whether two values have one type for sure, so that unifying them changes neither.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => true,
            (Self::Seq(a, xs), Self::Seq(b, ys)) => {
                let fits = *a != SeqKind::Tuple || xs.len() == ys.len();
                let pairs = if *a == SeqKind::Tuple {
                    xs.iter().zip(ys).all(|(x, y)| x.same(y))
                } else {
                    xs.iter().all(|x| ys.iter().all(|y| x.same(y)))
                };
                a == b && fits && pairs
            }
            (Self::Map(MapKind::Object, xs), Self::Map(MapKind::Object, ys)) => {
                xs.len() == ys.len() && xs.iter().all(|(name, x)| ys.get(name).is_some_and(|y| x.same(y)))
            }
            (Self::Map(MapKind::Map, xs), Self::Map(MapKind::Map, ys)) => {
                xs.values().all(|x| ys.values().all(|y| x.same(y)))
            }
            _ => self == other && !matches!(self, Self::Unknown),
        }
    }
}

/// Gives all values one type, as the elements of a list and the branches of a conditional get.
pub(crate) fn unify(values: Vec<Val>) -> Result<Vec<Val>, Fail> {
    let shapes: Vec<Shape> = values.iter().map(Shape::of).collect();
    if let Some(first) = shapes.iter().find(|shape| !matches!(shape, Shape::Null))
        && shapes.iter().all(|shape| first.same(shape))
    {
        return Ok(values);
    }
    let all = |wanted: fn(&Shape) -> bool| shapes.iter().all(wanted);
    if all(|shape| matches!(shape, Shape::Null)) {
        return Ok(values);
    }
    let plain = |shape: &Shape| matches!(shape, Shape::Null | Shape::Bool | Shape::Number | Shape::String);
    if shapes.iter().all(plain) {
        // Numbers and truth values have nothing in common, unless a text makes texts of them.
        return if shapes.contains(&Shape::String) {
            values.into_iter().map(to_text).collect()
        } else {
            Err(MIXED)
        };
    }
    if shapes.iter().all(|shape| plain(shape) || matches!(shape, Shape::Unknown)) {
        return Ok(values.into_iter().map(text_or_unknown).collect());
    }
    if all(|shape| matches!(shape, Shape::Null | Shape::Map(..))) {
        return unify_maps(values);
    }
    if all(|shape| matches!(shape, Shape::Null | Shape::Seq(..))) {
        return unify_seqs(values);
    }
    if all(|shape| !matches!(shape, Shape::Unknown)) {
        return Err(MIXED);
    }
    let why = Why::of_all(&values).unwrap_or_else(Why::limit);
    Ok(values.iter().map(|_| Val::Unknown(why.clone())).collect())
}

const MIXED: Fail = Fail("values of different types are mixed");

/// Beside a value whose type is not known only texts certainly stay what they are.
fn text_or_unknown(value: Val) -> Val {
    match value {
        Val::Bool(_) | Val::Number(_) => Val::Unknown(Why::seen(NotKnown::Other)),
        value => value,
    }
}

/// Objects with the same attributes stay objects; otherwise they become maps of one element type.
fn unify_maps(values: Vec<Val>) -> Result<Vec<Val>, Fail> {
    let names: Vec<Arc<str>> = values
        .iter()
        .find_map(Val::as_map)
        .map(|fields| fields.keys().cloned().collect())
        .unwrap_or_default();
    let objects = values.iter().all(|value| match value {
        Val::Map(kind, fields) => *kind == MapKind::Object && fields.keys().eq(names.iter()),
        _ => true,
    });
    if objects {
        let mut columns: BTreeMap<Arc<str>, std::vec::IntoIter<Val>> = BTreeMap::new();
        for name in names {
            let column = values.iter().filter_map(|value| value.as_map()?.get(&name).cloned()).collect();
            columns.insert(name, unify(column)?.into_iter());
        }
        let rebuild = |value: Val| match value {
            Val::Map(..) => {
                let fields = columns.iter_mut();
                Val::object(
                    fields.filter_map(|(name, column)| Some((Arc::clone(name), column.next()?))).collect(),
                )
            }
            value => value,
        };
        return Ok(values.into_iter().map(rebuild).collect());
    }
    let all = values.iter().filter_map(Val::as_map).flat_map(|fields| fields.values().cloned()).collect();
    let mut unified = unify(all)?.into_iter();
    let mut rebuild = |value: Val| match value {
        Val::Map(_, fields) => {
            let fields = fields.keys().filter_map(|name| Some((Arc::clone(name), unified.next()?)));
            Val::map(fields.collect())
        }
        value => value,
    };
    Ok(values.into_iter().map(&mut rebuild).collect())
}

fn unify_seqs(values: Vec<Val>) -> Result<Vec<Val>, Fail> {
    let kinds: Vec<SeqKind> = values
        .iter()
        .filter_map(|value| match value {
            Val::Seq(kind, _) => Some(*kind),
            _ => None,
        })
        .collect();
    let lengths: Vec<usize> = values.iter().filter_map(|value| Some(value.as_seq()?.len())).collect();
    let tuples = kinds.iter().all(|kind| *kind == SeqKind::Tuple)
        && lengths.windows(2).all(|pair| pair.first() == pair.last());
    if tuples {
        return unify_tuples(values, lengths.first().copied().unwrap_or(0));
    }
    let set = kinds.contains(&SeqKind::Set);
    if set && kinds.iter().any(|kind| *kind != SeqKind::Set) {
        // Versions differ in what becomes of a list beside a set.
        let why = Why::opaque(NotKnown::Other).and(Why::of_all(&values).as_ref());
        return Ok(values.iter().map(|_| Val::Unknown(why.clone())).collect());
    }
    let all = values.iter().filter_map(Val::as_seq).flat_map(<[Val]>::to_vec).collect();
    let mut unified = unify(all)?.into_iter();
    let mut rebuild = |value: Val| match value {
        Val::Seq(_, items) => {
            let items: Vec<Val> = unified.by_ref().take(items.len()).collect();
            if set { Val::set(items) } else { Val::list(items) }
        }
        value => value,
    };
    Ok(values.into_iter().map(&mut rebuild).collect())
}

fn unify_tuples(values: Vec<Val>, length: usize) -> Result<Vec<Val>, Fail> {
    let mut columns = Vec::new();
    for at in 0..length {
        let column = values.iter().filter_map(|value| value.as_seq()?.get(at).cloned()).collect();
        columns.push(unify(column)?.into_iter());
    }
    let mut rebuild = |value: Val| match value {
        Val::Seq(..) => Val::tuple(columns.iter_mut().filter_map(Iterator::next).collect()),
        value => value,
    };
    Ok(values.into_iter().map(&mut rebuild).collect())
}
