//! What exists and is in no state: TL303 `unmanaged-object`.

use tidelock_parse::inventory::{Cloud, Object};

use super::Story;
use crate::{
    proposal::{ObjectInfo, Proposal},
    report::Severity,
    rules::UnmanagedObject,
};

pub(super) fn tell(story: &mut Story<'_, '_>) {
    // What no resource type holds (a device of a tailnet) is in no state, and need not be; unless somebody asks about it.
    let narrow = story.question.scope.is_narrow();
    let orphans: Vec<usize> = story
        .objects()
        .filter(|(_, listed)| listed.holders.is_empty() && (narrow || is_manageable(listed.object)))
        .map(|(index, _)| index)
        .collect();
    let whose = if story.reality.states.len() == 1 { "the state" } else { "any of the states" };
    for index in orphans {
        let Some(listed) = story.reality.objects().get(index) else { continue };
        let object = listed.object;
        let info = ObjectInfo::from(object);
        let message = format!("{} {} exists and is not in {whose}", info.kind, info.id);
        let help = "import it, give the state that has it, remove it, or accept it with a waiver";
        let import = import(object);
        let reason = match &import {
            Some((type_name, _)) => {
                format!("nobody says whether it is wanted; as `{type_name}` it could be imported")
            }
            None => "nobody says whether it is wanted".to_owned(),
        };
        let proposal = Proposal { import_id: import.map(|(_, id)| id), ..story.decide(object, None, reason) };
        let mut sink = story.sink(&UnmanagedObject::META);
        let draft = sink.about_plan(Severity::Warn, message).object(info).help(help);
        sink.put(draft);
        story.propose([proposal]);
        story.told_objects.insert(index);
    }
}

/// Whether a resource type holds such objects, as far as anybody knows.
fn is_manageable(object: &Object) -> bool {
    object.told.type_name.is_some()
        || !tidelock_types::holders(object).is_empty()
        || !matches!(object.key.cloud, Cloud::Tailscale | Cloud::Proxmox | Cloud::Hcloud)
}

/// The likeliest type that could manage the object, and what its import wants to hear.
pub(super) fn import(object: &Object) -> Option<(&str, String)> {
    let types =
        object.told.type_name.as_deref().into_iter().chain(tidelock_types::holders(object).iter().copied());
    types.into_iter().find_map(|type_name| {
        let told = object.told.import_id.clone();
        Some((type_name, told.or_else(|| tidelock_types::of(type_name).import_id(type_name, object))?))
    })
}
