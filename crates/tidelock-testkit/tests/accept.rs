//! Advice that is followed does what it says: with a real `terraform` or `tofu` on the `PATH`, every line that a
//! report tells to edit is edited, every `ignore_changes` entry that it offers is added, and the plan is made again.
//!
//! A wrong line changes other machines, so there is only one number of them that passes.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the helpers of these tests are tests, too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tidelock::config::{IgnoreChanges, MemoryTree};
use tidelock::report::{Accept, Divergence, IgnoreAdvice, Location, ResourceReport};
use tidelock::{Analysis, Class, Configuration, Report, ResourceAddr, Source};
use tidelock_testkit::fixtures::{self, Case, Step};
use tidelock_testkit::pond::{Session, Tool};
use tidelock_testkit::record;

/// Drifted paths in the cases that have a line, at least; fewer means that lines were lost.
const LINES: usize = 67;
/// Resources in the cases that have `ignore_changes` entries to add, at least.
const ENTRIES: usize = 52;

/// The tool, or a line in the test's output that says why the test proves nothing here.
fn tool() -> Option<Tool> {
    let tool = Tool::find().unwrap();
    if tool.is_none() {
        eprintln!("skipped: neither terraform nor tofu is on the PATH");
    }
    tool
}

/// A case that was played up to its plan, and can be planned again.
struct Stage<'c> {
    case: &'c Case,
    session: Session,
    report: Report,
}

impl<'c> Stage<'c> {
    fn set(case: &'c Case, tool: Tool) -> Self {
        let (session, _) = record::replay(case, tool).unwrap();
        let report = report(case, &session);
        Self { case, session, report }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.session.workdir().join(name)
    }

    fn plan_again(&self) -> Report {
        let Some(Step::Plan(args)) = self.case.meta.steps.last() else { panic!("{}", self.case.name) };
        self.session.plan(&args.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        report(self.case, &self.session)
    }
}

fn report(case: &Case, session: &Session) -> Report {
    report_on(case, session.workdir(), session.plan_json().unwrap())
}

fn report_on(case: &Case, dir: &Path, plan: Vec<u8>) -> Report {
    let tree = sources(dir);
    let mut analysis = Analysis::new().config(&tree);
    if let Some(schema) = &case.meta.schema {
        analysis = analysis.schema(&Source::new(schema, case.bytes(schema).unwrap())).unwrap();
    }
    analysis.drift(&Source::new("plan.json", plan)).unwrap()
}

/// The configuration in a directory, as the CLI would read it from there.
fn sources(dir: &Path) -> MemoryTree {
    let mut tree = MemoryTree::default();
    collect(dir, "", &mut tree);
    tree
}

fn collect(dir: &Path, prefix: &str, tree: &mut MemoryTree) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        let ends = [".tf", ".tf.json", ".tfvars", ".tfvars.json", "modules.json"];
        if path.is_dir() {
            collect(&path, &format!("{name}/"), tree);
        } else if ends.iter().any(|end| name.ends_with(end)) {
            tree.insert(name, fs::read(path).unwrap());
        }
    }
}

/// The cases that can be played, each with what is said of its recorded plan.
fn cases() -> Vec<(Case, Report)> {
    let cases = fixtures::all_under("drift").unwrap().into_iter().filter(|case| !case.meta.steps.is_empty());
    let recorded = |case: Case| {
        let report = report_on(&case, &case.dir, case.plan_json().unwrap());
        (case, report)
    };
    cases.map(recorded).collect()
}

/// Divergences that are drift.
fn drifted(report: &Report) -> usize {
    report.resources.iter().flat_map(|resource| &resource.divergences).filter(|d| d.drift).count()
}

/// What must stay as it is when something else is edited: per object what the plan does, and what is said of every
/// path. Values that only the next apply makes known follow from an update, whichever it is, and are left out.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    actions: String,
    paths: BTreeMap<String, String>,
}

impl Told {
    fn forget_drift(&mut self, paths: &[String]) {
        self.actions.clear();
        let settled = |path: &String, said: &String| {
            paths.contains(path) && (said.starts_with("ignored") || said.contains("drift=true"))
        };
        self.paths.retain(|path, said| !settled(path, said));
    }
}

type Key = (ResourceAddr, Option<String>);

fn told(report: &Report) -> BTreeMap<Key, Told> {
    let told = |resource: &ResourceReport| {
        let waits = |d: &&Divergence| d.class == Class::Pending && d.until_apply;
        let say = |d: &Divergence| {
            // What the provider decides by itself, it may decide earlier if there is nothing to apply.
            let desired = d.desired.as_ref().filter(|_| d.class != Class::Computed);
            let said = format!("{} drift={} {:?} {:?} {desired:?}", d.class, d.drift, d.recorded, d.actual);
            (d.path.to_string(), said)
        };
        Told {
            actions: resource.actions.to_string(),
            paths: resource.divergences.iter().filter(|d| !waits(d)).map(say).collect(),
        }
    };
    let key = |resource: &ResourceReport| (resource.address.clone(), resource.deposed.clone());
    report.resources.iter().map(|resource| (key(resource), told(resource))).collect()
}

fn resource<'r>(report: &'r Report, address: &ResourceAddr) -> Option<&'r ResourceReport> {
    report.resources.iter().find(|resource| resource.address == *address && resource.deposed.is_none())
}

/// Whom a piece of advice is meant to reach.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    /// One instance.
    Instance,
    /// All instances of its block, as `ignore_changes` does.
    Block,
}

/// What is wrong between two reports if `paths` of an instance were to be settled in between and nothing else.
fn complaints(
    before: &Report,
    after: &Report,
    of: &ResourceReport,
    paths: &[String],
    reach: Reach,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let settled = resource(after, &of.address);
    let left = settled.map(|resource| resource.divergences.as_slice()).unwrap_or_default();
    for path in paths {
        if let Some(d) = left.iter().find(|d| d.drift && d.path.to_string() == *path) {
            wrong.push(format!("{path} is still {}, wants {:?}", d.class, d.desired));
        }
    }
    if let Some(resource) = settled.filter(|r| r.actions.destroys() && !of.actions.destroys()) {
        wrong.push(format!("it is now to be {}d", resource.actions));
    }
    let blamed: Vec<_> = before
        .findings
        .iter()
        .filter(|finding| finding.caused_by.iter().any(|root| root.address == of.address))
        .filter_map(|finding| finding.address.clone())
        .collect();
    let (mut before, mut after) = (told(before), told(after));
    let key = (of.address.clone(), None);
    let own = |told: &mut BTreeMap<Key, Told>| told.remove(&key).map(|told| told.paths).unwrap_or_default();
    let no_longer_replaced = of.actions.is_replace() && !settled.is_some_and(|r| r.actions.is_replace());
    if no_longer_replaced {
        // `ignore_changes` does not hold for the successor of what is replaced: with the replacement, more ends.
        let quiet = left.iter().filter(|d| d.class == Class::Ignored).map(|d| d.path.to_string());
        let paths: Vec<String> = paths.iter().cloned().chain(quiet).collect();
        wrong.extend(own_complaints(&own(&mut before), &own(&mut after), of, &paths));
    } else {
        wrong.extend(own_complaints(&own(&mut before), &own(&mut after), of, paths));
    }
    if reach == Reach::Block {
        // Drift at the same paths of its siblings is settled with it.
        for told in [&mut before, &mut after] {
            let siblings = told.iter_mut().filter(|(key, _)| key.0.config() == of.address.config());
            siblings.for_each(|(_, told)| told.forget_drift(paths));
        }
    }
    for (key, was) in &before {
        match after.get(key) {
            Some(now) if now == was => {}
            // It was to be replaced because of this very path: that is what ends.
            None if blamed.contains(&key.0) => {}
            now => wrong.push(format!("{} was {was:?}, is {now:?}", key.0)),
        }
    }
    for (key, now) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        wrong.push(format!("{} is {now:?}", key.0));
    }
    wrong
}

/// What is wrong with the other paths of the instance itself.
fn own_complaints(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    of: &ResourceReport,
    paths: &[String],
) -> Vec<String> {
    let value = |path: &str| of.divergences.iter().find(|d| d.path.to_string() == path).map(|d| &d.actual);
    // One change may show at two paths, as `tags_all` repeats `tags`.
    let follows = |path: &String| paths.contains(path) || paths.iter().any(|p| value(p) == value(path));
    let lost = before.iter().filter(|(path, was)| after.get(*path) != Some(*was) && !follows(path));
    let lost = lost.map(|(path, was)| format!("{path} was {was}, is {:?}", after.get(path)));
    let new = after.iter().filter(|(path, _)| !before.contains_key(*path));
    lost.chain(new.map(|(path, now)| format!("{path} is now {now}"))).collect()
}

#[test]
fn every_line_to_accept_ends_its_drift_and_touches_nothing_else() {
    let Some(tool) = tool() else { return };
    let (mut paths, mut lines, mut closed, mut wrong) = (0, 0, 0, Vec::new());
    for (case, recorded) in cases() {
        paths += drifted(&recorded);
        if recorded.resources.iter().flat_map(edits).next().is_none() {
            continue;
        }
        let stage = Stage::set(&case, tool.clone());
        for resource in &stage.report.resources {
            for (path, edit) in edits(resource) {
                let at =
                    format!("{}: {} {path} ({} {})", case.name, resource.address, edit.location, edit.hcl);
                let after = edit.follow(&stage);
                let complaints = complaints(&stage.report, &after, resource, &[path], Reach::Instance);
                lines += 1;
                closed += usize::from(complaints.is_empty());
                wrong.extend(complaints.into_iter().map(|text| format!("{at}: {text}")));
            }
        }
    }
    println!("{paths} drifted paths, {lines} with a line, {closed} of them close, {} wrong", lines - closed);
    assert!(wrong.is_empty(), "wrong lines:\n{}", wrong.join("\n"));
    assert!(lines >= LINES, "only {lines} paths have a line");
}

/// One edit that a report tells to make.
struct Edit<'r> {
    location: &'r Location,
    hcl: &'r str,
    span: (usize, usize),
    replacement: &'r str,
}

fn edits(resource: &ResourceReport) -> impl Iterator<Item = (String, Edit<'_>)> {
    resource.advice.accept.iter().filter_map(|advice| match &advice.how {
        Accept::Edit { location, hcl, span, replacement } => {
            Some((advice.path.to_string(), Edit { location, hcl, span: *span, replacement }))
        }
        Accept::Refused { .. } => None,
    })
}

impl Edit<'_> {
    /// The report after the edit, which is taken back again.
    fn follow(&self, stage: &Stage<'_>) -> Report {
        let file = stage.file(&self.location.file);
        let text = fs::read_to_string(&file).unwrap();
        let mut edited = text.clone();
        edited.replace_range(self.span.0..self.span.1, self.replacement);
        // A person goes by the line.
        let line = edited.lines().nth(self.location.line.unwrap() as usize - 1).unwrap();
        let bare = |text: &str| text.replace(['"', ' '], "");
        let name = self.hcl.split_once(" = ").map_or(self.hcl, |(name, _)| name);
        assert!(bare(line).contains(&bare(name)), "{line}");
        fs::write(&file, edited).unwrap();
        let report = stage.plan_again();
        fs::write(&file, text).unwrap();
        report
    }
}

#[test]
fn every_ignore_entry_makes_the_plan_leave_its_path_alone() {
    let Some(tool) = tool() else { return };
    let (mut offers, mut wrong) = (0, Vec::new());
    for (case, recorded) in cases() {
        if recorded.resources.iter().all(|resource| resource.advice.ignore.is_none()) {
            continue;
        }
        let stage = Stage::set(&case, tool.clone());
        for resource in &stage.report.resources {
            let Some(IgnoreAdvice { entries, location }) = &resource.advice.ignore else { continue };
            offers += 1;
            let after = with_ignored(&stage, resource, entries, location.as_ref().unwrap());
            let complaints = complaints(&stage.report, &after, resource, entries, Reach::Block);
            let at = format!("{}: {} {entries:?}", case.name, resource.address);
            wrong.extend(complaints.into_iter().map(|text| format!("{at}: {text}")));
        }
    }
    println!("{offers} resources with entries to ignore, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "wrong entries:\n{}", wrong.join("\n"));
    assert!(offers >= ENTRIES, "only {offers} resources have entries");
}

/// The report with entries added to the `lifecycle` of a block, by an override file beside it.
fn with_ignored(
    stage: &Stage<'_>,
    resource: &ResourceReport,
    entries: &[String],
    location: &Location,
) -> Report {
    let tree = sources(stage.session.workdir());
    let config = Configuration::load(&tree, &BTreeMap::new());
    let block = config.resource(&resource.address.config()).unwrap();
    // An override replaces the whole list.
    let mut all: Vec<&str> = match &block.lifecycle.ignore_changes {
        IgnoreChanges::Entries(entries) => entries.iter().map(|entry| entry.text.as_str()).collect(),
        _ => Vec::new(),
    };
    all.extend(entries.iter().map(String::as_str));
    let (kind, name) = (&block.type_name, &block.name);
    let text = format!(
        "resource \"{kind}\" \"{name}\" {{\n  lifecycle {{\n    ignore_changes = [{}]\n  }}\n}}\n",
        all.join(", ")
    );
    let file = stage.file(&location.file).with_file_name("zz_override.tf");
    fs::write(&file, text).unwrap();
    let report = stage.plan_again();
    fs::remove_file(&file).unwrap();
    report
}
