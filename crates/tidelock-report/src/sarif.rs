//! The report as SARIF 2.1.0, for code scanning: every finding a result beside the line it is about.
//!
//! One run, whatever the number of inputs: GitHub takes at most 20 runs in a file. Every result has a place, which
//! GitHub insists on; what has none of its own stands at the first source file of the stack, or at the plan. Findings
//! that a person accepted are results with a suppression. Format: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>;
//! what GitHub reads of it: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

mod log;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tidelock_rules::{
    report::{Command, Finding, Location, Report, Reports, Severity, Waived},
    rules,
};

use self::log::{
    Artifact, AutomationDetails, BaseId, Configuration, Descriptor, DescriptorReference, Driver, Invocation,
    Log, LogicalLocation, Multiformat, Notification, Physical, Properties, Region, RelatedInstance,
    ResultObject, Run, SarifLocation, Suppression, Text, Tool, UndoneChange,
};
use crate::{escape::printable, headline, place::Places, rows};

/// Where the pages of the rules stand.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules/");
/// Other instances of a story that are named.
const MAX_RELATED: usize = 100;

/// Writes one report.
///
/// # Errors
/// Whatever `out` returns.
pub fn report(report: &Report, out: &mut impl Write) -> io::Result<()> {
    write(&[report], report.exit_code, out)
}

/// Writes several reports as one run.
///
/// # Errors
/// Whatever `out` returns.
pub fn reports(reports: &Reports, out: &mut impl Write) -> io::Result<()> {
    write(&reports.reports.iter().collect::<Vec<_>>(), reports.exit_code, out)
}

fn write(reports: &[&Report], exit_code: u8, out: &mut impl Write) -> io::Result<()> {
    let rules = Rules::of(reports);
    let mut results = Vec::new();
    for report in reports {
        let places = Places::of(report);
        let input = (reports.len() > 1).then(|| printable(&headline::name(report)));
        results.extend(report.findings.iter().map(|finding| {
            let at = Spot { report, input: input.as_deref(), place: places.of_finding(finding) };
            result(finding, &at, &rules)
        }));
    }
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(reports, &rules) },
            automation_details: AutomationDetails { id: category(reports) },
            original_uri_base_ids: BTreeMap::from([(SOURCE_ROOT, base_id())]),
            invocations: [invocation(reports, exit_code)],
            results,
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The rules that were hit, sorted by code, with their places in the list.
struct Rules<'a>(BTreeMap<&'a str, (usize, &'a Finding)>);

impl<'a> Rules<'a> {
    fn of(reports: &[&'a Report]) -> Self {
        let findings = reports.iter().flat_map(|report| &report.findings);
        let mut hit: BTreeMap<&str, (usize, &Finding)> =
            findings.map(|finding| (finding.code, (0, finding))).collect();
        for ((index, _), at) in hit.values_mut().zip(0..) {
            *index = at;
        }
        Self(hit)
    }
}

fn driver(reports: &[&Report], rules: &Rules<'_>) -> Driver {
    let tool = reports.first().map(|report| &report.tool);
    Driver {
        name: tool.map_or("tidelock", |tool| tool.name),
        semantic_version: tool.map_or(env!("CARGO_PKG_VERSION"), |tool| tool.version),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules.0.values().map(|(_, finding)| descriptor(finding)).collect(),
    }
}

/// What a rule is; of an embedder's own, only what its findings say.
fn descriptor(finding: &Finding) -> Descriptor {
    let meta = rules::find(finding.code);
    let summary = meta.map_or(finding.rule, |meta| meta.summary);
    let level = meta.map_or("", |meta| meta.severity);
    Descriptor {
        id: finding.code,
        name: finding.rule,
        short_description: Text { text: summary.to_owned() },
        help: meta.map(|meta| Multiformat { text: meta.markdown(), markdown: meta.markdown() }),
        help_uri: meta.map(|meta| format!("{PAGES}{}.md", meta.code)),
        default_configuration: Configuration {
            level: match level.split(' ').next() {
                Some("deny") => "error",
                Some("info") => "note",
                _ => "warning",
            },
        },
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
        _ => "none",
    }
}

/// Keeps the alerts of one stack and question apart from those of others: the part before the last `/` is what GitHub
/// calls the category.
fn category(reports: &[&Report]) -> String {
    let command = reports.first().map_or(Command::Drift, |report| report.command);
    match reports {
        [only] => match &only.input.stack {
            Some(stack) => format!("tidelock/{command}/{}/", printable(stack)),
            None => format!("tidelock/{command}/"),
        },
        _ => format!("tidelock/{command}/"),
    }
}

const SOURCE_ROOT: &str = "%SRCROOT%";

fn base_id() -> BaseId {
    BaseId { description: Text { text: "the root of the sources".to_owned() } }
}

fn invocation(reports: &[&Report], exit_code: u8) -> Invocation {
    let notes = reports.iter().flat_map(|report| &report.notes);
    let notifications = notes.map(|note| Notification {
        descriptor: DescriptorReference { id: note.code },
        level: "note",
        message: text(&note.message),
    });
    Invocation {
        execution_successful: true,
        exit_code,
        exit_code_description: match reports {
            [only] => only.verdict.to_string(),
            _ => format!("the worst of {} inputs", reports.len()),
        },
        tool_execution_notifications: notifications.collect(),
    }
}

/// Where a result belongs.
struct Spot<'a> {
    report: &'a Report,
    /// Name of the input, where there are several.
    input: Option<&'a str>,
    place: &'a Location,
}

fn result(finding: &Finding, at: &Spot<'_>, rules: &Rules<'_>) -> ResultObject {
    let address = finding.address.as_ref().map(|address| printable(&address.to_string()));
    let about = [at.input.map(ToOwned::to_owned), address.clone()].into_iter().flatten();
    let mut words: Vec<String> = about.collect();
    words.push(rows::sentence(finding));
    let mut said = words.join(": ");
    if let Some(help) = &finding.help {
        said.push_str("\n\n");
        said.push_str(&printable(help));
    }
    let rest = finding.locations.iter().skip_while(|place| *place == at.place);
    ResultObject {
        rule_id: finding.code,
        rule_index: rules.0.get(finding.code).map_or(0, |(at, _)| *at),
        level: level(finding.severity),
        message: Text { text: unlinked(&said) },
        locations: [SarifLocation {
            id: None,
            physical_location: physical(at.place),
            logical_locations: address.iter().map(|address| logical(address)).collect(),
        }],
        related_locations: rest.zip(1..).map(|(place, id)| related_location(place, id)).collect(),
        partial_fingerprints: fingerprints(finding, at.report),
        suppressions: finding.waived.iter().map(suppression).collect(),
        properties: Properties {
            path: finding.path.as_ref().map(|path| printable(&path.to_string())),
            deposed: finding.deposed.as_deref().map(printable),
            related: related(finding),
            hcl: finding.hcl.clone(),
            undoes: undoes(finding, at.report),
        },
    }
}

/// Ours, and the one that GitHub tells alerts apart by; the same address in two stacks is two things.
fn fingerprints(finding: &Finding, report: &Report) -> BTreeMap<&'static str, String> {
    let stack = report.input.stack.as_deref().unwrap_or_default();
    let alert = match stack {
        "" => finding.fingerprint.clone(),
        stack => format!("{}/{}", finding.fingerprint, printable(stack)),
    };
    BTreeMap::from([("primaryLocationLineHash", alert), ("tidelock/v1", finding.fingerprint.clone())])
}

fn suppression(waived: &Waived) -> Suppression {
    Suppression { kind: "external", status: "accepted", justification: rows::waived_by(waived).plain() }
}

fn related(finding: &Finding) -> Vec<RelatedInstance> {
    let instances = finding.related.iter().take(MAX_RELATED);
    instances
        .map(|related| RelatedInstance {
            address: printable(&related.address.to_string()),
            depth: related.depth,
            role: related.role.as_deref().map(printable),
        })
        .collect()
}

/// What else the apply would overwrite at the same address.
fn undoes(finding: &Finding, report: &Report) -> Vec<UndoneChange> {
    let here = report.undoes.iter().filter(|undone| Some(&undone.address) == finding.address.as_ref());
    here.map(|undone| UndoneChange { path: printable(&undone.path.to_string()), class: undone.class })
        .collect()
}

fn logical(address: &str) -> LogicalLocation {
    LogicalLocation { fully_qualified_name: address.to_owned(), kind: "resource" }
}

fn related_location(place: &Location, id: usize) -> SarifLocation {
    SarifLocation { id: Some(id), physical_location: physical(place), logical_locations: Vec::new() }
}

/// What may stand in a relative reference as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

fn physical(place: &Location) -> Physical {
    Physical {
        artifact_location: Artifact {
            uri: utf8_percent_encode(&place.file, PATH).to_string(),
            uri_base_id: SOURCE_ROOT,
        },
        // GitHub shows nothing without a line.
        region: Region { start_line: place.line.unwrap_or(1).max(1) },
    }
}

fn text(message: &str) -> Text {
    Text { text: unlinked(&printable(message)) }
}

/// SARIF reads `[text](target)` in a plain message as a link.
fn unlinked(message: &str) -> String {
    message.replace("](", "\\](")
}
