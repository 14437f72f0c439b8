//! Parts of messages that several rules share.

use tidelock_parse::{ResourceAddr, Shown, Value};

use crate::{catalogue::Holds, context::Subject, report::Related};

/// Longest value in a message, in characters; the report holds all of it beside.
const LONGEST_VALUE: usize = 60;
/// Most instances that a finding lists.
const MOST_RELATED: usize = 100;

/// A value as it may be shown, on one line.
pub(crate) fn value(shown: &Shown) -> String {
    match shown {
        Shown::Absent => "nothing".to_owned(),
        Shown::Unknown => "a value known only after apply".to_owned(),
        Shown::Value { value: Value::Null, masked } if masked.is_empty() => "nothing".to_owned(),
        Shown::Value { value, .. } => shortened(&serde_json::to_string(value).unwrap_or_default()),
        _ => "(sensitive)".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `1 instance`, `3 instances`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `3 of which hold something`.
pub(crate) fn of_which_hold(number: usize) -> String {
    format!("{number} of which {} something", if number == 1 { "holds" } else { "hold" })
}

/// `database`, and whether it is only assumed that it holds something.
pub(crate) fn noun(subject: Subject<'_>) -> String {
    let facts = subject.facts;
    if facts.assumed && facts.holds > Holds::Nothing {
        format!("{} (assumed to hold {})", facts.noun(), facts.holds.as_str())
    } else {
        facts.noun().to_owned()
    }
}

/// `a`, `b` and 3 more, each between backquotes.
pub(crate) fn names<T: std::fmt::Display>(all: &[T]) -> String {
    const SHOWN: usize = 3;
    let mut names: Vec<String> = all.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if all.len() > SHOWN {
        names.push(format!("{} more", all.len() - SHOWN));
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Instances of a story, one below the finding; the first ones, if there are very many.
pub(crate) fn related<'a>(
    all: impl IntoIterator<Item = (&'a ResourceAddr, Option<String>)>,
) -> impl Iterator<Item = Related> {
    let one = |(address, role): (&ResourceAddr, Option<String>)| Related {
        address: address.clone(),
        depth: 1,
        role,
    };
    all.into_iter().take(MOST_RELATED).map(one)
}

/// What is most worth a look comes first: what it holds, then its address.
pub(crate) fn by_value(mut subjects: Vec<Subject<'_>>) -> Vec<Subject<'_>> {
    let rank = |subject: &Subject<'_>| (std::cmp::Reverse(subject.facts.holds), subject.facts.assumed);
    subjects.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.address().cmp(b.address())));
    subjects
}

/// What an object holds, for the list beside a finding; `None` for nothing.
pub(crate) fn holding(subject: Subject<'_>) -> Option<String> {
    let facts = subject.facts;
    let assumed = if facts.assumed { " (assumed)" } else { "" };
    (facts.holds > Holds::Nothing).then(|| format!("holds {}{assumed}", facts.holds.as_str()))
}
