// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

/// Values of a `hcloud_network`, as of hetznercloud/hcloud 1.68.0.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudNetwork {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expose_routes_to_vswitch: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_range: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map<String, String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
