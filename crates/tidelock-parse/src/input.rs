//! From the bytes of one input to the artifacts in it, by content and never by file name.
//!
//! Handles what pipelines do to files: a byte order mark, UTF-16 from PowerShell's `>`, log lines of wrappers
//! around the JSON, and several documents in one file (one per unit of a Terragrunt run).

mod encoding;
mod error;
mod kind;

pub(crate) use encoding::decode;
pub use error::InputError;
pub use kind::Kind;
pub(crate) use kind::json as kind_of_json;

use aho_corasick::AhoCorasick;

use crate::{
    inventory,
    source::{RawText, Source},
};

/// What is in one input.
#[derive(Debug)]
pub struct Input {
    /// The bytes that the documents refer to; transcoded if the input was not UTF-8.
    pub source: Source,
    /// The artifacts, in the order of the input; at least one.
    pub documents: Vec<Document>,
    /// What had to be done to read it.
    pub remarks: Vec<Remark>,
}

/// One artifact of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Where it stands; for binary kinds the whole input.
    pub text: RawText,
}

/// Something unusual about an input that did not keep it from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Remark {
    /// It started with a UTF-8 byte order mark.
    ByteOrderMark,
    /// It was UTF-16.
    Utf16,
    /// Text around the JSON was skipped.
    OtherText {
        /// How many lines.
        lines: usize,
    },
}

impl Remark {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "input::byte_order_mark",
            Self::Utf16 => "input::utf16",
            Self::OtherText { .. } => "input::other_text",
        }
    }
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByteOrderMark => f.write_str("the input starts with a byte order mark, which was skipped"),
            Self::Utf16 => {
                f.write_str("the input is UTF-16 (PowerShell's `>` writes that); it was converted")
            }
            Self::OtherText { lines: 1 } => f.write_str("1 line of other text around the JSON was skipped"),
            Self::OtherText { lines } => {
                write!(f, "{lines} lines of other text around the JSON were skipped")
            }
        }
    }
}

impl Input {
    /// The artifact that the first keys promise, without reading the rest: a shortcut for big files.
    ///
    /// It may be wrong about where the artifact ends. If reading it fails, [`Input::read`] tells the truth.
    pub fn presume(source: &Source) -> Option<Document> {
        kind::presume(source.bytes()).map(|kind| Document { kind, text: RawText::whole(source) })
    }

    /// Finds out what `source` holds. JSON is only looked at as far as that takes.
    ///
    /// # Errors
    /// [`InputError`] if it holds no artifact at all.
    pub fn read(source: &Source) -> Result<Self, InputError> {
        let (source, mut remarks) = encoding::decode(source)?;
        if source.bytes().iter().all(u8::is_ascii_whitespace) {
            return Err(InputError::Empty { input: source.name().to_owned() });
        }
        if let Some(kind) = kind::binary(source.bytes()) {
            let text = RawText::whole(&source);
            return Ok(Self { source, documents: vec![Document { kind, text }], remarks });
        }
        let text = match std::str::from_utf8(source.bytes()) {
            Ok(text) => text,
            Err(error) => {
                // A log may be cut inside a character, or have one of another encoding in a line of a wrapper.
                let (valid, _) = source.bytes().split_at(error.valid_up_to());
                let begins = std::str::from_utf8(valid).is_ok_and(|text| kind::is_log(first_object(text)));
                if !begins {
                    return Err(InputError::not_text(&source, error.valid_up_to()));
                }
                let runs = runs(&source, 0, source.bytes().len());
                return Ok(Self { documents: runs, source, remarks });
            }
        };
        let scan = scan(&source, text)?;
        if scan.other_lines > 0 {
            remarks.push(Remark::OtherText { lines: scan.other_lines });
        }
        let documents = scan.documents;
        Ok(Self { source, documents, remarks })
    }
}

#[derive(Default)]
struct Scan {
    documents: Vec<Document>,
    other_lines: usize,
}

/// More starts than this are not tried: a log of a million lines is no plan.
const MAX_STARTS: usize = 10_000;

fn scan(source: &Source, text: &str) -> Result<Scan, InputError> {
    let mut scan = Scan::default();
    let mut failure = None;
    let mut rest = text;
    let mut inside_line = false;
    for _ in 0..MAX_STARTS {
        let Some((skipped, start)) = next_start(rest, inside_line) else { break };
        scan.other_lines += skipped;
        match kind::json(start) {
            Ok((kind, length)) => {
                let (document, behind) = start.split_at_checked(length).unwrap_or((start, ""));
                if goes_on(behind) {
                    return Err(InputError::left_over(source, document));
                }
                if kind == Kind::UiStream {
                    // What follows is lines of runs, until an artifact of another kind begins.
                    let (log, behind) = start.split_at_checked(length_of_log(start)).unwrap_or((start, ""));
                    let from = source.range_of(log).start();
                    scan.documents.extend(runs(source, from, from + log.len()));
                    rest = behind;
                    inside_line = false;
                    continue;
                }
                if kind == Kind::UnknownJson {
                    scan.other_lines += document.lines().count();
                } else {
                    scan.documents.push(Document { kind, text: source.range_of(document) });
                }
                rest = behind;
                inside_line = true;
            }
            Err(error) => {
                if kind::looks_like_artifact(start) || is_no_log_line(start, &error) {
                    return Err(InputError::from_json(source, &error));
                }
                failure.get_or_insert(error);
                rest = start.split_at_checked(1).map_or("", |(_, behind)| behind);
                inside_line = false;
            }
        }
    }
    scan.other_lines += rest.lines().filter(|line| !line.trim().is_empty()).count();
    if !scan.documents.is_empty() {
        return Ok(scan);
    }
    if inventory::is_inventory(text) {
        let documents = vec![Document { kind: Kind::Inventory, text: RawText::whole(source) }];
        return Ok(Scan { documents, other_lines: 0 });
    }
    Err(match failure {
        Some(error) if text.trim_start().starts_with(['{', '[']) => InputError::from_json(source, &error),
        _ if text.trim_start().starts_with('{') => {
            InputError::UnknownJson { input: source.name().to_owned() }
        }
        _ => InputError::NotAnArtifact { input: source.name().to_owned() },
    })
}

/// The text from its first object on.
fn first_object(text: &str) -> &str {
    next_start(text, false).map_or("", |(_, start)| start)
}

/// How much of a text is log: up to the first line that begins another artifact.
fn length_of_log(text: &str) -> usize {
    let is_other = |start: &str| {
        kind::looks_like_artifact(start)
            && matches!(kind::json(start), Ok((kind, _)) if !matches!(kind, Kind::UiStream | Kind::UnknownJson))
    };
    let mut lines = text.match_indices("\n{").map(|(at, _)| at + 1);
    lines.find(|at| text.get(*at..).is_some_and(is_other)).unwrap_or(text.len())
}

/// The runs in a log between two places, one after the other: each begins with its version.
fn runs(source: &Source, from: usize, to: usize) -> Vec<Document> {
    // Inside a text the quotes would be escaped.
    const VERSION: &[u8] = br#""type":"version""#;
    let bytes = source.bytes();
    let log = bytes.get(from..to).unwrap_or_default();
    let mut starts = vec![from];
    if let Ok(finder) = AhoCorasick::new([VERSION]) {
        for found in finder.find_iter(log) {
            let before = log.get(..found.start()).unwrap_or_default();
            match before.iter().rposition(|byte| *byte == b'\n') {
                Some(end) if starts.last() != Some(&(from + end + 1)) => starts.push(from + end + 1),
                _ => {}
            }
        }
    }
    let ends = starts.iter().skip(1).copied().chain([to]);
    let document = |(start, end)| Document { kind: Kind::UiStream, text: RawText::between(start, end) };
    starts.iter().copied().zip(ends).map(document).collect()
}

/// Whether what stands behind an object shows that it was not the whole: something closed it too early.
fn goes_on(behind: &str) -> bool {
    let mut tokens = behind.chars().filter(|c| !c.is_whitespace());
    match tokens.next() {
        Some('}') => true,
        // Between the elements of a list, a comma is followed by the next object.
        Some(',') => tokens.next() != Some('{'),
        _ => false,
    }
}

/// A log line that starts like JSON soon stops being JSON; what goes on for longer than this is damaged JSON.
const LONGEST_LOG_LINE: usize = 16 * 1024;

/// Whether a text that is not JSON is no log line either: it never ends, or it was JSON for too long.
///
/// What is nested in such a text is a part of something, never an artifact of its own. This also keeps the search for
/// documents linear.
fn is_no_log_line(text: &str, error: &serde_json::Error) -> bool {
    let above = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    error.is_eof() || above.map(str::len).sum::<usize>() + error.column() > LONGEST_LOG_LINE
}

/// The next place where a JSON object may start, and how many lines of other text stand before it.
///
/// `inside_line`: the text starts right behind a document, so an object may follow on the same line.
fn next_start(text: &str, inside_line: bool) -> Option<(usize, &str)> {
    let trimmed = text.trim_start();
    if inside_line && trimmed.starts_with('{') {
        return Some((0, trimmed));
    }
    // A brace counts where its line begins. A log prefix may stand before the object, so `{"` counts anywhere. Nothing is
    // looked at behind the place that is found: of one long line every brace may be asked about.
    text.match_indices('{').find_map(|(at, _)| {
        let (before, start) = text.split_at_checked(at)?;
        let (told, blanks) = before.split_at_checked(before.trim_end().len())?;
        let begins_line = told.is_empty() || blanks.contains('\n');
        if !begins_line && !start.starts_with("{\"") {
            return None;
        }
        let above = before.rfind('\n').and_then(|end| before.get(..end)).unwrap_or_default();
        Some((above.lines().filter(|line| !line.trim().is_empty()).count(), start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{"format_version":"1.2","planned_values":{"root_module":{}}}"#;

    fn read(bytes: impl Into<Vec<u8>>) -> Result<Input, InputError> {
        Input::read(&Source::new("test", bytes.into()))
    }

    fn kinds(text: &str) -> Vec<Kind> {
        read(text).unwrap().documents.iter().map(|document| document.kind).collect()
    }

    #[test]
    fn an_object_may_start_where_a_line_begins_or_with_a_quote() {
        for (text, found) in [
            ("{a", Some((0, "{a"))),
            ("  {a", Some((0, "{a"))),
            ("log {a {\"b", Some((0, "{\"b"))),
            ("log {a\n\n more\n\t{a", Some((2, "{a"))),
            ("log\n more: {\"b", Some((1, "{\"b"))),
            ("log {a", None),
            ("", None),
        ] {
            assert_eq!(next_start(text, false), found, "{text:?}");
        }
        assert_eq!(next_start(" {a", true), Some((0, "{a")));
        assert_eq!(next_start("x {a", true), None);
    }

    /// An answer about one of them would seem to be one about both.
    #[test]
    fn a_plan_behind_a_log_is_no_line_of_it() {
        let log =
            "{\"@level\":\"info\",\"@message\":\"x\",\"type\":\"version\"}\n{\"@level\":\"info\"}\nwords\n";
        assert_eq!(kinds(&format!("{log}{PLAN}\n")), [Kind::UiStream, Kind::PlanJson]);
        assert_eq!(kinds(&format!("{PLAN}\n{log}")), [Kind::PlanJson, Kind::UiStream]);
        assert_eq!(
            kinds(&format!("{log}{{\"some\":\"json\"}}\n{{\"@level\":\"info\"}}\n")),
            [Kind::UiStream]
        );
    }

    #[test]
    fn every_artifact_is_told_by_its_content() {
        for (text, kind) in [
            (PLAN, Kind::PlanJson),
            (
                r#"{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}"#,
                Kind::StateJson,
            ),
            (r#"{"format_version":"1.0"}"#, Kind::StateJson),
            (r#"{"format_version":"1.0","provider_schemas":{}}"#, Kind::Schemas),
            (r#"{"format_version":"1.0","function_signatures":{}}"#, Kind::FunctionSignatures),
            (r#"{"format_version":"1.0","valid":true,"diagnostics":[]}"#, Kind::Validation),
            (r#"{"version":4,"serial":1}"#, Kind::State),
            (r#"{"version":3,"modules":[{"path":["root"],"resources":{"a.b":{}}}]}"#, Kind::LegacyState),
            (r#"{"version":5}"#, Kind::FutureState),
            (r#"{"version":3,"backend":{"type":"s3"}}"#, Kind::BackendSettings),
            (
                r#"{"version":3,"backend":{},"modules":[{"path":["root"],"resources":{}}]}"#,
                Kind::BackendSettings,
            ),
            (
                r#"{"lineage":"x","meta":{},"encrypted_data":"","encryption_version":"v0"}"#,
                Kind::EncryptedState,
            ),
            (r#"{"meta":{},"encrypted_data":"","encryption_version":"v0"}"#, Kind::EncryptedPlan),
            (r#"{"remote_plan_format":1,"run_id":"run-x","hostname":"h"}"#, Kind::CloudBookmark),
            (r#"{"plan_format_version":"1.2","provider_format_version":"1.0"}"#, Kind::RedactedPlan),
            (r#"{"root_module":{},"provider_config":{}}"#, Kind::ConfigurationJson),
            (r#"{"Modules":[]}"#, Kind::ModuleManifest),
            (r#"[{"vmid":110,"name":"nas","status":"running"}]"#, Kind::Inventory),
            ("{\"vmid\":110,\"name\":\"nas\"}\n{\"vmid\":111}\n", Kind::Inventory),
            (r#"{"servers":[],"meta":{"pagination":{"page":1}}}"#, Kind::Inventory),
            (r#"{"Reservations":[{"Instances":[]}]}"#, Kind::Inventory),
            (r#"{"devices":[{"nodeId":"n1CNTRL"}]}"#, Kind::Inventory),
            (
                "{\"@level\":\"info\",\"@message\":\"x\",\"type\":\"version\"}\n{\"@level\":\"info\"}\n",
                Kind::UiStream,
            ),
        ] {
            assert_eq!(kinds(text), [kind], "{text}");
        }
    }

    #[test]
    fn big_artifacts_are_presumed_from_their_first_keys() {
        let presume =
            |text: &str| Input::presume(&Source::new("x", text.as_bytes().to_vec())).map(|d| d.kind);
        assert_eq!(presume(PLAN), Some(Kind::PlanJson));
        assert_eq!(presume("{\n \"version\": 4, \"serial\""), Some(Kind::State));
        assert_eq!(
            presume(r#"{"format_version":"1.2","terraform_version":"1.11.4","variables":{"#),
            Some(Kind::PlanJson)
        );
        assert_eq!(presume(r#"{"format_version":"1.0","values":{}}"#), None);
        let output = r#"{"format_version":"1.0","values":{"outputs":{"variables":{"value":1}}}}"#;
        assert_eq!(presume(output), None, "the name of an output decides nothing");
        assert_eq!(presume("{\"version\":41}"), None);
    }

    #[test]
    fn binary_artifacts_are_told_by_their_first_bytes() {
        let mut zip = b"PK\x03\x04rest of a zip with a member tfplan".to_vec();
        assert_eq!(read(zip.clone()).unwrap().documents[0].kind, Kind::SavedPlan);
        zip.truncate(10);
        assert_eq!(read(zip).unwrap().documents[0].kind, Kind::OtherZip);
        assert_eq!(read(*b"tfplan\x01\x02").unwrap().documents[0].kind, Kind::AncientPlan);
        assert!(matches!(read([0xff_u8, 0x00, 0x80, 0x80]), Err(InputError::NotText { .. })));
    }

    #[test]
    fn a_byte_order_mark_and_utf16_are_read() {
        let marked = format!("\u{feff}{PLAN}");
        assert_eq!(read(marked.as_bytes()).unwrap().remarks, [Remark::ByteOrderMark]);
        for little in [true, false] {
            let bytes: Vec<u8> = std::iter::once(0xfeff_u16)
                .chain(PLAN.encode_utf16())
                .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            let input = read(bytes.clone()).unwrap();
            assert_eq!((input.remarks, input.documents[0].kind), (vec![Remark::Utf16], Kind::PlanJson));
            // Without the mark as well.
            assert_eq!(read(&bytes[2..]).unwrap().remarks, [Remark::Utf16]);
        }
    }

    #[test]
    fn log_lines_around_the_json_are_skipped_and_counted() {
        let text = format!("[command]/bin/tofu show\nWarning: {{x}}\n{PLAN}\n::debug::done\n");
        let input = read(text).unwrap();
        assert_eq!(input.documents.len(), 1);
        assert_eq!(input.remarks, [Remark::OtherText { lines: 3 }]);
        let prefixed = read(format!("12:00:01 stack-a | {PLAN}\n")).unwrap();
        assert_eq!(prefixed.documents[0].kind, Kind::PlanJson);
    }

    #[test]
    fn what_is_nested_in_a_damaged_document_is_no_document() {
        // Keys may be sorted, so a damaged plan need not start like one.
        let cut_off =
            "{\"configuration\":\n{\"root_module\":{}},\n\"prior_state\":{\"format_version\":\"1.0\"}";
        assert!(matches!(read(cut_off), Err(InputError::Json { .. })));
        let long = format!("{{\"a\":[{}\n{PLAN}\n] oops", "1,\n".repeat(LONGEST_LOG_LINE));
        assert!(matches!(read(long), Err(InputError::Json { .. })));
    }

    #[test]
    fn a_deciding_key_of_another_type_decides_nothing() {
        assert_eq!(
            kinds(r#"{"version":{"a":[1]},"modules":7,"format_version":"1.2","errored":false}"#),
            [Kind::PlanJson]
        );
        assert!(matches!(read(r#"{"version":{"a":1}}"#), Err(InputError::UnknownJson { .. })));
    }

    #[test]
    fn a_list_of_plans_is_several_documents() {
        assert_eq!(kinds(&format!("[{PLAN},\n  {PLAN}]")).len(), 2);
    }

    #[test]
    fn several_plans_in_one_input_are_several_documents() {
        assert_eq!(kinds(&format!("{PLAN}\n{PLAN}\n")).len(), 2);
        assert_eq!(kinds(&format!("{PLAN}{PLAN}")).len(), 2);
        let mixed = format!("{{\"level\":\"info\"}}\n{PLAN}\nunit b\n{PLAN}\n");
        let input = read(mixed).unwrap();
        assert_eq!((input.documents.len(), input.remarks), (2, vec![Remark::OtherText { lines: 2 }]));
    }

    #[test]
    fn what_is_no_artifact_is_refused_with_a_reason() {
        assert!(matches!(read(""), Err(InputError::Empty { .. })));
        assert!(matches!(read(" \n"), Err(InputError::Empty { .. })));
        assert!(matches!(read("hello"), Err(InputError::NotAnArtifact { .. })));
        assert!(matches!(read("[1,2]"), Err(InputError::NotAnArtifact { .. })));
        assert!(matches!(read("{\"a\":1}"), Err(InputError::UnknownJson { .. })));
        assert!(matches!(read(&PLAN[..30]), Err(InputError::Json { .. })));
        assert!(matches!(read(format!("{PLAN}}}")), Err(InputError::Json { .. })));
        assert!(matches!(read(format!("{PLAN},\n\"errored\":true}}")), Err(InputError::Json { .. })));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(deep).is_err());
        let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
        assert!(read(deep).is_err());
    }
}
