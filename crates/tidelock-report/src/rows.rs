//! What is said about one resource or finding, row by row: the same for every format made for people.

use tidelock_rules::report::{
    Accept, AcceptAdvice, Advice, ApplyAdvice, Class, Divergence, Finding, IgnoreAdvice, Investigate, Root,
    Waived,
};

use crate::{
    Detail,
    groups::{Entry, GroupKind},
    phrase::{self, Phrase},
    value::Limits,
};

pub(crate) mod gate;

/// A key and what is said under it.
#[derive(Debug)]
pub(crate) struct Row {
    pub key: Key,
    pub text: Phrase,
    /// A command to copy, never to be broken; stands before the text.
    pub command: Option<String>,
    /// Codes of the findings that the row explains.
    pub codes: Vec<&'static str>,
    pub below: Below,
    pub about: About,
}

/// What follows the text of a row on lines of its own.
#[derive(Debug)]
pub(crate) enum Below {
    Nothing,
    /// In preorder.
    Tree(Vec<Branch>),
    /// Lines to copy.
    Block(String),
}

/// A line of a tree.
#[derive(Debug)]
pub(crate) struct Branch {
    /// Ancestors.
    pub depth: usize,
    pub text: Phrase,
}

/// What a row is called.
#[derive(Debug)]
pub(crate) enum Key {
    /// One of our words, or a code.
    Word(String),
    /// A path of the resource.
    Path(String),
}

impl Key {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Path(text) => text,
        }
    }
}

/// Facts come first, ways out may be folded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Fact,
    WayOut,
}

impl Row {
    pub(crate) fn fact(key: &str, text: Phrase) -> Self {
        let key = Key::Word(key.to_owned());
        Self { key, text, command: None, codes: Vec::new(), below: Below::Nothing, about: About::Fact }
    }

    fn way_out(key: &str, text: Phrase) -> Self {
        Self { about: About::WayOut, ..Self::fact(key, text) }
    }
}

/// How much to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    pub detail: Detail,
    pub limits: Limits,
}

/// Everything about one resource of a group.
pub(crate) fn resource(entry: &Entry<'_>, group: GroupKind, scope: Scope) -> Vec<Row> {
    let mut rows = state(entry, scope);
    rows.extend(divergences(entry, group, scope));
    if group == GroupKind::Stop {
        rows.extend(stake(entry));
    }
    rows.extend(ways_out(&entry.resource.advice));
    rows
}

/// A finding by itself: about the whole input, or about a resource that is not listed.
pub(crate) fn finding(finding: &Finding) -> Vec<Row> {
    let deposed =
        finding.deposed.as_ref().map(|deposed| Row::fact("deposed", Phrase::default().code(deposed)));
    let help = finding.help.as_ref().map(|help| Row::fact("next", Phrase::default().text(help)));
    deposed.into_iter().chain([message(finding)]).chain(help).collect()
}

/// What a finding says, on one line of plain text: its message, and what is behind it.
pub(crate) fn sentence(finding: &Finding) -> String {
    message(finding).text.plain()
}

/// A finding about the whole input that asks for nothing, as one phrase.
pub(crate) fn aside(finding: &Finding) -> Phrase {
    Phrase::default().text(&finding.message).say(" (").say(finding.code).say(")")
}

/// A finding that somebody accepted.
pub(crate) fn waived(finding: &Finding, waived: &Waived) -> Vec<Row> {
    vec![message(finding), Row::fact("waived", waived_by(waived))]
}

/// Why it was accepted, by whom, until when.
pub(crate) fn waived_by(waived: &Waived) -> Phrase {
    let mut text = Phrase::default().text(&waived.reason);
    if let Some(owner) = &waived.owner {
        text = text.say(", says ").text(owner);
    }
    if let Some(until) = &waived.until {
        text = text.say(", until ").text(until);
    }
    text
}

fn message(finding: &Finding) -> Row {
    let mut text = Phrase::default().text(&finding.message);
    // What the message names already needs no second name.
    let itself = |root: &Root| {
        finding.address.as_ref() == Some(&root.address)
            && finding.path.as_ref() == Some(&root.path)
            && finding.message.contains(&root.path.to_string())
    };
    let others = finding.caused_by.iter().filter(|root| !itself(root));
    let roots = others.fold(Phrase::default(), |phrase, Root { address, path }| {
        let root = Phrase::default().code(&address.to_string());
        phrase.then(", ", if path.is_root() { root } else { root.say(" ").code(&path.to_string()) })
    });
    // The roots are the cause, by name.
    if let Some(cause) = finding.cause.as_ref().filter(|_| roots.is_empty()) {
        text = text.say(": ").text(cause);
    }
    Row::fact(finding.code, text.then("; behind it: ", roots))
}

/// What is special about the resource itself.
fn state(entry: &Entry<'_>, scope: Scope) -> Vec<Row> {
    let resource = entry.resource;
    let mut rows = Vec::new();
    if let Some(previous) = &resource.previous_address {
        rows.push(Row::fact("moved from", Phrase::default().code(&previous.to_string())));
    }
    if let Some(deposed) = &resource.deposed {
        rows.push(Row::fact("deposed", Phrase::default().code(deposed)));
    }
    if resource.tainted {
        rows.push(Row::fact("tainted", Phrase::words("the last apply left it half-made")));
    }
    if resource.importing {
        rows.push(Row::fact("imported", Phrase::words("apply brings it into the state")));
    }
    // Who the object is outside is needed to look for what is gone.
    if resource.class == Some(Class::DeletedOutside) || scope.detail == Detail::Verbose {
        let part = |words: &'static str, text: &Option<String>| {
            text.as_ref().map_or_else(Phrase::default, |text| Phrase::words(words).code(text))
        };
        let text = part("id ", &resource.identity.id).then(", ", part("name ", &resource.identity.name));
        if !text.is_empty() {
            rows.push(Row::fact("object", text));
        }
    }
    rows
}

/// One row a path, with the codes of the findings about it; then the findings that no row explains.
fn divergences(entry: &Entry<'_>, group: GroupKind, scope: Scope) -> Vec<Row> {
    let resource = entry.resource;
    let actionable = matches!(group, GroupKind::Stop | GroupKind::Decide);
    // What is not drift explains nothing where there is drift to decide about.
    let short = scope.detail < Detail::Verbose && actionable;
    let drifted = resource.divergences.iter().any(|divergence| divergence.drift);
    let mut rows = Vec::new();
    let mut homeless = entry.findings.clone();
    let mut besides = 0_usize;
    for divergence in &resource.divergences {
        let about = |finding: &&Finding| says_no_more(finding, entry, divergence);
        let codes: Vec<_> =
            entry.findings.iter().copied().filter(about).map(|finding| finding.code).collect();
        // A replacement makes one of every computed path; nobody needs them, nor their number.
        let implied = divergence.class == Class::Pending && divergence.until_apply;
        let telling = divergence.drift || divergence.replaces || !codes.is_empty();
        if short && !telling && (drifted || implied) {
            besides += usize::from(!implied);
            continue;
        }
        homeless.retain(|finding| !about(finding));
        let mut text = phrase::divergence(resource, divergence, scope.limits);
        if scope.detail == Detail::Verbose && divergence.class != Class::Pending {
            text = text.then("; ", phrase::evidence(divergence));
        }
        let key = if divergence.path.is_root() {
            Key::Word("resource".to_owned())
        } else {
            Key::Path(divergence.path.to_string())
        };
        rows.push(Row { key, codes, ..Row::fact("", text) });
    }
    rows.extend(homeless.into_iter().map(message));
    if besides > 0 {
        let plural = if besides == 1 { "path that is" } else { "paths that are" };
        rows.push(Row::fact("besides", Phrase::words(format!("{besides} more {plural} noise or pending"))));
    }
    rows
}

/// Whether the row of a divergence says all that a finding about the resource says: same path, and nothing
/// behind it elsewhere.
fn says_no_more(finding: &Finding, entry: &Entry<'_>, divergence: &Divergence) -> bool {
    finding.caused_by.iter().all(|root| root.address == entry.resource.address)
        && match &finding.path {
            Some(path) => *path == divergence.path,
            // About the whole instance: said by whatever drifted in it.
            None => divergence.drift,
        }
}

/// What would be lost, and who depends on it.
fn stake(entry: &Entry<'_>) -> Option<Row> {
    let holds = phrase::holds(entry.resource)?;
    let loss = entry.resource.advice.investigate.as_ref().map_or("", |advice| advice.loss.as_str());
    Some(Row::fact(&holds, phrase::dependents(entry.resource).then("; ", Phrase::default().text(loss))))
}

fn ways_out(advice: &Advice) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut accepts = advice.accept.as_slice();
    if let Some(investigate) = &advice.investigate {
        // The one edit that accepts reality belongs to what a stop says to do next.
        let accept = match accepts {
            [AcceptAdvice { how: Accept::Edit { location, hcl, .. }, .. }] => {
                accepts = &[];
                edit(&location.to_string(), hcl)
            }
            _ => Phrase::default(),
        };
        rows.extend(self::investigate(investigate, accept));
    }
    rows.extend(advice.apply.as_ref().map(apply));
    rows.extend(accepts.iter().map(|accept| self::accept(accept, accepts.len() > 1)));
    rows.extend(advice.ignore.as_ref().map(ignore));
    rows
}

fn investigate(investigate: &Investigate, accept: Phrase) -> Vec<Row> {
    let look = investigate.look.as_ref().map(|look| Row::fact("look", Phrase::default().text(look)));
    let next = Phrase::default().text(&investigate.instead).then("; to accept: ", accept);
    look.into_iter().chain([Row::fact("next", next)]).collect()
}

fn apply(apply: &ApplyAdvice) -> Row {
    let also = phrase::actions(&apply.also);
    let also = if also.is_empty() {
        Phrase::default()
    } else {
        Phrase::words(format!("a plain apply also: {also}"))
    };
    let also = match (&*apply.destroys, &apply.command) {
        ([], Some(_)) => also,
        ([], None) => Phrase::words("no command: what the plan does here is not known").then("; ", also),
        (destroys, _) => {
            let names: Vec<String> = destroys.iter().map(ToString::to_string).collect();
            Phrase::words("no command: it would destroy ").code(&names.join(", "))
        }
    };
    let command = apply.command.as_deref().map(crate::escape::printable);
    Row { command, ..Row::way_out("apply", also) }
}

fn accept(accept: &AcceptAdvice, several: bool) -> Row {
    let text = match &accept.how {
        Accept::Edit { location, hcl, .. } => edit(&location.to_string(), hcl),
        Accept::Refused { reason } if several && !accept.path.is_root() => {
            Phrase::default().code(&accept.path.to_string()).say(": no line, ").text(reason)
        }
        Accept::Refused { reason } => Phrase::words("no line: ").text(reason),
    };
    Row::way_out("accept", text)
}

fn edit(place: &str, hcl: &str) -> Phrase {
    Phrase::default().code(place).say("  ").code(hcl)
}

fn ignore(ignore: &IgnoreAdvice) -> Row {
    let entries = format!("ignore_changes = [{}]", ignore.entries.join(", "));
    let text = Phrase::default().code(&entries);
    Row::way_out(
        "ignore",
        match &ignore.location {
            Some(place) => text.say(" in ").code(&place.to_string()),
            None => text,
        },
    )
}
