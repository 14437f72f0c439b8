//! Exports of any platform, read by the mappings of a policy.

use std::cell::RefCell;

use serde_json::{Value as Json, value::RawValue};

use super::{
    InventoryError, Mapping,
    collector::{Collector, Scope, continues},
    json::{At, Fault, Members, each_seeded, is_empty_list, is_list},
    pick::Pick,
};

/// The mappings that may be used for an input.
pub(super) struct Generic<'o> {
    mappings: Vec<&'o Mapping>,
    pick: Pick,
}

impl<'o> Generic<'o> {
    /// Those that the giver of the input names, else those that say what their objects look like. `None` if there are none.
    ///
    /// Of several with one kind, the last counts: it stands in the lowest file.
    pub(super) fn new(collector: &Collector<'o>) -> Option<Self> {
        let all = collector.options.mappings;
        let last = |(at, mapping): &(usize, &Mapping)| {
            !all.iter().skip(at + 1).any(|later| later.kind == mapping.kind)
        };
        let mappings = all.iter().enumerate().filter(last).map(|(_, mapping)| mapping);
        let (named, others): (Vec<_>, Vec<_>) =
            mappings.partition(|mapping| collector.is_claimed(&mapping.kind));
        let mut mappings = named;
        if mappings.is_empty() {
            mappings = others.into_iter().filter(|mapping| !mapping.when.is_empty()).collect();
        }
        let mut pick = Pick::default();
        for mapping in &mappings {
            mapping.pick(&mut pick);
        }
        (!mappings.is_empty()).then_some(Self { mappings, pick })
    }

    /// Whether the giver of the input names one of them.
    pub(super) fn is_named(&self, collector: &Collector<'_>) -> bool {
        self.mappings.iter().any(|mapping| collector.is_claimed(&mapping.kind))
    }

    /// Reads one document: a list, an answer with a list in it, or an object. `false` if no mapping is about any of it.
    pub(super) fn document(
        &self,
        value: &RawValue,
        collector: &mut Collector<'_>,
    ) -> Result<bool, InventoryError> {
        if is_list(value) || is_empty_list(value) {
            return self.list(value, &self.mappings, Scope::List, collector);
        }
        let Some(envelope) = Members::of(value) else { return Ok(false) };
        let placed = self.placed(&envelope);
        let mut is_read = false;
        for (list, mappings) in &placed {
            note_page(mappings, &envelope, collector);
            is_read |= match (mappings.as_slice(), is_empty_list(list)) {
                // Nothing else has its list there.
                ([only], true) => {
                    only.kinds().for_each(|(cloud, noun)| collector.covers(cloud, noun, true));
                    true
                }
                _ => self.list(list, mappings, Scope::List, collector)?,
            };
        }
        if !placed.is_empty() {
            return Ok(is_read);
        }
        if let Some(list) = only_list(&envelope).filter(|_| !self.is_object(value)) {
            note_page(&self.mappings, &envelope, collector);
            return self.list(list, &self.mappings, Scope::List, collector);
        }
        collector.alone += 1;
        self.list(value, &self.mappings, Scope::Choice, collector)
    }

    /// The lists that stand where mappings say, each with those mappings.
    fn placed<'a>(&self, envelope: &Members<'a>) -> Vec<(&'a RawValue, Vec<&'o Mapping>)> {
        let mut found: Vec<(&RawValue, Vec<&Mapping>)> = Vec::new();
        for mapping in &self.mappings {
            let Some(list) = place(mapping, envelope) else { continue };
            match found.iter_mut().find(|(known, _)| std::ptr::eq(*known, list)) {
                Some((_, mappings)) => mappings.push(mapping),
                None => found.push((list, vec![mapping])),
            }
        }
        found
    }

    /// Reads a list, or one object.
    fn list(
        &self,
        list: &RawValue,
        mappings: &[&Mapping],
        scope: Scope,
        collector: &mut Collector<'_>,
    ) -> Result<bool, InventoryError> {
        let mut sheet = Sheet::new(mappings);
        let read = each_seeded(list, &self.pick, |item: Json| sheet.take(&item, collector));
        read.map_err(|at| sheet.fault(scope, at, collector))?;
        Ok(sheet.note(scope, is_empty_list(list), collector))
    }

    /// For the rows of a table with such a header; `None` if no mapping needs any of its columns.
    pub(super) fn sheet<'h>(&self, mut header: impl Iterator<Item = &'h str>) -> Option<Sheet<'_>> {
        header.any(|column| self.pick.wants(column)).then(|| Sheet::new(&self.mappings))
    }

    fn is_object(&self, value: &RawValue) -> bool {
        let seen = RefCell::new(false);
        let look = each_seeded(value, &self.pick, |item: Json| {
            *seen.borrow_mut() = self.mappings.iter().any(|mapping| {
                !mapping.when.is_empty() && mapping.fits(&item) && mapping.id.text(&item).is_some()
            });
            Ok(())
        });
        look.is_ok() && seen.into_inner()
    }
}

/// Objects of one list or table, and which mappings they fit.
pub(super) struct Sheet<'m> {
    mappings: Vec<&'m Mapping>,
    used: Vec<bool>,
    /// The mapping that was used last.
    at: usize,
}

impl<'m> Sheet<'m> {
    fn new(mappings: &[&'m Mapping]) -> Self {
        Self { mappings: mappings.to_vec(), used: vec![false; mappings.len()], at: 0 }
    }

    /// Takes an object, if it is one that a mapping is about.
    pub(super) fn take(&mut self, item: &Json, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let Some((at, mapping)) = self.mappings.iter().enumerate().find(|(_, mapping)| mapping.fits(item))
        else {
            return Ok(());
        };
        self.at = at;
        if let Some(object) = mapping.object(item)? {
            collector.add(object);
        }
        if let Some(used) = self.used.get_mut(at) {
            *used = true;
        }
        Ok(())
    }

    pub(super) fn fault(&self, scope: Scope, at: At, collector: &Collector<'_>) -> InventoryError {
        let name = self.mappings.get(self.at).map_or("objects", |mapping| &mapping.kind);
        collector.fault(name, scope, at)
    }

    /// Notes what was listed. A list in which nothing fits is none of what was asked for, which is `false`.
    pub(super) fn note(&self, scope: Scope, empty: bool, collector: &mut Collector<'_>) -> bool {
        collector.unnamed |= empty;
        if !empty && !self.used.contains(&true) {
            return false;
        }
        for (mapping, used) in self.mappings.iter().zip(&self.used) {
            if *used || collector.is_claimed(&mapping.kind) {
                for (cloud, noun) in mapping.kinds() {
                    collector.covers(cloud, noun, scope == Scope::List);
                }
            }
        }
        true
    }
}

/// Notes whether an answer goes on.
fn note_page(mappings: &[&Mapping], envelope: &Members<'_>, collector: &mut Collector<'_>) {
    for mapping in mappings {
        let more = mapping.continues(envelope).or_else(|| continues(envelope));
        collector.page_by(&mapping.kind, more);
    }
}

/// The list of a mapping, where it says that it stands.
fn place<'a>(mapping: &Mapping, envelope: &Members<'a>) -> Option<&'a RawValue> {
    envelope.walk(&mapping.items.as_ref()?.names()?)
}

/// The list of an answer that has only one.
fn only_list<'a>(envelope: &Members<'a>) -> Option<&'a RawValue> {
    let is_one =
        |list: &&RawValue| is_list(list) && (is_empty_list(list) || Members::of_first(list).is_some());
    let mut lists = envelope.iter().map(|(_, value)| value).filter(is_one);
    let first = lists.next()?;
    lists.next().is_none().then_some(first)
}
