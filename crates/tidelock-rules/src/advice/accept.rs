//! *Accept*: the one edit that writes what is real into the configuration, or why there is none.

use std::collections::BTreeMap;

use tidelock_parse::{
    AttrPath, Configuration, Step, Value,
    config::{Evaluated, NoOrigin, Setting},
};

use super::Case;
use crate::{
    compare::Shape,
    evidence::{Knowledge, Owner},
    report::{Accept, AcceptAdvice, Class, Divergence, Location, Reason},
};

impl Case<'_> {
    pub(super) fn accept(&self) -> Vec<AcceptAdvice> {
        let advise = |divergence: &Divergence| AcceptAdvice {
            path: divergence.path.clone(),
            how: self.edit(divergence).unwrap_or_else(|reason| Accept::Refused { reason }),
        };
        self.drift().map(advise).collect()
    }

    /// The one edit that accepts a divergence, or why there is none.
    fn edit(&self, divergence: &Divergence) -> Result<Accept, String> {
        let path = &divergence.path;
        if divergence.class == Class::DeletedOutside {
            return Err("if it should be gone, remove its block".to_owned());
        }
        if divergence.reason == Some(Reason::ValuesMissing) {
            return Err("the log of a run does not say which values changed".to_owned());
        }
        if divergence.sensitive {
            return Err("the value is sensitive".to_owned());
        }
        let sources = self.sources.ok_or("no `.tf` sources were given")?;
        let actual = self.triple.actual.as_ref().and_then(|actual| actual.get(path));
        let Some(actual) = actual.filter(|actual| **actual != Value::Null) else {
            return Err(self.value_is_gone(sources, path));
        };
        if let Some((argument, value)) = self.changed_argument(sources, path)
            && let Ok(edit) = self.write(sources, &argument, value)
        {
            return Ok(edit);
        }
        self.write(sources, path, actual)
    }

    /// The edit that gives a path of the configuration this value.
    fn write(&self, sources: &Configuration, path: &AttrPath, value: &Value) -> Result<Accept, String> {
        let origin =
            sources.origin(self.subject.address(), path).map_err(|reason| self.refusal(&reason, path))?;
        if !self.may_write(path, value) {
            return Err("the value may hold what only the provider sets".to_owned());
        }
        let written = origin.accept_hcl(value).zip(origin.accept_line(value));
        let (replacement, hcl) = written.ok_or("the value cannot be written as a literal")?;
        let location =
            self.known.exact_place(&origin.location).ok_or("the line is outside the source root")?;
        Ok(Accept::Edit { location, hcl, span: (origin.span.start, origin.span.end), replacement })
    }

    /// Whether a configuration may say all of a value. What stands inside an object may be the provider's, so
    /// without a schema no object is written.
    fn may_write(&self, path: &AttrPath, value: &Value) -> bool {
        match value {
            Value::List(items) => {
                let mut items = items.iter().zip(0_u64..);
                items.all(|(item, at)| self.may_write(&path.child(Step::Index(at)), item))
            }
            Value::Object(fields) => fields.iter().all(|(name, field)| {
                let path = path.child(Step::attr(name));
                self.known.owner(&path).is_some_and(|owner| owner != Owner::Provider)
                    && self.may_write(&path, field)
            }),
            _ => true,
        }
    }

    /// The one argument of one element of a set of objects that was changed outside, and its value now.
    ///
    /// The path has the position of the element among those that the configuration writes, which is how
    /// [`Configuration::origin`] names it.
    fn changed_argument(&self, sources: &Configuration, path: &AttrPath) -> Option<(AttrPath, &Value)> {
        let (recorded, actual) =
            (list(self.triple.recorded.as_ref(), path)?, list(self.triple.actual.as_ref(), path)?);
        let desired = list(self.triple.desired.as_ref()?.as_ref(), path)?;
        // Only what the plan wants is written, so it has to be what was recorded.
        if self.known.shape(path) != Shape::Set || !without(recorded, desired).is_empty() {
            return None;
        }
        let ([was], [is]) = (&*without(recorded, actual), &*without(actual, recorded)) else { return None };
        let mut changed = is
            .as_object()?
            .iter()
            .filter(|(name, value)| was.as_object().and_then(|was| was.get(*name)) != Some(value));
        let ((name, value), None) = (changed.next()?, changed.next()) else { return None };
        let writer = self.writer(sources, path, recorded, was)?;
        Some((path.child(Step::Index(writer)).child(Step::attr(name)), value))
    }

    /// Which of the elements that the configuration writes makes an element of a set; `None` unless each of them
    /// can only make one, and no two the same.
    fn writer(
        &self,
        sources: &Configuration,
        path: &AttrPath,
        recorded: &[Value],
        element: &Value,
    ) -> Option<u64> {
        let written = |at: u64| sources.setting(self.subject.address(), &path.child(Step::Index(at)));
        if written(recorded.len() as u64) != Setting::NotSet {
            return None;
        }
        let mut made = BTreeMap::new();
        for at in 0..recorded.len() as u64 {
            let Setting::Set { value: Evaluated::Known(given), .. } = written(at) else { return None };
            let mut candidates = (0..).zip(recorded).filter(|(_, recorded)| agree(&given, recorded));
            let ((makes, _), None) = (candidates.next()?, candidates.next()) else { return None };
            if made.insert(makes, at).is_some() {
                return None;
            }
        }
        let makes: usize = recorded.iter().position(|recorded| recorded == element)?;
        made.get(&makes).copied()
    }

    /// What to do about an argument that is unset outside. Only where it stands in the block itself and nobody
    /// else sees it, removing it is the answer.
    fn value_is_gone(&self, sources: &Configuration, path: &AttrPath) -> String {
        let Setting::Set { location, .. } = sources.setting(self.subject.address(), path) else {
            return "the value is gone".to_owned();
        };
        let origin = sources.origin(self.subject.address(), path);
        let own = origin.is_ok_and(|origin| {
            (&origin.location.file, origin.location.line) == (&location.file, location.line)
        });
        match self.known.place(&location) {
            Some(at) if own => format!("the value is gone: remove the argument at {at}"),
            Some(at) => format!("the value is gone (set at {at})"),
            None => "the value is gone".to_owned(),
        }
    }

    /// Where the configuration sets the path, for refusals.
    fn setting_place(&self, path: &AttrPath) -> Option<Location> {
        match self.sources?.setting(self.subject.address(), path) {
            Setting::Set { location, .. } => self.known.place(&location),
            _ => None,
        }
    }

    /// Whether it is no use to set a path in the configuration.
    fn is_for_provider(&self, path: &AttrPath) -> bool {
        self.subject.facts.volatile(path) || self.known.owner(path) == Some(Owner::Provider)
    }

    fn refusal(&self, reason: &NoOrigin, path: &AttrPath) -> String {
        let place = self.setting_place(path).map(|at| format!(" (set at {at})")).unwrap_or_default();
        match reason {
            NoOrigin::NotSet if self.is_for_provider(path) => "the provider sets it by itself".to_owned(),
            NoOrigin::NotSet => match &self.subject.resource.location {
                Some(at) => format!("the configuration does not set it: add it to the block at {at}"),
                None => "the configuration does not set it".to_owned(),
            },
            NoOrigin::SharedBy { instances: 1 } => format!("the line also sets 1 other instance{place}"),
            NoOrigin::SharedBy { instances } => {
                format!("the line also sets {instances} other instances{place}")
            }
            NoOrigin::AlsoSets { path } => format!("the line also sets `{path}`{place}"),
            NoOrigin::ReferredTo { by } => format!("`{by}` refers to it and would change, too{place}"),
            NoOrigin::Structural => format!("the line also decides which instances there are{place}"),
            NoOrigin::Computed => format!("the value is computed, not written down{place}"),
            NoOrigin::Blocks => format!("it is written as blocks: add, change or remove them{place}"),
            NoOrigin::GivenOutside { variable } => {
                format!("variable `{variable}` is given outside the files (`-var` or TF_VAR_{variable})")
            }
            NoOrigin::Downloaded => format!("it is written in a downloaded module{place}"),
            _ => format!("where the value comes from cannot be told{place}"),
        }
    }
}

fn list<'v>(value: Option<&'v Value>, path: &AttrPath) -> Option<&'v [Value]> {
    value?.get(path)?.as_list()
}

/// The elements of one list that the other one lacks.
fn without<'v>(list: &'v [Value], other: &[Value]) -> Vec<&'v Value> {
    list.iter().filter(|element| !other.contains(element)).collect()
}

/// Whether what is written makes a recorded value: texts and numbers convert, arguments left out have defaults, and
/// the order of lists, which may be sets, is not looked at.
fn agree(written: &Value, recorded: &Value) -> bool {
    match (written, recorded) {
        (Value::List(written), Value::List(recorded)) => {
            written.iter().all(|w| recorded.iter().any(|r| agree(w, r)))
        }
        (Value::Object(written), Value::Object(recorded)) => {
            written.iter().all(|(name, w)| recorded.get(name).is_some_and(|r| agree(w, r)))
        }
        (Value::Null, _) => true,
        _ => written == recorded || (text(written).is_some() && text(written) == text(recorded)),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
