//! One attribute or block of a schema, and what lies inside it.

use std::{collections::BTreeMap, sync::Arc};

use crate::path::Step;

/// Who may give an attribute its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// The configuration must.
    Required,
    /// The configuration may; null otherwise.
    Optional,
    /// The configuration may; the provider fills it otherwise.
    OptionalComputed,
    /// Only the provider.
    Computed,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Text.
    String,
    /// Number.
    Number,
    /// Boolean.
    Bool,
    /// Any type, decided by the value.
    Dynamic,
    /// List of one element type, or of blocks.
    List,
    /// Set of one element type, or of blocks; in JSON an array without a meaningful order.
    Set,
    /// Map from text to one element type, or of blocks.
    Map,
    /// Object with named attributes, or one block.
    Object,
    /// Sequence with a type per position.
    Tuple,
}

/// One path of a schema: an attribute, a block, or what lies inside them.
///
/// Elements and parts of an attribute's type have the flags of the attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaNode {
    pub(super) marks: Marks,
    pub(super) shape: Shape,
    pub(super) inside: Inside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// `None` for a block, which has no flags of its own.
    pub(super) setting: Option<Setting>,
    pub(super) sensitive: bool,
    pub(super) write_only: bool,
}

pub(super) type Fields = BTreeMap<Box<str>, SchemaNode>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Leaf,
    Element(Box<SchemaNode>),
    /// Shared, because big types repeat the same block dozens of times.
    Fields(Arc<Fields>),
    Positions(Vec<SchemaNode>),
}

impl SchemaNode {
    /// Who may set the attribute; `None` for a block.
    pub fn setting(&self) -> Option<Setting> {
        self.marks.setting
    }

    /// What the value looks like.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether this is a block, or an element of one.
    pub fn is_block(&self) -> bool {
        self.marks.setting.is_none()
    }

    /// Whether the value is a set: its elements have no order and no identity but their content.
    pub fn is_set(&self) -> bool {
        self.shape == Shape::Set
    }

    /// Whether only the provider fills it. Never true of a block, of which a schema does not say.
    pub fn is_computed_only(&self) -> bool {
        self.marks.setting == Some(Setting::Computed)
    }

    /// Whether the configuration can set it. A block can be set if anything inside it can.
    pub fn is_settable(&self) -> bool {
        match self.marks.setting {
            Some(setting) => setting != Setting::Computed,
            None => self.attributes_inside().any(Self::is_settable),
        }
    }

    /// Whether the value is secret, because it or something around it is marked.
    pub fn is_sensitive(&self) -> bool {
        self.marks.sensitive
    }

    /// Whether the value is never stored: always null in plans and states.
    pub fn is_write_only(&self) -> bool {
        self.marks.write_only
    }

    /// Whether the provider may fill every attribute inside (optional + computed, or computed only), and there is one.
    ///
    /// For a block this is the one hint that the block as a whole is optional + computed in the provider.
    pub fn all_inside_computed(&self) -> bool {
        let mut attributes = self.attributes_inside().peekable();
        let computed = [Some(Setting::Computed), Some(Setting::OptionalComputed)];
        attributes.peek().is_some() && attributes.all(|node| computed.contains(&node.marks.setting))
    }

    /// What one step further lies there.
    ///
    /// Whether a name is an attribute or a key of a map is decided by the schema, not by the step, since plans write
    /// both alike. A name at a list or set means that name in every element.
    pub fn child(&self, step: &Step) -> Option<&Self> {
        match (&self.inside, step.name()) {
            (Inside::Fields(fields), Some(name)) => fields.get(name),
            (Inside::Element(element), None) => (self.shape != Shape::Map).then_some(&**element),
            (Inside::Element(element), Some(_)) if self.shape == Shape::Map => Some(element),
            (Inside::Element(element), Some(_)) => element.child(step),
            (Inside::Positions(nodes), _) => match step {
                Step::Index(at) => nodes.get(usize::try_from(*at).ok()?),
                _ => None,
            },
            (Inside::Leaf, _) => (self.shape == Shape::Dynamic).then_some(self),
            (Inside::Fields(_), None) => None,
        }
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Self> {
        match &self.inside {
            Inside::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Attributes and blocks of an object or block, by name; empty for everything else.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Self)> {
        let fields = match &self.inside {
            Inside::Fields(fields) => Some(fields),
            _ => None,
        };
        fields.into_iter().flat_map(|fields| fields.iter()).map(|(name, node)| (&**name, node))
    }

    /// Every attribute of a block and of the blocks inside it.
    fn attributes_inside(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match &self.inside {
            Inside::Element(element) => element.attributes_inside(),
            Inside::Fields(fields) => {
                Box::new(fields.values().flat_map(|node| -> Box<dyn Iterator<Item = &Self>> {
                    if node.is_block() { node.attributes_inside() } else { Box::new(std::iter::once(node)) }
                }))
            }
            Inside::Leaf | Inside::Positions(_) => Box::new(std::iter::empty()),
        }
    }
}
