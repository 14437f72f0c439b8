//! From files to a policy.

use std::collections::BTreeSet;

use tidelock_parse::config::{ReadError, SourceTree, join};

use super::{
    ExtendsFault, FILE_NAME, MAX_DEPTH, MAX_FILE_BYTES, Policy, PolicyError, SeverityAt, StackProfile,
    TargetAdvice, Waiver,
    file::{File, OneOrMany, ThresholdsSaid, WaiverEntry},
};
use crate::{context::Thresholds, report::Location};

impl Policy {
    /// The policy of a stack: every [`FILE_NAME`] from the root of `tree` down to the directory `stack`, the lower
    /// ones laid over the upper ones. No file at all is no policy, which is fine.
    ///
    /// # Errors
    /// [`PolicyError`] if a file, or one that it extends, cannot be used.
    pub fn find(tree: &dyn SourceTree, stack: &str) -> Result<Self, PolicyError> {
        let stack = join("", stack);
        let mut loader = Loader::new(tree);
        let ends = stack.match_indices('/').map(|(at, _)| at).chain([stack.len()]);
        let below = ends.filter_map(|end| stack.get(..end)).filter(|dir| !dir.is_empty());
        for dir in std::iter::once("").chain(below) {
            let own = if dir == stack { Owner::Stack } else { Owner::Several };
            match loader.load(&join(dir, FILE_NAME), own) {
                Ok(()) | Err(PolicyError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { directory: Some(stack), ..loader.policy })
    }

    /// The policy of one file and what it extends.
    ///
    /// # Errors
    /// [`PolicyError`] if a file cannot be used, or does not exist.
    pub fn read(tree: &dyn SourceTree, path: &str) -> Result<Self, PolicyError> {
        let mut loader = Loader::new(tree);
        loader.load(&join("", path), Owner::Stack)?;
        Ok(loader.policy)
    }

    /// The policy of one text that extends nothing; `file` is its name in errors.
    ///
    /// # Errors
    /// [`PolicyError`] if the text is no policy, or extends another file.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        Self::read(&OneFile { path: &join("", file), text }, file)
    }

    /// Whether a text is a policy by itself; what it extends is not looked at.
    ///
    /// # Errors
    /// [`PolicyError`] if it is none.
    pub fn check(file: &str, text: &str) -> Result<(), PolicyError> {
        let parsed = toml::from_str::<File>(text);
        parsed.map(drop).map_err(|error| PolicyError::from_toml(file, text, &error))
    }
}

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// The stack at hand alone.
    Stack,
    /// It may speak to other stacks, too.
    Several,
}

/// A tree of one text.
struct OneFile<'t> {
    path: &'t str,
    text: &'t str,
}

impl SourceTree for OneFile<'_> {
    fn read(&self, path: &str, limit: usize) -> Result<std::borrow::Cow<'_, [u8]>, ReadError> {
        match path == self.path {
            true if self.text.len() > limit => Err(ReadError::TooLarge),
            true => Ok(self.text.as_bytes().into()),
            false => Err(ReadError::Missing),
        }
    }

    fn list(&self, _dir: &str) -> Vec<String> {
        Vec::new()
    }
}

struct Loader<'t> {
    tree: &'t dyn SourceTree,
    policy: Policy,
    /// A file that several extend is laid once, where it is first needed.
    laid: BTreeSet<String>,
    /// The files that extend each other, down to the one at hand.
    chain: Vec<String>,
}

impl<'t> Loader<'t> {
    fn new(tree: &'t dyn SourceTree) -> Self {
        Self { tree, policy: Policy::default(), laid: BTreeSet::new(), chain: Vec::new() }
    }

    /// Lays what a file extends, and then the file itself, over what is there.
    fn load(&mut self, path: &str, owner: Owner) -> Result<(), PolicyError> {
        if self.laid.contains(path) {
            return Ok(());
        }
        let text = self.text(path)?;
        let file: File =
            toml::from_str(&text).map_err(|error| PolicyError::from_toml(path, &text, &error))?;
        self.chain.push(path.to_owned());
        if let Some(extends) = &file.extends {
            let at = extends.span();
            for name in &extends.get_ref().0 {
                let fault = |why| PolicyError::extends(path, &text, name, why, at.clone());
                self.extend(path, name).map_err(|error| match error {
                    Trouble::Here(why) => fault(why),
                    Trouble::There(error) => error,
                })?;
            }
        }
        self.chain.pop();
        self.laid.insert(path.to_owned());
        lay(&mut self.policy, file, Place { file: path, text: &text, owner });
        Ok(())
    }

    fn extend(&mut self, path: &str, name: &str) -> Result<(), Trouble> {
        let is_url = name.contains("://");
        let is_absolute = name.starts_with(['/', '\\']) || name.get(1..2) == Some(":");
        if is_url || is_absolute || name.is_empty() {
            return Err(Trouble::Here(ExtendsFault::NotRelative));
        }
        let dir = path.rsplit_once('/').map_or("", |(dir, _)| dir);
        let target = join(dir, name);
        if matches!(name.rsplit('/').next(), Some("" | "." | "..")) {
            return Err(Trouble::Here(ExtendsFault::NoFile));
        }
        if self.chain.contains(&target) {
            return Err(Trouble::Here(ExtendsFault::Cycle));
        }
        if self.chain.len() >= MAX_DEPTH {
            return Err(Trouble::Here(ExtendsFault::TooDeep));
        }
        self.load(&target, Owner::Several).map_err(|error| match error {
            PolicyError::Missing { file } if file == target => Trouble::Here(ExtendsFault::Missing),
            error => Trouble::There(error),
        })
    }

    fn text(&self, path: &str) -> Result<String, PolicyError> {
        let file = path.to_owned();
        match self.tree.read(path, MAX_FILE_BYTES) {
            Ok(bytes) => String::from_utf8(bytes.into_owned()).map_err(|_| PolicyError::Encoding { file }),
            Err(ReadError::Missing) => Err(PolicyError::Missing { file }),
            Err(ReadError::TooLarge) => Err(PolicyError::TooLarge { file }),
            Err(_) => Err(PolicyError::Unreadable { file }),
        }
    }
}

/// Where the fault of an `extends` lies.
enum Trouble {
    /// In the file that says it.
    Here(ExtendsFault),
    /// In the file that it names.
    There(PolicyError),
}

/// The file that is being laid.
#[derive(Clone, Copy)]
struct Place<'p> {
    file: &'p str,
    text: &'p str,
    owner: Owner,
}

/// Lays what a file says over a policy: single values replace, lists add.
fn lay(policy: &mut Policy, file: File, place: Place<'_>) {
    policy.tool = file.tool.or(policy.tool);
    policy.machines = file.machines.or(policy.machines);
    if let Some(shown) = file.target_advice {
        policy.target_advice = if shown { TargetAdvice::Shown } else { TargetAdvice::Hidden };
    }
    if let Some(words) = file.fail_on {
        policy.fail_on = words.0;
    }
    if let Some(profile) = file.profile {
        let names = "*".parse().into_iter().collect();
        policy.stacks.push(StackProfile { names, profile });
    }
    let stacks = file.stack.into_iter();
    policy.stacks.extend(stacks.map(|entry| StackProfile { names: entry.name.0, profile: entry.profile }));
    policy.protected.extend(file.protected);
    policy.rules.extend(file.rules.into_iter().map(|(rule, severity)| (rule.0, severity.0)));
    limit(&mut policy.thresholds, &file.thresholds);
    for (name, said) in file.types {
        policy.types.entry(name).or_default().lay(said);
    }
    for (normaliser, on) in file.normalisers {
        if on {
            policy.refused_normalisers.remove(&normaliser.0);
        } else {
            policy.refused_normalisers.insert(normaliser.0);
        }
    }
    policy.secret_patterns.extend(file.secrets.patterns);
    policy.allowed_secrets.extend(file.secrets.allow);
    let severities = file.severity.into_iter().map(|entry| SeverityAt {
        rules: codes(entry.rule),
        addresses: entry.address.0,
        severity: entry.severity.0,
    });
    policy.severities.extend(severities);
    let waivers = file.waiver.into_iter().map(|entry| {
        let line = line_of(place.text, entry.span().start);
        waiver(entry.into_inner(), place, line)
    });
    policy.waivers.extend(waivers);
    policy.inventories.extend(file.inventory);
}

fn codes(rules: OneOrMany<super::file::RuleName>) -> Vec<&'static str> {
    rules.0.into_iter().map(|rule| rule.0).collect()
}

fn limit(thresholds: &mut Thresholds, said: &ThresholdsSaid) {
    fn set<T: Copy>(threshold: &mut T, said: Option<T>) {
        *threshold = said.unwrap_or(*threshold);
    }
    set(&mut thresholds.mostly_gone_at_least, said.mostly_gone_at_least);
    set(&mut thresholds.mostly_gone_percent, said.mostly_gone_percent.map(|share| share.0));
    set(&mut thresholds.mass_destroy_at_least, said.mass_destroy_at_least);
    set(&mut thresholds.mass_destroy_percent, said.mass_destroy_percent.map(|share| share.0));
    set(&mut thresholds.blast_radius, said.blast_radius);
    set(&mut thresholds.max_age_hours, said.max_age_hours);
    thresholds.max_creates = said.max_creates.or(thresholds.max_creates);
}

fn waiver(entry: WaiverEntry, place: Place<'_>, line: u32) -> Waiver {
    Waiver {
        rule: entry.rule.0.to_owned(),
        address: entry.address,
        path: entry.path,
        stack: entry.stack,
        reason: entry.reason.0,
        owner: entry.owner.0,
        until: entry.until.0,
        location: Some(Location { file: place.file.to_owned(), line: Some(line) }),
        own: place.owner == Owner::Stack,
    }
}

/// Counted from 1.
pub(crate) fn line_of(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}
