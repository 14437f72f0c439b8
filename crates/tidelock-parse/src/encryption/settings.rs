//! The `encryption` configuration: `TF_ENCRYPTION`, or the block inside `terraform` of the sources.

use std::{collections::BTreeMap, fmt};

use super::{EncryptionError, Lack, Provider, Sealed, Secret};
use crate::config::{
    ConfigError, Dialect, MemoryTree, SourceTree,
    files::{Directory, Files},
    location::Place,
    syntax::{Body, Expr, ExprKind, Op, Part},
    val::Val,
};

/// Knows the values of root variables, by name, as far as they are known: `passphrase = var.passphrase` is usual.
pub type Variables<'v> = &'v dyn Fn(&str) -> Option<Secret>;

/// What an `encryption` configuration says, as far as it is literal. `Debug` shows names alone.
///
/// Expressions other than literals, references to key providers and methods, `var.NAME`, and templates of these are not
/// evaluated: what they would say counts as not said, and the [`KeySource`](super::KeySource)s are asked instead.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    providers: BTreeMap<Name, Attributes>,
    methods: BTreeMap<Name, Attributes>,
    state: Target,
    plan: Target,
    /// `remote_state_data_sources`: states of other stacks, `""` for the default.
    remote: BTreeMap<String, Target>,
}

/// Type and name of a key provider or method.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) kind: String,
    name: String,
}

type Attributes = BTreeMap<String, Given>;

/// What is to be decrypted, and how: in the order of trying.
#[derive(Clone, Default, PartialEq, Eq)]
struct Target {
    method: Option<Name>,
    fallback: Option<Box<Target>>,
}

/// A value, as far as it is literal.
#[derive(Clone, PartialEq, Eq)]
enum Given {
    Text(Secret),
    Number(u64),
    List(Vec<Given>),
    Reference(Vec<String>),
    /// A variable without a value.
    Unset(String),
    Unknown,
}

/// A method to try.
pub(super) enum Method<'s> {
    AesGcm {
        keys: Name,
        aad: Vec<u8>,
    },
    /// Type of a method that is not supported.
    Other(&'s str),
}

/// A key provider.
pub(super) struct ProviderSettings {
    /// Key of its entry in the envelope.
    pub(super) entry: String,
    pub(super) passphrase: Option<Secret>,
    pub(super) chain: Option<Name>,
    pub(super) command: Option<Vec<Secret>>,
}

impl Settings {
    /// Reads the text of `TF_ENCRYPTION`, HCL or JSON; nothing but blanks is no configuration. `name` is for messages.
    ///
    /// # Errors
    /// [`EncryptionError::Configuration`] if it does not parse. The text, which may hold passphrases, is not quoted.
    pub fn parse(name: &str, text: &str, variables: Variables<'_>) -> Result<Self, EncryptionError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let file = if text.trim_start().starts_with('{') { "encryption.tf.json" } else { "encryption.tf" };
        let tree = MemoryTree::from([(file, text)]);
        let mut files = Files::new(&tree, Dialect::OpenTofu);
        let mut settings = Self::default();
        match files.directory("") {
            Some(directory) if directory.broken.is_empty() => {
                for body in &directory.primary {
                    if let Some((what, place)) = misplaced(Section::Body(body)) {
                        let line = Some(line_at(text, place.start as usize));
                        return Err(EncryptionError::Configuration { name: name.to_owned(), what, line });
                    }
                    settings.fill(Section::Body(body), variables);
                }
                Ok(settings)
            }
            _ => {
                let line = files.problems.first().and_then(|problem| line(problem, text));
                let what = "this is neither HCL nor JSON of an `encryption` block";
                Err(EncryptionError::Configuration { name: name.to_owned(), what, line })
            }
        }
    }

    /// Reads the `encryption` blocks of a root module. Files that do not parse are passed over.
    pub fn of_sources(tree: &dyn SourceTree, variables: Variables<'_>) -> Self {
        let directory = Files::new(tree, Dialect::OpenTofu).directory("");
        let Directory { primary, overrides, .. } = directory.unwrap_or_default();
        let mut settings = Self::default();
        for body in primary.iter().chain(&overrides) {
            for (_, terraform) in Section::Body(body).blocks("terraform", 0) {
                for (_, encryption) in terraform.blocks("encryption", 0) {
                    let mut found = Self::default();
                    found.fill(encryption, variables);
                    settings = settings.overlaid_with(found);
                }
            }
        }
        settings
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This configuration, where `other` says nothing else: attribute by attribute, target by target.
    pub(super) fn overlaid_with(mut self, other: Self) -> Self {
        for (name, attributes) in other.providers {
            self.providers.entry(name).or_default().extend(attributes);
        }
        for (name, attributes) in other.methods {
            self.methods.entry(name).or_default().extend(attributes);
        }
        self.state.overlay(other.state);
        self.plan.overlay(other.plan);
        for (name, target) in other.remote {
            self.remote.entry(name).or_default().overlay(target);
        }
        self
    }

    /// The methods that may have been used, in the order of trying: those of the target with its fallbacks, then the
    /// others that can be done, because a state may be another stack's, or from before a migration.
    pub(super) fn methods(&self, sealed: Sealed) -> Vec<Method<'_>> {
        let target = match sealed {
            Sealed::State => &self.state,
            Sealed::Plan => &self.plan,
        };
        let (mut methods, mut named) = (Vec::new(), Vec::new());
        let mut next = Some(target);
        while let Some(target) = next {
            if let Some(name) = &target.method {
                named.push(name);
                methods.extend(self.method(name));
            }
            next = target.fallback.as_deref();
        }
        for name in self.methods.keys().filter(|name| !named.contains(name)) {
            let can_be_done = |method: &Method<'_>| matches!(method, Method::AesGcm { .. });
            methods.extend(self.method(name).filter(can_be_done));
        }
        methods
    }

    fn method<'s>(&'s self, name: &'s Name) -> Option<Method<'s>> {
        Some(match name.kind.as_str() {
            // What was not encrypted needs no key, and an envelope was.
            "unencrypted" => return None,
            "aes_gcm" => {
                let attributes = self.methods.get(name)?;
                let keys = attributes.get("keys")?.name("key_provider")?;
                let aad = attributes.get("aad").map_or(Some(Vec::new()), Given::bytes)?;
                Method::AesGcm { keys, aad }
            }
            other => Method::Other(other),
        })
    }

    pub(super) fn provider(&self, name: &Name) -> Option<ProviderSettings> {
        let attributes = self.providers.get(name)?;
        let text = |key: &str| attributes.get(key).and_then(Given::text);
        let alias = text("encrypted_metadata_alias").and_then(Secret::text).map(str::to_owned);
        Some(ProviderSettings {
            entry: alias.unwrap_or_else(|| format!("key_provider.{}.{}", name.kind, name.name)),
            passphrase: text("passphrase").cloned(),
            chain: attributes.get("chain").and_then(|chain| chain.name("key_provider")),
            command: attributes.get("command").and_then(Given::texts),
        })
    }

    /// Why its key providers give no key for a file that none of them opened.
    pub(super) fn lacks(&self) -> Vec<Lack> {
        let lack = |(name, attributes): (&Name, &Attributes)| {
            let label = format!("{}.{}", name.kind, name.name);
            if Provider::of_type(&name.kind) != Provider::Pbkdf2 {
                return Some(Lack::Provider { name: label });
            }
            match attributes.get("passphrase")? {
                Given::Unset(variable) => Some(Lack::Variable { name: label, variable: variable.clone() }),
                Given::Unknown | Given::Reference(_) => Some(Lack::Expression { name: label }),
                _ => None,
            }
        };
        self.providers.iter().filter_map(lack).collect()
    }

    fn fill(&mut self, encryption: Section<'_>, variables: Variables<'_>) {
        let attributes = |section: Section<'_>| -> Attributes {
            section.attributes().map(|(name, value)| (name.to_owned(), Given::of(value, variables))).collect()
        };
        for (labels, body) in encryption.blocks("key_provider", 2) {
            self.providers.extend(Name::of(&labels).map(|name| (name, attributes(body))));
        }
        for (labels, body) in encryption.blocks("method", 2) {
            self.methods.extend(Name::of(&labels).map(|name| (name, attributes(body))));
        }
        for (_, body) in encryption.blocks("state", 0) {
            self.state = Target::of(body, variables, MAX_FALLBACKS);
        }
        for (_, body) in encryption.blocks("plan", 0) {
            self.plan = Target::of(body, variables, MAX_FALLBACKS);
        }
        for (_, remote) in encryption.blocks("remote_state_data_sources", 0) {
            let default = remote.blocks("default", 0);
            for (labels, body) in default.into_iter().chain(remote.blocks("remote_state_data_source", 1)) {
                let name = labels.first().copied().unwrap_or_default().to_owned();
                self.remote.insert(name, Target::of(body, variables, MAX_FALLBACKS));
            }
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.providers.keys().chain(self.methods.keys());
        f.write_str("Settings")?;
        f.debug_list().entries(names.map(|name| format!("{}.{}", name.kind, name.name))).finish()
    }
}

/// The line where a file stopped parsing.
fn line(problem: &ConfigError, text: &str) -> Option<usize> {
    match problem {
        ConfigError::Syntax { at, .. } => Some(line_at(text, at.offset())),
        _ => None,
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

/// The first thing that tofu does not know inside an `encryption` block: it refuses that, and here it would count as not
/// said. Nothing is quoted: somebody may have set the variable to the passphrase.
fn misplaced(encryption: Section<'_>) -> Option<(&'static str, Place)> {
    encryption.names().find_map(|(name, place)| {
        let what = match name {
            // A key of two slashes is a comment in the JSON syntax.
            "//" | "key_provider" | "method" | "state" | "plan" | "remote_state_data_sources" => return None,
            "encryption" | "terraform" => {
                "it holds what stands inside the block `encryption`, without that block around it"
            }
            _ => {
                "this is no part of it: there are `key_provider`, `method`, `state`, `plan` and `remote_state_data_sources`"
            }
        };
        Some((what, place))
    })
}

/// More fallbacks inside each other are not looked at.
const MAX_FALLBACKS: usize = 16;

impl Target {
    fn of(body: Section<'_>, variables: Variables<'_>, depth: usize) -> Self {
        let method = body.attributes().find(|(name, _)| *name == "method");
        let fallback = body.blocks("fallback", 0).into_iter().next().zip(depth.checked_sub(1));
        Self {
            method: method.and_then(|(_, value)| Given::of(value, variables).name("method")),
            fallback: fallback.map(|((_, body), depth)| Box::new(Self::of(body, variables, depth))),
        }
    }

    fn overlay(&mut self, other: Self) {
        self.method = other.method.or(self.method.take());
        self.fallback = other.fallback.or(self.fallback.take());
    }
}

impl Name {
    fn of(labels: &[&str]) -> Option<Self> {
        match labels {
            [kind, name] => Some(Self { kind: (*kind).to_owned(), name: (*name).to_owned() }),
            _ => None,
        }
    }
}

impl Given {
    fn of(value: &Expr, variables: Variables<'_>) -> Self {
        let value = value.unwrapped();
        match &value.kind {
            ExprKind::Literal(Val::Text(text)) => Self::Text(Secret::normalised(text)),
            ExprKind::Literal(Val::Number(number)) => number.as_u64().map_or(Self::Unknown, Self::Number),
            ExprKind::Tuple(items) => {
                Self::List(items.iter().map(|item| Self::of(item, variables)).collect())
            }
            ExprKind::Template(parts) => joined(parts, variables),
            ExprKind::Traversal(..) => match reference(value) {
                Some(steps) => match steps.as_slice() {
                    ["var", name] => {
                        variables(name).map_or_else(|| Self::Unset((*name).to_owned()), Self::Text)
                    }
                    steps => Self::Reference(steps.iter().map(|step| (*step).to_owned()).collect()),
                },
                None => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    fn text(&self) -> Option<&Secret> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn texts(&self) -> Option<Vec<Secret>> {
        let Self::List(items) = self else { return None };
        items.iter().map(|item| item.text().cloned()).collect()
    }

    /// A list of byte numbers.
    fn bytes(&self) -> Option<Vec<u8>> {
        let Self::List(items) = self else { return None };
        let byte = |item: &Self| match item {
            Self::Number(number) => u8::try_from(*number).ok(),
            _ => None,
        };
        items.iter().map(byte).collect()
    }

    /// The key provider or method that is referred to; JSON may quote the reference.
    fn name(&self, root: &str) -> Option<Name> {
        let steps: Vec<&str> = match self {
            Self::Reference(steps) => steps.iter().map(String::as_str).collect(),
            Self::Text(text) => text.text()?.split('.').collect(),
            _ => return None,
        };
        let [first, labels @ ..] = steps.as_slice() else { return None };
        if *first == root { Name::of(labels) } else { None }
    }
}

/// The names of `a.b.c`.
fn reference(value: &Expr) -> Option<Vec<&str>> {
    let ExprKind::Traversal(root, ops) = &value.kind else { return None };
    let ExprKind::Root(root) = &root.kind else { return None };
    let names = ops.iter().map(|op| if let Op::Attr(name) = op { Some(&**name) } else { None });
    std::iter::once(Some(&**root)).chain(names).collect()
}

/// The text of a template that holds nothing but text and variables.
fn joined(parts: &[Part], variables: Variables<'_>) -> Given {
    let mut pieces = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => pieces.push(Secret::new(text.clone().into_bytes())),
            Part::Interpolation(value) => match Given::of(value, variables) {
                Given::Text(text) => pieces.push(text),
                unset @ Given::Unset(_) => return unset,
                _ => return Given::Unknown,
            },
            _ => return Given::Unknown,
        }
    }
    let mut bytes = Vec::with_capacity(pieces.iter().map(|piece| piece.bytes().len()).sum());
    for piece in &pieces {
        bytes.extend_from_slice(piece.bytes());
    }
    let whole = Secret::new(bytes);
    whole.text().map(Secret::normalised).map_or(Given::Unknown, Given::Text)
}

/// A block's body, in either syntax: what the JSON syntax spells as objects may be blocks.
#[derive(Clone, Copy)]
enum Section<'b> {
    Body(&'b Body),
    Object(&'b [(Expr, Expr)]),
}

impl<'b> Section<'b> {
    fn attributes(self) -> Box<dyn Iterator<Item = (&'b str, &'b Expr)> + 'b> {
        match self {
            Self::Body(body) => Box::new(body.attrs.iter().map(|attr| (&*attr.name, &attr.value))),
            Self::Object(fields) => {
                Box::new(fields.iter().filter_map(|(key, value)| Some((key.literal_text()?, value))))
            }
        }
    }

    /// Names of blocks and attributes, each with its place.
    fn names(self) -> Box<dyn Iterator<Item = (&'b str, Place)> + 'b> {
        match self {
            Self::Body(body) => {
                let attributes = body.attrs.iter().map(|attr| (&*attr.name, attr.place));
                Box::new(attributes.chain(body.blocks.iter().map(|block| (&*block.kind, block.place))))
            }
            Self::Object(fields) => {
                Box::new(fields.iter().filter_map(|(key, _)| Some((key.literal_text()?, key.place))))
            }
        }
    }

    /// The blocks of a kind, each with its labels.
    fn blocks(self, kind: &str, labels: usize) -> Vec<(Vec<&'b str>, Self)> {
        let mut found = Vec::new();
        if let Self::Body(body) = self {
            for block in body.blocks.iter().filter(|block| &*block.kind == kind) {
                found.push((block.labels.iter().map(|label| &**label).collect(), Self::Body(&block.body)));
            }
        }
        for (_, value) in self.attributes().filter(|(name, _)| *name == kind) {
            descend(value, labels, &mut Vec::new(), &mut found);
        }
        found
    }
}

/// The objects below `missing` further labels; a list spells several.
fn descend<'b>(
    value: &'b Expr,
    missing: usize,
    labels: &mut Vec<&'b str>,
    found: &mut Vec<(Vec<&'b str>, Section<'b>)>,
) {
    match (&value.kind, missing.checked_sub(1)) {
        (ExprKind::Tuple(items), _) => {
            for item in items {
                descend(item, missing, labels, found);
            }
        }
        (ExprKind::Object(fields), None) => found.push((labels.clone(), Section::Object(fields))),
        (ExprKind::Object(fields), Some(missing)) => {
            for (key, value) in fields {
                if let Some(label) = key.literal_text() {
                    labels.push(label);
                    descend(value, missing, labels, found);
                    labels.pop();
                }
            }
        }
        _ => {}
    }
}
