//! What each kind makes of values, of objects, and of what nobody should have written.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use serde_json::{Value as Json, json};
use tidelock_parse::{
    Mask, Value,
    inventory::{Cloud, Key, Object, Status},
};
use tidelock_types::{Request, holders, of, of_object};

fn values(json: &Json) -> Value {
    Value::decode(&json.to_string()).unwrap()
}

fn object(type_name: &str, json: &Json) -> Option<Object> {
    of(type_name).object(type_name, &values(json))
}

/// `cloud noun id` of the object that such values name.
fn key(type_name: &str, json: &Json) -> Option<String> {
    object(type_name, json).map(|object| show(&object.key))
}

fn show(key: &Key) -> String {
    format!("{} {} {}", key.cloud, key.noun, key.id)
}

fn listed(cloud: &str, noun: &str, id: &str) -> Object {
    Object::new(Key::new(Cloud::from(cloud), noun, id))
}

fn guest(noun: &str, id: &str, node: &str) -> Object {
    let mut guest = listed("proxmox", noun, id);
    guest.location = Some(node.to_owned());
    guest
}

fn ignored(type_name: &str, json: &Json) -> Vec<String> {
    of(type_name).trap(type_name, &values(json)).map(|trap| trap.ignore).unwrap_or_default()
}

#[test]
fn both_providers_of_proxmox_name_one_machine_alike() {
    let bpg = json!({ "id": "110", "vm_id": 110, "node_name": "proxmox", "name": "web" });
    let short = json!({ "id": 110, "node_name": "proxmox" });
    let telmate = json!({ "id": "pmx/qemu/110", "vmid": 110, "target_node": "pmx", "tags": "b,a;c" });
    let container = json!({ "id": "200", "node_name": "a", "initialization": [{ "hostname": "dns" }] });
    let table = [
        ("proxmox_virtual_environment_vm", &bpg, "proxmox qemu 110"),
        ("proxmox_vm", &short, "proxmox qemu 110"),
        ("proxmox_cloned_vm", &short, "proxmox qemu 110"),
        ("proxmox_vm_qemu", &telmate, "proxmox qemu 110"),
        ("proxmox_virtual_environment_container", &container, "proxmox lxc 200"),
        ("proxmox_lxc", &json!({ "id": "a/lxc/200", "hostname": "dns" }), "proxmox lxc 200"),
        ("proxmox_lxc_guest", &json!({ "guest_id": 200, "tags": ["x"] }), "proxmox lxc 200"),
    ];
    for (type_name, json, expected) in table {
        assert_eq!(key(type_name, json).as_deref(), Some(expected), "{type_name}");
    }
    assert_eq!(object("proxmox_virtual_environment_container", &container).unwrap().name.unwrap(), "dns");
    let labels = object("proxmox_vm_qemu", &telmate).unwrap().labels;
    assert_eq!(labels.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn a_planned_machine_with_a_number_is_named_by_it() {
    let planned = json!({ "vm_id": 123, "node_name": "proxmox" });
    assert_eq!(key("proxmox_virtual_environment_vm", &planned).unwrap(), "proxmox qemu 123");
    assert_eq!(
        key("proxmox_vm_qemu", &json!({ "vmid": 123, "target_node": "a" })).unwrap(),
        "proxmox qemu 123"
    );
    // Telmate writes 0 for "the next free one".
    for json in [json!({ "vmid": 0 }), json!({ "vmid": null }), json!({}), json!({ "id": "", "vm_id": -1 })] {
        assert_eq!(key("proxmox_vm_qemu", &json), None);
        assert_eq!(key("proxmox_virtual_environment_vm", &json), None);
    }
}

#[test]
fn a_machine_that_moved_is_where_its_id_says() {
    let moved = json!({ "id": "b/qemu/104", "current_node": "a", "target_node": "a" });
    let moved = object("proxmox_vm_qemu", &moved).unwrap();
    assert_eq!(moved.location.as_deref(), Some("b"));
    assert_eq!(of("proxmox_vm_qemu").import_id("proxmox_vm_qemu", &moved).unwrap(), "b/qemu/104");
}

#[test]
fn each_provider_imports_in_its_own_way() {
    let (machine, container) = (guest("qemu", "123", "proxmox"), guest("lxc", "200", "pmx"));
    let table = [
        ("proxmox_virtual_environment_vm", &machine, Some("proxmox/123")),
        ("proxmox_vm_qemu", &machine, Some("proxmox/qemu/123")),
        ("proxmox_lxc", &container, Some("pmx/lxc/200")),
        ("proxmox_virtual_environment_container", &container, Some("pmx/200")),
        // A container is imported as no machine.
        ("proxmox_virtual_environment_vm", &container, None),
        ("proxmox_vm_qemu", &listed("proxmox", "qemu", "123"), None),
        ("hcloud_volume", &listed("hcloud", "volume", "7"), Some("7")),
        ("hcloud_volume", &listed("hcloud", "server", "7"), None),
        ("tailscale_tailnet_key", &listed("tailscale", "key", "kAbC"), Some("kAbC")),
        ("aws_instance", &listed("aws", "ec2:instance", "i-0abc"), Some("i-0abc")),
        ("aws_s3_bucket", &listed("aws", "s3:bucket", "logs"), Some("logs")),
        ("aws_vpc", &listed("aws", "arn", "arn:aws:ec2:eu-west-1:1:vpc/vpc-0abc"), Some("vpc-0abc")),
        ("aws_subnet", &listed("aws", "arn", "arn:aws:ec2:eu-west-1:1:vpc/vpc-0abc"), None),
        ("digitalocean_droplet", &listed("digitalocean", "digitalocean_droplet", "42"), Some("42")),
        ("digitalocean_record", &listed("digitalocean", "digitalocean_record", "42"), None),
        (
            "proxmox_virtual_environment_pool",
            &listed("proxmox", "proxmox_virtual_environment_pool", "x"),
            None,
        ),
    ];
    for (type_name, object, expected) in table {
        assert_eq!(of(type_name).import_id(type_name, object).as_deref(), expected, "{type_name} {object:?}");
    }
}

#[test]
fn guests_are_stopped_and_destroyed_with_their_disks() {
    let container = guest("lxc", "200", "pmx");
    let delete = of_object(&container).delete(&container).unwrap();
    assert_eq!(delete.first.len(), 1);
    assert_eq!(delete.first[0].method, "POST");
    assert!(delete.first[0].url.ends_with("/nodes/pmx/lxc/200/status/stop"));
    assert_eq!(
        of_object(&container).delete_command(&container).unwrap(),
        "pct stop 200; pct destroy 200 --destroy-unreferenced-disks 1 --purge 1"
    );
    // Without a node there is no address to call, but a command for whoever is on it.
    let machine = listed("proxmox", "qemu", "110");
    assert_eq!(of_object(&machine).delete(&machine), None);
    assert!(
        of_object(&machine).delete_command(&machine).unwrap().starts_with("qm stop 110; qm destroy 110 ")
    );
}

#[test]
fn nothing_hostile_becomes_a_request_or_a_command() {
    let ids = ["", ".", "..", "1/../2", "1\n2", "-rf", "\u{1b}[2J", "1\u{0}"];
    let places = [
        ("proxmox", "qemu"),
        ("proxmox", "lxc"),
        ("hcloud", "server"),
        ("hcloud", "volume"),
        ("tailscale", "device"),
        ("tailscale", "key"),
        ("digitalocean", "digitalocean_droplet"),
    ];
    for (cloud, noun) in places {
        for id in ids {
            let mut object = listed(cloud, noun, id);
            object.location = Some("a".to_owned());
            let kind = of_object(&object);
            assert_eq!(kind.delete(&object), None, "{cloud} {noun} {id:?}");
            assert_eq!(kind.delete_command(&object), None, "{cloud} {noun} {id:?}");
            for type_name in holders(&object) {
                assert_eq!(kind.import_id(type_name, &object), None, "{type_name} {id:?}");
            }
        }
    }
    let object = guest("qemu", "1?x=1#y", "a b%");
    let url = of_object(&object).delete(&object).unwrap().url;
    assert!(url.contains("/nodes/a%20b%25/qemu/1%3Fx%3D1%23y?destroy"), "{url}");
    let bucket = listed("aws", "s3:bucket", "x'; reboot '");
    let command = of_object(&bucket).delete_command(&bucket).unwrap();
    assert_eq!(command, r"aws s3 rb 's3://x'\''; reboot '\'''");
}

#[test]
fn what_is_sensitive_becomes_neither_id_nor_name() {
    let mask = |json: &Json| Mask::decode(&json.to_string()).unwrap();
    let server = values(&json!({ "id": "7", "name": "secret", "labels": { "a": "b" } }));
    let kind = of("hcloud_server");
    let seen = kind.object("hcloud_server", &server.clone().with_unknown(&mask(&json!({ "name": true }))));
    assert_eq!(seen.unwrap().name, None);
    let seen = kind.object("hcloud_server", &server.clone().with_unknown(&mask(&json!({ "id": true }))));
    assert_eq!(seen, None);
    assert_eq!(kind.object("hcloud_server", &server.with_unknown(&Mask::All)), None);
}

#[test]
fn an_imported_machine_that_is_cloned_in_the_configuration_would_be_replaced() {
    let clone = json!({ "clone": [{ "vm_id": 9000 }], "disk": [{ "file_id": "" }, { "file_id": "local:iso/x.img" }] });
    assert_eq!(ignored("proxmox_virtual_environment_vm", &clone), ["clone", "disk[1].file_id"]);
    assert!(ignored("proxmox_virtual_environment_vm", &json!({ "clone": [], "disk": [] })).is_empty());
    assert_eq!(ignored("proxmox_cloned_vm", &json!({ "clone": { "source_vm_id": 9000 } })), ["clone"]);
    assert_eq!(
        ignored("proxmox_vm_qemu", &json!({ "clone": "debian", "full_clone": true, "ssh_user": "" })),
        ["clone", "full_clone"]
    );
    let container = json!({ "ostemplate": "local:vztmpl/x", "password": "hunter2", "template": true });
    assert_eq!(ignored("proxmox_lxc", &container), ["ostemplate", "password"]);
    let container = json!({ "template": [{ "file": "x" }], "ssh_public_keys": null });
    assert_eq!(ignored("proxmox_lxc_guest", &container), ["template"]);
    let container = json!({
        "operating_system": [{ "template_file_id": "local:vztmpl/x.tar.zst", "type": "debian" }],
        "initialization": [{ "hostname": "dns", "user_account": [{ "keys": ["k"] }] }],
    });
    assert_eq!(
        ignored("proxmox_virtual_environment_container", &container),
        ["operating_system[0].template_file_id", "initialization[0].user_account"]
    );
    let message = of("proxmox_virtual_environment_vm")
        .trap("proxmox_virtual_environment_vm", &values(&clone))
        .unwrap()
        .message;
    assert!(message.contains("`clone`, `disk[1].file_id`") && !message.ends_with('.'), "{message}");
}

#[test]
fn an_imported_server_that_was_made_with_keys_would_be_replaced() {
    let server = json!({ "image": "debian-12", "ssh_keys": ["deploy"], "user_data": "#cloud-config" });
    assert_eq!(ignored("hcloud_server", &server), ["ssh_keys", "user_data"]);
    assert_eq!(ignored("hcloud_server", &json!({ "image": "114690387", "ssh_keys": [] })), ["image"]);
    assert!(ignored("hcloud_server", &json!({ "image": "debian-12" })).is_empty());
    assert!(ignored("hcloud_volume", &json!({ "user_data": "x" })).is_empty());
}

#[test]
fn a_key_that_is_invalid_is_spent() {
    let key_of = |invalid| json!({ "id": "kAbC", "description": "vm", "invalid": invalid });
    let kind = of("tailscale_tailnet_key");
    assert!(kind.is_spent(&values(&key_of(true))).is_some());
    assert_eq!(kind.is_spent(&values(&key_of(false))), None);
    assert_eq!(key("tailscale_tailnet_key", &key_of(true)).unwrap(), "tailscale key kAbC");
    let key = listed("tailscale", "key", "kAbC");
    let Request { url, success, .. } = of_object(&key).delete(&key).unwrap();
    assert_eq!((&*url, &*success), ("{TAILSCALE_BASE_URL}/api/v2/tailnet/-/keys/kAbC", &[200, 404][..]));
}

#[test]
fn what_acts_on_a_device_holds_none() {
    let tags = json!({ "id": "nAbC", "device_id": "nAbC", "tags": ["tag:vm"] });
    for setting in ["tags", "key", "authorization", "subnet_routes"] {
        assert_eq!(key(&format!("tailscale_device_{setting}"), &tags), None, "{setting}");
    }
    assert_eq!(key("tailscale_acl", &json!({ "id": "acl" })), None);
    let device = listed("tailscale", "device", "nAbC");
    assert!(holders(&device).is_empty());
    let Request { method, url, .. } = of_object(&device).delete(&device).unwrap();
    assert_eq!((&*method, &*url), ("DELETE", "{TAILSCALE_BASE_URL}/api/v2/device/nAbC"));
}

#[test]
fn ties_between_objects_are_no_objects() {
    let tie = json!({ "id": "1-2", "server_id": 1, "network_id": 2 });
    for type_name in ["hcloud_server_network", "hcloud_volume_attachment", "digitalocean_volume_attachment"] {
        assert_eq!(key(type_name, &tie), None, "{type_name}");
    }
    let attachment = json!({ "id": "vai-1234", "instance_id": "i-0abc" });
    assert_eq!(key("aws_volume_attachment", &attachment), None);
    assert_eq!(key("aws_iam_role_policy_attachment", &json!({ "id": "role-20240101" })), None);
}

#[test]
fn objects_of_aws_go_by_the_name_of_their_service_and_by_their_arn() {
    let instance = object(
        "aws_instance",
        &json!({
            "id": "i-0d74e41cfe156053b",
            "arn": "arn:aws:ec2:eu-central-1:123456789012:instance/i-0d74e41cfe156053b",
            "instance_state": "running", "availability_zone": "eu-central-1a", "public_ip": "203.0.113.7",
            "private_ip": "10.0.1.23", "tags": { "Name": "web" }, "tags_all": {}, "disable_api_termination": true,
        }),
    )
    .unwrap();
    assert_eq!(show(&instance.key), "aws ec2:instance i-0d74e41cfe156053b");
    assert_eq!(show(&instance.aliases[0]), format!("aws arn {}", instance.aliases[0].id));
    assert_eq!((instance.name.as_deref(), &instance.status), (Some("web"), &Status::Running));
    assert_eq!(instance.addresses, ["203.0.113.7", "10.0.1.23"]);
    assert!(instance.protected);
    assert_eq!(of_object(&instance).delete(&instance), None);
    assert_eq!(
        of_object(&instance).delete_command(&instance).unwrap(),
        "aws ec2 terminate-instances --instance-ids i-0d74e41cfe156053b --region eu-central-1"
    );
    // Since release 5 the id of a database is not what it is called.
    let database = json!({ "id": "db-ABC", "identifier": "main", "arn": "arn:aws:rds:eu-west-1:1:db:main" });
    let database = object("aws_db_instance", &database).unwrap();
    assert_eq!(show(&database.key), "aws rds:db main");
    assert!(
        of_object(&database)
            .delete_command(&database)
            .unwrap()
            .contains("--final-db-snapshot-identifier main-final")
    );
    assert_eq!(
        key("aws_s3_bucket", &json!({ "bucket": "logs", "id": "logs" })).unwrap(),
        "aws s3:bucket logs"
    );
    let arn = "arn:aws:logs:eu-west-1:1:log-group:/app";
    let group = json!({ "id": "/app", "name": "/app", "arn": format!("{arn}:*") });
    assert_eq!(key("aws_cloudwatch_log_group", &group).unwrap(), format!("aws arn {arn}"));
    assert_eq!(
        key("aws_eip", &json!({ "id": "eipalloc-0123456789abcdef0" })).unwrap(),
        "aws aws_eip eipalloc-0123456789abcdef0"
    );
}

#[test]
fn two_resources_with_the_arn_of_a_third_are_not_one_thing() {
    let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf";
    let version = json!({ "id": format!("{arn}|v1"), "arn": arn });
    assert_eq!(key("aws_secretsmanager_secret_version", &version), None);
    assert_eq!(
        key("aws_secretsmanager_secret", &json!({ "id": arn, "arn": arn })).unwrap(),
        format!("aws arn {arn}")
    );
    assert_eq!(key("aws_cloudwatch_event_target", &json!({ "id": "rule-target", "arn": arn })), None);
}

#[test]
fn a_region_is_told_by_a_zone() {
    let mut volume = listed("aws", "ec2:volume", "vol-0abc");
    for (zone, expected) in [
        (Some("eu-west-1a"), "aws ec2 delete-volume --volume-id vol-0abc --region eu-west-1"),
        (Some("us-gov-west-1"), "aws ec2 delete-volume --volume-id vol-0abc --region us-gov-west-1"),
        // A local zone carries the name of a town behind that of its region.
        (Some("us-west-2-lax-1a"), "aws ec2 delete-volume --volume-id vol-0abc"),
        (None, "aws ec2 delete-volume --volume-id vol-0abc"),
    ] {
        volume.location = zone.map(str::to_owned);
        assert_eq!(of_object(&volume).delete_command(&volume).unwrap(), expected);
    }
}

#[test]
fn clouds_with_paths_for_ids_import_by_them() {
    let azure = "/subscriptions/0-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web";
    let machine = object("azurerm_linux_virtual_machine", &json!({ "id": azure, "name": "web" })).unwrap();
    let kind = of("azurerm_linux_virtual_machine");
    assert_eq!(kind.import_id("azurerm_linux_virtual_machine", &machine).as_deref(), Some(azure));
    assert_eq!(kind.delete_command(&machine).unwrap(), format!("az resource delete --ids {azure}"));
    let group =
        object("azurerm_resource_group", &json!({ "id": "/subscriptions/0-1/resourceGroups/rg" })).unwrap();
    assert_eq!(of_object(&group).delete_command(&group), None);
    assert_eq!(key("azurerm_role_assignment", &json!({ "id": "/subscriptions/0|/subscriptions/1" })), None);

    let google = "projects/p/zones/europe-west3-a/instances/web";
    let instance = json!({
        "id": google, "name": "web", "zone": "europe-west3-a", "labels": { "team": "a" },
        "network_interface": [{ "network_ip": "10.0.0.2", "access_config": [{ "nat_ip": "203.0.113.9" }] }],
    });
    let instance = object("google_compute_instance", &instance).unwrap();
    assert_eq!(instance.addresses, ["203.0.113.9", "10.0.0.2"]);
    assert_eq!(
        of("google_compute_instance").import_id("google_compute_instance", &instance).as_deref(),
        Some(google)
    );
    assert_eq!(
        of_object(&instance).delete_command(&instance).unwrap(),
        "gcloud compute instances delete web --zone europe-west3-a --project p"
    );
    assert_eq!(key("google_project_iam_member", &json!({ "id": "p/roles/viewer/user:a@b" })), None);

    let droplet =
        object("digitalocean_droplet", &json!({ "id": "42", "status": "off", "tags": ["web"] })).unwrap();
    assert_eq!((droplet.status.clone(), holders(&droplet)), (Status::Stopped, &["digitalocean_droplet"][..]));
    assert_eq!(of_object(&droplet).delete(&droplet).unwrap().url, "{DIGITALOCEAN_API_URL}/v2/droplets/42");
    assert_eq!(of_object(&droplet).delete_command(&droplet).unwrap(), "doctl compute droplet delete 42");
}

#[test]
fn what_a_mapping_told_comes_first() {
    let mut machine = listed("azurerm", "machine", "/subscriptions/0/x");
    machine.told.type_name = Some("azurerm_linux_virtual_machine".into());
    machine.told.import_id = Some("told".to_owned());
    machine.told.delete = Some("az vm delete --ids x".to_owned());
    let kind = of_object(&machine);
    assert_eq!(kind.import_id("azurerm_linux_virtual_machine", &machine).as_deref(), Some("told"));
    assert_eq!(kind.delete_command(&machine).as_deref(), Some("az vm delete --ids x"));
    let mut unknown = listed("acme", "anvil", "1");
    unknown.told.delete = Some("acme rm 1".to_owned());
    assert_eq!(of_object(&unknown).delete_command(&unknown).as_deref(), Some("acme rm 1"));
}

#[test]
fn every_holder_manages_the_kind_that_it_is_said_to() {
    let objects = [
        guest("qemu", "1", "a"),
        guest("lxc", "1", "a"),
        listed("aws", "rds:db", "main"),
        listed("hcloud", "load_balancer", "1"),
    ];
    let values = json!({ "id": 1, "vmid": 1, "identifier": "main" });
    for listed in objects {
        assert!(!holders(&listed).is_empty());
        for type_name in holders(&listed) {
            let held = object(type_name, &values).unwrap_or_else(|| panic!("{type_name}"));
            assert_eq!(held.key.noun, listed.key.noun, "{type_name}");
        }
    }
}

#[test]
fn an_unknown_type_rests_on_its_id() {
    let object = object("acme_anvil", &json!({ "id": "7", "name": "big" })).unwrap();
    assert_eq!((show(&object.key), object.name.as_deref()), ("acme acme_anvil 7".to_owned(), Some("big")));
    assert_eq!(of("acme_anvil").delete(&object), None);
    assert!(holders(&object).is_empty());
    assert_eq!(key("acme_anvil", &json!({ "id": null })), None);
}
