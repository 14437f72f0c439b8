//! Whatever stands in a state or an inventory: nothing panics, no request leaves its path, no command its quotes.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use proptest::prelude::*;
use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object},
};
use tidelock_types::{Request, holders, of, of_object};

const TYPES: &[&str] = &[
    "acme_anvil",
    "aws_cloudwatch_log_group",
    "aws_db_instance",
    "aws_instance",
    "aws_s3_bucket",
    "azurerm_linux_virtual_machine",
    "digitalocean_droplet",
    "google_compute_instance",
    "hcloud_primary_ip",
    "hcloud_server",
    "proxmox_cloned_vm",
    "proxmox_lxc",
    "proxmox_virtual_environment_container",
    "proxmox_virtual_environment_vm",
    "proxmox_vm_qemu",
    "tailscale_device_tags",
    "tailscale_tailnet_key",
];

const PLACES: &[(&str, &str)] = &[
    ("aws", "arn"),
    ("aws", "ec2:instance"),
    ("aws", "rds:db"),
    ("aws", "s3:bucket"),
    ("azurerm", "azurerm_managed_disk"),
    ("digitalocean", "digitalocean_volume"),
    ("google", "google_compute_disk"),
    ("hcloud", "server"),
    ("hcloud", "volume"),
    ("proxmox", "lxc"),
    ("proxmox", "qemu"),
    ("tailscale", "device"),
    ("tailscale", "key"),
];

/// Attributes that some kind reads, with anything in them.
fn values() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "arn",
        "clone",
        "disk",
        "guest_id",
        "id",
        "identifier",
        "image",
        "initialization",
        "invalid",
        "ipv4_addresses",
        "labels",
        "name",
        "network_interface",
        "node_name",
        "ssh_keys",
        "status",
        "tags",
        "target_node",
        "vm_id",
        "vmid",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(Value::Unknown),
        any::<bool>().prop_map(Value::Bool),
        "(-?[1-9][0-9]{0,30}(\\.[0-9]{1,3})?(e[0-9]{1,3})?)".prop_map(|text| Value::decode(&text).unwrap()),
        any::<String>().prop_map(|text| Value::String(text.into())),
        "(arn:aws:[a-z0-9]{2,4}:[a-z0-9-]{0,9}:1:[a-z]{0,8}[:/][a-z]{0,4}|[a-z]{1,3}/(qemu|lxc)/[0-9]{1,25})"
            .prop_map(|text| Value::String(text.into())),
    ];
    let any_value = leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(NAMES);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(name.prop_map(Into::into), inner, 0..4).prop_map(Value::Object),
        ]
    });
    let name = prop::sample::select(NAMES).prop_map(Into::into);
    prop::collection::btree_map(name, any_value, 0..NAMES.len()).prop_map(Value::Object)
}

fn objects() -> impl Strategy<Value = Object> {
    let text =
        || prop_oneof![any::<String>(), "[ -~]{1,12}", "[0-9]{1,9}", "projects/p/zones/z/disks/[ -~]{1,5}"];
    (prop::sample::select(PLACES), text(), prop::option::of(text())).prop_map(
        |((cloud, noun), id, location)| {
            let mut object = Object::new(Key::new(Cloud::from(cloud), noun, id));
            object.location = location;
            object
        },
    )
}

/// Whether a request goes where its kind says and nowhere else: below its base, without climbing.
fn is_sound(request: &Request) -> bool {
    let (base, path) = request.url.split_once("}/").unwrap();
    let path = path.split('?').next().unwrap();
    base.starts_with('{')
        && base[1..].chars().all(|c| c.is_ascii_uppercase() || c == '_')
        && path.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
        && request.url.chars().all(|c| c.is_ascii_graphic() && !"\\\"<>#^`|".contains(c))
        && request.first.iter().all(is_sound)
}

/// The words that a POSIX shell would make of a command; `None` where a character outside of quotes means more than itself,
/// but for the `;` behind the third word of two commands (`qm stop 110; …`) or the fourth (`hcloud volume detach 7; …`).
fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => quoted = !quoted,
            letter if quoted => word.push(letter),
            '\\' => word.push(letters.next()?),
            ';' if matches!(words.len(), 2 | 3) => word.push(';'),
            ' ' => words.push(std::mem::take(&mut word)),
            letter if letter.is_ascii_alphanumeric() || "_@%+=:,./-".contains(letter) => word.push(letter),
            _ => return None,
        }
    }
    words.push(word);
    (!quoted).then_some(words)
}

proptest! {
    #[test]
    fn no_values_make_a_kind_panic(values in values(), type_name in prop::sample::select(TYPES)) {
        let kind = of(type_name);
        kind.is_spent(&values);
        if let Some(trap) = kind.trap(type_name, &values) {
            prop_assert!(!trap.ignore.is_empty());
        }
        if let Some(object) = kind.object(type_name, &values) {
            prop_assert!(object.keys().all(|key| !key.id.is_empty()));
            prop_assert!(kind.delete(&object).as_ref().is_none_or(is_sound));
            prop_assert!(kind.import_id(type_name, &object).is_none_or(|id| !id.contains(char::is_control)));
        }
    }

    #[test]
    fn every_request_stays_below_its_base(object in objects()) {
        prop_assert!(of_object(&object).delete(&object).as_ref().is_none_or(is_sound));
    }

    #[test]
    fn the_words_of_a_command_are_those_that_were_meant(object in objects()) {
        let Some(command) = of_object(&object).delete_command(&object) else { return Ok(()) };
        prop_assert!(!command.contains(char::is_control));
        let words = words(&command);
        prop_assert!(words.is_some(), "{command}");
        let words = words.unwrap_or_default();
        prop_assert!(words.iter().all(|word| !word.is_empty()), "{command}");
        if matches!(&object.key.cloud, Cloud::Proxmox | Cloud::Hcloud) {
            // The id ends the first command, or is a word of its own in the last.
            let id = &*object.key.id;
            prop_assert!(words.iter().any(|word| word == id), "{command}");
        }
    }

    #[test]
    fn an_import_id_never_holds_what_a_terminal_obeys(object in objects()) {
        for type_name in holders(&object) {
            let id = of(type_name).import_id(type_name, &object);
            prop_assert!(id.is_none_or(|id| !id.is_empty() && !id.contains(char::is_control) && !id.starts_with('-')));
        }
    }
}
