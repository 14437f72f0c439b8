//! Which story each destroyed or replaced resource belongs to, so that one rule tells it and the others are silent.
//!
//! Where the policy lets a story weigh less than what happens to one of its members, that member is a case of its own
//! again: who loosens the rule about modules has said nothing about databases.

mod module;
mod release;
mod shift;

pub(crate) use self::{
    module::{Gone, GoneModule},
    shift::{Direction, Shift},
};

use crate::{
    context::{Context, Subject},
    instance::Triple,
    report::PlanMode,
};

/// What a destruction or replacement is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    /// Nothing is destroyed here.
    None,
    /// Nothing bigger: the resource is a case of its own.
    Own,
    /// A leftover of an interrupted replacement.
    Deposed,
    /// What a failed creation left behind is replaced.
    Tainted,
    /// The plan was made to destroy everything.
    WholePlan,
    /// A module is gone, by position in [`Stories::modules`].
    Module(usize),
    /// The items of a `count` moved up or down, by position in [`Stories::shifts`].
    Shift(usize),
}

/// The stories of a plan.
#[derive(Debug, Default)]
pub(crate) struct Stories {
    /// One for each resource of the context.
    of: Vec<Story>,
    /// Modules that are gone, sorted by path.
    pub(crate) modules: Vec<GoneModule>,
    /// Counts whose items moved, sorted by address.
    pub(crate) shifts: Vec<Shift>,
}

impl Stories {
    pub(crate) fn find(context: &Context<'_>) -> Self {
        let whole = context.input.mode == Some(PlanMode::Destroy);
        let mut of: Vec<Story> = context
            .resources
            .iter()
            .map(|resource| {
                if resource.deposed.is_some() {
                    Story::Deposed
                } else if !resource.actions.destroys() {
                    Story::None
                } else if resource.tainted {
                    Story::Tainted
                } else if whole {
                    Story::WholePlan
                } else {
                    Story::Own
                }
            })
            .collect();
        if whole {
            let mut stories = Self { of, ..Self::default() };
            stories.release(context);
            return stories;
        }
        let modules = module::find(context, &of);
        for (number, module) in modules.iter().enumerate() {
            for member in &module.members {
                set(&mut of, *member, Story::Module(number));
            }
        }
        let shifts = shift::find(context, &of);
        for (number, shift) in shifts.iter().enumerate() {
            for member in shift.members() {
                set(&mut of, member, Story::Shift(number));
            }
        }
        let mut stories = Self { of, modules, shifts };
        stories.release(context);
        stories
    }

    /// The story of a resource, by its position.
    pub(crate) fn of(&self, at: usize) -> Story {
        self.of.get(at).copied().unwrap_or(Story::None)
    }
}

fn set(of: &mut [Story], at: usize, story: Story) {
    if let Some(own) = of.get_mut(at) {
        *own = story;
    }
}

impl<'c> Context<'c> {
    /// The resources that are destroyed or replaced, each with its position, and are a case of their own.
    pub(crate) fn own_cases(&self) -> impl Iterator<Item = (usize, Subject<'c>, &'c Triple)> {
        let stories = self.stories();
        let all = self.subjects().zip(self.triples).enumerate();
        all.filter(|(at, _)| stories.of(*at) == Story::Own)
            .map(|(at, (subject, triple))| (at, subject, triple))
    }

    /// The resource at a position.
    pub(crate) fn subject(&self, at: usize) -> Option<Subject<'c>> {
        Some(Subject {
            resource: self.resources.get(at)?,
            facts: self.facts.get(at)?,
            roots: self.causes.get(&at).map(Vec::as_slice).unwrap_or_default(),
            machines: self.policy.machines,
        })
    }
}
