//! What a reference names, and how plan JSON lists it.

use std::fmt::Write as _;

use crate::{
    config::{
        syntax::{Expr, ExprKind, Op},
        val::Val,
    },
    quoted::quoted,
};

/// Steps behind an object that are listed; each makes one entry more, all of them as long as the steps before.
const MAX_STEPS: usize = 24;

/// A reference: the object it names, and steps into the object.
#[derive(Debug)]
pub(super) struct Reference {
    text: String,
    /// Where each entry of the list ends, the shortest first.
    ends: Vec<usize>,
    /// Which of them is the object.
    subject: usize,
}

/// A step whose key is written down.
#[derive(Clone, Copy)]
enum Step<'e> {
    Name(&'e str),
    Key(&'e Val),
}

impl<'e> Step<'e> {
    fn of(op: &'e Op) -> Option<Self> {
        match op {
            Op::Attr(name) => Some(Self::Name(name)),
            Op::Index(Expr { kind: ExprKind::Literal(key @ (Val::Text(_) | Val::Number(_))), .. }) => {
                Some(Self::Key(key))
            }
            Op::Index(_) | Op::AttrSplat | Op::FullSplat => None,
        }
    }

    fn name(self) -> Option<&'e str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Key(_) => None,
        }
    }
}

impl Reference {
    /// What a name and the steps behind it refer to, up to the first step that has to be computed; `None` if that is
    /// nothing.
    pub(super) fn read(root: &str, ops: &[Op]) -> Option<Self> {
        let steps: Vec<Step<'_>> = ops.iter().map_while(Step::of).collect();
        let (mut reference, rest) = match root {
            "self" => (Self::to("self".to_owned()), steps.as_slice()),
            "count" | "each" | "local" | "path" | "terraform" | "tofu" | "var" => {
                let (name, rest) = steps.split_first()?;
                (Self::to(format!("{root}.{}", name.name()?)), rest)
            }
            "data" | "ephemeral" => {
                let (type_name, rest) = steps.split_first()?;
                Self::block(&format!("{root}.{}", type_name.name()?), rest)?
            }
            "resource" => {
                let (type_name, rest) = steps.split_first()?;
                Self::block(type_name.name()?, rest)?
            }
            "module" => Self::module(&steps)?,
            // Reserved words.
            "template" | "lazy" | "arg" => return None,
            type_name => Self::block(type_name, &steps)?,
        };
        for step in rest.iter().take(MAX_STEPS) {
            reference.push(*step);
            reference.ends.push(reference.text.len());
        }
        Some(reference)
    }

    fn to(text: String) -> Self {
        Self { ends: vec![text.len()], text, subject: 0 }
    }

    /// A resource, or one of its instances.
    fn block<'s, 'e>(type_name: &str, steps: &'s [Step<'e>]) -> Option<(Self, &'s [Step<'e>])> {
        let (name, rest) = steps.split_first()?;
        let mut block = Self::to(format!("{type_name}.{}", name.name()?));
        let behind = block.keyed(rest);
        Some((block, behind))
    }

    /// A module call, one of its instances, or an output.
    fn module<'s, 'e>(steps: &'s [Step<'e>]) -> Option<(Self, &'s [Step<'e>])> {
        let (name, rest) = steps.split_first()?;
        let mut module = Self::to(format!("module.{}", name.name()?));
        let rest = module.keyed(rest);
        let Some((output, behind)) = rest.split_first() else { return Some((module, rest)) };
        output.name()?;
        // Behind an output comes its call, and nothing shorter.
        module.ends = vec![module.text.len()];
        module.push(*output);
        module.ends.push(module.text.len());
        module.subject = 1;
        Some((module, behind))
    }

    /// Takes the key of an instance, if there is one.
    fn keyed<'s, 'e>(&mut self, steps: &'s [Step<'e>]) -> &'s [Step<'e>] {
        match steps.split_first() {
            Some((key @ Step::Key(_), rest)) => {
                self.push(*key);
                self.ends.push(self.text.len());
                self.subject = 1;
                rest
            }
            _ => steps,
        }
    }

    fn push(&mut self, step: Step<'_>) {
        // Writing to a string cannot fail.
        let _ = match step {
            Step::Name(name) => write!(self.text, ".{name}"),
            Step::Key(Val::Text(key)) => write!(self.text, "[{}]", quoted(key)),
            Step::Key(key) => match key.as_number() {
                Some(number) => write!(self.text, "[{number}]"),
                None => Ok(()),
            },
        };
    }

    /// The object without any step into it.
    pub(super) fn subject(&self) -> &str {
        self.ends.get(self.subject).and_then(|end| self.text.get(..*end)).unwrap_or(&self.text)
    }

    /// The whole, then all that is shorter, down to the object without its key.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().rev().filter_map(|end| self.text.get(..*end))
    }
}
