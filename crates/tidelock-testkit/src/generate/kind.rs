//! The resource types of a service, with values as their providers have them.

use serde_json::{Map, Value, json};

/// A resource block of a service.
pub(super) struct Kind {
    pub(super) type_name: &'static str,
    pub(super) name: &'static str,
    pub(super) provider: &'static str,
    pub(super) keys: Keys,
    pub(super) schema_version: u32,
    /// An argument that the configuration sets, to a text; apply sets it back.
    pub(super) set: &'static str,
    /// An attribute that only the provider sets.
    pub(super) computed: &'static str,
    /// An argument whose values are secret.
    pub(super) secret: Option<&'static str>,
    /// Blocks of the same module that it refers to.
    pub(super) refers_to: &'static [&'static str],
    pub(super) values: fn(&str, u64) -> Value,
    pub(super) filling: Filling,
}

/// How instances of a block are told apart.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    Single,
    Count,
    Each(&'static [&'static str]),
}

/// What makes an instance bigger.
#[derive(Clone, Copy)]
pub(super) enum Filling {
    /// More entries of a map.
    Map(&'static str),
    /// More blocks of a type.
    Blocks(&'static str),
    /// More statements of a policy, which is JSON text.
    Policy(&'static str),
}

impl Kind {
    /// The values of an instance called `id`, at least `bytes` long.
    pub(super) fn values(&self, id: &str, random: u64, bytes: usize) -> Map<String, Value> {
        let Value::Object(mut values) = (self.values)(id, random) else { return Map::new() };
        let missing = bytes.saturating_sub(length(&values));
        match self.filling {
            Filling::Map(field) => {
                let Some(Value::Object(map)) = values.get_mut(field) else { return values };
                for at in 0..missing / 44 {
                    map.insert(format!("label/{at:05}"), json!(format!("{id}-{random:016x}")));
                }
            }
            Filling::Blocks(field) => {
                let Some(Value::Array(blocks)) = values.get_mut(field) else { return values };
                blocks.extend((0..missing / 170).map(|at| rule(at, random)));
            }
            Filling::Policy(field) => {
                let statements = (1 + missing / 220).max(1);
                values.insert(field.to_owned(), json!(policy(id, statements)));
            }
        }
        values
    }
}

fn length(values: &Map<String, Value>) -> usize {
    serde_json::to_string(values).map_or(0, |text| text.len())
}

fn rule(at: usize, random: u64) -> Value {
    let port = 1_024 + (random.wrapping_add(at as u64) % 40_000);
    json!({
        "cidr_blocks": [format!("10.{}.{}.0/24", at / 250 % 250, at % 250), "192.168.0.0/16"],
        "description": format!("service port {port}"),
        "from_port": port, "ipv6_cidr_blocks": [], "prefix_list_ids": [], "protocol": "tcp",
        "security_groups": [], "self": false, "to_port": port,
    })
}

fn policy(id: &str, statements: usize) -> String {
    let statements: Vec<Value> = (0..statements)
        .map(|at| {
            json!({
                "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
                "Effect": "Allow",
                "Resource": [format!("arn:aws:s3:::{id}-{at}"), format!("arn:aws:s3:::{id}-{at}/*")],
                "Sid": format!("Statement{at}"),
            })
        })
        .collect();
    json!({"Statement": statements, "Version": "2012-10-17"}).to_string()
}

fn tags(id: &str) -> Value {
    json!({"Name": id, "environment": "production", "managed-by": "platform", "cost-centre": "4711"})
}

/// All blocks of a service, in the order of their instances.
pub(super) const KINDS: [Kind; 8] = [
    Kind {
        type_name: "aws_instance",
        name: "node",
        provider: "registry.terraform.io/hashicorp/aws",
        keys: Keys::Count,
        schema_version: 1,
        set: "instance_type",
        computed: "public_ip",
        secret: None,
        refers_to: &["aws_security_group.access"],
        values: machine,
        filling: Filling::Map("tags"),
    },
    Kind {
        type_name: "aws_security_group",
        name: "access",
        provider: "registry.terraform.io/hashicorp/aws",
        keys: Keys::Single,
        schema_version: 1,
        set: "description",
        computed: "owner_id",
        secret: None,
        refers_to: &[],
        values: group,
        filling: Filling::Blocks("ingress"),
    },
    Kind {
        type_name: "aws_iam_policy",
        name: "rights",
        provider: "registry.terraform.io/hashicorp/aws",
        keys: Keys::Each(&["read", "write"]),
        schema_version: 0,
        set: "description",
        computed: "policy_id",
        secret: None,
        refers_to: &["aws_s3_bucket.files"],
        values: rights,
        filling: Filling::Policy("policy"),
    },
    Kind {
        type_name: "aws_db_instance",
        name: "main",
        provider: "registry.terraform.io/hashicorp/aws",
        keys: Keys::Single,
        schema_version: 2,
        set: "instance_class",
        computed: "latest_restorable_time",
        secret: Some("password"),
        refers_to: &["aws_security_group.access"],
        values: database,
        filling: Filling::Map("tags"),
    },
    Kind {
        type_name: "aws_s3_bucket",
        name: "files",
        provider: "registry.terraform.io/hashicorp/aws",
        keys: Keys::Single,
        schema_version: 0,
        set: "acl",
        computed: "bucket_domain_name",
        secret: None,
        refers_to: &[],
        values: bucket,
        filling: Filling::Policy("policy"),
    },
    Kind {
        type_name: "proxmox_virtual_environment_vm",
        name: "worker",
        provider: "registry.terraform.io/bpg/proxmox",
        keys: Keys::Single,
        schema_version: 0,
        set: "description",
        computed: "mac_addresses",
        secret: None,
        refers_to: &[],
        values: guest,
        filling: Filling::Blocks("hostpci"),
    },
    Kind {
        type_name: "kubernetes_config_map",
        name: "settings",
        provider: "registry.terraform.io/hashicorp/kubernetes",
        keys: Keys::Single,
        schema_version: 0,
        set: "immutable",
        computed: "id",
        secret: None,
        refers_to: &["aws_db_instance.main"],
        values: settings,
        filling: Filling::Map("data"),
    },
    Kind {
        type_name: "random_password",
        name: "token",
        provider: "registry.terraform.io/hashicorp/random",
        keys: Keys::Single,
        schema_version: 3,
        set: "override_special",
        computed: "bcrypt_hash",
        secret: Some("result"),
        refers_to: &[],
        values: token,
        filling: Filling::Map("keepers"),
    },
];

fn machine(id: &str, random: u64) -> Value {
    json!({
        "ami": format!("ami-{random:017x}"), "arn": format!("arn:aws:ec2:eu-west-1:123456789012:instance/{id}"),
        "associate_public_ip_address": true, "availability_zone": "eu-west-1a",
        "capacity_reservation_specification": [{"capacity_reservation_preference": "open", "capacity_reservation_target": []}],
        "cpu_core_count": 2, "cpu_threads_per_core": 1, "disable_api_termination": false, "ebs_block_device": [],
        "ebs_optimized": false, "id": format!("i-{random:017x}"), "instance_state": "running",
        "instance_type": "t3.large", "key_name": "deploy", "metadata_options": [{"http_endpoint": "enabled",
            "http_put_response_hop_limit": 1, "http_tokens": "required", "instance_metadata_tags": "disabled"}],
        "monitoring": false, "private_ip": format!("10.1.{}.{}", random % 250, random / 250 % 250),
        "public_ip": format!("3.250.{}.{}", random % 250, random / 250 % 250),
        "root_block_device": [{"delete_on_termination": true, "device_name": "/dev/xvda", "encrypted": true,
            "iops": 3000, "throughput": 125, "volume_id": format!("vol-{random:017x}"), "volume_size": 100, "volume_type": "gp3"}],
        "secondary_private_ips": [], "source_dest_check": true, "subnet_id": format!("subnet-{:08x}", random % 97),
        "tags": tags(id), "tags_all": tags(id), "tenancy": "default", "timeouts": null, "user_data": null,
        "vpc_security_group_ids": [format!("sg-{:017x}", random % 89), "sg-0123456789abcdef0"],
    })
}

fn group(id: &str, random: u64) -> Value {
    json!({
        "arn": format!("arn:aws:ec2:eu-west-1:123456789012:security-group/{id}"), "description": "managed by the platform",
        "egress": [{"cidr_blocks": ["0.0.0.0/0"], "description": "", "from_port": 0, "ipv6_cidr_blocks": ["::/0"],
            "prefix_list_ids": [], "protocol": "-1", "security_groups": [], "self": false, "to_port": 0}],
        "id": format!("sg-{random:017x}"), "ingress": [rule(0, random)], "name": id, "name_prefix": "",
        "owner_id": "123456789012", "revoke_rules_on_delete": false, "tags": tags(id), "tags_all": tags(id),
        "timeouts": null, "vpc_id": format!("vpc-{:08x}", random % 13),
    })
}

fn rights(id: &str, random: u64) -> Value {
    let arn = format!("arn:aws:iam::123456789012:policy/{id}");
    json!({
        "arn": arn, "attachment_count": 1, "description": "what the service may do", "id": arn, "name": id,
        "name_prefix": "", "path": "/", "policy": "", "policy_id": format!("ANPA{random:016X}"), "tags": tags(id),
        "tags_all": tags(id),
    })
}

fn database(id: &str, random: u64) -> Value {
    json!({
        "address": format!("{id}.c9akciq32.eu-west-1.rds.amazonaws.com"), "allocated_storage": 100,
        "apply_immediately": null, "arn": format!("arn:aws:rds:eu-west-1:123456789012:db:{id}"),
        "auto_minor_version_upgrade": true, "backup_retention_period": 14, "backup_window": "03:00-04:00",
        "db_subnet_group_name": "private", "deletion_protection": true, "engine": "postgres", "engine_version": "16.3",
        "id": format!("db-{random:016X}"), "identifier": id, "instance_class": "db.r6g.large", "iops": 3000,
        "latest_restorable_time": "2025-03-01T11:59:17Z", "maintenance_window": "sun:04:30-sun:05:30", "multi_az": true,
        "parameter_group_name": "postgres16", "password": format!("not-a-real-password-{random:x}"), "port": 5432,
        "publicly_accessible": false, "replicas": [], "storage_encrypted": true, "storage_type": "gp3",
        "tags": tags(id), "tags_all": tags(id), "timeouts": null, "username": "service",
        "vpc_security_group_ids": [format!("sg-{:017x}", random % 89)],
    })
}

fn bucket(id: &str, random: u64) -> Value {
    json!({
        "acl": "private", "arn": format!("arn:aws:s3:::{id}"), "bucket": id,
        "bucket_domain_name": format!("{id}.s3.amazonaws.com"), "cors_rule": [], "force_destroy": false,
        "grant": [{"id": format!("{random:064x}"), "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}],
        "hosted_zone_id": "Z1BKCTXD74EZPE", "id": id, "lifecycle_rule": [{"abort_incomplete_multipart_upload_days": 7,
            "enabled": true, "expiration": [{"date": "", "days": 365, "expired_object_delete_marker": false}],
            "id": "old", "prefix": "logs/", "tags": {}, "transition": []}],
        "logging": [], "object_lock_enabled": false, "policy": "", "region": "eu-west-1", "request_payer": "BucketOwner",
        "tags": tags(id), "tags_all": tags(id), "versioning": [{"enabled": true, "mfa_delete": false}], "website": [],
    })
}

fn guest(id: &str, random: u64) -> Value {
    json!({
        "acpi": true, "agent": [{"enabled": true, "timeout": "15m", "trim": false, "type": "virtio"}], "audio_device": [],
        "bios": "seabios", "boot_order": ["scsi0"], "cpu": [{"affinity": "", "architecture": "", "cores": 4, "flags": [],
            "hotplugged": 0, "limit": 0, "numa": false, "sockets": 1, "type": "x86-64-v2-AES", "units": 1024}],
        "description": "managed by the platform", "disk": [{"aio": "io_uring", "backup": true, "cache": "none",
            "datastore_id": "local-zfs", "discard": "on", "file_format": "raw", "file_id": "local:iso/debian.img",
            "interface": "scsi0", "iothread": true, "path_in_datastore": format!("vm-{}-disk-0", random % 10_000),
            "replicate": true, "serial": "", "size": 32, "speed": [], "ssd": true}],
        "hostpci": [], "id": format!("{}", random % 10_000), "mac_addresses": ["BC:24:11:00:00:01", "00:00:00:00:00:00"],
        "memory": [{"dedicated": 8192, "floating": 0, "hugepages": "", "keep_hugepages": false, "shared": 0}],
        "name": id, "network_device": [{"bridge": "vmbr0", "disconnected": false, "enabled": true, "firewall": false,
            "mac_address": "BC:24:11:00:00:01", "model": "virtio", "mtu": 0, "queues": 0, "rate_limit": 0, "vlan_id": 20}],
        "node_name": "pve1", "on_boot": true, "started": true, "tags": ["platform", "worker"], "timeout_create": 1800,
        "vm_id": random % 10_000,
    })
}

fn settings(id: &str, _random: u64) -> Value {
    json!({
        "binary_data": null, "data": {"application.properties": "a=1\nb=\"two\"\n# three\nlog.level=info\n"},
        "id": format!("default/{id}"), "immutable": false,
        "metadata": [{"annotations": null, "generate_name": "", "generation": 0, "labels": tags(id), "name": id,
            "namespace": "default", "resource_version": "123456", "uid": "c0ffee00-0000-4000-8000-000000000000"}],
    })
}

fn token(id: &str, random: u64) -> Value {
    json!({
        "bcrypt_hash": format!("$2a$10${random:022x}{random:031x}"), "id": "none", "keepers": {"service": id},
        "length": 32, "lower": true, "min_lower": 0, "min_numeric": 0, "min_special": 0, "min_upper": 0,
        "number": true, "numeric": true, "override_special": "!%", "result": format!("{random:032x}"),
        "special": true, "upper": true,
    })
}
