// Written by the generator beside this crate; what is changed here is lost. See `generator/README.md`.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// Values of a `proxmox_virtual_environment_vm`, as of bpg/proxmox 0.111.1.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVm {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acpi: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_order: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_unreferenced_disks_on_destroy: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook_script_file_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotplug: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4_addresses: Option<Vec<Vec<String>>>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6_addresses: Option<Vec<Vec<String>>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyboard_layout: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kvm_arguments: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_addresses: Option<Vec<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migrate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_names: Option<Vec<String>>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_boot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protection: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purge_on_destroy: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reboot_after_update: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scsi_hardware: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_on_destroy: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tablet_device: Option<bool>,
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
    pub timeout_migrate: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_move_disk: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_reboot: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_shutdown_vm: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_start_vm: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_stop_vm: Option<i64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_id: Option<i64>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Vec<ProxmoxVirtualEnvironmentVmAgent>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amd_sev: Option<Vec<ProxmoxVirtualEnvironmentVmAmdSev>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_device: Option<Vec<ProxmoxVirtualEnvironmentVmAudioDevice>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdrom: Option<Vec<ProxmoxVirtualEnvironmentVmCdrom>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clone: Option<Vec<ProxmoxVirtualEnvironmentVmClone>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Vec<ProxmoxVirtualEnvironmentVmCpu>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<Vec<ProxmoxVirtualEnvironmentVmDisk>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efi_disk: Option<Vec<ProxmoxVirtualEnvironmentVmEfiDisk>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostpci: Option<Vec<ProxmoxVirtualEnvironmentVmHostpci>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initialization: Option<Vec<ProxmoxVirtualEnvironmentVmInitialization>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Vec<ProxmoxVirtualEnvironmentVmMemory>>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_device: Option<Vec<ProxmoxVirtualEnvironmentVmNetworkDevice>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa: Option<Vec<ProxmoxVirtualEnvironmentVmNuma>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<Vec<ProxmoxVirtualEnvironmentVmOperatingSystem>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rng: Option<Vec<ProxmoxVirtualEnvironmentVmRng>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_device: Option<Vec<ProxmoxVirtualEnvironmentVmSerialDevice>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smbios: Option<Vec<ProxmoxVirtualEnvironmentVmSmbios>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<Vec<ProxmoxVirtualEnvironmentVmStartup>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm_state: Option<Vec<ProxmoxVirtualEnvironmentVmTpmState>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usb: Option<Vec<ProxmoxVirtualEnvironmentVmUsb>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vga: Option<Vec<ProxmoxVirtualEnvironmentVmVga>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtiofs: Option<Vec<ProxmoxVirtualEnvironmentVmVirtiofs>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchdog: Option<Vec<ProxmoxVirtualEnvironmentVmWatchdog>>,
}

/// `agent` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmAgent {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trim: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for_ip: Option<Vec<ProxmoxVirtualEnvironmentVmAgentWaitForIp>>,
}

/// `agent_wait_for_ip` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmAgentWaitForIp {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<bool>,
}

/// `amd_sev` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmAmdSev {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_smt: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_hashes: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_debug: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_key_sharing: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `audio_device` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmAudioDevice {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// `cdrom` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmCdrom {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
}

/// `clone` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmClone {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_id: Option<i64>,
}

/// `cpu` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmCpu {
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
    pub hotplugged: Option<i64>,
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
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<i64>,
}

/// `disk` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmDisk {
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
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_format: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_from: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iothread: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_in_datastore: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicate: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssd: Option<bool>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<Vec<ProxmoxVirtualEnvironmentVmDiskSpeed>>,
}

/// `disk_speed` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmDiskSpeed {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_read: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_read_burstable: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_write: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iops_write_burstable: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_burstable: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_burstable: Option<i64>,
}

/// `efi_disk` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmEfiDisk {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_format: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_enrolled_keys: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `hostpci` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmHostpci {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdev: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcie: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rom_file: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rombar: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xvga: Option<bool>,
}

/// `initialization` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmInitialization {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_format: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_data_file_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_data_file_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<bool>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data_file_id: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_data_file_id: Option<String>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<Vec<ProxmoxVirtualEnvironmentVmInitializationDns>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_config: Option<Vec<ProxmoxVirtualEnvironmentVmInitializationIpConfig>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_account: Option<Vec<ProxmoxVirtualEnvironmentVmInitializationUserAccount>>,
}

/// `initialization_dns` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmInitializationDns {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Vec<String>>,
}

/// `initialization_ip_config` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmInitializationIpConfig {
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<Vec<ProxmoxVirtualEnvironmentVmInitializationIpConfigIpv4>>,
    /// Blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<Vec<ProxmoxVirtualEnvironmentVmInitializationIpConfigIpv6>>,
}

/// `initialization_ip_config_ipv4` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmInitializationIpConfigIpv4 {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

/// `initialization_ip_config_ipv6` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmInitializationIpConfigIpv6 {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
}

/// `initialization_user_account` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmInitializationUserAccount {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
    /// Optional, sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Sensitive<String>>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// `memory` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmMemory {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedicated: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floating: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hugepages: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_hugepages: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<i64>,
}

/// `network_device` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmNetworkDevice {
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnected: Option<bool>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firewall: Option<bool>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu: Option<i64>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<i64>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<f64>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunks: Option<String>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlan_id: Option<i64>,
}

/// `numa` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmNuma {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostnodes: Option<String>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// `operating_system` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmOperatingSystem {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

/// `rng` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmRng {
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<i64>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<i64>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// `serial_device` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmSerialDevice {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// `smbios` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmSmbios {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Optional, computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// `startup` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmStartup {
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

/// `tpm_state` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmTpmState {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datastore_id: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// `usb` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmUsb {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usb3: Option<bool>,
}

/// `vga` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmVga {
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

/// `virtiofs` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmVirtiofs {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_io: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expose_acl: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expose_xattr: Option<bool>,
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<String>,
}

/// `watchdog` of a `proxmox_virtual_environment_vm`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct ProxmoxVirtualEnvironmentVmWatchdog {
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}
