// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use std::collections::BTreeMap as Map;

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// Values of a `proxmox_virtual_environment_container`, as of bpg/proxmox 0.111.1.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainer {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment_variables: Option<Map<String, String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook_script_file_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<Map<String, String>>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<Map<String, String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_on_boot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_clone: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_create: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_delete: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_start: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_update: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unprivileged: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_id: Option<i64>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone: Option<Vec<ProxmoxVirtualEnvironmentContainerClone>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<Vec<ProxmoxVirtualEnvironmentContainerConsole>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Vec<ProxmoxVirtualEnvironmentContainerCpu>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_passthrough: Option<Vec<ProxmoxVirtualEnvironmentContainerDevicePassthrough>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<Vec<ProxmoxVirtualEnvironmentContainerDisk>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<ProxmoxVirtualEnvironmentContainerFeatures>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idmap: Option<Vec<ProxmoxVirtualEnvironmentContainerIdmap>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initialization: Option<Vec<ProxmoxVirtualEnvironmentContainerInitialization>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Vec<ProxmoxVirtualEnvironmentContainerMemory>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_point: Option<Vec<ProxmoxVirtualEnvironmentContainerMountPoint>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface: Option<Vec<ProxmoxVirtualEnvironmentContainerNetworkInterface>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<Vec<ProxmoxVirtualEnvironmentContainerOperatingSystem>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<Vec<ProxmoxVirtualEnvironmentContainerStartup>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for_ip: Option<Vec<ProxmoxVirtualEnvironmentContainerWaitForIp>>,
}

/// `clone` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerClone {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_id: Option<i64>,
}

/// `console` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerConsole {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty_count: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `cpu` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerCpu {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<i64>,
}

/// `device_passthrough` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerDevicePassthrough {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny_write: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<i64>,
}

/// `disk` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerDisk {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_options: Option<Vec<String>>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_in_datastore: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// `features` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerFeatures {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuse: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyctl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mknod: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nesting: Option<bool>,
}

/// `idmap` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerIdmap {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_id: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_id: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `initialization` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerInitialization {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Vec<ProxmoxVirtualEnvironmentContainerInitializationDns>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_config: Option<Vec<ProxmoxVirtualEnvironmentContainerInitializationIpConfig>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_account: Option<Vec<ProxmoxVirtualEnvironmentContainerInitializationUserAccount>>,
}

/// `initialization_dns` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerInitializationDns {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Vec<String>>,
}

/// `initialization_ip_config` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerInitializationIpConfig {
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<Vec<ProxmoxVirtualEnvironmentContainerInitializationIpConfigIpv4>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<Vec<ProxmoxVirtualEnvironmentContainerInitializationIpConfigIpv6>>,
}

/// `initialization_ip_config_ipv4` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerInitializationIpConfigIpv4 {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

/// `initialization_ip_config_ipv6` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerInitializationIpConfigIpv6 {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

/// `initialization_user_account` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerInitializationUserAccount {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
    /// Optional, sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Sensitive<String>>,
}

/// `memory` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerMemory {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedicated: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap: Option<i64>,
}

/// `mount_point` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerMountPoint {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_options: Option<Vec<String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_in_datastore: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
}

/// `network_interface` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerNetworkInterface {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_managed: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<f64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlan_id: Option<i64>,
}

/// `operating_system` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerOperatingSystem {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_file_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `startup` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerStartup {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down_delay: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_delay: Option<i64>,
}

/// `wait_for_ip` of a `proxmox_virtual_environment_container`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentContainerWaitForIp {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<bool>,
}
