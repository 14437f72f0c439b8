//! The messages of the member `tfplan`, as far as they are read.
//!
//! Written by hand after package `tfplan` of Terraform 1.1 to 1.11 and OpenTofu 1.6 to 1.13. Numbers were used again by
//! the two products for different things, so what is not the same in both is read as bytes and told apart by content.
//! Fields that are not listed are skipped, enums stay numbers, and what is only sometimes needed stays undecoded: a
//! field of type `bytes` reads an embedded message just as well, and shares the buffer it was read from.
//!
//! Two bytes on the wire can make a message of hundreds in memory, so every list is counted before it is read.

use std::collections::BTreeMap;

use prost::{
    Message, Oneof,
    bytes::{Buf, Bytes},
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};

/// Most fields of the message `Plan`: its changes are nearly all of them.
const MOST_OF_PLAN: usize = 400_000;
/// Most fields of any other message: values, paths, steps.
const MOST: usize = 10_000;

/// Decodes a message, unless it has more fields than any that a producer writes.
pub(super) fn decode<M: Message + Default + Bounded>(bytes: &Bytes) -> Option<M> {
    (count(bytes)? <= M::MOST_FIELDS).then(|| M::decode(bytes.clone()).ok()).flatten()
}

/// How many fields a message has, those inside its parts not counted; `None` if it is none.
fn count(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut found = 0;
    while rest.has_remaining() {
        let (field, wire) = decode_key(&mut rest).ok()?;
        match wire {
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
                rest = rest.get(length..)?;
            }
            _ => skip_field(wire, field, &mut rest, DecodeContext::default()).ok()?,
        }
        found += 1;
    }
    Some(found)
}

/// How many fields a message may have.
pub(super) trait Bounded {
    /// Most of them.
    const MOST_FIELDS: usize = MOST;
}

impl Bounded for Plan {
    const MOST_FIELDS: usize = MOST_OF_PLAN;
}
impl Bounded for ResourceChange {}
impl Bounded for OutputChange {}
impl Bounded for DeferredChange {}
impl Bounded for ChangeHead {}
impl Bounded for Change {}
impl Bounded for CheckResults {}
impl Bounded for Path {}

/// Message `Plan`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Plan {
    #[prost(uint64, tag = "1")]
    pub(super) version: u64,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(super) variables: BTreeMap<String, DynamicValue>,
    /// [`ResourceChange`]s.
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(super) resource_changes: Vec<Bytes>,
    /// [`OutputChange`]s.
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub(super) output_changes: Vec<Bytes>,
    #[prost(string, repeated, tag = "5")]
    pub(super) target_addrs: Vec<String>,
    /// OpenTofu 1.9.
    #[prost(string, repeated, tag = "6")]
    pub(super) exclude_addrs: Vec<String>,
    #[prost(message, optional, tag = "13")]
    pub(super) backend: Option<Backend>,
    #[prost(string, tag = "14")]
    pub(super) terraform_version: String,
    #[prost(string, repeated, tag = "16")]
    pub(super) force_replace_addrs: Vec<String>,
    #[prost(int32, tag = "17")]
    pub(super) ui_mode: i32,
    /// [`ResourceChange`]s.
    #[prost(bytes = "bytes", repeated, tag = "18")]
    pub(super) resource_drift: Vec<Bytes>,
    /// [`CheckResults`]; a message of another shape in Terraform 1.2.
    #[prost(bytes = "bytes", repeated, tag = "19")]
    pub(super) check_results: Vec<Bytes>,
    #[prost(bool, tag = "20")]
    pub(super) errored: bool,
    #[prost(string, tag = "21")]
    pub(super) timestamp: String,
    /// Terraform: results of provider functions, messages; OpenTofu 1.11: names of ephemeral variables, texts.
    #[prost(bytes = "bytes", repeated, tag = "22")]
    pub(super) functions_or_variables: Vec<Bytes>,
    /// Terraform 1.8.
    #[prost(bool, optional, tag = "25")]
    pub(super) applyable: Option<bool>,
    /// Terraform 1.8.
    #[prost(bool, optional, tag = "26")]
    pub(super) complete: Option<bool>,
    /// [`DeferredChange`]s; Terraform 1.9.
    #[prost(bytes = "bytes", repeated, tag = "27")]
    pub(super) deferred_changes: Vec<Bytes>,
    /// Terraform 1.10: names of ephemeral variables.
    #[prost(bytes = "bytes", repeated, tag = "28")]
    pub(super) apply_time_variables: Vec<Bytes>,
    /// OpenTofu 1.12, experimental.
    #[prost(bytes = "bytes", optional, tag = "500000000")]
    pub(super) execution_graph: Option<Bytes>,
    /// OpenTofu 1.13.
    #[prost(bool, optional, tag = "500000001")]
    pub(super) destroying: Option<bool>,
}

/// Message `DynamicValue`: msgpack of a value. Empty for no value.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DynamicValue {
    #[prost(bytes = "bytes", tag = "1")]
    pub(super) msgpack: Bytes,
}

/// Message `ResourceInstanceChange`. The texts are read as bytes, which saves a copy for each of thousands.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ResourceChange {
    #[prost(bytes = "bytes", tag = "7")]
    pub(super) deposed_key: Bytes,
    #[prost(bytes = "bytes", tag = "8")]
    pub(super) provider: Bytes,
    /// A [`Change`], undecoded.
    #[prost(bytes = "bytes", tag = "9")]
    pub(super) change: Bytes,
    /// [`Path`]s.
    #[prost(bytes = "bytes", repeated, tag = "11")]
    pub(super) required_replace: Vec<Bytes>,
    #[prost(int32, tag = "12")]
    pub(super) action_reason: i32,
    #[prost(bytes = "bytes", tag = "13")]
    pub(super) addr: Bytes,
    #[prost(bytes = "bytes", tag = "14")]
    pub(super) prev_run_addr: Bytes,
    /// Before Terraform 1.1, fields 1 to 6 named the instance.
    #[prost(string, tag = "1")]
    pub(super) old_module: String,
    /// 1: a data source.
    #[prost(int32, tag = "2")]
    pub(super) old_mode: i32,
    #[prost(string, tag = "3")]
    pub(super) old_type: String,
    #[prost(string, tag = "4")]
    pub(super) old_name: String,
    #[prost(string, optional, tag = "5")]
    pub(super) old_key: Option<String>,
    #[prost(int64, optional, tag = "6")]
    pub(super) old_index: Option<i64>,
}

/// Message `Change`, as far as the skeleton of a plan needs it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ChangeHead {
    #[prost(int32, tag = "1")]
    pub(super) action: i32,
    /// Field 2 of the message inside is a bool in one product and a message in the other; its presence is enough.
    #[prost(bytes = "bytes", optional, tag = "5")]
    pub(super) importing: Option<Bytes>,
}

/// Message `Change`, its values.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Change {
    #[prost(int32, tag = "1")]
    pub(super) action: i32,
    #[prost(message, repeated, tag = "2")]
    pub(super) values: Vec<DynamicValue>,
    /// [`Path`]s.
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub(super) before_sensitive_paths: Vec<Bytes>,
    /// [`Path`]s.
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub(super) after_sensitive_paths: Vec<Bytes>,
}

/// Message `OutputChange`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct OutputChange {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    /// A [`Change`].
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) change: Bytes,
    #[prost(bool, tag = "3")]
    pub(super) sensitive: bool,
}

/// Message `DeferredResourceInstanceChange` of Terraform.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DeferredChange {
    #[prost(message, optional, tag = "1")]
    pub(super) deferred: Option<Deferred>,
    /// A [`ResourceChange`].
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub(super) change: Option<Bytes>,
}

/// Message `Deferred` of Terraform.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Deferred {
    #[prost(int32, tag = "1")]
    pub(super) reason: i32,
}

/// Message `Backend`. Its configuration (2) may hold secrets, and nobody needs it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Backend {
    #[prost(string, tag = "1")]
    pub(super) r#type: String,
    #[prost(string, tag = "3")]
    pub(super) workspace: String,
}

/// Message `CheckResults`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct CheckResults {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(string, tag = "2")]
    pub(super) config_addr: String,
    #[prost(int32, tag = "3")]
    pub(super) status: i32,
}

/// Message `Path`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Path {
    #[prost(message, repeated, tag = "1")]
    pub(super) steps: Vec<Step>,
}

/// Message `Path.Step`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Step {
    #[prost(oneof = "Selector", tags = "1, 2")]
    pub(super) selector: Option<Selector>,
}

/// What a step leads to.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Selector {
    #[prost(string, tag = "1")]
    AttributeName(String),
    #[prost(message, tag = "2")]
    ElementKey(DynamicValue),
}
