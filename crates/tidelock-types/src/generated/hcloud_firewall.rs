// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

/// Values of a `hcloud_firewall`, as of hetznercloud/hcloud 1.68.0.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudFirewall {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Map<String, String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply_to: Option<Vec<HcloudFirewallApplyTo>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Vec<HcloudFirewallRule>>,
}

/// `apply_to` of a `hcloud_firewall`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudFirewallApplyTo {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<i64>,
}

/// `rule` of a `hcloud_firewall`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct HcloudFirewallRule {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_ips: Option<Vec<String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ips: Option<Vec<String>>,
}
