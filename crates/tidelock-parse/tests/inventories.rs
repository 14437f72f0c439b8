//! Inventories of every platform, whole, cut, damaged and empty.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]

use std::{collections::HashSet, fs, path::PathBuf};

use miette::Diagnostic;
use tidelock_parse::{
    Input, Kind, Source,
    inventory::{self, Inventory, InventoryError, KINDS, Mapping, Object, Options, Pages, Status},
};

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(bytes: impl Into<Vec<u8>>) -> Result<Inventory, InventoryError> {
    inventory::read(&Source::new("list.json", bytes.into()), &Options::default())
}

/// Read as somebody says that it is.
fn claimed(claim: &str, bytes: impl Into<Vec<u8>>) -> Result<Inventory, InventoryError> {
    let options = Options { claim: Some(claim.parse().unwrap()), ..Options::default() };
    inventory::read(&Source::new("list.json", bytes.into()), &options)
}

fn fixture(name: &str) -> Inventory {
    read(bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What it lists, and `…` behind what it does not list all of.
fn coverage(inventory: &Inventory) -> String {
    let kinds = inventory.coverage.iter();
    let words = kinds.map(|k| format!("{}:{}{}", k.cloud, k.noun, if k.complete { "" } else { "…" }));
    words.collect::<Vec<_>>().join(" ")
}

fn find<'i>(inventory: &'i Inventory, kind: &str, id: &str) -> &'i Object {
    let is = |key: &inventory::Key| key.kind() == kind && &*key.id == id;
    let found = inventory.objects.iter().find(|object| object.keys().any(is));
    found.unwrap_or_else(|| panic!("no {kind} {id} in {:?}", inventory.objects))
}

fn ids(inventory: &Inventory) -> Vec<&str> {
    inventory.objects.iter().map(|object| &*object.key.id).collect()
}

mod proxmox {
    use super::*;

    #[test]
    fn the_recorded_list_of_a_cluster_is_all_there_is() {
        for case in ["memory_drift", "deleted_outside", "ssh_keys_ignored"] {
            let found = fixture(&format!("proxmox/{case}/inventory.cluster.json"));
            assert_eq!(coverage(&found), "proxmox:lxc proxmox:qemu", "{case}");
            assert!(find(&found, "proxmox:qemu", "9000").template);
            assert_eq!(find(&found, "proxmox:qemu", "9000").location.as_deref(), Some("node-a"));
        }
    }

    #[test]
    fn the_recorded_list_of_a_node_says_nothing_about_the_others() {
        for case in ["memory_drift", "deleted_outside", "ssh_keys_ignored"] {
            let name = format!("proxmox/{case}/inventory.json");
            let found = fixture(&name);
            assert_eq!(coverage(&found), "proxmox:qemu…");
            let template = find(&found, "proxmox:qemu", "9000");
            assert!(template.template && template.location.is_none() && template.aliases.is_empty());
            let node = claimed("proxmox:qemu@node-a", bytes(&name)).unwrap();
            assert_eq!(coverage(&node), "proxmox:qemu…");
            assert_eq!(find(&node, "proxmox:qemu", "9000").location.as_deref(), Some("node-a"));
            let only = claimed("proxmox:qemu,proxmox:lxc", bytes(&name)).unwrap();
            assert_eq!(coverage(&only), "proxmox:lxc proxmox:qemu");
        }
    }

    #[test]
    fn a_bare_list_of_a_cluster_has_guests_and_other_things() {
        let found = fixture("inventories/proxmox/cluster-resources.json");
        assert_eq!(coverage(&found), "proxmox:lxc proxmox:qemu");
        assert_eq!(ids(&found), ["110", "111", "112", "113", "200", "9000", "114"]);
        let nas = find(&found, "proxmox:qemu", "110");
        assert_eq!((nas.name.as_deref(), &nas.status), (Some("nas"), &Status::Running));
        assert_eq!(nas.labels.keys().collect::<Vec<_>>(), ["home", "storage"]);
        assert_eq!(find(&found, "proxmox:qemu", "112").status, Status::Stopped);
        assert_eq!(find(&found, "proxmox:qemu", "113").status, Status::Other("create".into()));
        assert_eq!(find(&found, "proxmox:qemu", "114").status, Status::Unknown);
        assert_eq!(find(&found, "proxmox:lxc", "200").location.as_deref(), Some("pve1"));
    }

    #[test]
    fn containers_of_a_node_are_told_from_machines() {
        let found = fixture("inventories/proxmox/node-lxc.json");
        assert_eq!((coverage(&found).as_str(), ids(&found)), ("proxmox:lxc…", vec!["200"]));
        let untyped = r#"[{"vmid":200,"name":"dns","status":"running","maxmem":1,"maxswap":1}]"#;
        assert_eq!(coverage(&read(untyped).unwrap()), "proxmox:lxc…");
    }

    #[test]
    fn what_jq_picked_out_is_whatever_has_that_number() {
        let found = fixture("inventories/proxmox/jq.json");
        assert_eq!(found.objects.len(), 11);
        assert_eq!(coverage(&found), "proxmox:qemu…");
        let first = find(&found, "proxmox:lxc", "108");
        assert_eq!(
            (first.key.kind().as_str(), first.name.as_deref()),
            ("proxmox:qemu", Some("monitoring-prometheus"))
        );
        let told = claimed("proxmox:lxc", bytes("inventories/proxmox/jq.json")).unwrap();
        assert_eq!(coverage(&told), "proxmox:lxc");
        assert!(told.objects.iter().all(|object| &*object.key.noun == "lxc" && object.aliases.is_empty()));
    }

    #[test]
    fn a_guest_without_a_number_is_an_error_and_not_left_out() {
        let error = read(r#"[{"vmid":1},{"name":"hunter2","type":"qemu"}]"#).unwrap_err();
        assert!(matches!(&error, InventoryError::Object { number: 2, .. }), "{error}");
        assert!(error.help().unwrap().to_string().contains("pvesh get /cluster/resources"));
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}

mod hcloud {
    use super::*;

    #[test]
    fn recorded_pages_and_bare_lists_say_the_same() {
        for (page, list, noun) in [
            ("inventory.json", "servers.json", "server"),
            ("inventory.volumes.json", "volumes.json", "volume"),
            ("inventory.firewalls.json", "firewalls.json", "firewall"),
        ] {
            let page = fixture(&format!("hcloud/rebuilt_ignored/{page}"));
            let list = fixture(&format!("inventories/hcloud/{list}"));
            assert_eq!(coverage(&page), format!("hcloud:{noun}"));
            assert_eq!((&page.objects, &page.coverage), (&list.objects, &list.coverage));
        }
        let found = fixture("hcloud/firewall_rule_added/inventory.json");
        assert!(!found.objects.is_empty() && coverage(&found) == "hcloud:server");
    }

    #[test]
    fn a_server_says_who_where_and_how_it_is() {
        let found = fixture("inventories/hcloud/servers.json");
        let server = find(&found, "hcloud:server", "5211068");
        assert_eq!((server.name.as_deref(), server.location.as_deref()), (Some("api-1"), Some("nbg1")));
        assert_eq!(server.addresses, ["203.0.113.10", "2001:db8:a::1"]);
        assert_eq!(
            (&server.status, server.created.as_deref()),
            (&Status::Stopped, Some("2026-05-04T08:00:00+00:00"))
        );
        assert_eq!(server.labels["team"], "payments");
        assert!(!server.protected && server.managed_by.is_none());
    }

    #[test]
    fn every_kind_of_bare_list_is_told_by_its_fields() {
        for (file, kind, ids_there) in [
            ("networks", "network", vec!["5211001"]),
            ("primary-ips", "primary_ip", vec!["5211069", "5211090"]),
            ("floating-ips", "floating_ip", vec!["5211095"]),
            ("load-balancers", "load_balancer", vec!["5211096", "5211097"]),
            ("ssh-keys", "ssh_key", vec!["5211033"]),
        ] {
            let found = fixture(&format!("inventories/hcloud/{file}.json"));
            assert_eq!((coverage(&found), ids(&found)), (format!("hcloud:{kind}"), ids_there));
        }
        assert!(find(&fixture("inventories/hcloud/networks.json"), "hcloud:network", "5211001").protected);
    }

    #[test]
    fn what_comes_and_goes_with_something_else_is_managed_by_it() {
        let addresses = fixture("inventories/hcloud/primary-ips.json");
        assert!(find(&addresses, "hcloud:primary_ip", "5211069").managed_by.is_some());
        assert!(find(&addresses, "hcloud:primary_ip", "5211090").managed_by.is_none());
        let balancers = fixture("inventories/hcloud/load-balancers.json");
        assert!(find(&balancers, "hcloud:load_balancer", "5211097").managed_by.is_some());
        assert!(find(&balancers, "hcloud:load_balancer", "5211096").managed_by.is_none());
    }

    #[test]
    fn pages_count_when_all_of_them_are_there() {
        let page = |n: u8| bytes(&format!("inventories/hcloud/servers-page-{n}.json"));
        for (bytes, missing) in [(page(1), "page 2 is missing"), (page(2), "page 1 is missing")] {
            let error = read(bytes.clone()).unwrap_err();
            assert!(matches!(&error, InventoryError::Incomplete { what, .. } if what == missing), "{error}");
            let options = Options { pages: Pages::Partial, ..Options::default() };
            let part = inventory::read(&Source::new("list.json", bytes), &options).unwrap();
            assert_eq!((coverage(&part).as_str(), part.objects.len()), ("hcloud:server…", 1));
        }
        let both = read([page(2), page(1)].concat()).unwrap();
        assert_eq!((coverage(&both).as_str(), ids(&both)), ("hcloud:server", vec!["5211200", "5211068"]));
    }

    #[test]
    fn lists_of_other_platforms_with_such_names_are_none() {
        for other in [
            r#"{"volumes":[{"id":"506f78a4","name":"v"}],"links":{},"meta":{"total":1}}"#,
            r#"{"servers":[{"id":"b1f5","name":"web","links":[]}]}"#,
        ] {
            assert!(matches!(read(other), Err(InventoryError::Unknown { .. })), "{other}");
        }
    }
}

mod aws {
    use super::*;

    #[test]
    fn instances_that_are_terminated_do_not_exist() {
        let found = fixture("inventories/aws/describe-instances.json");
        assert_eq!(coverage(&found), "aws:ec2:instance…", "one region is not the account");
        assert_eq!(ids(&found), ["i-0aa1", "i-0aa2", "i-0aa4"]);
        let web = find(&found, "aws:arn", "arn:aws:ec2:eu-central-1:123456789012:instance/i-0aa1");
        assert_eq!((web.name.as_deref(), web.location.as_deref()), (Some("web"), Some("eu-central-1a")));
        assert_eq!(web.addresses, ["198.51.100.7", "10.0.1.10", "2001:db8:1::10"]);
        assert_eq!(web.created.as_deref(), Some("2026-01-05T10:00:00+00:00"), "not the last start");
        assert_eq!(find(&found, "aws:ec2:instance", "i-0aa4").status, Status::Stopped);
    }

    #[test]
    fn what_a_scaling_group_made_is_managed_by_it() {
        let found = fixture("inventories/aws/describe-instances.json");
        let worker = find(&found, "aws:ec2:instance", "i-0aa2");
        assert_eq!(worker.managed_by.as_deref(), Some("the Auto Scaling group workers"));
        let volumes = fixture("inventories/aws/describe-volumes.json");
        assert!(find(&volumes, "aws:ec2:volume", "vol-01").managed_by.is_some(), "it goes with its instance");
        let data = find(&volumes, "aws:ec2:volume", "vol-02");
        assert_eq!((data.managed_by.as_deref(), data.name.as_deref()), (None, Some("orders-data")));
    }

    #[test]
    fn databases_buckets_and_tagged_resources_share_keys_with_states() {
        let databases = fixture("inventories/aws/describe-db-instances.json");
        let orders = find(&databases, "aws:rds:db", "orders");
        assert!(orders.protected && orders.aliases[0].kind() == "aws:arn");
        let buckets = fixture("inventories/aws/list-buckets.json");
        assert_eq!(coverage(&buckets), "aws:s3:bucket", "buckets have no region");
        assert_eq!(&*find(&buckets, "aws:arn", "arn:aws:s3:::shop-assets").key.id, "shop-assets");
        let tagged = fixture("inventories/aws/get-resources.json");
        assert_eq!(coverage(&tagged), "aws:arn…", "what never had a tag is not listed");
        assert_eq!(find(&tagged, "aws:ec2:instance", "i-0aa1").name.as_deref(), Some("web"));
        assert_eq!(find(&tagged, "aws:rds:db", "orders").location.as_deref(), Some("eu-central-1"));
        assert_eq!(tagged.objects[1].key.kind(), "aws:arn");
    }

    #[test]
    fn an_answer_that_goes_on_is_no_inventory() {
        for (text, field) in [
            (r#"{"Reservations":[],"NextToken":"x"}"#, "NextToken"),
            (r#"{"DBInstances":[],"Marker":"x"}"#, "Marker"),
            (r#"{"ResourceTagMappingList":[],"PaginationToken":"x"}"#, "PaginationToken"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains(&format!("`{field}` says that more follows")), "{error}");
        }
        assert!(read(r#"{"ResourceTagMappingList":[],"PaginationToken":""}"#).is_ok());
        let pages =
            concat!(r#"{"Volumes":[{"VolumeId":"a"}],"NextToken":"x"}"#, r#"{"Volumes":[{"VolumeId":"b"}]}"#);
        assert_eq!(ids(&read(pages).unwrap()), ["a", "b"]);
    }

    #[test]
    fn what_a_query_left_is_still_read() {
        let bare = r#"[{"InstanceId":"i-1","State":{"Name":"running"},"Tags":null}]"#;
        assert_eq!(coverage(&read(bare).unwrap()), "aws:ec2:instance…");
        assert_eq!(coverage(&claimed("aws:ec2:instance", bare).unwrap()), "aws:ec2:instance");
        assert_eq!(coverage(&claimed("aws:ec2:instance@eu-central-1", bare).unwrap()), "aws:ec2:instance…");
    }
}

mod tailscale {
    use super::*;

    #[test]
    fn a_device_has_two_ids_and_says_whether_it_is_connected() {
        let found = fixture("inventories/tailscale/devices.json");
        assert_eq!(coverage(&found), "tailscale:device");
        let api = find(&found, "tailscale:device-legacy", "92960230385");
        assert_eq!((&*api.key.id, &api.status), ("n292kg92CNTRL", &Status::Running));
        assert_eq!(api.addresses[0], "100.64.0.7");
        assert!(
            api.addresses.contains(&"api-1.tail1234.ts.net".to_owned())
                && api.labels.contains_key("tag:server")
        );
        let stale = find(&found, "tailscale:device", "n292kg93CNTRL");
        assert_eq!((stale.name.as_deref(), &stale.status), (Some("api-1-1"), &Status::Stopped));
        assert!(find(&found, "tailscale:device", "n292kg94CNTRL").managed_by.is_some(), "ephemeral");
    }

    #[test]
    fn keys_that_are_used_up_are_told() {
        let found = fixture("inventories/tailscale/keys.json");
        assert_eq!(coverage(&found), "tailscale:key…", "others may have keys, too");
        assert_eq!(find(&found, "tailscale:key", "kXyZ1CNTRL").status, Status::Running);
        assert_eq!(find(&found, "tailscale:key", "kXyZ2CNTRL").status, Status::Stopped);
        assert!(find(&found, "tailscale:key", "kXyZ3CNTRL").managed_by.is_some());
    }
}

mod mapped {
    use super::*;

    fn mapping(text: &str) -> Mapping {
        toml::from_str(text).unwrap()
    }

    fn machines() -> [Mapping; 2] {
        let common = "name = \".name\"\nstatus = \".state\"\ngone = \"deleted\"\n";
        [
            mapping(&format!(
                "kind = \"vm\"\ntype = [\"acme_vm\", \"acme_vm_v2\"]\nwhen = {{ kind = \"VM\" }}\nid = \".id\"\n{common}"
            )),
            mapping(&format!(
                "kind = \"disk\"\ntype = \"acme_disk\"\nwhen = {{ kind = \"disk\" }}\nid = \"disks/{{id}}\"\n{common}"
            )),
        ]
    }

    fn by(mappings: &[Mapping], claim: Option<&str>, text: &str) -> Result<Inventory, InventoryError> {
        let claim = claim.map(|claim| claim.parse().unwrap());
        inventory::read(
            &Source::new("list", text.as_bytes().to_vec()),
            &Options { mappings, claim, ..Options::default() },
        )
    }

    const MIXED: &str = r#"[{"kind":"vm","id":1,"name":"a","state":"ACTIVE"},{"kind":"Disk","id":1},{"kind":"net","id":1},{"kind":"vm","id":2,"state":"deleted"}]"#;

    #[test]
    fn objects_are_told_apart_by_what_their_fields_hold() {
        let lines = MIXED.trim_matches(['[', ']']).replace("},{", "}\n{");
        let in_answer = format!(r#"{{"meta":{{"total":4}},"result":{MIXED}}}"#);
        for (text, complete) in [(MIXED, ""), (&in_answer, ""), (&lines, "…")] {
            let found = by(&machines(), None, text).unwrap();
            assert_eq!(
                coverage(&found),
                format!("acme:acme_disk{complete} acme:acme_vm{complete} acme:acme_vm_v2{complete}")
            );
            assert_eq!(ids(&found), ["1", "disks/1"]);
            let vm = find(&found, "acme:acme_vm_v2", "1");
            assert_eq!((&vm.status, vm.told.type_name.as_deref()), (&Status::Running, Some("acme_vm")));
        }
    }

    #[test]
    fn a_kind_that_is_named_is_read_as_that_and_as_nothing_else() {
        let found = by(&machines(), Some("disk"), MIXED).unwrap();
        assert_eq!((coverage(&found).as_str(), ids(&found)), ("acme:acme_disk", vec!["disks/1"]));
        assert_eq!(coverage(&by(&machines(), Some("disk"), "[]").unwrap()), "acme:acme_disk");
        assert_eq!(coverage(&by(&machines(), Some("disk@eu"), MIXED).unwrap()), "acme:acme_disk…");
        let error = by(&machines(), Some("disk"), r#"[{"kind":"vm","id":1}]"#).unwrap_err();
        assert!(
            matches!(error, InventoryError::OtherKind { .. }),
            "none of it is a disk, which proves nothing: {error}"
        );
        let guests = r#"[{"vmid":1,"kind":"vm","id":"x"}]"#;
        assert_eq!(ids(&by(&machines(), Some("vm"), guests).unwrap()), ["x"]);
        assert!(matches!(by(&machines(), Some("nobody"), MIXED), Err(InventoryError::NoMapping { .. })));
    }

    #[test]
    fn without_a_condition_a_mapping_is_used_only_by_its_name() {
        let any = [mapping("kind = \"thing\"\ntype = \"acme_thing\"\nid = \".id\"\n")];
        let text = r#"[{"id":"a"}]"#;
        assert!(matches!(by(&any, None, text), Err(InventoryError::Unknown { .. })));
        assert_eq!(ids(&by(&any, Some("thing"), text).unwrap()), ["a"]);
        let error = by(&any, Some("thing"), r#"[{"id":"a"},{"name":"hunter2"}]"#).unwrap_err();
        assert!(
            matches!(&error, InventoryError::Object { number: 2, list, .. } if list == "thing"),
            "{error}"
        );
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn a_list_at_its_own_place_says_what_it_is_even_if_it_is_empty() {
        let text = |more: &str| {
            format!(
                "kind = \"vm\"\ntype = \"acme_vm\"\nwhen = {{ a = \"*\" }}\nid = \".id\"\nitems = \".data.vms\"\n{more}"
            )
        };
        let own = [mapping(&text(""))];
        assert_eq!(coverage(&by(&own, None, r#"{"data":{"vms":[]}}"#).unwrap()), "acme:acme_vm");
        assert!(matches!(by(&own, None, "[]"), Err(InventoryError::Unnamed { .. })));
        let paged = [mapping(&text("more = \".data.rest\""))];
        for (answer, whole) in [
            (r#"{"data":{"vms":[],"rest":""}}"#, true),
            (r#"{"data":{"vms":[],"rest":"x"}}"#, false),
            (r#"{"data":{"vms":[]},"nextLink":"x"}"#, false),
        ] {
            assert_eq!(by(&paged, None, answer).is_ok(), whole, "{answer}");
        }
    }

    #[test]
    fn a_table_is_read_by_its_header_whatever_separates_it() {
        let servers = [mapping(
            "kind = \"server\"\ntype = \"acme_server\"\nwhen = { ID = \"*\" }\nid = \".ID\"\nname = '.[\"Host name\"]'\nlabels = \".Tags\"\n",
        )];
        for separator in [",", ";", "\t"] {
            let table = ["ID,Host name,Tags", "1,web,\"a=b,c\"", "2,,"].join("\r\n");
            let table =
                table.replace("\"a=b,c\"", "\u{1}").replace(',', separator).replace('\u{1}', "\"a=b,c\"");
            let found = by(&servers, None, &table).unwrap();
            assert_eq!((coverage(&found).as_str(), ids(&found)), ("acme:acme_server", vec!["1", "2"]));
            let web = &found.objects[0];
            assert_eq!(
                (web.name.as_deref(), web.labels["a"].as_str(), web.labels["c"].as_str()),
                (Some("web"), "b", "")
            );
            assert_eq!(found.objects[1].name, None);
        }
        assert!(matches!(by(&servers, None, "ID,Name\n1\n"), Err(InventoryError::Csv { line: 2, .. })));
        assert!(matches!(by(&servers, None, "ID,Name\n"), Err(InventoryError::Unnamed { .. })));
        assert!(matches!(by(&servers, None, "<html>\n"), Err(InventoryError::Unknown { .. })));
        assert!(by(&servers, Some("server"), "<html>\n<body>\n").is_err());
        assert_eq!(coverage(&by(&servers, Some("server"), "ID,Name\n").unwrap()), "acme:acme_server");
    }

    #[test]
    fn ids_of_azure_mean_the_same_in_any_case() {
        let vm = [mapping(
            "kind = \"vm\"\ntype = \"azurerm_linux_virtual_machine\"\nwhen = { id = \"*\" }\nid = \".id\"\n",
        )];
        let found = by(&vm, None, r#"[{"id":"/subscriptions/X/resourceGroups/RG/a"}]"#).unwrap();
        let azure = |id: &str| inventory::Key::new("azurerm".into(), "azurerm_linux_virtual_machine", id);
        let (ours, other) = (&found.objects[0].key, azure("/subscriptions/x/resourcegroups/rg/a"));
        assert_eq!((ours, HashSet::from([ours]).contains(&other)), (&other, true));
        assert_eq!(&*ours.id, "/subscriptions/X/resourceGroups/RG/a", "an import wants it as it is written");
        assert_ne!(
            inventory::Key::new("aws".into(), "arn", "a"),
            inventory::Key::new("aws".into(), "arn", "A")
        );
    }
}

#[test]
fn an_empty_list_covers_what_it_says_or_what_is_said() {
    for (text, covered) in [
        (r#"{"servers":[],"meta":{"pagination":{"page":1,"next_page":null}}}"#, "hcloud:server"),
        (r#"{"Reservations":[]}"#, "aws:ec2:instance…"),
        (r#"{"Buckets":[],"Owner":{}}"#, "aws:s3:bucket"),
        (r#"{"devices":[]}"#, "tailscale:device"),
        (r#"{"keys":[]}"#, "tailscale:key…"),
    ] {
        assert_eq!(coverage(&read(text).unwrap()), covered, "{text}");
    }
    for text in
        ["[]", "null", r#"{"data":[]}"#, "[]\n[]", r#"[{"id":"node/pve1","type":"node","node":"pve1"}]"#]
    {
        let error = read(text).unwrap_err();
        assert!(matches!(error, InventoryError::Unnamed { .. }), "{text}: {error}");
        assert!(error.help().unwrap().to_string().contains("`hcloud:server=list.json`"));
    }
    for (cloud, noun) in KINDS {
        let found = claimed(&format!("{cloud}:{noun}"), "[]").unwrap();
        assert_eq!((coverage(&found), found.objects.len()), (format!("{cloud}:{noun}"), 0));
    }
    assert_eq!(coverage(&claimed("proxmox:qemu@pve1", r#"{"data":[]}"#).unwrap()), "proxmox:qemu…");
}

#[test]
fn a_claim_that_the_content_contradicts_is_an_error() {
    let servers = bytes("inventories/hcloud/servers.json");
    for claim in ["hcloud:volume", "hcloud:server,hcloud:volume", "proxmox:qemu"] {
        let error = claimed(claim, servers.clone()).unwrap_err();
        assert!(matches!(&error, InventoryError::OtherKind { .. }), "{claim}: {error}");
        assert!(error.help().unwrap().to_string().contains("it lists hcloud:server"));
    }
    let devices = bytes("inventories/tailscale/devices.json");
    assert!(claimed("tailscale:key", devices).is_err());
}

#[test]
fn an_export_that_failed_half_way_is_refused() {
    let mixed = |second: &str| [bytes("inventories/hcloud/servers.json"), second.into()].concat();
    let refused = read(mixed(r#"{"error":{"code":"rate_limit_exceeded"}}"#)).unwrap_err();
    assert!(matches!(refused, InventoryError::Refused { .. }), "{refused}");
    assert!(matches!(read(mixed(r#"{"a":1}"#)), Err(InventoryError::Unknown { .. })));
    let vm: Mapping =
        toml::from_str("kind = \"vm\"\ntype = \"acme_vm\"\nid = \".id\"\nwhen = { id = \"*\" }").unwrap();
    for claim in [None, Some("vm".parse().unwrap())] {
        let options = Options { mappings: std::slice::from_ref(&vm), claim, ..Options::default() };
        let list = |text: &str| inventory::read(&Source::new("x", text.as_bytes().to_vec()), &options);
        let failed = list("{\"id\":\"a\"}\n{\"message\":\"too many requests\"}\n");
        assert!(matches!(failed, Err(InventoryError::Refused { .. })));
        assert_eq!(list("{\"id\":\"a\",\"message\":\"m\"}\n{\"x\":1}\n").unwrap().objects.len(), 1);
    }
    let nobody = claimed("nobody", "ID,Name\n").unwrap_err();
    assert!(matches!(nobody, InventoryError::NoMapping { .. }), "{nobody}");
}

#[test]
fn several_lists_in_one_file_are_read_together() {
    let both = [bytes("inventories/hcloud/servers.json"), bytes("inventories/hcloud/volumes.json")].concat();
    assert_eq!(coverage(&read(both).unwrap()), "hcloud:server hcloud:volume");
    let nodes =
        [bytes("inventories/proxmox/cluster-resources.json"), bytes("inventories/proxmox/node-lxc.json")]
            .concat();
    assert_eq!(coverage(&read(nodes).unwrap()), "proxmox:lxc… proxmox:qemu", "one doubt is enough");
}

#[test]
fn a_byte_order_mark_and_utf16_are_read() {
    let text = String::from_utf8(bytes("inventories/hcloud/servers.json")).unwrap();
    let plain = read(text.clone()).unwrap();
    let marked = read(format!("\u{feff}{text}")).unwrap();
    assert_eq!(plain, marked);
    for little in [true, false] {
        let units = std::iter::once(0xfeff_u16).chain(text.encode_utf16());
        let wide: Vec<u8> =
            units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
        assert_eq!(read(wide.clone()).unwrap(), plain);
        assert_eq!(read(wide.get(2..).unwrap()).unwrap(), plain, "without the mark");
    }
}

#[test]
fn what_is_no_inventory_is_refused_with_what_to_do() {
    let state = r#"{"version":4,"serial":1,"lineage":"x","resources":[]}"#;
    for (text, code) in [
        ("", "tidelock::inventory::empty"),
        (" \n", "tidelock::inventory::empty"),
        ("hello", "tidelock::inventory::unknown"),
        ("{}", "tidelock::inventory::unknown"),
        ("[1, 2]", "tidelock::inventory::unknown"),
        ("[{\"vmid\":1}", "tidelock::inventory::json"),
        ("[{\"vmid\":1}] oops", "tidelock::inventory::json"),
        ("[{\"vmid\":[1]}]", "tidelock::inventory::object"),
        (state, "tidelock::inventory::kind"),
        (r#"{"format_version":"1.2","planned_values":{}}"#, "tidelock::inventory::kind"),
        (r#"{"error":{"code":"unauthorized","message":"hunter2"}}"#, "tidelock::inventory::refused"),
        (r#"{"message":"API token invalid"}"#, "tidelock::inventory::refused"),
        (r#"{"data":null}"#, "tidelock::inventory::refused"),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.code().unwrap().to_string(), code, "{text}");
        assert!(error.help().is_some() && error.to_string().starts_with("list.json: "), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    assert!(matches!(read([b'[', 0xff, 0x80]), Err(InventoryError::NotText { .. })));
    assert!(matches!(read("[\n {\"vmid\": 1},\n oops]"), Err(InventoryError::Json { line: 3, .. })));
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(read(deep).is_err());
}

#[test]
fn nothing_but_names_labels_and_addresses_is_taken() {
    let planted = [
        r#"[{"vmid":1,"name":"a","status":"running","description":"hunter2","config":{"cipassword":"hunter2","sshkeys":"hunter2"}}]"#,
        r#"{"servers":[{"id":1,"name":"a","labels":{},"user_data":"hunter2","root_password":"hunter2","image":{"description":"hunter2"}}]}"#,
        r#"[{"id":1,"name":"k","labels":{},"fingerprint":"aa","public_key":"hunter2"}]"#,
        r#"{"Reservations":[{"Instances":[{"InstanceId":"i-1","UserData":"hunter2","State":{"Name":"running"},"StateReason":{"Message":"hunter2"}}]}]}"#,
        r#"{"DBInstances":[{"DBInstanceIdentifier":"d","MasterUserPassword":"hunter2","MasterUsername":"hunter2"}]}"#,
        r#"{"keys":[{"id":"k1","key":"hunter2","keyType":"auth"}]}"#,
        r#"{"devices":[{"nodeId":"n1","nodeKey":"hunter2","machineKey":"hunter2"}]}"#,
    ];
    for text in planted {
        let found = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found.objects.len(), 1, "{text}");
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }
}

/// Every inventory that is a fixture, but not the table.
fn samples() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders =
        vec![fixtures().join("inventories"), fixtures().join("proxmox"), fixtures().join("hcloud")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            let ours = name.contains("inventor") && path.extension().is_some_and(|e| e == "json");
            if path.is_dir() {
                folders.push(path);
            } else if ours {
                found.push((name, fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 25, "only {}", found.len());
    found
}

#[test]
fn inventories_are_recognised_among_artifacts() {
    for (name, bytes) in samples() {
        let kind = Input::read(&Source::new("x", bytes)).map(|input| input.documents[0].kind);
        let mapped = ["azure", "google", "digitalocean"].iter().any(|cloud| name.contains(cloud));
        assert_eq!(kind.ok(), (!mapped).then_some(Kind::Inventory), "{name}");
    }
}

/// A small generator: every run does the same damage.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

#[test]
fn a_list_that_was_cut_off_is_never_a_shorter_list() {
    let mut dice = Dice(1);
    for (name, bytes) in samples() {
        let objects_one_by_one = name.ends_with("jq.json");
        let length = bytes.trim_ascii_end().len();
        for _ in 0..20 {
            let end = dice.below(length);
            let answer = read(bytes.get(..end).unwrap());
            assert!(answer.is_err() || objects_one_by_one, "{name} cut at {end}");
        }
    }
}

#[test]
fn damaged_inventories_are_answered() {
    let swaps = b"{}[]\",:0\\x-e.n\x00\xff\xc3 \n";
    let others = ["null", "[]", "{}", "\"x\"", "-1", "1e999", "18446744073709551616", "[[[[]]]]", "true"];
    let mut dice = Dice(2);
    for (_, bytes) in samples() {
        for _ in 0..20 {
            let mut damaged = bytes.clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(damaged.len());
                damaged[at] = swaps[dice.below(swaps.len())];
            }
            drop(read(damaged));
            let text = String::from_utf8(bytes.clone()).unwrap();
            let colons: Vec<usize> = text.match_indices("\": ").map(|(at, _)| at + 3).collect();
            let at = colons[dice.below(colons.len())];
            let mut rest =
                serde_json::Deserializer::from_str(&text[at..]).into_iter::<serde::de::IgnoredAny>();
            if let Some(Ok(_)) = rest.next() {
                let behind = &text[at + rest.byte_offset()..];
                drop(read(format!("{}{}{behind}", &text[..at], others[dice.below(others.len())])));
            }
        }
    }
}

#[test]
fn a_hundred_thousand_objects_are_read() {
    let objects = 100_000;
    let guest = |id: usize| {
        format!(
            r#"{{"id":"qemu/{id}","type":"qemu","node":"pve{}","vmid":{id},"name":"vm-{id}","status":"running","tags":"a;b","maxmem":1}}"#,
            id % 9
        )
    };
    let list: Vec<String> = (0..objects).map(guest).collect();
    let found = read(format!("[{}]", list.join(","))).unwrap();
    assert_eq!(found.objects.len(), objects);
    assert_eq!(find(&found, "proxmox:qemu", "99999").location.as_deref(), Some("pve0"));
}
