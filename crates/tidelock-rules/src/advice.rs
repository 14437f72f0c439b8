//! The ways out of a drift: investigate, apply, accept, ignore.

use std::collections::BTreeMap;

use tidelock_parse::{Action, AttrPath, Configuration, Value, config::NoOrigin};

use crate::{
    context::Subject,
    instance::Triple,
    known::Known,
    report::{
        Accept, AcceptAdvice, Advice, ApplyAdvice, Class, Divergence, IgnoreAdvice, Investigate, Location,
        Resolution,
    },
};

/// One resource that needs a decision, with all that advice rests on.
pub(crate) struct Case<'c> {
    pub(crate) subject: Subject<'c>,
    pub(crate) triple: &'c Triple,
    pub(crate) known: &'c Known<'c>,
    pub(crate) sources: Option<&'c Configuration>,
    pub(crate) tool: &'static str,
}

/// The ways out; `others` are the actions of the plan on all other resources.
pub(crate) fn of<'a>(case: &Case<'_>, others: impl Iterator<Item = &'a Action>) -> Advice {
    let stop = case.subject.resource.resolution == Resolution::Stop;
    Advice {
        investigate: stop.then(|| case.investigate()),
        apply: if stop { None } else { case.apply(others) },
        accept: case.accept(),
        ignore: if stop { None } else { case.ignore() },
    }
}

impl Case<'_> {
    /// Divergences that somebody must decide about.
    fn drift(&self) -> impl Iterator<Item = &Divergence> {
        self.subject.divergences().filter(|divergence| divergence.drift)
    }

    fn investigate(&self) -> Investigate {
        let noun = self.subject.facts.noun();
        let look = self.subject.facts.look().map(ToOwned::to_owned);
        if self.subject.is_gone() && !self.subject.is_stateful() {
            // It holds nothing by itself: what is alarming is that most of the stack is gone with it.
            return Investigate {
                look,
                loss: format!("apply creates the {noun} a second time, if it is still there"),
                instead: "check the provider's region, account and credentials first".to_owned(),
            };
        }
        if self.subject.is_gone() {
            return Investigate {
                look,
                loss: format!("apply creates a new, empty {noun}"),
                instead: "restore it from a backup and import it before you apply".to_owned(),
            };
        }
        let destroyed = self.subject.resource.actions.destroys();
        let loss = if destroyed {
            format!("apply destroys the {noun}")
        } else {
            "apply destroys another resource because of this drift".to_owned()
        };
        Investigate {
            look,
            loss,
            instead: "find out who changed it; to keep it, accept the change".to_owned(),
        }
    }

    fn apply<'a>(&self, others: impl Iterator<Item = &'a Action>) -> Option<ApplyAdvice> {
        let set_back: Vec<&Divergence> = self.drift().filter(|d| d.class != Class::Unmanaged).collect();
        if set_back.is_empty() {
            return None;
        }
        let mut also = BTreeMap::new();
        for action in others.filter(|action| !action.is_quiet()) {
            *also.entry(action.to_string()).or_default() += 1;
        }
        let address = self.subject.address().to_string().replace('\'', "'\\''");
        Some(ApplyAdvice {
            sets_back: set_back.iter().map(|divergence| divergence.path.clone()).collect(),
            disruptive: set_back.iter().any(|divergence| divergence.disruptive),
            command: Some(format!("{} apply -target='{address}'", self.tool)),
            also,
        })
    }

    fn accept(&self) -> Vec<AcceptAdvice> {
        self.drift()
            .map(|divergence| AcceptAdvice {
                path: divergence.path.clone(),
                how: self.accept_one(divergence),
            })
            .collect()
    }

    fn accept_one(&self, divergence: &Divergence) -> Accept {
        self.edit(divergence).unwrap_or_else(|reason| Accept::Refused { reason })
    }

    /// The one edit that accepts a divergence, or why there is none.
    fn edit(&self, divergence: &Divergence) -> Result<Accept, String> {
        let path = &divergence.path;
        if divergence.class == Class::DeletedOutside {
            return Err("if it should be gone, remove its block".to_owned());
        }
        if divergence.sensitive {
            return Err("the value is sensitive".to_owned());
        }
        let sources = self.sources.ok_or("no `.tf` sources were given")?;
        let actual = self.triple.actual.as_ref().and_then(|actual| actual.get(path));
        let actual = match actual {
            Some(Value::Null) | None => {
                return Err(match self.setting_place(path) {
                    Some(at) => format!("the value is gone: remove the argument at {at}"),
                    None => "the value is gone".to_owned(),
                });
            }
            Some(value) => value,
        };
        let origin =
            sources.origin(self.subject.address(), path).map_err(|reason| self.refusal(&reason, path))?;
        let replacement = origin.accept_hcl(actual).ok_or("the value cannot be written as a literal")?;
        let location = self.known.place(&origin.location).ok_or("the line is outside the source root")?;
        let hcl = match &origin.name {
            Some(name) => format!("{name} = {replacement}"),
            None => replacement.clone(),
        };
        Ok(Accept::Edit { location, hcl, span: (origin.span.start, origin.span.end), replacement })
    }

    /// Where the configuration sets the path, for refusals.
    fn setting_place(&self, path: &AttrPath) -> Option<Location> {
        match self.sources?.setting(self.subject.address(), path) {
            tidelock_parse::config::Setting::Set { location, .. } => self.known.place(&location),
            _ => None,
        }
    }

    fn refusal(&self, reason: &NoOrigin, path: &AttrPath) -> String {
        let place = self.setting_place(path).map(|at| format!(" (set at {at})")).unwrap_or_default();
        match reason {
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
            NoOrigin::GivenOutside { variable } => {
                format!("variable `{variable}` is given outside the files (`-var` or TF_VAR_{variable})")
            }
            NoOrigin::Downloaded => format!("it is written in a downloaded module{place}"),
            _ => format!("where the value comes from cannot be told{place}"),
        }
    }

    fn ignore(&self) -> Option<IgnoreAdvice> {
        let quiet = self.drift().filter(|divergence| {
            !divergence.guards && !divergence.replaces && divergence.class != Class::DeletedOutside
        });
        let entries: Vec<String> = quiet.map(|divergence| divergence.path.to_string()).collect();
        let block = self.known.block();
        let at = block.map(|block| block.lifecycle.location.as_ref().unwrap_or(&block.location));
        let location = at.and_then(|at| self.known.place(at));
        (!entries.is_empty()).then_some(IgnoreAdvice { entries, location })
    }
}
