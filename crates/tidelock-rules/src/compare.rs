//! Comparing the three values of an instance: recorded, actual, desired.
//!
//! Works at the finest steps and folds as design and docs describe: maps and objects by key, lists of blocks or
//! objects by position, a set or a plain list as one difference with its elements.

pub(crate) mod canonical;
mod elements;
mod normalise;
mod pairing;

use std::{cell::Cell, collections::BTreeSet};

pub use elements::{ElementDiff, Indexed};
pub use normalise::{Normalised, Normalisers};
use tidelock_parse::{AttrPath, Step, Value};

use crate::report::Normaliser;

/// What a node of a resource type is, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nobody can tell.
    Unknown,
    /// A set, of plain values, objects or blocks: order carries no meaning.
    Set,
    /// A list, of plain values, objects or blocks.
    List,
    /// A map: keys are data.
    Map,
    /// An object or a single block: keys are attributes.
    Object,
    /// A plain value.
    Scalar,
}

/// What the comparison must know of a resource type and its configuration.
pub trait Shapes {
    /// What stands at `path`.
    fn shape(&self, path: &AttrPath) -> Shape;

    /// Whether the text at `path` compares without regard to case.
    fn ignores_case(&self, path: &AttrPath) -> bool {
        let _ = path;
        false
    }

    /// Whether single elements of the plain list at `path` must be told apart, because an `ignore_changes` entry
    /// names one.
    fn splits(&self, path: &AttrPath) -> bool {
        let _ = path;
        false
    }

    /// Whether values that are equal only under this reading count as different.
    fn refuses(&self, normaliser: Normaliser) -> bool {
        let _ = normaliser;
        false
    }
}

/// What the plan wants.
#[derive(Clone, Copy, Debug)]
pub enum Desired<'v> {
    /// The plan does not say.
    Silent,
    /// The plan says this; `None` is the absence of the value.
    Is(Option<&'v Value>),
}

/// One path whose values are not all equal.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Which path.
    pub path: AttrPath,
    /// What the state said.
    pub recorded: Option<Value>,
    /// What refresh found.
    pub actual: Option<Value>,
    /// What the plan wants; the outer `None` where it does not say.
    pub desired: Option<Option<Value>>,
    /// What the node is, for the wording and for masks.
    pub fold: Fold,
    /// Recorded against actual.
    pub outside: Match,
    /// Actual against desired; `None` where the plan does not say.
    pub apply: Option<Match>,
    /// Recorded against desired; `None` where the plan does not say.
    pub whole: Option<Match>,
}

/// How a node was folded into one difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// A plain value, or a node that one side lacks.
    Leaf,
    /// A set: elements were paired without regard to order.
    Set,
    /// A list of plain values.
    PlainList,
    /// A list of objects that may be a set: equal elements were aligned, order counts.
    Ambiguous,
}

/// How two values relate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Equal to the letter (numbers by value).
    Exact,
    /// Equal after normalising, by these.
    Normalised(Normalisers),
    /// Different.
    Different,
}

impl Match {
    /// Whether the values are equal, exactly or after normalising.
    pub fn holds(&self) -> bool {
        !matches!(self, Self::Different)
    }
}

impl Difference {
    /// Whether the value changed outside, to the letter.
    pub fn changed_outside(&self) -> bool {
        self.outside != Match::Exact
    }

    /// What is unknown until apply.
    pub fn desired_unknown(&self) -> bool {
        matches!(&self.desired, Some(Some(value)) if value.has_unknown())
    }

    /// Elements that were added, removed and moved between two of the values, for folded lists and sets.
    pub fn element_diff(&self, from: Option<&Value>, to: Option<&Value>) -> Option<ElementDiff> {
        (self.fold != Fold::Leaf).then(|| elements::diff(self.fold, from, to))
    }
}

/// Every path at which the three values are not all equal, sorted by path.
pub fn compare(
    shapes: &dyn Shapes,
    recorded: Option<&Value>,
    actual: Option<&Value>,
    desired: Desired<'_>,
) -> Vec<Difference> {
    let mut walk = Walk { shapes, path: AttrPath::root(), found: Vec::new() };
    walk.node(recorded, actual, desired);
    walk.found.sort_by(|a, b| a.path.cmp(&b.path));
    walk.found
}

struct Walk<'s> {
    shapes: &'s dyn Shapes,
    path: AttrPath,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn node(&mut self, recorded: Option<&Value>, actual: Option<&Value>, desired: Desired<'_>) {
        let wanted = match desired {
            Desired::Silent => actual,
            Desired::Is(value) => value,
        };
        if recorded == actual && actual == wanted {
            return;
        }
        match (recorded, actual, wanted) {
            (Some(Value::Object(r)), Some(Value::Object(a)), Some(Value::Object(d))) => {
                let map = self.is_map(&[r, a, d]);
                let names: BTreeSet<&str> =
                    r.keys().chain(a.keys()).chain(d.keys()).map(|name| &**name).collect();
                for name in names {
                    let step = if map { Step::Key(name.into()) } else { Step::attr(name) };
                    self.child(step, r.get(name), a.get(name), below(desired, d.get(name)));
                }
            }
            (Some(Value::List(r)), Some(Value::List(a)), Some(Value::List(d))) => {
                match self.fold_of(r, a, d) {
                    Some(fold) => self.leaf(fold, recorded, actual, desired),
                    None => self.by_position(r, a, d, desired),
                }
            }
            _ => {
                let fold = if self.shapes.shape(&self.path) == Shape::Set { Fold::Set } else { Fold::Leaf };
                self.leaf(fold, recorded, actual, desired);
            }
        }
    }

    fn by_position(&mut self, r: &[Value], a: &[Value], d: &[Value], desired: Desired<'_>) {
        for (index, at) in (0..r.len().max(a.len()).max(d.len())).zip(0_u64..) {
            self.child(Step::Index(at), r.get(index), a.get(index), below(desired, d.get(index)));
        }
    }

    fn child(&mut self, step: Step, r: Option<&Value>, a: Option<&Value>, desired: Desired<'_>) {
        self.path.push(step);
        self.node(r, a, desired);
        self.path.pop();
    }

    /// Whether the keys of an object are data. Where no schema tells: plain values of one kind are a map.
    fn is_map(&self, sides: &[&std::collections::BTreeMap<Box<str>, Value>]) -> bool {
        match self.shapes.shape(&self.path) {
            Shape::Map => true,
            Shape::Unknown => {
                let inside_list = matches!(self.path.steps().last(), Some(Step::Index(_)));
                !self.path.is_root()
                    && !inside_list
                    && sides.iter().all(|side| {
                        side.values().all(|value| matches!(value, Value::String(_) | Value::Unknown))
                    })
            }
            _ => false,
        }
    }

    /// How a list folds; `None` if it is compared by position.
    fn fold_of(&self, r: &[Value], a: &[Value], d: &[Value]) -> Option<Fold> {
        let objects = [r, a, d].into_iter().flatten().any(|value| matches!(value, Value::Object(_)));
        let single = [r, a, d].iter().all(|side| side.len() <= 1);
        match self.shapes.shape(&self.path) {
            Shape::Set => Some(Fold::Set),
            _ if !objects => (!self.shapes.splits(&self.path)).then_some(Fold::PlainList),
            Shape::List => None,
            _ => (!single).then_some(Fold::Ambiguous),
        }
    }

    fn leaf(&mut self, fold: Fold, r: Option<&Value>, a: Option<&Value>, desired: Desired<'_>) {
        let case = self.shapes.ignores_case(&self.path);
        let refused = Cell::new(false);
        let relate = |x: Option<&Value>, y: Option<&Value>| match normalise::relate(fold, case, x, y) {
            Match::Normalised(used) if used.iter().any(|reading| self.shapes.refuses(*reading)) => {
                refused.set(true);
                Match::Different
            }
            other => other,
        };
        let wanted = match desired {
            Desired::Silent => None,
            Desired::Is(value) => Some(value),
        };
        let (outside, apply, whole) =
            (relate(r, a), wanted.map(|value| relate(a, value)), wanted.map(|value| relate(r, value)));
        self.found.push(Difference {
            path: self.path.clone(),
            recorded: r.cloned(),
            actual: a.cloned(),
            desired: wanted.map(Option::<&Value>::cloned),
            // Elements are paired under the readings that are refused, so none would seem to differ.
            fold: if refused.get() { Fold::Leaf } else { fold },
            outside,
            apply,
            whole,
        });
    }
}

fn below<'v>(parent: Desired<'_>, child: Option<&'v Value>) -> Desired<'v> {
    match parent {
        Desired::Silent => Desired::Silent,
        Desired::Is(_) => Desired::Is(child),
    }
}

/// Whether the configuration's value, in which only given arguments stand, says the same as a real one.
///
/// Arguments that the configuration leaves out are the provider's business.
pub fn configuration_says(fold: Fold, configured: &Value, real: Option<&Value>) -> bool {
    normalise::covers(fold, configured, real)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Known(&'static [(&'static str, Shape)]);
    impl Shapes for Known {
        fn shape(&self, path: &AttrPath) -> Shape {
            let names: Vec<&str> = path.names().collect();
            let names = names.join(".");
            self.0.iter().find(|(name, _)| *name == names).map_or(Shape::Unknown, |(_, shape)| *shape)
        }
    }

    fn paths(shapes: &dyn Shapes, r: &str, a: &str, d: &str) -> Vec<String> {
        let [r, a, d] = [r, a, d].map(|json| Value::decode(json).unwrap());
        compare(shapes, Some(&r), Some(&a), Desired::Is(Some(&d)))
            .iter()
            .map(|difference| difference.path.to_string())
            .collect()
    }

    #[test]
    fn maps_and_objects_fold_by_key_and_blocks_by_position() {
        let r = r#"{"tags":{"a":"1","b":"2"},"memory":[{"dedicated":1,"floating":0}]}"#;
        let a = r#"{"tags":{"a":"1","b":"3"},"memory":[{"dedicated":2,"floating":0}]}"#;
        assert_eq!(paths(&Known(&[]), r, a, r), ["memory[0].dedicated", r#"tags["b"]"#]);
    }

    #[test]
    fn the_path_ends_where_one_side_lacks_the_node() {
        let r = r#"{"tags":null,"rule":[{"p":1},{"p":2}]}"#;
        let a = r#"{"tags":{"x":"1"},"rule":[{"p":1},{"p":2},{"p":3}]}"#;
        assert_eq!(paths(&Known(&[("rule", Shape::List)]), r, a, r), ["rule[2]", "tags"]);
    }

    #[test]
    fn a_set_is_one_difference_at_its_own_path() {
        let r = r#"{"rule":[{"p":1},{"p":2}]}"#;
        let a = r#"{"rule":[{"p":3},{"p":1},{"p":2}]}"#;
        let shapes = Known(&[("rule", Shape::Set)]);
        assert_eq!(paths(&shapes, r, a, r), ["rule"]);
        let [r, a] = [r, a].map(|json| Value::decode(json).unwrap());
        let found = compare(&shapes, Some(&r), Some(&a), Desired::Is(Some(&r)));
        let diff = found[0].element_diff(found[0].recorded.as_ref(), found[0].actual.as_ref()).unwrap();
        assert_eq!((diff.added.len(), diff.removed.len(), diff.moved.len()), (1, 0, 0));
    }

    #[test]
    fn a_reordered_set_is_equal_and_a_reordered_list_is_not() {
        let r = r#"{"x":[{"p":1},{"p":2}]}"#;
        let a = r#"{"x":[{"p":2},{"p":1}]}"#;
        let [rv, av] = [r, a].map(|json| Value::decode(json).unwrap());
        let relation = |shape| {
            let shapes = [("x", shape)];
            let shapes = Known(Box::leak(Box::new(shapes)));
            compare(&shapes, Some(&rv), Some(&av), Desired::Silent)[0].outside.holds()
        };
        assert!(relation(Shape::Set));
        assert!(!relation(Shape::List));
        assert!(!relation(Shape::Unknown), "when nobody can tell, the louder reading wins");
    }

    #[test]
    fn a_reading_that_is_refused_makes_values_differ_and_shows_them_whole() {
        struct Refusing(Option<Normaliser>);
        impl Shapes for Refusing {
            fn shape(&self, _path: &AttrPath) -> Shape {
                Shape::Set
            }

            fn refuses(&self, normaliser: Normaliser) -> bool {
                self.0 == Some(normaliser)
            }
        }
        let [r, a] = [r#"["1","2"]"#, r#"["2","1"]"#].map(|json| Value::decode(json).unwrap());
        let relation = |refused| {
            let found = compare(&Refusing(refused), Some(&r), Some(&a), Desired::Silent);
            (found[0].outside.holds(), found[0].fold)
        };
        assert_eq!(relation(None), (true, Fold::Set));
        assert_eq!(relation(Some(Normaliser::Json)), (true, Fold::Set));
        assert_eq!(relation(Some(Normaliser::SetOrder)), (false, Fold::Leaf));
    }

    #[test]
    fn a_silent_plan_differs_nowhere_by_itself() {
        let r = Value::decode(r#"{"a":1,"b":2}"#).unwrap();
        let a = Value::decode(r#"{"a":1,"b":3}"#).unwrap();
        let found = compare(&Known(&[]), Some(&r), Some(&a), Desired::Silent);
        assert_eq!(found.len(), 1);
        assert!(found[0].desired.is_none() && found[0].apply.is_none());
    }
}
