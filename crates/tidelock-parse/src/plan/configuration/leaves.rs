//! The leaves of an expression tree, without the tree: a plan may hold a hundred thousand blocks.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::path::{AttrPath, Step};

/// Deeper trees are left out.
const MAX_DEPTH: usize = 100;

/// A leaf that says something.
pub(super) enum Leaf<'t> {
    /// An expression that refers to these.
    References(Vec<Text<'t>>),
    /// The text of a constant.
    Constant(&'t str),
}

/// A text, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'t>(#[serde(borrow)] pub(super) Cow<'t, str>);

/// What to do with a leaf and the path of its argument.
type Visit<'v> = dyn FnMut(&AttrPath, Leaf<'_>) + 'v;

/// Visits every leaf of the tree in `text`, each with its path below `path`, in the order of the text; stops where it
/// cannot be read.
///
/// The whole is an expression if it has references; a constant is none, but a block whose only argument has that name.
pub(super) fn visit(text: &str, path: &mut AttrPath, visit: &mut Visit<'_>) -> Result<(), serde_json::Error> {
    let whole = path.clone();
    let result = read(text, path, visit, MAX_DEPTH);
    if result.is_err() {
        *path = whole;
    }
    result
}

fn read(
    text: &str,
    path: &mut AttrPath,
    visit: &mut Visit<'_>,
    depth: usize,
) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Node { path, visit, depth }.deserialize(&mut deserializer)
}

/// A leaf (`{"references": [...]}`, `{"constant_value": ...}`, `{}`), a block, or a list of blocks.
struct Node<'n, 'v> {
    path: &'n mut AttrPath,
    visit: &'n mut Visit<'v>,
    depth: usize,
}

impl<'v> Node<'_, 'v> {
    fn below<T, E: serde::de::Error>(
        &mut self,
        step: Step,
        read: impl FnOnce(Node<'_, 'v>) -> Result<T, E>,
    ) -> Result<T, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("too deep"))?;
        self.path.push(step);
        let result = read(Node { path: self.path, visit: self.visit, depth });
        self.path.pop();
        result
    }

    fn field<E: serde::de::Error>(&mut self, name: &str, text: &str) -> Result<(), E> {
        self.below(Step::attr(name), |Node { path, visit, depth }| {
            read(text, path, visit, depth).map_err(E::custom)
        })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut at = 0;
        while self.below(Step::Index(at), |node| items.next_element_seed(node))?.is_some() {
            at += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        // A block may have arguments of these names, so what they mean is known at the end.
        let (mut references, mut constant) = (None, None);
        let mut block = false;
        while let Some(Text(name)) = fields.next_key()? {
            match &*name {
                "references" => references = Some(fields.next_value::<&RawValue>()?),
                "constant_value" => constant = Some(fields.next_value::<&RawValue>()?),
                name => {
                    block = true;
                    self.below(Step::attr(name), |node| fields.next_value_seed(node))?;
                }
            }
        }
        match (references, constant) {
            // In the JSON syntax the text of a template stands beside what it refers to.
            (Some(list), _) if !block && list.get().starts_with('[') => {
                if let Ok(list) = serde_json::from_str(list.get()) {
                    (self.visit)(self.path, Leaf::References(list));
                }
            }
            (None, Some(constant)) if !block && !self.path.is_root() => {
                (self.visit)(self.path, Leaf::Constant(constant.get()));
            }
            (references, constant) => {
                for (name, raw) in [("constant_value", constant), ("references", references)] {
                    if let Some(raw) = raw {
                        self.field(name, raw.get())?;
                    }
                }
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let read = visit(text, &mut AttrPath::root(), &mut |path, leaf| {
            if let Leaf::References(list) = leaf {
                found.extend(list.into_iter().map(|Text(reference)| format!("{path} {reference}")));
            }
        });
        if read.is_err() { Vec::new() } else { found }
    }

    #[test]
    fn references_stand_under_the_path_of_their_argument() {
        let tree = r#"{"a":{"references":["x.y.id","x.y"]},"b":[{"c":{"references":["var.v"]}},{}],"d":{"constant_value":{"references":["no"]}}}"#;
        assert_eq!(of(tree), ["a x.y.id", "a x.y", "b[0].c var.v"]);
    }

    #[test]
    fn arguments_named_like_the_words_of_the_format_are_arguments() {
        let tree = r#"{"block":{"references":{"references":["x.y"]},"other":{"constant_value":1}}}"#;
        assert_eq!(of(tree), ["block.references x.y"]);
        let both =
            r#"{"block":{"references":{"references":["x.y"]},"constant_value":{"references":["x.z"]}}}"#;
        assert_eq!(of(both), ["block.constant_value x.z", "block.references x.y"]);
    }

    #[test]
    fn what_refers_to_something_may_have_a_text_as_well() {
        let leaf = r#"{"a":{"constant_value":"${x.y.id}","references":["x.y.id","x.y"]}}"#;
        assert_eq!(of(leaf), ["a x.y.id", "a x.y"]);
    }

    #[test]
    fn what_is_nested_too_deeply_is_left_out() {
        let deep = format!("{}{}{}", r#"{"a":"#.repeat(200), r#"{"references":["x.y"]}"#, "}".repeat(200));
        assert_eq!(of(&deep), Vec::<String>::new());
        let words = format!("{}1{}", r#"{"b":1,"references":"#.repeat(200), "}".repeat(200));
        assert_eq!(of(&words), Vec::<String>::new());
    }
}
