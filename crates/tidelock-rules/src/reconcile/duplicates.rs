//! Several real objects for what is meant to be one: TL308 `duplicate-objects`, and TL401 on the one that stays.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::Timestamp;
use tidelock_parse::{
    ResourceAddr,
    inventory::{Cloud, Object, Status},
    redact,
};

use super::{
    Story,
    propose::{self, Forget},
    unmanaged,
    wanted::Wanted,
};
use crate::{
    catalogue::Machines,
    proposal::{ObjectInfo, Proposal, Proposed},
    protection,
    reality::Listed,
    report::{Related, Severity},
    rules::{DuplicateObjects, MissingPreventDestroy},
};

pub(super) fn tell(story: &mut Story<'_, '_>) {
    for group in groups(story) {
        choose(story, &group, None);
    }
}

/// Cloud, kind, name, and the tags where these belong to the name.
type Name<'a> = (&'a Cloud, &'a str, &'a str, Option<&'a BTreeMap<String, String>>);

/// Objects that share cloud, kind and name (on AWS, all tags; without a name, all labels), of which at least one is in no state.
fn groups(story: &Story<'_, '_>) -> Vec<Vec<usize>> {
    // What AWS calls a name is a tag among others; only things that share all of them may be meant to be one.
    let mut named: BTreeMap<Name<'_>, Vec<usize>> = BTreeMap::new();
    for (index, listed) in story.objects() {
        let object = listed.object;
        // What has no name is known by all of its labels.
        let name = object.name.as_deref().unwrap_or_default();
        let tags = (object.key.cloud == Cloud::Aws || name.is_empty()).then_some(&object.labels);
        if !name.is_empty() || !object.labels.is_empty() {
            named.entry((&object.key.cloud, &object.key.noun, name, tags)).or_default().push(index);
        }
    }
    let alike = named.into_values().filter(|group| group.len() > 1);
    alike.filter(|group| is_meant_to_be_one(story, group)).collect()
}

/// On platforms where names say who a thing is, equal names are enough. AWS has no such names: tags repeat, and only what our states
/// or plans know, or what somebody asked about, is meant.
fn is_meant_to_be_one(story: &Story<'_, '_>, group: &[usize]) -> bool {
    let listed = || group.iter().filter_map(|index| story.reality.objects().get(*index));
    if listed().all(|listed| !listed.holders.is_empty()) {
        return false;
    }
    let held = listed().any(|listed| !listed.holders.is_empty());
    let wanted = || {
        listed().next().is_some_and(|listed| {
            story
                .wanted
                .iter()
                .any(|wanted| wanted.name == listed.object.name && wanted.is_kind_of(listed.object))
        })
    };
    let told = || listed().next().is_some_and(|listed| listed.object.key.cloud != Cloud::Aws);
    held || told() || story.question.scope.is_narrow() || wanted()
}

/// Which of several stays. `asked` is what the plan wants to make of that name, if it was found by it.
pub(super) fn choose(story: &mut Story<'_, '_>, group: &[usize], asked: Option<usize>) {
    let reality = story.reality;
    let listed: Vec<(usize, &Listed<'_>)> =
        group.iter().filter_map(|index| Some((*index, reality.objects().get(*index)?))).collect();
    let Some((_, first)) = listed.first() else { return };
    let wanted: Vec<usize> = story
        .wanted
        .iter()
        .enumerate()
        .filter(|(number, wanted)| {
            !story.told_wanted.contains(number)
                && (asked == Some(*number)
                    || (wanted.name == first.object.name && wanted.is_kind_of(first.object)))
        })
        .map(|(number, _)| number)
        .collect();
    let keeper = Keeper::of(&listed);
    // The address that one of them belongs to, where there is only one.
    let only = if let [number] = wanted.as_slice() { story.wanted.get(*number) } else { None };
    let (mut proposals, kept) = proposed(story, &keeper, &listed, only);
    // What stays comes first, what goes last.
    proposals.sort_by_key(|proposal| proposal.action == Proposed::Remove);
    let info = ObjectInfo::from(first.object);
    let ids: Vec<&str> = listed.iter().map(|(_, listed)| &*listed.object.key.id).collect();
    let count = listed.len();
    let alike = info
        .name
        .as_ref()
        .map_or_else(|| "share all their labels".to_owned(), |name| format!("are called {name}"));
    let message = format!("{count} objects {alike}: {} {}", info.kind, all(&ids));
    let address = kept.first().or_else(|| {
        wanted.first().and_then(|number| story.wanted.get(*number)).map(|wanted| &wanted.address)
    });
    let address = address.cloned();
    let related: Vec<Related> = kept
        .iter()
        .filter(|one| Some(*one) != address.as_ref())
        .map(|address| Related {
            address: address.clone(),
            depth: 1,
            role: Some("has one of them".to_owned()),
        })
        .collect();
    let advice = match &keeper {
        Keeper::InState => "remove those that no state knows",
        Keeper::One(..) => "import the one that stays, then remove the others",
        Keeper::Nobody(_) => "nothing tells which one is wanted: look at them, import one, remove the others",
    };
    let mut sink = story.sink(&DuplicateObjects::META);
    let draft = match &address {
        Some(address) => sink.about_address(address, Severity::Deny, message),
        None => sink.about_plan(Severity::Deny, message),
    };
    sink.put(draft.object(info).related(related).help(advice));
    story.propose(proposals);
    for address in &kept {
        protect(story, address);
    }
    story.told_objects.extend(group.iter().copied());
    story.told_wanted.extend(wanted);
}

/// What to do about each of several, and the addresses of those that stay.
fn proposed(
    story: &Story<'_, '_>,
    keeper: &Keeper,
    listed: &[(usize, &Listed<'_>)],
    only: Option<&Wanted>,
) -> (Vec<Proposal>, Vec<ResourceAddr>) {
    let mut proposals = Vec::new();
    let mut kept = Vec::new();
    match keeper {
        Keeper::InState => {
            for (_, listed) in listed.iter().filter(|(_, listed)| !listed.holders.is_empty()) {
                let holder = listed.holders.first().and_then(|index| story.reality.held().get(*index));
                proposals.push(story.keep(listed.object, holder, "it is in the state"));
                kept.extend(holder.map(|held| held.instance.address.clone()));
            }
            let kept = listed.iter().find(|(_, listed)| !listed.holders.is_empty());
            let kept = kept.and_then(|(_, listed)| listed.object.created.as_deref());
            for (_, listed) in listed.iter().filter(|(_, listed)| listed.holders.is_empty()) {
                let why = "a duplicate: the state knows another of this name";
                proposals.push(doomed(story, listed.object, kept, why));
            }
        }
        Keeper::One(index, why) => {
            let stays = listed.iter().find(|(at, _)| at == index);
            let stays = stays.and_then(|(_, listed)| listed.object.created.as_deref());
            for (at, listed) in listed {
                if at != index {
                    let why = format!("a duplicate: another of this name stays, which {why}");
                    proposals.push(doomed(story, listed.object, stays, &why));
                } else if let Some(wanted) = only {
                    let reason = format!(
                        "of those of this name, it {why}, and no state knows it{}",
                        wanted.before_import(story)
                    );
                    let object = wanted.placed(listed.object);
                    proposals.push(story.import(&wanted.address, &object, reason, Forget::Nothing));
                    kept.push(wanted.address.clone());
                } else {
                    let reason = format!(
                        "of those of this name, it {why}; it is in no state: import it under its address"
                    );
                    proposals.push(Proposal {
                        import_id: import_id(listed.object),
                        ..story.keep(listed.object, None, reason)
                    });
                }
            }
        }
        Keeper::Nobody(why) => {
            for (_, listed) in listed {
                let reason = format!("{why}: choose one to import, and remove the others");
                proposals.push(match only {
                    Some(wanted) => Proposal {
                        action: Proposed::Decide,
                        block: None,
                        reason: format!("{reason}{}", wanted.before_import(story)),
                        ..story.import(
                            &wanted.address,
                            &wanted.placed(listed.object),
                            reason,
                            Forget::Nothing,
                        )
                    },
                    None => Proposal {
                        import_id: import_id(listed.object),
                        ..story.decide(listed.object, None, reason)
                    },
                });
            }
        }
    }
    (proposals, kept)
}

/// What becomes of one that is not kept: it goes, unless something says that it is wanted. `kept` is when the one that stays was made.
fn doomed(story: &Story<'_, '_>, object: &Object, kept: Option<&str>, why: &str) -> Proposal {
    if object.protected {
        return story.decide(object, None, format!("{why}; but its platform protects it from deletion"));
    }
    let others = object.labels.iter().find(|(label, value)| is_of_others(label, value));
    if let Some((label, _)) = others {
        let label = redact::cut_text(label);
        return story.decide(
            object,
            None,
            format!("{why}; but its label `{label}` says that something else manages it"),
        );
    }
    if object.key.cloud == Cloud::Aws {
        return story.decide(
            object,
            None,
            format!("{why}; but a name is a tag there, and may be meant to repeat"),
        );
    }
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let older = object
        .created
        .as_deref()
        .and_then(time)
        .zip(kept.and_then(time))
        .is_some_and(|(own, kept)| own < kept);
    let warning = if older { "; it is the older one: look at what it holds first" } else { "" };
    propose::remove(object, format!("{why}{warning}"))
}

/// Whether a label says that another tool manages the object.
fn is_of_others(label: &str, value: &str) -> bool {
    let label = label.to_ascii_lowercase().replace(['-', '_', '.', '/'], "");
    let ours = ["terraform", "tofu", "opentofu", "terragrunt", "tf"];
    label.ends_with("managedby") && !ours.contains(&value.to_ascii_lowercase().as_str())
}

/// `108, 112 and 116`, however many there are up to a dozen.
fn all(ids: &[&str]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = ids.iter().take(MOST).map(|id| redact::cut_text(id)).collect();
    match (shown.split_last(), ids.len().checked_sub(MOST).filter(|more| *more > 0)) {
        (_, Some(more)) => format!("{} and {more} more", shown.join(", ")),
        (Some((last, rest)), None) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.join(", "),
    }
}

fn import_id(object: &Object) -> Option<String> {
    unmanaged::import(object).map(|(_, id)| id)
}

/// What was duplicated once and can be destroyed by any plan: TL401.
fn protect(story: &mut Story<'_, '_>, address: &ResourceAddr) {
    let Some(sources) = story.question.sources else { return };
    let Some(block) = sources.resource(&address.config()) else { return };
    let holds = story.question.catalogue.lookup(&address.type_name, []).holds;
    if !holds.is_stateful(Machines::Pets) || protection::is_protected(sources, address, block) {
        return;
    }
    let message = format!("{address} was duplicated once, and any plan can destroy it");
    let help = "write `lifecycle { prevent_destroy = true }` into its block";
    let mut sink = story.sink(&MissingPreventDestroy::META);
    let draft = sink.about_address(address, Severity::Info, message).help(help);
    sink.put(draft);
    let proposal = Proposal {
        address: Some(address.clone()),
        block: Some("lifecycle {\n  prevent_destroy = true\n}\n".to_owned()),
        ..Proposal::new(
            Proposed::Protect,
            "it was duplicated once, and nothing keeps a plan from destroying it",
        )
    };
    story.propose([proposal]);
}

/// Which of several stays.
enum Keeper {
    /// Those that a state holds.
    InState,
    /// This one, and why.
    One(usize, &'static str),
    /// Nobody can tell, and why.
    Nobody(&'static str),
}

impl Keeper {
    /// In a state; else the only one that runs; else the newest of those that run. A tie is a tie.
    fn of(listed: &[(usize, &Listed<'_>)]) -> Self {
        if listed.iter().any(|(_, listed)| !listed.holders.is_empty()) {
            return Self::InState;
        }
        let running: Vec<_> =
            listed.iter().filter(|(_, listed)| listed.object.status == Status::Running).collect();
        let candidates: Vec<_> = if running.is_empty() { listed.iter().collect() } else { running };
        if let [(only, listed)] = candidates.as_slice()
            && listed.object.status == Status::Running
        {
            return Self::One(*only, "is the only one that runs");
        }
        let created = |object: &Object| object.created.as_ref()?.parse::<Timestamp>().ok();
        let mut by_age: Vec<(Option<Timestamp>, usize)> =
            candidates.iter().map(|(index, listed)| (created(listed.object), *index)).collect();
        if by_age.iter().any(|(created, _)| created.is_none()) {
            return Self::Nobody(
                "it is a tie: no state knows any of them, and nothing tells which is the newest",
            );
        }
        by_age.sort_by_key(|(created, _)| Reverse(*created));
        match by_age.as_slice() {
            [(first, index), (second, _), ..] if first != second => {
                Self::One(*index, "is the newest of them")
            }
            _ => Self::Nobody("it is a tie: no state knows any of them, and the newest are of one age"),
        }
    }
}
