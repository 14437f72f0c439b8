//! From what was named to bytes: files, directories, standard input.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tidelock::{
    Input, Kind, Source,
    state::{StateFile, StateRole},
};

use crate::{args::InputName, error::CliError, mapped::Bytes, policies::slashed};

/// Something to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Stdin,
    File(PathBuf),
}

impl Place {
    /// Name for reports and messages, safe to print.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => printable(path),
        }
    }

    /// The directory it stands in; the current one for standard input.
    pub(crate) fn directory(&self) -> PathBuf {
        let parent = match self {
            Self::Stdin => None,
            Self::File(path) => path.parent().filter(|parent| !parent.as_os_str().is_empty()),
        };
        parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
    }

    /// The same as [`Self::read`] for what has to be a state.
    pub(crate) fn read_state(&self) -> Result<Source, CliError> {
        self.read().map_err(|error| match error {
            CliError::Missing { path } => CliError::MissingState { path },
            other => other,
        })
    }

    pub(crate) fn read(&self) -> Result<Source, CliError> {
        let name = self.name();
        let bytes = match self {
            Self::Stdin => Bytes::stdin(),
            Self::File(path) if path.is_dir() => return Err(CliError::Directory { path: name }),
            Self::File(path) => Bytes::open(path),
        };
        match bytes {
            Ok(bytes) => Ok(Source::new(&name, bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(CliError::Missing { path: name })
            }
            Err(source) => Err(CliError::Unreadable { path: name, source }),
        }
    }
}

impl From<&InputName> for Place {
    fn from(name: &InputName) -> Self {
        match name {
            InputName::Stdin => Self::Stdin,
            InputName::Path(path) => Self::File(path.clone()),
        }
    }
}

/// A file in a directory, as people would write it.
pub(crate) fn beside(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}

/// A path without anything that could steer a terminal.
pub(crate) fn printable(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// A text without control characters.
pub(crate) fn one_line(text: &str) -> String {
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.to_owned() }
}

/// Where a plan stands in the directory of plans that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Within {
    /// Its directory below the one that was named; empty if it is that one.
    pub directory: PathBuf,
    /// What tells its stack from the others there: that directory, and the file where a directory holds several.
    pub stack: String,
}

impl Within {
    /// Of each plan in a directory, in their order.
    fn all(root: &Path, plans: &[PathBuf]) -> Vec<Self> {
        let below = |plan: &PathBuf| {
            let parent = plan.strip_prefix(root).ok().and_then(Path::parent);
            parent.map(Path::to_owned).unwrap_or_default()
        };
        let mut count: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for plan in plans {
            *count.entry(below(plan)).or_default() += 1;
        }
        let of = |plan: &PathBuf| {
            let directory = below(plan);
            let alone = count.get(&directory) == Some(&1);
            let file = plan.file_stem().filter(|_| !alone).map(Path::new);
            let stack = slashed(&file.map_or_else(|| directory.clone(), |file| directory.join(file)));
            Self { directory, stack }
        };
        plans.iter().map(of).collect()
    }
}

/// What was named, with directories replaced by the plans in them.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    pub places: Vec<Place>,
    within: BTreeMap<Place, Within>,
    /// What was named and leads to no plan.
    pub failures: Vec<CliError>,
    /// Whether a directory was named: its contents may change, the shape of the answer must not.
    pub from_directory: bool,
}

impl Plans {
    pub(crate) fn find(names: &[InputName]) -> Result<Self, CliError> {
        if names.iter().filter(|name| **name == InputName::Stdin).count() > 1 {
            return Err(CliError::StdinTwice);
        }
        let mut plans = Self::default();
        for name in names {
            match name {
                InputName::Path(path) if path.is_dir() => {
                    plans.from_directory = true;
                    match search(path) {
                        Ok(found) => plans.add(path, found),
                        Err(error) => plans.failures.push(error),
                    }
                }
                name => plans.places.push(name.into()),
            }
        }
        Ok(plans)
    }

    fn add(&mut self, root: &Path, found: Vec<PathBuf>) {
        let within = Within::all(root, &found);
        for (plan, within) in found.into_iter().zip(within) {
            let place = Place::File(plan);
            self.within.insert(place.clone(), within);
            self.places.push(place);
        }
    }

    /// Where a plan stands in a directory that was named; nothing for a plan that was named itself.
    pub(crate) fn within(&self, place: &Place) -> Option<&Within> {
        self.within.get(place)
    }
}

/// Every file in a directory tree that looks like a report of ours, one that is cut off included, sorted by path.
pub(crate) fn reports_in(dir: &Path) -> Result<Vec<Place>, CliError> {
    let mut files = Vec::new();
    walk(dir, MAX_DEPTH, &mut files)
        .map_err(|source| CliError::Unreadable { path: printable(dir), source })?;
    files.sort();
    files.retain(|file| Bytes::open(file).is_ok_and(|bytes| is_report(bytes.as_ref())));
    if files.is_empty() {
        return Err(CliError::NoReports { path: printable(dir) });
    }
    Ok(files.into_iter().map(Place::File).collect())
}

/// Every state in a directory tree, by content, with what its place tells: the current ones, those of other workspaces, backups,
/// and what could not be written.
pub(crate) fn states_in(dir: &Path) -> Result<Vec<(Place, Option<StateFile>)>, CliError> {
    let mut files = Vec::new();
    walk(dir, MAX_DEPTH, &mut files)
        .map_err(|source| CliError::Unreadable { path: printable(dir), source })?;
    let mut states: Vec<(StateFile, PathBuf)> = Vec::new();
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let below = slashed(file.strip_prefix(dir).unwrap_or(&file));
        match kind(&file) {
            Some(
                Kind::State | Kind::StateJson | Kind::EncryptedState | Kind::LegacyState | Kind::FutureState,
            ) => states.push((StateFile::of(&below), file)),
            // Damaged; it is shown as what it was.
            None if is_called_state(&below) && fs::metadata(&file).is_ok_and(|about| about.len() > 0) => {
                states.push((StateFile::of(&below), file));
            }
            Some(kind) => *others.entry(kind.to_string()).or_default() += 1,
            None => *others.entry("something else".to_owned()).or_default() += 1,
        }
    }
    if states.is_empty() {
        return Err(CliError::NoStates { path: printable(dir), found: inventory(&others) });
    }
    states.sort();
    Ok(states.into_iter().map(|(state, path)| (Place::File(path), Some(state))).collect())
}

/// Whether the name is one that tofu and terraform give to states.
fn is_called_state(path: &str) -> bool {
    path.ends_with(".tfstate") || path.ends_with(".tfstate.backup")
}

/// The same for questions about real objects: no backups, and with the files of no bytes that have the name of a state, which is
/// what `state pull` writes where there is none.
pub(crate) fn current_states_in(dir: &Path) -> Result<Vec<(Place, Option<StateFile>)>, CliError> {
    let mut files = Vec::new();
    walk(dir, MAX_DEPTH, &mut files)
        .map_err(|source| CliError::Unreadable { path: printable(dir), source })?;
    let empty = |file: PathBuf| {
        let below = slashed(file.strip_prefix(dir).unwrap_or(&file));
        let none = is_called_state(&below) && fs::metadata(&file).is_ok_and(|about| about.len() == 0);
        none.then(|| (Place::File(file), Some(StateFile::of(&below))))
    };
    let empty: Vec<_> = files.into_iter().filter_map(empty).collect();
    let mut states = match states_in(dir) {
        Err(CliError::NoStates { .. }) if !empty.is_empty() => Vec::new(),
        states => states?,
    };
    states.extend(empty);
    states.retain(|(_, file)| file.as_ref().is_none_or(|file| file.role != StateRole::Backup));
    states.sort_by(|(_, a), (_, b)| a.cmp(b));
    Ok(states)
}

/// A report says its version first.
fn is_report(bytes: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(bytes.get(..256).unwrap_or(bytes));
    begin
        .trim_start_matches('\u{feff}')
        .trim_start()
        .strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with("\"schema_version\""))
}

/// Directories that never hold plans of this stack, and much else.
const SKIPPED: [&str; 3] = [".git", ".terraform", "node_modules"];
/// Deeper than any repository; a loop of links ends here.
const MAX_DEPTH: usize = 64;

/// Every file in a directory tree that is a plan by its content, sorted by path. Plan JSON beside a saved plan of the same
/// name is that plan shown: the saved one knows more, and is what will be applied. Of an encrypted one, which may not open,
/// the JSON is taken.
fn search(dir: &Path) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    walk(dir, MAX_DEPTH, &mut files)
        .map_err(|source| CliError::Unreadable { path: printable(dir), source })?;
    files.sort();
    let (mut plans, mut saved, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        match kind(&file) {
            Some(Kind::PlanJson) => plans.push(file),
            Some(Kind::SavedPlan) => saved.push(file),
            Some(Kind::EncryptedPlan) => sealed.push(file),
            Some(kind) => *others.entry(kind.to_string()).or_default() += 1,
            None => *others.entry("something else".to_owned()).or_default() += 1,
        }
    }
    let names = |plans: &[PathBuf]| -> BTreeSet<PathBuf> {
        plans.iter().map(|plan| plan.with_extension("")).collect()
    };
    let same = names(&saved);
    plans.retain(|plan| !same.contains(&plan.with_extension("")));
    plans.extend(saved);
    let same = names(&plans);
    plans.extend(sealed.into_iter().filter(|plan| !same.contains(&plan.with_extension(""))));
    plans.sort();
    if plans.is_empty() {
        return Err(CliError::NoPlans { path: printable(dir), found: inventory(&others) });
    }
    Ok(plans)
}

fn walk(dir: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(about) = entry.file_type() else { continue };
        let path = entry.path();
        if about.is_dir() {
            let skipped = SKIPPED.iter().any(|name| entry.file_name() == *name);
            if !skipped && depth > 0 {
                // A directory below that cannot be read is left out, as is one that has just gone.
                let _ = walk(&path, depth - 1, files);
            }
        } else if about.is_file() || (about.is_symlink() && path.is_file()) {
            files.push(path);
        }
    }
    Ok(())
}

/// What a file is, as far as it is an artifact at all; a plan that is cut off still counts as one.
fn kind(path: &Path) -> Option<Kind> {
    let source = Source::new("", Bytes::open(path).ok()?);
    if let Some(document) = Input::presume(&source) {
        return Some(document.kind);
    }
    let documents = Input::read(&source).ok()?.documents;
    let plan = documents.iter().find(|document| document.kind == Kind::PlanJson);
    plan.or(documents.first()).map(|document| document.kind)
}

/// `nothing`, or `2 files: 1 × a raw state, 1 × something else`.
fn inventory(others: &BTreeMap<String, usize>) -> String {
    let count: usize = others.values().sum();
    let list: Vec<String> = others.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    match count {
        0 => "no file at all".to_owned(),
        1 => format!("1 file: {}", list.join(", ")),
        _ => format!("{count} files: {}", list.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str =
        r#"{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[]}"#;

    #[test]
    fn plans_are_found_by_content_and_sorted() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir(root.join(".terraform")).unwrap();
        for (name, text) in [
            ("b/c/out.txt", PLAN),
            ("a.json", PLAN),
            (".terraform/plan.json", PLAN),
            ("state", r#"{"version":4,"serial":1}"#),
            ("main.tf", "locals {}"),
        ] {
            fs::write(root.join(name), text).unwrap();
        }
        assert_eq!(search(root).unwrap(), [root.join("a.json"), root.join("b/c/out.txt")]);
    }

    #[test]
    fn plans_of_a_directory_are_told_apart_by_where_they_stand_in_it() {
        let plans = ["p/live/web/tfplan.json", "p/a.json", "p/b.json", "p/one/plan.json"].map(PathBuf::from);
        let within = Within::all(Path::new("p"), &plans);
        let stacks: Vec<&str> = within.iter().map(|within| within.stack.as_str()).collect();
        assert_eq!(stacks, ["live/web", "a", "b", "one"]);
        assert_eq!(within.first().map(|within| within.directory.as_path()), Some(Path::new("live/web")));
    }

    #[test]
    fn a_directory_without_plans_says_what_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let found = |dir: &Path| match search(dir) {
            Err(CliError::NoPlans { found, .. }) => found,
            other => panic!("{other:?}"),
        };
        assert_eq!(found(dir.path()), "no file at all");
        fs::write(dir.path().join("s"), r#"{"version":4,"serial":1}"#).unwrap();
        fs::write(dir.path().join("t"), "text").unwrap();
        assert_eq!(found(dir.path()), "2 files: 1 × a raw state, 1 × something else");
    }

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(printable(Path::new("a\u{1b}[2J")), "a\\u{1b}[2J");
    }
}
