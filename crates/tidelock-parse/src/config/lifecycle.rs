//! Resource blocks: their meta-arguments, and what `lifecycle` says.

use super::{
    location::{Location, Place, Sources},
    syntax::{Attr, Body, Expr, ExprKind, Op},
    val::Val,
};
use crate::{
    address::Mode,
    path::{AttrPath, Step},
};

/// A `resource`, `data` or `ephemeral` block, with its override files merged in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResourceBlock {
    /// Kind of the block.
    pub mode: Mode,
    /// First label.
    pub type_name: Box<str>,
    /// Second label.
    pub name: Box<str>,
    /// Where the block starts.
    pub location: Location,
    /// The `provider` argument as written: `aws` or `aws.west`.
    pub provider: Option<String>,
    /// Whether the block stands for one instance or many.
    pub repetition: Repetition,
    /// What its `lifecycle` block says.
    pub lifecycle: Lifecycle,
    /// The entries of `depends_on`.
    pub depends_on: Vec<Dependency>,
    /// Arguments and nested blocks without the meta-arguments.
    pub(crate) body: Body,
    pub(crate) count: Option<Attr>,
    pub(crate) for_each: Option<Attr>,
}

/// How many instances a block or module call stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// One, without a key.
    Single,
    /// One per number, `count`.
    Count,
    /// One per key, `for_each`.
    ForEach,
}

/// What the `lifecycle` block of a resource says; all defaults if there is none.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Lifecycle {
    /// Where the block starts, if there is one.
    pub location: Option<Location>,
    /// `ignore_changes`.
    pub ignore_changes: IgnoreChanges,
    /// `prevent_destroy`.
    pub prevent_destroy: Option<Flag>,
    /// `create_before_destroy`.
    pub create_before_destroy: Option<Flag>,
    /// `destroy`, OpenTofu 1.12: false forgets instead of destroying.
    pub destroy: Option<Flag>,
    /// `enabled`, OpenTofu 1.11.
    pub enabled: Option<Flag>,
    /// The entries of `replace_triggered_by`.
    pub replace_triggered_by: Vec<Dependency>,
}

/// A truth value of a `lifecycle` block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Flag {
    /// The value, if it is written down; `None` for an expression, which OpenTofu 1.12 allows (see
    /// [`Configuration::flag`](super::Configuration::flag)).
    pub value: Option<bool>,
    /// Where the argument stands.
    pub location: Location,
    pub(crate) expr: Expr,
}

impl Flag {
    /// Whether it is certainly on.
    pub fn is_on(&self) -> bool {
        self.value == Some(true)
    }
}

/// What `ignore_changes` says.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum IgnoreChanges {
    /// Nothing.
    #[default]
    Nothing,
    /// Everything: `ignore_changes = all`.
    All {
        /// Where the argument stands.
        location: Location,
    },
    /// A list of entries.
    Entries(Vec<IgnoreEntry>),
}

/// One entry of `ignore_changes`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IgnoreEntry {
    /// The entry as written: `tags["env"]`.
    pub text: String,
    /// Its steps as written: `.name` is [`Step::Attr`], `["key"]` [`Step::Key`], `[0]` [`Step::Index`]. What an
    /// entry covers depends on what stands there.
    pub path: AttrPath,
    /// Where it stands.
    pub location: Location,
}

/// An entry of `depends_on` or `replace_triggered_by`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Dependency {
    /// The entry as written.
    pub text: String,
    /// Where it stands.
    pub location: Location,
    pub(crate) expr: Expr,
}

impl ResourceBlock {
    /// Takes the meta-arguments out of `body`.
    pub(crate) fn new(
        (mode, type_name, name): (Mode, &str, &str),
        place: Place,
        mut body: Body,
        sources: &Sources,
    ) -> Self {
        let count = take(&mut body, "count");
        let for_each = take(&mut body, "for_each");
        let provider = take(&mut body, "provider").map(|attr| written(&attr.value, sources));
        let depends_on =
            take(&mut body, "depends_on").map(|attr| dependencies(&attr.value, sources)).unwrap_or_default();
        let lifecycle = body.blocks.iter().find(|block| &*block.kind == "lifecycle");
        let lifecycle =
            lifecycle.map(|block| Lifecycle::new(block.place, &block.body, sources)).unwrap_or_default();
        body.blocks.retain(|block| !matches!(&*block.kind, "lifecycle" | "connection" | "provisioner"));
        merge_escapes(&mut body);
        let repetition = match (&count, &for_each) {
            (Some(_), _) => Repetition::Count,
            (None, Some(_)) => Repetition::ForEach,
            (None, None) => Repetition::Single,
        };
        Self {
            mode,
            type_name: type_name.into(),
            name: name.into(),
            location: sources.location(place),
            provider,
            repetition,
            lifecycle,
            depends_on,
            body,
            count,
            for_each,
        }
    }
}

/// Moves what stands in `_ { }` blocks, where arguments named like meta-arguments hide, to the other arguments.
fn merge_escapes(body: &mut Body) {
    let (escapes, blocks): (Vec<_>, Vec<_>) =
        std::mem::take(&mut body.blocks).into_iter().partition(|block| &*block.kind == "_");
    body.blocks = blocks;
    for escape in escapes {
        body.attrs.extend(escape.body.attrs);
        body.blocks.extend(escape.body.blocks);
    }
}

pub(crate) fn take(body: &mut Body, name: &str) -> Option<Attr> {
    let at = body.attrs.iter().position(|attr| &*attr.name == name)?;
    Some(body.attrs.remove(at))
}

impl Lifecycle {
    fn new(place: Place, body: &Body, sources: &Sources) -> Self {
        let flag = |name: &str| {
            body.attr(name).map(|attr| Flag {
                value: attr.value.literal_bool(),
                location: sources.location(attr.place),
                expr: attr.value.clone(),
            })
        };
        let triggers = body.attr("replace_triggered_by");
        Self {
            location: Some(sources.location(place)),
            ignore_changes: body
                .attr("ignore_changes")
                .map(|attr| IgnoreChanges::new(attr, sources))
                .unwrap_or_default(),
            prevent_destroy: flag("prevent_destroy"),
            create_before_destroy: flag("create_before_destroy"),
            destroy: flag("destroy"),
            enabled: flag("enabled"),
            replace_triggered_by: triggers.map(|attr| dependencies(&attr.value, sources)).unwrap_or_default(),
        }
    }
}

impl IgnoreChanges {
    fn new(attr: &Attr, sources: &Sources) -> Self {
        if ignores_all(&attr.value) {
            return Self::All { location: sources.location(attr.place) };
        }
        let ExprKind::Tuple(items) = &attr.value.kind else {
            return Self::Nothing;
        };
        let entries: Vec<_> = items.iter().filter_map(|item| IgnoreEntry::new(item, sources)).collect();
        if entries.is_empty() { Self::Nothing } else { Self::Entries(entries) }
    }
}

/// Whether the value of `ignore_changes` is the keyword `all`, bare or (JSON, old spelling) quoted.
pub(crate) fn ignores_all(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Root(word) => &**word == "all",
        ExprKind::Literal(Val::Text(word)) => &**word == "all",
        _ => false,
    }
}

impl IgnoreEntry {
    /// `None` for what is no static path, which is an error in the language.
    fn new(entry: &Expr, sources: &Sources) -> Option<Self> {
        let path = match &entry.kind {
            // The deprecated spelling: the reference as a text.
            ExprKind::Literal(Val::Text(text)) => text.parse().ok()?,
            _ => static_path(entry)?,
        };
        Some(Self {
            text: written_or(entry, sources, || path.to_string()),
            location: sources.location(entry.place),
            path,
        })
    }
}

/// The steps of a reference that has only names and literal keys.
pub(crate) fn static_path(expr: &Expr) -> Option<AttrPath> {
    let (root, ops) = match &expr.kind {
        ExprKind::Root(name) => (name, [].as_slice()),
        ExprKind::Traversal(root, ops) => match &root.kind {
            ExprKind::Root(name) => (name, ops.as_slice()),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = AttrPath::from(vec![Step::Attr(root.clone())]);
    for op in ops {
        path.push(static_step(op)?);
    }
    Some(path)
}

/// The step of an operator whose key is written down.
pub(crate) fn static_step(op: &Op) -> Option<Step> {
    match op {
        Op::Attr(name) => Some(Step::Attr(name.clone())),
        Op::Index(index) => match &index.unwrapped().kind {
            ExprKind::Literal(Val::Text(key)) => Some(Step::Key((&**key).into())),
            ExprKind::Literal(Val::Number(number)) => number.as_u64().map(Step::Index),
            _ => None,
        },
        Op::AttrSplat | Op::FullSplat => None,
    }
}

pub(crate) fn dependencies(list: &Expr, sources: &Sources) -> Vec<Dependency> {
    let ExprKind::Tuple(items) = &list.kind else {
        return Vec::new();
    };
    let entry = |item: &Expr| Dependency {
        text: written(item, sources),
        location: sources.location(item.place),
        expr: item.clone(),
    };
    items.iter().map(entry).collect()
}

/// An expression as the file has it; in JSON, what its text says.
fn written(expr: &Expr, sources: &Sources) -> String {
    written_or(expr, sources, || static_path(expr).map(|path| path.to_string()).unwrap_or_default())
}

fn written_or(expr: &Expr, sources: &Sources, otherwise: impl FnOnce() -> String) -> String {
    let text = sources.text(expr.place);
    // A quoted reference, be it JSON or the old spelling, is shown as the reference it stands for.
    if text.is_empty() || text.starts_with('"') { otherwise() } else { text.to_owned() }
}
