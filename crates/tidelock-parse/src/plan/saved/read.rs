//! From the members of a saved plan to the model.

use std::sync::{Arc, OnceLock};

use prost::bytes::Bytes;
use serde::{
    Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};

use super::{
    PlanFileError, Saved, SavedChange, SnapshotTree,
    archive::{self, Archive},
    change::{self, action, sides},
    message, msgpack, paths, recovered, schemas,
};
use crate::{
    Mode,
    action::{Action, ActionReason},
    address::{InstanceKey, ModulePath, ResourceAddr},
    plan::{
        ChangeValues, Check, CheckStatus, Deferred, FormatVersion, Header, OutputChange, Plan, PlanError,
        PlanningMode, Product, RawValues, Recorded, ResourceChange, Sections, raw::one_each,
    },
    schema::{SchemaFile, Schemas},
    source::Source,
    state::ProviderRef,
    value::{Mask, Value, ValueError},
};

/// The one version of the format so far.
const VERSION: u64 = 3;

pub(in crate::plan) fn read(source: &Source) -> Result<Plan, PlanError> {
    let archive = Arc::new(Archive::open(source)?);
    archive.check()?;
    let bytes = Bytes::from(archive.read(archive::PLAN)?);
    let plan: message::Plan = message::decode(&bytes).ok_or_else(|| unreadable(&archive))?;
    if plan.version != VERSION {
        let (input, version) = (source.name().to_owned(), plan.version);
        return Err(PlanFileError::Version { input, version }.into());
    }
    let product = product(&plan, &archive);
    let (header, recorded) = (header(&plan, product), recorded(&plan, &archive, product)?);
    if archive.has(archive::STATE_BEFORE) {
        origin(&archive, archive::STATE_BEFORE)?;
    }
    let given = given_schemas(&archive)?;
    let outputs = plan.output_changes.iter().map(message::decode).collect::<Option<_>>();
    let outputs = outputs.ok_or_else(|| unreadable(&archive))?;
    let saved = Arc::new(Saved {
        open_is_nine: product == Some(Product::OpenTofu),
        variables: plan.variables.into_iter().collect(),
        outputs,
        checks: checks(&plan.check_results),
        schemas: given.iter().cloned().fold(Schemas::builtin(), Schemas::with_file),
        given,
        sources: SnapshotTree::new(&archive),
        state: OnceLock::new(),
        examples: OnceLock::new(),
        configuration: OnceLock::new(),
        form: OnceLock::new(),
        archive,
    });
    let mut reader = Changes { saved: &saved, provider: None, read: 0 };
    let mut changes = reader.all(plan.resource_changes)?;
    // Data sources that leave the state; plan JSON does not have them.
    changes.retain(|change| change.address.mode != Mode::Data || change.action != Action::Delete);
    let mut drift = reader.all(plan.resource_drift)?;
    let deferred = reader.deferred(plan.deferred_changes)?;
    match recorded.mode {
        PlanningMode::Destroy => drift = recovered::drift(&saved, &changes)?,
        PlanningMode::RefreshOnly => {}
        // Moves; they stand in the changes as well.
        PlanningMode::Normal | PlanningMode::Other(_) => drift.retain(|change| change.action != Action::NoOp),
    }
    one_each(source, "resource_changes", &changes)?;
    one_each(source, "resource_drift", &drift)?;
    Ok(Plan {
        source: source.clone(),
        header,
        // As in plan JSON: a plan that changes nothing does not say of any instance that it stays.
        changes: Some(changes).filter(|changes| !changes.is_empty()),
        drift,
        deferred,
        sections: Sections::Saved(saved),
        recorded: Some(recorded),
        stream: None,
    })
}

fn unreadable(archive: &Archive) -> PlanError {
    archive.shape(archive::PLAN).into()
}

/// Which product wrote it: what only one of them writes, else what the lock file says of itself, else the version.
fn product(plan: &message::Plan, archive: &Archive) -> Option<Product> {
    // A result of a provider function is two hashes of 32 bytes with a tag and a length before each.
    let is_hash = |bytes: &Bytes| bytes.len() == 68 && bytes.starts_with(&[0x0a, 0x20]);
    let names = plan.functions_or_variables.iter().any(|bytes| !is_hash(bytes));
    let hashes = plan.functions_or_variables.iter().any(is_hash);
    let terraform = plan.applyable.is_some()
        || plan.complete.is_some()
        || !plan.deferred_changes.is_empty()
        || !plan.apply_time_variables.is_empty()
        || hashes;
    let tofu = plan.execution_graph.is_some()
        || plan.destroying.is_some()
        || !plan.exclude_addrs.is_empty()
        || names
        || archive.has(archive::SCHEMAS);
    match (terraform, tofu) {
        (true, false) => return Some(Product::Terraform),
        (false, true) => return Some(Product::OpenTofu),
        _ => {}
    }
    let lock = archive.peek(archive::LOCK, 256).unwrap_or_default();
    let first = lock.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let says = |word: &[u8]| first.windows(word.len()).any(|window| window == word);
    if says(b"\"tofu init\"") {
        return Some(Product::OpenTofu);
    }
    says(b"\"terraform init\"").then_some(Product::Terraform)
}

fn header(plan: &message::Plan, product: Option<Product>) -> Header {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let partial = !plan.target_addrs.is_empty() || !plan.exclude_addrs.is_empty();
    let terraform = product == Some(Product::Terraform);
    // Terraform says it since 1.8, and false is not on the wire. Otherwise the options tell.
    let says = terraform && at_least(&plan.terraform_version, (1, 8));
    let complete = if says { plan.complete.unwrap_or(false) } else { !partial && !plan.errored };
    Header {
        format_version: FormatVersion { major: 3, minor: 0 },
        terraform_version: text(&plan.terraform_version),
        timestamp: text(&plan.timestamp),
        applyable: says.then(|| plan.applyable.unwrap_or(false)),
        complete: Some(complete),
        errored: plan.errored,
    }
}

fn at_least(version: &str, least: (u32, u32)) -> bool {
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    parts.next().zip(parts.next()).is_some_and(|found| found >= least)
}

fn recorded(
    plan: &message::Plan,
    archive: &Archive,
    product: Option<Product>,
) -> Result<Recorded, PlanError> {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let origin = origin(archive, archive::STATE)?;
    Ok(Recorded {
        product,
        mode: match plan.ui_mode {
            0 => PlanningMode::Normal,
            1 => PlanningMode::Destroy,
            2 => PlanningMode::RefreshOnly,
            other => PlanningMode::Other(other),
        },
        lineage: origin.lineage,
        serial: origin.serial,
        backend: plan.backend.as_ref().and_then(|backend| text(&backend.r#type)),
        workspace: plan.backend.as_ref().and_then(|backend| text(&backend.workspace)),
        targets: plan.target_addrs.clone(),
        excludes: plan.exclude_addrs.clone(),
        force_replace: plan.force_replace_addrs.clone(),
    })
}

/// Lineage and serial of the state that the plan was made from.
#[derive(Default)]
struct Origin {
    lineage: Option<String>,
    serial: Option<u64>,
}

/// They stand among the first keys, so that the rest of the state, the second largest member, stays packed.
const ORIGIN_WITHIN: usize = 4096;

fn origin(archive: &Archive, state: &str) -> Result<Origin, PlanFileError> {
    let (begin, _) = Origin::find(&archive.peek(state, ORIGIN_WITHIN)?);
    if begin.is_whole() {
        return Ok(begin);
    }
    let (origin, is_state) = Origin::find(&archive.read(state)?);
    if is_state { Ok(origin) } else { Err(archive.damaged(state)) }
}

impl Origin {
    fn is_whole(&self) -> bool {
        self.lineage.is_some() && self.serial.is_some()
    }

    /// Finds them, and whether what was read of the text is an object as a state is.
    fn find(json: &[u8]) -> (Self, bool) {
        struct Keys<'o>(&'o mut Origin);
        impl<'de> Visitor<'de> for Keys<'_> {
            type Value = ();

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a state")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
                while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    match &*key {
                        "lineage" => self.0.lineage = map.next_value()?,
                        "serial" => self.0.serial = map.next_value()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                    if self.0.is_whole() {
                        return Err(A::Error::custom("enough"));
                    }
                }
                Ok(())
            }
        }
        let mut origin = Self::default();
        let read = serde_json::Deserializer::from_slice(json).deserialize_map(Keys(&mut origin));
        // Where both were found, reading stopped on purpose.
        let is_state = read.is_ok() || origin.is_whole();
        (origin, is_state)
    }
}

fn given_schemas(archive: &Archive) -> Result<Option<SchemaFile>, PlanError> {
    if !archive.has(archive::SCHEMAS) {
        return Ok(None);
    }
    let types =
        schemas::read(archive.read(archive::SCHEMAS)?).ok_or_else(|| archive.shape(archive::SCHEMAS))?;
    Ok(Some(SchemaFile::from_saved(archive.name(), types)))
}

fn checks(results: &[Bytes]) -> Vec<Check> {
    // Terraform 1.2 had a message of another shape here, which has no address.
    let results = results.iter().filter_map(message::decode::<message::CheckResults>);
    let mut checks: Vec<Check> = results
        .filter(|result| !result.config_addr.is_empty())
        .map(|result| Check {
            name: result.config_addr,
            status: match result.status {
                0 => CheckStatus::Unknown,
                1 => CheckStatus::Pass,
                2 => CheckStatus::Fail,
                3 => CheckStatus::Error,
                other => CheckStatus::Other(format!("status {other}")),
            },
        })
        .collect();
    checks.sort_by(|a, b| a.name.cmp(&b.name));
    checks
}

/// Reads changes one after the other.
struct Changes<'s> {
    saved: &'s Arc<Saved>,
    /// The last provider, which most of the time is the next one, too.
    provider: Option<(Bytes, Box<str>)>,
    read: usize,
}

impl Changes<'_> {
    fn all(&mut self, messages: Vec<Bytes>) -> Result<Vec<ResourceChange>, PlanError> {
        let mut changes: Vec<_> =
            messages.into_iter().map(|message| self.one(&message)).collect::<Result<_, _>>()?;
        changes.sort_by(|a, b| a.address.cmp(&b.address).then_with(|| a.deposed.cmp(&b.deposed)));
        Ok(changes)
    }

    fn one(&mut self, message: &Bytes) -> Result<ResourceChange, PlanError> {
        self.read += 1;
        let saved = self.saved;
        let broken = || unreadable(&saved.archive);
        let message: message::ResourceChange = message::decode(message).ok_or_else(broken)?;
        let head: message::ChangeHead = message::decode(&message.change).ok_or_else(broken)?;
        let address = if message.addr.is_empty() { old_address(&message) } else { parsed(&message.addr) };
        let address = address.ok_or_else(|| self.no_address())?;
        let previous = match &*message.prev_run_addr {
            b"" => None,
            text => Some(parsed(text).ok_or_else(|| self.no_address())?),
        };
        let paths = message.required_replace.iter().map(message::decode::<message::Path>);
        let paths: Option<Vec<_>> = paths.map(|path| Some(paths::path(&path?))).collect();
        let mut replace_paths = paths.ok_or_else(broken)?;
        replace_paths.sort();
        replace_paths.dedup();
        Ok(ResourceChange {
            previous_address: previous.filter(|previous| *previous != address),
            address,
            deposed: text(&message.deposed_key).filter(|key| !key.is_empty()).map(Into::into),
            provider: self.provider(&message.provider),
            action: action(head.action, saved.open_is_nine),
            action_reason: reason(message.action_reason),
            replace_paths,
            importing: head.importing.is_some(),
            raw: RawValues::Saved(SavedChange::Message { change: message.change, saved: Arc::clone(saved) }),
        })
    }

    /// Source address of the provider whose configuration is named.
    fn provider(&mut self, bytes: &Bytes) -> Box<str> {
        if let Some((_, source)) = self.provider.as_ref().filter(|(last, _)| last == bytes) {
            return source.clone();
        }
        let written = text(bytes).unwrap_or_default();
        let source = ProviderRef::parse(written).map_or_else(|| written.into(), |provider| provider.source);
        self.provider = Some((bytes.clone(), source.clone()));
        source
    }

    fn no_address(&self) -> PlanError {
        PlanFileError::Address { input: self.saved.archive.name().to_owned(), position: self.read }.into()
    }

    fn deferred(&mut self, messages: Vec<Bytes>) -> Result<Vec<Deferred>, PlanError> {
        let deferred = messages.into_iter().map(|message| {
            let broken = || unreadable(&self.saved.archive);
            let message: message::DeferredChange = message::decode(&message).ok_or_else(broken)?;
            let change = message.change.ok_or_else(broken)?;
            let reason = match message.deferred.map_or(0, |deferred| deferred.reason) {
                0 => "invalid".to_owned(),
                1 => "instance_count_unknown".to_owned(),
                2 => "resource_config_unknown".to_owned(),
                3 => "provider_config_unknown".to_owned(),
                4 => "absent_prereq".to_owned(),
                5 => "deferred_prereq".to_owned(),
                other => format!("reason {other}"),
            };
            Ok(Deferred { reason, change: self.one(&change)? })
        });
        deferred.collect()
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn parsed(bytes: &[u8]) -> Option<ResourceAddr> {
    text(bytes)?.parse().ok()
}

/// The address in the parts that Terraform before 1.1 wrote.
fn old_address(message: &message::ResourceChange) -> Option<ResourceAddr> {
    let key = match (&message.old_key, message.old_index) {
        (Some(key), _) => Some(InstanceKey::Str(key.as_str().into())),
        (None, Some(index)) => Some(InstanceKey::Int(u64::try_from(index).ok()?)),
        (None, None) => None,
    };
    let module =
        if message.old_module.is_empty() { ModulePath::root() } else { message.old_module.parse().ok()? };
    let address = ResourceAddr {
        module,
        mode: if message.old_mode == 1 { Mode::Data } else { Mode::Managed },
        type_name: message.old_type.as_str().into(),
        name: message.old_name.as_str().into(),
        key,
    };
    // What no address can spell is none.
    (address.to_string().parse().as_ref() == Ok(&address)).then_some(address)
}

fn reason(number: i32) -> Option<ActionReason> {
    Some(match number {
        0 => return None,
        1 => ActionReason::ReplaceBecauseTainted,
        2 => ActionReason::ReplaceByRequest,
        3 => ActionReason::ReplaceBecauseCannotUpdate,
        4 => ActionReason::DeleteBecauseNoResourceConfig,
        5 => ActionReason::DeleteBecauseWrongRepetition,
        6 => ActionReason::DeleteBecauseCountIndex,
        7 => ActionReason::DeleteBecauseEachKey,
        8 => ActionReason::DeleteBecauseNoModule,
        9 => ActionReason::ReplaceByTriggers,
        10 => ActionReason::ReadBecauseConfigUnknown,
        11 => ActionReason::ReadBecauseDependencyPending,
        12 => ActionReason::DeleteBecauseNoMoveTarget,
        13 => ActionReason::ReadBecauseCheckNested,
        14 => ActionReason::DeleteBecauseEnabledFalse,
        15 => ActionReason::ForgotBecauseLifecycleDestroyInState,
        16 => ActionReason::ForgotBecauseLifecycleDestroyInConfig,
        other => ActionReason::Other(format!("reason {other}")),
    })
}

impl Saved {
    /// Changes of root outputs, by name.
    pub(in crate::plan) fn outputs(&self) -> Result<Vec<OutputChange>, ValueError> {
        let mut outputs: Vec<OutputChange> =
            self.outputs.iter().map(|output| self.output(output)).collect::<Result<_, _>>()?;
        outputs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(outputs)
    }

    fn output(&self, output: &message::OutputChange) -> Result<OutputChange, ValueError> {
        let change = change::read(&output.change)?;
        let action = action(change.action, self.open_is_nine);
        let (before, after) = sides(&change, &action);
        let value = |side: Option<message::DynamicValue>| -> Result<Option<Value>, ValueError> {
            let value = side.map(|side| msgpack::value(&side.msgpack)).transpose()?;
            Ok(value.filter(|value| *value != Value::Null))
        };
        // Marks of outputs are for the whole, and the same on both sides.
        let mask = || if output.sensitive { Mask::All } else { Mask::None };
        let values = ChangeValues {
            before: value(before)?,
            after: value(after)?,
            before_sensitive: mask(),
            after_sensitive: mask(),
        };
        Ok(OutputChange { name: output.name.clone(), action, values })
    }

    /// Values of the root variables that were given one.
    pub(in crate::plan) fn variables(&self) -> Result<Vec<(String, Value)>, ValueError> {
        let value = |(name, value): &(String, message::DynamicValue)| {
            Ok((name.clone(), msgpack::value(&value.msgpack)?))
        };
        self.variables.iter().map(value).collect()
    }
}
