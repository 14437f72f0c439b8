//! What has been read of an export so far.

use std::collections::BTreeMap;

use super::{
    Claim, Cloud, Coverage, Inventory, InventoryError, Object, Options, Pages, claim,
    error::Listed,
    json::{At, Members},
};

/// How objects were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// In a list, as the platform answers it.
    List,
    /// One by one, as a filter leaves them: somebody's choice.
    Choice,
}

/// Gathers the objects of an input, what it lists, and which of its pages are there.
pub(super) struct Collector<'o> {
    pub(super) input: &'o str,
    pub(super) options: &'o Options<'o>,
    objects: Vec<Object>,
    /// Kinds that are listed, and whether all there are.
    kinds: BTreeMap<(Cloud, Box<str>), bool>,
    pages: BTreeMap<String, Chain>,
    /// Whether there was a list without an element and without a name.
    pub(super) unnamed: bool,
    /// How many objects stood by themselves, the one at hand included.
    pub(super) alone: usize,
}

/// The pages of one list.
#[derive(Default)]
struct Chain {
    /// Which one follows, by number; `None` after the last.
    numbered: BTreeMap<u64, Option<u64>>,
    /// The field of the last page without a number that says that there is another.
    open: Option<String>,
}

impl Chain {
    /// What shows that a page is missing.
    fn gap(&self) -> Option<String> {
        let mut expected = Some(1);
        for (page, next) in &self.numbered {
            match expected {
                Some(number) if number == *page => expected = *next,
                Some(number) => return Some(format!("page {number} is missing")),
                None => {}
            }
        }
        match expected {
            Some(number) if !self.numbered.is_empty() => Some(format!("page {number} is missing")),
            _ => self.open.as_ref().map(|field| format!("`{field}` says that more follows")),
        }
    }
}

impl<'o> Collector<'o> {
    pub(super) fn new(input: &'o str, options: &'o Options<'o>) -> Self {
        Self {
            input,
            options,
            objects: Vec::new(),
            kinds: BTreeMap::new(),
            pages: BTreeMap::new(),
            unnamed: false,
            alone: 0,
        }
    }

    /// Takes an object.
    pub(super) fn add(&mut self, mut object: Object) {
        if object.location.is_none() {
            object.location = self.claim().and_then(|claim| claim.location.clone());
        }
        self.objects.push(object);
    }

    /// Notes that a kind is listed; `complete` says whether everything of it. One doubt is enough.
    pub(super) fn covers(&mut self, cloud: Cloud, noun: &str, complete: bool) {
        *self.kinds.entry((cloud, noun.into())).or_insert(true) &= complete;
    }

    /// Notes which page of a list an envelope is.
    pub(super) fn page(&mut self, list: &str, envelope: &Members<'_>) {
        let chain = self.pages.entry(list.to_owned()).or_default();
        match page_number(envelope) {
            Some((page, next)) => {
                chain.numbered.insert(page, next);
            }
            None => chain.open = continues(envelope),
        }
    }

    /// Notes that a mapping's own field says whether more follows.
    pub(super) fn page_by(&mut self, list: &str, more: Option<String>) {
        self.pages.entry(list.to_owned()).or_default().open = more;
    }

    pub(super) fn claim(&self) -> Option<&'o Claim> {
        self.options.claim.as_ref()
    }

    /// Whether the input is said to list such things.
    pub(super) fn is_claimed(&self, word: &str) -> bool {
        self.claim().is_some_and(|claim| claim.kinds.iter().any(|kind| kind == word))
    }

    pub(super) fn fault(&self, list: &str, scope: Scope, at: At) -> InventoryError {
        let number = if scope == Scope::Choice { self.alone } else { at.number };
        InventoryError::at(self.input, list, At { number, ..at })
    }

    /// The inventory, if it can be relied on.
    pub(super) fn finish(mut self) -> Result<Inventory, InventoryError> {
        self.lay_claim()?;
        let input = || self.input.to_owned();
        if self.kinds.is_empty() {
            return Err(if self.unnamed {
                InventoryError::Unnamed { input: input() }
            } else {
                InventoryError::Unknown { input: input() }
            });
        }
        let gap = self.pages.values().find_map(Chain::gap);
        if let (Pages::All, Some(what)) = (self.options.pages, &gap) {
            return Err(InventoryError::Incomplete { input: input(), what: what.clone() });
        }
        let name = input();
        let coverage = self.kinds.into_iter().map(|((cloud, noun), complete)| Coverage {
            cloud,
            noun,
            complete: complete && gap.is_none(),
        });
        Ok(Inventory { name, coverage: coverage.collect(), objects: self.objects })
    }

    /// What the giver of the input says counts for what the content leaves open, and must not contradict what it shows.
    fn lay_claim(&mut self) -> Result<(), InventoryError> {
        let Some(claim) = self.claim() else { return Ok(()) };
        let mut claimed = Vec::new();
        for word in &claim.kinds {
            claimed.extend(self.claimed(word)?.into_iter().map(|(cloud, noun)| (cloud, Box::from(noun))));
        }
        // A list of guests need not have some of each kind, or any.
        let guests = claimed
            .iter()
            .any(|kind: &(Cloud, Box<str>)| kind.0 == Cloud::Proxmox && self.kinds.contains_key(kind));
        for kind in &claimed {
            let fits = self.unnamed || self.kinds.contains_key(kind) || guests && kind.0 == Cloud::Proxmox;
            if !fits {
                let listed = self.kinds.keys().map(|(cloud, noun)| claim::written(cloud, noun));
                return Err(InventoryError::OtherKind {
                    input: self.input.to_owned(),
                    claimed: claim::written(&kind.0, &kind.1),
                    listed: Listed(listed.collect()),
                });
            }
        }
        self.kinds.extend(claimed.into_iter().map(|kind| (kind, claim.location.is_none())));
        Ok(())
    }

    /// The kinds that a word of a claim means.
    fn claimed(&self, word: &str) -> Result<Vec<(Cloud, &'o str)>, InventoryError> {
        if let Some(kind) = claim::built_in(word) {
            return Ok(vec![kind]);
        }
        match self.options.mappings.iter().rev().find(|mapping| &*mapping.kind == word) {
            Some(mapping) => Ok(mapping.kinds().collect()),
            None => Err(InventoryError::NoMapping { input: self.input.to_owned(), name: word.to_owned() }),
        }
    }
}

/// The number of a page and of the one that follows, as Hetzner Cloud writes them.
fn page_number(envelope: &Members<'_>) -> Option<(u64, Option<u64>)> {
    let pagination = envelope.inside("meta")?.inside("pagination")?;
    let number = |name: &str| pagination.get(name).and_then(|value| value.get().parse().ok());
    Some((number("page").unwrap_or(1), number("next_page")))
}

/// Fields that say that more follows, of the platforms' own interfaces and tools.
const CONTINUES: &[&str] = &[
    "NextToken",
    "nextToken",
    "next_token",
    "PaginationToken",
    "Marker",
    "NextMarker",
    "ContinuationToken",
    "NextContinuationToken",
    "IsTruncated",
    "nextLink",
    "@odata.nextLink",
    "nextPageToken",
    "next_page_token",
    "next_page",
    "next",
    "skipToken",
    "$skipToken",
];

/// The field of an envelope that says that more follows.
pub(super) fn continues(envelope: &Members<'_>) -> Option<String> {
    let says = |members: &Members<'_>, at: &str| {
        let field = CONTINUES.iter().find(|name| members.get(name).is_some_and(is_set))?;
        Some(format!("{at}{field}"))
    };
    says(envelope, "")
        .or_else(|| says(&envelope.inside("meta")?, "meta."))
        .or_else(|| says(&envelope.inside("links")?, "links."))
        .or_else(|| says(&envelope.inside("links")?.inside("pages")?, "links.pages."))
}

fn is_set(value: &serde_json::value::RawValue) -> bool {
    !matches!(value.get(), "null" | "false" | "\"\"" | "0" | "{}" | "[]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_make_a_list_from_the_first_to_the_last() {
        let chain =
            |pages: &[(u64, Option<u64>)]| Chain { numbered: pages.iter().copied().collect(), open: None };
        assert_eq!(chain(&[]).gap(), None);
        assert_eq!(chain(&[(1, None)]).gap(), None);
        assert_eq!(chain(&[(2, None), (1, Some(2))]).gap(), None);
        assert_eq!(chain(&[(1, Some(2))]).gap().unwrap(), "page 2 is missing");
        assert_eq!(chain(&[(2, None)]).gap().unwrap(), "page 1 is missing");
        assert_eq!(chain(&[(1, Some(2)), (3, None)]).gap().unwrap(), "page 2 is missing");
    }

    #[test]
    fn a_field_that_is_empty_says_that_nothing_follows() {
        let field = |text: &str| continues(&serde_json::from_str(text).unwrap());
        assert_eq!(field(r#"{"NextToken": "x"}"#).unwrap(), "NextToken");
        assert_eq!(field(r#"{"links": {"pages": {"next": "u"}}}"#).unwrap(), "links.pages.next");
        assert_eq!(field(r#"{"nextLink": null, "PaginationToken": "", "links": {}}"#), None);
    }
}
