//! From the bytes of an export to an inventory, by content.

use serde_json::value::RawValue;

use super::{
    Claim, Inventory, InventoryError, Mapping, aws,
    collector::{Collector, Scope},
    generic::Generic,
    hcloud,
    json::{Members, is_empty_list, is_list},
    proxmox, table, tailscale,
};
use crate::{
    input::{Kind, decode, kind_of_json},
    source::Source,
};

/// How to read an export.
#[derive(Clone, Debug, Default)]
pub struct Options<'m> {
    /// What exports of other platforms look like; of several of one kind the last counts.
    pub mappings: &'m [Mapping],
    /// What the giver of the input says about it.
    pub claim: Option<Claim>,
    /// Whether a part of a list will do.
    pub pages: Pages,
}

/// Whether a part of a list will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pages {
    /// All pages of a list have to be there: what is missing in a part may exist.
    #[default]
    All,
    /// A part is taken as it is; nothing counts as absent by it.
    Partial,
}

/// Reads one export. It may hold several lists, pages, or objects, one after the other.
///
/// # Errors
/// [`InventoryError`] if it is no inventory, or none that can be relied on.
pub fn read(source: &Source, options: &Options<'_>) -> Result<Inventory, InventoryError> {
    let input = || source.name().to_owned();
    let (source, _) = decode(source).map_err(|_| InventoryError::NotText { input: input() })?;
    let text = std::str::from_utf8(source.bytes());
    let text = text.map_err(|_| InventoryError::NotText { input: input() })?;
    let mut collector = Collector::new(source.name(), options);
    let generic = Generic::new(&collector);
    match text.trim_start().chars().next() {
        None => return Err(InventoryError::Empty { input: input() }),
        Some('{' | '[') => json(text, generic.as_ref(), &mut collector)?,
        Some(_) if text.trim() == "null" => collector.unnamed = true,
        Some(_) => match &generic {
            Some(generic) => table::read(text, generic, &mut collector)?,
            None => return Err(InventoryError::Unknown { input: input() }),
        },
    }
    collector.finish()
}

/// Whether a text is an inventory of a platform that is known, by its first document.
pub fn is_inventory(text: &str) -> bool {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let Some(Ok(first)) = documents.next() else { return false };
    match Members::of(first) {
        Some(members) => Reader::of(&members).is_some() || !lists(&members).is_empty(),
        None => Members::of_first(first).is_some_and(|first| Reader::of(&first).is_some()),
    }
}

fn json(
    text: &str,
    generic: Option<&Generic<'_>>,
    collector: &mut Collector<'_>,
) -> Result<(), InventoryError> {
    let named = generic.filter(|generic| generic.is_named(collector));
    for document in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let document = document.map_err(|error| InventoryError::from_json(collector.input, &error))?;
        match (named, generic) {
            (Some(named), _) => named.document(document, collector)?,
            (None, _) if built_in(document, collector)? => {}
            (None, Some(generic)) => {
                refuse(document, collector)?;
                generic.document(document, collector)?;
            }
            (None, None) => {
                refuse(document, collector)?;
                collector.unnamed |= is_empty_list(document);
            }
        }
    }
    Ok(())
}

/// Reads a document of a platform that is known; `false` if it is none.
fn built_in(document: &RawValue, collector: &mut Collector<'_>) -> Result<bool, InventoryError> {
    if is_list(document) {
        let Some(reader) = Members::of_first(document).and_then(|first| Reader::of(&first)) else {
            return Ok(false);
        };
        reader.read(document, Scope::List, collector)?;
        return Ok(true);
    }
    let Some(members) = Members::of(document) else { return Ok(false) };
    if let Some(reader) = Reader::of(&members) {
        collector.alone += 1;
        reader.read(document, Scope::Choice, collector)?;
        return Ok(true);
    }
    if members.get("data").is_some_and(|list| is_list(list) && is_empty_list(list)) {
        collector.unnamed = true;
        return Ok(true);
    }
    let lists = lists(&members);
    for (reader, list) in &lists {
        collector.page(reader.name(), &members);
        reader.read(list, aws::scope(&members), collector)?;
    }
    Ok(!lists.is_empty())
}

/// Refuses what is certainly no inventory, and says what it is.
fn refuse(document: &RawValue, collector: &Collector<'_>) -> Result<(), InventoryError> {
    let input = || collector.input.to_owned();
    let Some(members) = Members::of(document) else { return Ok(()) };
    if let Ok((kind, _)) = kind_of_json(document.get())
        && kind != Kind::UnknownJson
    {
        return Err(InventoryError::Artifact { input: input(), kind });
    }
    let is_null = |name: &str| members.get(name).is_some_and(|value| value.get() == "null");
    if members.has("error") || members.has("errors") || members.has("message") || is_null("data") {
        return Err(InventoryError::Refused { input: input() });
    }
    Ok(())
}

/// What reads a list, or an element of one.
#[derive(Clone, Copy)]
enum Reader {
    Proxmox,
    Hcloud(hcloud::Kind),
    Aws(aws::Kind),
    Tailscale(tailscale::Kind),
}

impl Reader {
    /// The one for an object.
    fn of(item: &Members<'_>) -> Option<Self> {
        if proxmox::is_item(item) {
            return Some(Self::Proxmox);
        }
        hcloud::kind(item)
            .map(Self::Hcloud)
            .or_else(|| aws::kind(item).map(Self::Aws))
            .or_else(|| tailscale::kind(item).map(Self::Tailscale))
    }

    /// One name for each list that has pages of its own.
    const fn name(self) -> &'static str {
        match self {
            Self::Proxmox => "data",
            Self::Hcloud(kind) => kind.list(),
            Self::Aws(kind) => kind.noun(),
            Self::Tailscale(tailscale::Kind::Device) => "devices",
            Self::Tailscale(tailscale::Kind::Key) => "keys",
        }
    }

    fn read(
        self,
        value: &RawValue,
        scope: Scope,
        collector: &mut Collector<'_>,
    ) -> Result<(), InventoryError> {
        match self {
            Self::Proxmox => proxmox::list(value, scope, collector),
            Self::Hcloud(kind) => hcloud::list(kind, value, scope, collector),
            Self::Aws(kind) => aws::list(kind, value, scope, collector),
            Self::Tailscale(kind) => tailscale::list(kind, value, scope, collector),
        }
    }
}

/// The lists in an answer, each with what reads it.
fn lists<'a>(envelope: &Members<'a>) -> Vec<(Reader, &'a RawValue)> {
    let guests = envelope.get("data").filter(|list| {
        is_list(list) && Members::of_first(list).is_some_and(|first| proxmox::is_item(&first))
    });
    let guests = guests.map(|list| (Reader::Proxmox, list)).into_iter();
    let hcloud = hcloud::lists(envelope).into_iter().map(|(kind, list)| (Reader::Hcloud(kind), list));
    let aws = aws::lists(envelope).into_iter().map(|(kind, list)| (Reader::Aws(kind), list));
    let tailscale =
        tailscale::lists(envelope).into_iter().map(|(kind, list)| (Reader::Tailscale(kind), list));
    guests.chain(hcloud).chain(aws).chain(tailscale).collect()
}
