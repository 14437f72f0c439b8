//! Texts with templates in them.

use super::{Evaluator, bounded_text};
use crate::config::{
    not_known::{Eval, Fail, Why},
    scope::Env,
    syntax::Part,
    types::{to_bool, to_text},
    val::Val,
};

/// A text while it is put together.
#[derive(Default)]
struct Building {
    text: String,
    unknown: Option<Why>,
}

impl Building {
    fn unknown(&mut self, why: Why) {
        self.unknown = Some(match self.unknown.take() {
            Some(known) => known.and(Some(&why)),
            None => why,
        });
    }
}

impl<'c> Evaluator<'c> {
    pub(super) fn template(&self, parts: &'c [Part], env: &Env<'c>) -> Eval {
        // A template that only wraps one expression keeps its type.
        if let [Part::Interpolation(expr)] = parts {
            return self.eval(expr, env);
        }
        let mut building = Building::default();
        self.append(&mut building, parts, env)?;
        Ok(building.unknown.map_or_else(|| bounded_text(building.text), Val::Unknown))
    }

    fn append(&self, building: &mut Building, parts: &'c [Part], env: &Env<'c>) -> Result<(), Fail> {
        for part in parts {
            if building.text.len() > super::MAX_TEXT || !self.step() {
                building.unknown(Why::limit());
                return Ok(());
            }
            match part {
                Part::Text(text) => building.text.push_str(text),
                Part::Interpolation(expr) => match to_text(self.eval(expr, env)?)? {
                    Val::Text(text) => building.text.push_str(&text),
                    Val::Unknown(why) => building.unknown(why),
                    _ => return Err(Fail("null in a template")),
                },
                Part::If { condition, then, otherwise } => match to_bool(self.eval(condition, env)?)? {
                    Val::Bool(true) => self.append(building, then, env)?,
                    Val::Bool(false) => self.append(building, otherwise, env)?,
                    Val::Unknown(why) => building.unknown(why.unseen()),
                    _ => return Err(Fail("a condition is null")),
                },
                Part::For { key, value, collection, body } => {
                    match self.elements(self.eval(collection, env)?)? {
                        Ok(elements) => {
                            for (at, element) in elements {
                                let mut inner = env.bind(value, element, None);
                                if let Some(key) = key {
                                    inner = inner.bind(key, at, None);
                                }
                                self.append(building, body, &inner)?;
                            }
                        }
                        Err(why) => building.unknown(why.unseen()),
                    }
                }
            }
        }
        Ok(())
    }
}
