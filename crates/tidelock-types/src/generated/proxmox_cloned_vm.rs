// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

/// Values of a `proxmox_cloned_vm`, as of bpg/proxmox 0.111.1.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVm {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_unreferenced_disks_on_destroy: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purge_on_destroy: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_on_destroy: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdrom: Option<Map<String, ProxmoxClonedVmCdrom>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone: Option<ProxmoxClonedVmClone>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<ProxmoxClonedVmCpu>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete: Option<ProxmoxClonedVmDelete>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<Map<String, ProxmoxClonedVmDisk>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ProxmoxClonedVmMemory>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Map<String, ProxmoxClonedVmNetwork>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rng: Option<ProxmoxClonedVmRng>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<ProxmoxClonedVmTimeouts>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vga: Option<ProxmoxClonedVmVga>,
}

/// `cdrom` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmCdrom {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
}

/// `clone` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmClone {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_limit: Option<f64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_node_name: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_vm_id: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_datastore: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_format: Option<String>,
}

/// `cpu` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmCpu {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpus: Option<i64>,
}

/// `delete` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmDelete {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Vec<String>>,
}

/// `disk` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmDisk {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aio: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discard: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_from: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iothread: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_gb: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssd: Option<bool>,
}

/// `memory` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmMemory {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balloon: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hugepages: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_hugepages: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// `network` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmNetwork {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_down: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunks: Option<Vec<i64>>,
}

/// `rng` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmRng {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// `timeouts` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmTimeouts {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<String>,
}

/// `vga` of a `proxmox_cloned_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxClonedVmVga {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clipboard: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}
