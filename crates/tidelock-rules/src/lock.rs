//! The protection lock: which blocks are meant to be protected, committed beside the code.
//!
//! `prevent_destroy` vanishes with the block that holds it. What the lock names stays protected until a person edits
//! the lock, in the same review.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Deserialize;
use tidelock_parse::{
    ConfigAddr, Configuration, Mode, ModulePath, ResourceAddr, Source,
    config::{ResourceBlock, SourceTree},
};
use toml::Spanned;

use crate::{
    policy::{Names, Pattern, PolicyError, line_of},
    report::Location,
};

/// Name of the file.
pub const FILE_NAME: &str = "tidelock.lock";
/// Version of the file.
const VERSION: u32 = 1;

const HEAD: &str = "\
# Blocks with `prevent_destroy`; `tidelock protect --write` keeps this file. What stands here must not be destroyed,
# replaced or forgotten, and must keep its `prevent_destroy`, even if its block is deleted. To let it go, delete its
# entry here, in the same review.
";

/// What is protected, whatever the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    entries: BTreeMap<Pattern, Entry>,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Where `prevent_destroy` stood when the entry was written, such as `db.tf:12`, from the directory of the stack.
    pub at: Option<String>,
    /// Where the entry stands in the lock; absent for one that is not written yet.
    pub location: Option<Location>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Spanned<u32>,
    #[serde(default)]
    protected: Vec<Spanned<EntrySaid>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntrySaid {
    address: Pattern,
    at: Option<String>,
}

impl Lock {
    /// Reads the file. `*` stands for any characters in an address; a block stands for all its instances, a module
    /// for everything in it.
    ///
    /// # Errors
    /// [`PolicyError`] if it is no lock, or of another version.
    pub fn read(source: &Source) -> Result<Self, PolicyError> {
        let name = source.name();
        let text = std::str::from_utf8(source.bytes())
            .map_err(|_| PolicyError::Encoding { file: name.to_owned() })?;
        let file: File = toml::from_str(text).map_err(|error| PolicyError::from_toml(name, text, &error))?;
        if *file.version.get_ref() != VERSION {
            let message = format!("version {} of the lock is not known here", file.version.get_ref());
            return Err(PolicyError::at(name, text, file.version.span(), message, "update tidelock"));
        }
        let entries = file.protected.into_iter().map(|entry| {
            let line = line_of(text, entry.span().start);
            let EntrySaid { address, at } = entry.into_inner();
            let location = Some(Location { file: name.to_owned(), line: Some(line) });
            (address, Entry { at, location })
        });
        Ok(Self { entries: entries.collect() })
    }

    /// Every block of the sources that certainly has `prevent_destroy`. In a module that is called several times, and
    /// under `count` or `for_each`, the block stands for all its instances.
    pub fn of(sources: &Configuration) -> Self {
        let protected = sources.resources().filter_map(|(address, block)| {
            let flag = block.lifecycle.prevent_destroy.as_ref()?;
            let on = address.mode == Mode::Managed && protection(sources, &address, block) == Some(true);
            let at = Some(format!("{}:{}", flag.location.file, flag.location.line));
            on.then(|| Some((address.to_string().parse().ok()?, Entry { at, location: None }))).flatten()
        });
        Self { entries: protected.collect() }
    }

    /// Whether nothing is protected.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What is protected, sorted.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&Pattern, &Entry)> {
        self.entries.iter()
    }

    /// The entry that an instance falls under.
    pub fn covers(&self, address: &ResourceAddr) -> Option<(&Pattern, &Entry)> {
        let names = Names::of(address);
        let exact = names.iter().find_map(|name| self.entries.get_key_value(name));
        exact.or_else(|| {
            let mut wide = self.entries.iter().filter(|(pattern, _)| !pattern.is_exact());
            wide.find(|(pattern, _)| names.fit(pattern))
        })
    }

    /// The entries that name one block, with its address.
    pub fn blocks(&self) -> impl Iterator<Item = (ResourceAddr, &Entry)> {
        let exact = self.entries.iter().filter(|(pattern, _)| pattern.is_exact());
        exact.filter_map(|(pattern, entry)| Some((pattern.as_str().parse().ok()?, entry)))
    }

    /// What `other` protects and this lock does not.
    pub fn missing<'o>(&self, other: &'o Self) -> Vec<&'o Pattern> {
        other.entries.keys().filter(|pattern| !self.holds(pattern)).collect()
    }

    /// Whether what a pattern of another lock means is covered here.
    fn holds(&self, pattern: &Pattern) -> bool {
        let address = pattern.as_str().parse::<ResourceAddr>().ok();
        self.entries.contains_key(pattern) || address.is_some_and(|address| self.covers(&address).is_some())
    }

    /// Whether an entry of another lock names a block that is not protected here; an entry with `*` or for a module is a
    /// person's, and cannot be told.
    pub fn lost(&self, entry: &Pattern) -> bool {
        let named = entry.as_str().parse::<ResourceAddr>().map(|address| address.config());
        named.is_ok_and(|named| !self.blocks().any(|(address, _)| address.config() == named))
    }

    /// Takes over what the sources protect now; `stale` says what happens to entries whose block is not protected any
    /// more.
    pub fn update(&mut self, now: Self, stale: Stale) {
        if stale == Stale::Remove {
            self.entries.retain(|pattern, _| !now.lost(pattern));
        }
        self.entries.extend(now.entries);
    }

    /// What either of two locks protects; where both have an entry, this one's stays.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        for (pattern, entry) in other.entries {
            self.entries.entry(pattern).or_insert(entry);
        }
        self
    }

    /// The file, sorted by address.
    pub fn to_toml(&self) -> String {
        let mut text = format!("{HEAD}version = {VERSION}\n");
        for (address, Entry { at, .. }) in &self.entries {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n[[protected]]\naddress = {}\n", toml::Value::from(address.as_str()));
            if let Some(at) = at {
                let _ = writeln!(text, "at = {}", toml::Value::from(at.as_str()));
            }
        }
        text
    }

    /// Reads the lock at a path of a tree; none there is an empty one.
    ///
    /// # Errors
    /// [`PolicyError`] if the file is no lock.
    pub fn find(tree: &dyn SourceTree, path: &str) -> Result<Self, PolicyError> {
        use tidelock_parse::config::ReadError;
        match tree.read(path, crate::policy::MAX_FILE_BYTES) {
            Ok(bytes) => Self::read(&Source::new(path, bytes.into_owned())),
            Err(ReadError::Missing) => Ok(Self::default()),
            Err(ReadError::TooLarge) => Err(PolicyError::TooLarge { file: path.to_owned() }),
            Err(_) => Err(PolicyError::Unreadable { file: path.to_owned() }),
        }
    }
}

/// What happens to entries whose block is not protected any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// They stay: only a person takes protection away.
    Keep,
    /// They go.
    Remove,
}

/// Whether `prevent_destroy` is on in a block; `None` where that cannot be evaluated.
pub(crate) fn protection(
    sources: &Configuration,
    address: &ConfigAddr,
    block: &ResourceBlock,
) -> Option<bool> {
    let Some(flag) = &block.lifecycle.prevent_destroy else { return Some(false) };
    let module = address.module.names().iter().fold(ModulePath::root(), |path, name| path.child(name, None));
    sources.flag(&module, flag)
}
