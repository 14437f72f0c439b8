//! What is known about resource types: what they hold, and which of their paths change by themselves, guard
//! something, or interrupt something when changed.
//!
//! The facts are data, one file per provider in `catalogue/`, embedded here; what concerns a type is decoded when it
//! is first looked up. Types that no file names are judged by the head noun of their name and by tell-tale
//! arguments, and the answer says so ([`Facts::assumed`]).

mod file;
mod guess;
mod pattern;
mod words;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tidelock_parse::AttrPath;

pub(crate) use file::entry;
pub use file::{Companion, PathFacts};
pub use pattern::{PathPattern, PatternError};

use file::Source;

/// What is lost when an object of a type is destroyed or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Holds {
    /// Nothing: templates, alarms, policies, tokens.
    Nothing,
    /// Capacity that is rebuilt from elsewhere: functions, containers, node pools.
    Compute,
    /// A cloud VM, which some keep as a pet and others as cattle: see [`Machines`].
    Machine,
    /// An outage while it is away: load balancers, DNS records, gateways.
    Traffic,
    /// Others refer to it, and it does not come back the same: zones, addresses, accounts, clusters.
    Identity,
    /// What it encrypted becomes unreadable.
    Keys,
    /// Contents: databases, volumes, buckets, VMs of a hypervisor.
    Data,
}

/// Whether the cloud VMs at hand count as stateful; depends on what happens to them and on the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Machines {
    /// Each one matters: its loss is a loss of data.
    #[default]
    Pets,
    /// Any one may go.
    Cattle,
}

impl Holds {
    /// Whether losing the object loses data, keys or identity.
    pub fn is_stateful(self, machines: Machines) -> bool {
        match self {
            Self::Data | Self::Keys | Self::Identity => true,
            Self::Machine => machines == Machines::Pets,
            Self::Traffic | Self::Compute | Self::Nothing => false,
        }
    }

    /// Whether the object holds something: stateful, or traffic.
    pub fn holds_something(self, machines: Machines) -> bool {
        self == Self::Traffic || self.is_stateful(machines)
    }

    /// The word used in data files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Compute => "compute",
            Self::Machine => "machine",
            Self::Traffic => "traffic",
            Self::Identity => "identity",
            Self::Keys => "keys",
            Self::Data => "data",
        }
    }
}

/// What a policy says about a type; it overrules the built-in facts where it says something, and adds to the paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TypeOverride {
    /// What objects of the type hold.
    pub holds: Option<Holds>,
    /// What to call an object, such as `database`.
    pub noun: Option<Box<str>>,
    /// Further paths with facts.
    pub paths: PathFacts,
}

impl TypeOverride {
    /// Lays what another one says over this one, as they lie over the built-in facts.
    pub(crate) fn lay(&mut self, over: Self) {
        self.holds = over.holds.or(self.holds);
        self.noun = over.noun.or(self.noun.take());
        self.paths.extend(over.paths);
    }
}

/// The facts that are built in, and those of a policy on top.
///
/// Cloning is cheap and shares what was decoded.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    overrides: Arc<BTreeMap<Box<str>, TypeOverride>>,
    decoded: Arc<Mutex<BTreeMap<Box<str>, Arc<Record>>>>,
}

impl Catalogue {
    /// The built-in facts alone.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Lays what a policy says, by type name, over what is there.
    #[must_use]
    pub fn with_overrides(self, overrides: impl IntoIterator<Item = (Box<str>, TypeOverride)>) -> Self {
        let mut all = Arc::unwrap_or_clone(self.overrides);
        all.extend(overrides);
        Self { overrides: Arc::new(all), decoded: Arc::default() }
    }

    /// The facts about a managed resource type.
    ///
    /// `arguments` are the names of the top-level arguments of an instance; they are read only where the type is
    /// not known and has to be judged by its looks.
    pub fn lookup<'a>(&self, type_name: &str, arguments: impl IntoIterator<Item = &'a str>) -> Facts {
        let record = self.record(type_name);
        let holds = record.holds.unwrap_or_else(|| guess::holds(tail_of(type_name), arguments));
        Facts { holds, assumed: record.holds.is_none(), record }
    }

    fn record(&self, type_name: &str) -> Arc<Record> {
        let mut decoded = self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = decoded.get(type_name) {
            return Arc::clone(record);
        }
        let record = Arc::new(Record::new(type_name, self.overrides.get(type_name)));
        decoded.insert(type_name.into(), Arc::clone(&record));
        record
    }
}

/// What is known about a type, whoever says it.
#[derive(Debug)]
struct Record {
    holds: Option<Holds>,
    noun: Box<str>,
    look: Option<Box<str>>,
    import: Option<Box<str>>,
    paths: PathFacts,
    companions: Vec<Companion>,
}

impl Record {
    fn new(type_name: &str, over: Option<&TypeOverride>) -> Self {
        let source = file::source_of(type_name).map(|(source, _)| source);
        let mut record = Self {
            holds: None,
            noun: noun_of(tail_of(type_name)).into(),
            look: source.and_then(Source::look),
            import: None,
            paths: source.map(Source::every).unwrap_or_default(),
            companions: source.map(|source| source.companions(type_name)).unwrap_or_default(),
        };
        if let Some(source) = source {
            record.paths.extend(source.paths(type_name));
            if let Some(facts) = source.type_facts(type_name) {
                record.say(Some(facts.holds), facts.noun);
                record.import = facts.import;
            }
        }
        if let Some(over) = over {
            record.paths.extend(over.paths.clone());
            record.say(over.holds, over.noun.clone());
        }
        record
    }

    /// Takes over what is said; what is not said stays.
    fn say(&mut self, holds: Option<Holds>, noun: Option<Box<str>>) {
        self.holds = holds.or(self.holds);
        if let Some(noun) = noun {
            self.noun = noun;
        }
    }
}

/// What the catalogue knows, or assumes, about one resource type.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// What objects of the type hold.
    pub holds: Holds,
    /// Whether `holds` is only judged by the type's name and arguments. Reports say "assumed" then.
    pub assumed: bool,
    record: Arc<Record>,
}

impl Facts {
    /// What to call one object in a sentence: `VM`, `database`, `security group`.
    pub fn noun(&self) -> &str {
        &self.record.noun
    }

    /// Where to look when an object of this provider has vanished or changed; `None` for providers not known.
    pub fn look(&self) -> Option<&str> {
        self.record.look.as_deref()
    }

    /// What an `import` block calls this object; `None` for types of which that is not known, and where `attribute`
    /// does not know a part of it.
    pub fn import_id(&self, attribute: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut id = String::new();
        let mut rest = self.record.import.as_deref()?;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}')?;
            id.push_str(before);
            id.push_str(&attribute(name)?);
            rest = behind;
        }
        id.push_str(rest);
        Some(id)
    }

    /// Whether the path may be set but is the provider's to fill when nobody sets it: addresses a guest agent
    /// reports, a capacity that an autoscaler moves.
    pub fn volatile(&self, path: &AttrPath) -> bool {
        self.record.paths.volatile.iter().any(|pattern| pattern.covers(path))
    }

    /// Whether the catalogue names the path, something above or something below it as relevant to security.
    pub fn guarding(&self, path: &AttrPath) -> bool {
        self.record.paths.guarding.iter().any(|pattern| pattern.meets(path))
    }

    /// Whether the words of the path sound relevant to security: `ingress`, `bucket_policy`, `public_access`.
    ///
    /// Words alone prove nothing: count it only where a schema says that the path can be set.
    pub fn guarding_words(&self, path: &AttrPath) -> bool {
        words::guard(path)
    }

    /// Whether changing the path in place restarts or interrupts something.
    pub fn disruptive(&self, path: &AttrPath) -> bool {
        self.record.paths.disruptive.iter().any(|pattern| pattern.meets(path))
    }

    /// Whether upper and lower case mean the same at this path: ids of providers that do not keep the case.
    pub fn case_insensitive(&self, path: &AttrPath) -> bool {
        self.record.paths.case_insensitive.iter().any(|pattern| pattern.covers(path))
    }

    /// The resource types whose instances fill this path of an instance of this type from outside its block.
    pub fn companions(&self, path: &AttrPath) -> impl Iterator<Item = &Companion> {
        self.record.companions.iter().filter(|companion| companion.fills(path))
    }
}

/// The type name without what names the provider.
fn tail_of(type_name: &str) -> &str {
    match file::source_of(type_name) {
        Some((_, tail)) => tail,
        None => type_name.split_once('_').map_or(type_name, |(_, tail)| tail),
    }
}

/// `virtual_network_gateway` → `virtual network gateway`; a schema version at the end (`_v2`) is no word.
fn noun_of(tail: &str) -> String {
    let tail = match tail.rsplit_once('_') {
        Some((head, last)) if guess::is_version(last) => head,
        _ => tail,
    };
    tail.replace('_', " ")
}

#[cfg(test)]
mod tests;
