//! The messages of the member `tfplan`, as far as they are read.
//!
//! Written by hand after package `tfplan` of Terraform 1.1 to 1.11 and OpenTofu 1.6 to 1.13. Numbers were used again by
//! the two products for different things, so what is not the same in both is read as bytes and told apart by content.
//! Fields that are not listed are skipped, enums stay numbers, and what is only sometimes needed stays undecoded: a
//! field of type `bytes` reads an embedded message just as well, and shares the buffer it was read from.

use std::collections::BTreeMap;

use prost::{Message, Oneof, bytes::Bytes};

/// Message `Plan`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Plan {
    #[prost(uint64, tag = "1")]
    pub(super) version: u64,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(super) variables: BTreeMap<String, DynamicValue>,
    #[prost(message, repeated, tag = "3")]
    pub(super) resource_changes: Vec<ResourceChange>,
    #[prost(message, repeated, tag = "4")]
    pub(super) output_changes: Vec<OutputChange>,
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
    #[prost(message, repeated, tag = "18")]
    pub(super) resource_drift: Vec<ResourceChange>,
    /// A message of another shape in Terraform 1.2.
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
    /// Terraform 1.9.
    #[prost(message, repeated, tag = "27")]
    pub(super) deferred_changes: Vec<DeferredChange>,
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
    /// [`Path`]s, undecoded.
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
    #[prost(message, repeated, tag = "3")]
    pub(super) before_sensitive_paths: Vec<Path>,
    #[prost(message, repeated, tag = "4")]
    pub(super) after_sensitive_paths: Vec<Path>,
}

/// Message `OutputChange`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct OutputChange {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, optional, tag = "2")]
    pub(super) change: Option<Change>,
    #[prost(bool, tag = "3")]
    pub(super) sensitive: bool,
}

/// Message `DeferredResourceInstanceChange` of Terraform.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DeferredChange {
    #[prost(message, optional, tag = "1")]
    pub(super) deferred: Option<Deferred>,
    #[prost(message, optional, tag = "2")]
    pub(super) change: Option<ResourceChange>,
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
