use std::collections::BTreeSet;

use super::{
    file::{SOURCES, TypeFacts},
    *,
};

/// A data file as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    look: Option<Box<str>>,
    #[serde(default)]
    every: PathFacts,
    types: BTreeMap<Box<str>, TypeFacts>,
    #[serde(default)]
    paths: BTreeMap<Box<str>, PathFacts>,
    #[serde(default)]
    companions: Vec<Companion>,
}

fn facts(type_name: &str) -> Facts {
    Catalogue::builtin().lookup(type_name, [])
}

fn path(text: &str) -> AttrPath {
    text.parse().unwrap()
}

fn decode(text: &str) -> Provider {
    toml::from_str(text).unwrap()
}

#[test]
fn every_file_decodes_and_says_where_to_look() {
    for source in SOURCES {
        let provider = decode(source.text);
        assert_eq!(provider.look.is_none(), source.prefixes.contains(&"null_"), "{:?}", source.prefixes);
    }
}

#[test]
fn parts_decode_to_what_the_whole_file_says() {
    for source in SOURCES {
        let whole = decode(source.text);
        assert_eq!(source.look(), whole.look);
        assert_eq!(source.every(), whole.every);
        for (name, facts) in &whole.types {
            assert_eq!(source.type_facts(name).as_ref(), Some(facts), "{name}");
            assert_eq!(source.paths(name), whole.paths.get(name).cloned().unwrap_or_default(), "{name}");
            let companions: Vec<_> = whole.companions.iter().filter(|c| c.of == *name).cloned().collect();
            assert_eq!(source.companions(name), companions, "{name}");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), SOURCES.len());
}

#[test]
fn types_are_many_named_once_and_found_by_their_prefix() {
    let mut seen = BTreeSet::new();
    for source in SOURCES {
        for name in decode(source.text).types.keys() {
            assert!(seen.insert(name.clone()), "{name} is in two files");
            let (found, _) = file::source_of(name).unwrap();
            assert!(std::ptr::eq(found, source), "{name} is in the wrong file");
        }
    }
    assert!(seen.len() >= 1_000, "{}", seen.len());
}

#[test]
fn files_are_sorted() {
    for source in SOURCES {
        let of =
            |wanted: fn(&str) -> Option<&str>| source.text.lines().filter_map(wanted).collect::<Vec<_>>();
        let types = of(|line| Some(line.split_once(" = { holds")?.0));
        let paths = of(|line| line.strip_prefix("[paths.")?.strip_suffix("]"));
        let companions = of(|line| line.strip_prefix("of = "));
        assert!(!types.is_empty());
        for list in [types, paths, companions] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}

#[test]
fn facts_about_paths_belong_to_listed_types() {
    for source in SOURCES {
        let provider = decode(source.text);
        for name in provider.paths.keys().chain(provider.companions.iter().map(|c| &c.of)) {
            assert!(provider.types.contains_key(name), "{name}");
        }
        for by in provider.companions.iter().flat_map(|companion| &companion.by) {
            assert!(provider.types.contains_key(by), "{by}");
        }
    }
}

#[test]
fn what_holds_everything_in_it_is_no_setting() {
    for (name, holds) in [
        ("azapi_resource", Holds::Data),
        ("azurerm_resource_group_template_deployment", Holds::Data),
        ("azurerm_template_deployment", Holds::Data),
        ("elasticstack_elasticsearch_index", Holds::Data),
        ("kubernetes_stateful_set_v1", Holds::Data),
        ("postgresql_schema", Holds::Data),
        ("vault_mount", Holds::Data),
        ("vault_pki_secret_backend_root_cert", Holds::Keys),
        ("vault_transit_secret_backend_key", Holds::Keys),
    ] {
        let facts = facts(name);
        assert_eq!((facts.holds, facts.assumed), (holds, false), "{name}");
    }
}

#[test]
fn a_misspelt_key_is_refused() {
    for text in [
        "volatle = []\n[types]\n",
        "[types]\naws_x = { holds = \"data\", nown = \"x\" }\n",
        "[types]\naws_x = { holds = \"everything\" }\n",
        "[types]\n[paths.aws_x]\nvolatile = [\"a[0]\"]\n",
        "[types]\naws_x = { holds = \"data\" }\naws_x = { holds = \"keys\" }\n",
    ] {
        assert!(toml::from_str::<Provider>(text).is_err(), "{text}");
    }
}

#[test]
fn well_known_types_hold_what_they_hold() {
    for (holds, names) in [
        (
            Holds::Data,
            &[
                "aws_db_instance",
                "aws_s3_bucket",
                "aws_ebs_volume",
                "aws_dynamodb_table",
                "aws_sqs_queue",
                "azurerm_storage_account",
                "azurerm_mssql_database",
                "google_sql_database_instance",
                "google_storage_bucket",
                "hcloud_volume",
                "hcloud_snapshot",
                "digitalocean_database_cluster",
                "proxmox_virtual_environment_vm",
                "proxmox_vm_qemu",
                "proxmox_vm",
                "vsphere_virtual_machine",
                "libvirt_domain",
                "openstack_blockstorage_volume_v3",
                "kubernetes_persistent_volume_claim",
                "cloudflare_r2_bucket",
            ][..],
        ),
        (Holds::Keys, &["aws_kms_key", "azurerm_key_vault", "google_kms_key_ring", "google_kms_crypto_key"]),
        (
            Holds::Identity,
            &[
                "aws_route53_zone",
                "aws_eip",
                "aws_cognito_user_pool",
                "aws_eks_cluster",
                "azurerm_dns_zone",
                "google_project",
                "hcloud_primary_ip",
                "hcloud_floating_ip",
                "cloudflare_zone",
            ],
        ),
        (
            Holds::Traffic,
            &[
                "aws_lb",
                "aws_route53_record",
                "aws_nat_gateway",
                "aws_cloudfront_distribution",
                "hcloud_load_balancer",
                "cloudflare_record",
            ],
        ),
        (
            Holds::Machine,
            &[
                "aws_instance",
                "google_compute_instance",
                "azurerm_linux_virtual_machine",
                "hcloud_server",
                "digitalocean_droplet",
            ],
        ),
        (
            Holds::Compute,
            &["aws_lambda_function", "aws_ecs_service", "kubernetes_deployment", "aws_autoscaling_group"],
        ),
        (
            Holds::Nothing,
            &[
                "aws_db_parameter_group",
                "aws_cloudwatch_metric_alarm",
                "aws_s3_bucket_metric",
                "aws_launch_template",
                "aws_ecs_task_definition",
                "aws_lambda_layer_version",
                "aws_db_subnet_group",
                "google_compute_instance_template",
                "null_resource",
                "random_password",
                "time_rotating",
                "terraform_data",
                "tailscale_tailnet_key",
                "aws_iam_access_key",
            ],
        ),
    ] {
        for name in names {
            let facts = facts(name);
            assert_eq!((facts.holds, facts.assumed), (holds, false), "{name}");
        }
    }
}

#[test]
fn unknown_types_are_assumed_and_say_so() {
    let cases = [
        ("aws_brand_new_bucket_metric", Holds::Nothing),
        ("acme_database", Holds::Data),
        ("acme_volume", Holds::Data),
        ("acme_bucket_policy", Holds::Nothing),
        ("pond", Holds::Nothing),
    ];
    for (name, holds) in cases {
        let facts = facts(name);
        assert_eq!((facts.holds, facts.assumed), (holds, true), "{name}");
    }
    assert_eq!(Catalogue::builtin().lookup("acme_thing", ["final_snapshot"]).holds, Holds::Data);
    assert!(facts("aws_brand_new_thing").look().is_some());
    assert!(facts("acme_database").look().is_none());
}

#[test]
fn machines_are_stateful_as_pets_only() {
    assert!(Holds::Machine.is_stateful(Machines::Pets));
    assert!(!Holds::Machine.is_stateful(Machines::Cattle));
    assert!(!Holds::Traffic.is_stateful(Machines::Pets));
    assert!(Holds::Traffic.holds_something(Machines::Cattle));
    assert!(!Holds::Compute.holds_something(Machines::Pets));
}

#[test]
fn nouns_read_well() {
    for (name, noun) in [
        ("proxmox_virtual_environment_vm", "VM"),
        ("aws_db_instance", "database"),
        ("hcloud_volume", "volume"),
        ("aws_security_group", "security group"),
        ("openstack_networking_flow_v2", "networking flow"),
        ("acme_flux_capacitor", "flux capacitor"),
    ] {
        assert_eq!(facts(name).noun(), noun);
    }
}

#[test]
fn volatile_covers_what_lies_inside_and_nothing_above() {
    let vm = facts("proxmox_virtual_environment_vm");
    assert!(vm.volatile(&path("mac_addresses")));
    assert!(vm.volatile(&path("mac_addresses[3]")));
    assert!(vm.volatile(&path("network_device[0].mac_address")));
    assert!(!vm.volatile(&path("network_device[0]")));
    assert!(!vm.volatile(&path("network_device[0].bridge")));
    assert!(facts("hcloud_firewall").volatile(&path("apply_to[1].server")));
    assert!(facts("aws_sns_topic").volatile(&path(r#"tags_all["env"]"#)));
}

#[test]
fn guarding_and_disruptive_meet_what_contains_them() {
    let group = facts("aws_security_group");
    assert!(group.guarding(&path("ingress[0].cidr_blocks")));
    assert!(!group.guarding(&path("description")));
    let server = facts("azurerm_storage_account");
    assert!(server.guarding(&path("network_rules")));
    let vm = facts("proxmox_virtual_environment_vm");
    assert!(vm.disruptive(&path("memory[0].dedicated")));
    assert!(vm.disruptive(&path("memory")));
    assert!(!vm.disruptive(&path("tags")));
    assert!(!vm.disruptive(&AttrPath::root()), "a whole instance is not a path that guards or disrupts");
    assert!(vm.guarding(&path("initialization[0].user_account[0].keys")));
    assert!(facts("hcloud_server").disruptive(&path("server_type")));
}

#[test]
fn azure_ids_are_the_same_in_any_case() {
    let nic = facts("azurerm_network_interface");
    assert!(nic.case_insensitive(&path("ip_configuration[0].subnet_id")));
    assert!(nic.case_insensitive(&path("id")));
    assert!(!nic.case_insensitive(&path("name")));
    assert!(!facts("aws_instance").case_insensitive(&path("subnet_id")));
}

#[test]
fn companions_name_who_fills_a_path() {
    let group = facts("aws_security_group");
    let ingress: Vec<_> = group.companions(&path("ingress[0]")).collect();
    assert_eq!(ingress.len(), 1);
    assert!(ingress[0].by.iter().any(|by| &**by == "aws_vpc_security_group_ingress_rule"));
    assert_eq!(ingress[0].through.to_string(), "security_group_id");
    assert_eq!(group.companions(&path("name")).count(), 0);
    let bucket = facts("aws_s3_bucket");
    let policy: Vec<_> = bucket.companions(&path("policy")).collect();
    assert_eq!(&*policy[0].by[0], "aws_s3_bucket_policy");
    assert_eq!(facts("hcloud_firewall").companions(&path("apply_to")).count(), 2);
}

#[test]
fn a_policy_overrules_and_adds() {
    let text = "holds = \"data\"\nnoun = \"shrine\"\n[paths]\nvolatile = [\"mood\"]\n";
    let over: TypeOverride = toml::from_str(text).unwrap();
    let catalogue = Catalogue::builtin().with_overrides([("hcloud_server".into(), over)]);
    let server = catalogue.lookup("hcloud_server", []);
    assert_eq!((server.holds, server.assumed, server.noun()), (Holds::Data, false, "shrine"));
    assert!(server.volatile(&path("mood")));
    assert!(server.disruptive(&path("server_type")), "built-in facts stay");
    assert!(toml::from_str::<TypeOverride>("hold = \"data\"").is_err());
}

#[test]
fn holds_is_written_as_in_the_data_files() {
    for holds in [
        Holds::Nothing,
        Holds::Compute,
        Holds::Machine,
        Holds::Traffic,
        Holds::Identity,
        Holds::Keys,
        Holds::Data,
    ] {
        assert_eq!(serde_json::to_value(holds).unwrap(), holds.as_str());
    }
}

#[test]
fn keys_of_maps_on_the_way_are_passed_over() {
    let pattern: PathPattern = "rules.cidr".parse().unwrap();
    assert!(pattern.covers(&path(r#"rules["web"].cidr"#)));
    assert!(pattern.covers(&path("rules[0].cidr[1]")));
    assert!(pattern.covers(&path(r#"rules["cidr"]"#)), "plans write attributes and keys alike");
    assert!(!pattern.covers(&path("rule.cidr")));
    assert!("a..b".parse::<PathPattern>().is_err());
}

#[test]
fn import_ids_are_put_together_from_attributes() {
    let known = |name: &str| match name {
        "node_name" => Some("pve1".to_owned()),
        "vm_id" => Some("110".to_owned()),
        _ => None,
    };
    assert_eq!(facts("proxmox_virtual_environment_vm").import_id(known).as_deref(), Some("pve1/110"));
    assert_eq!(facts("tailscale_acl").import_id(known).as_deref(), Some("acl"));
    // An attribute that is not known, and types nobody has looked at.
    assert_eq!(facts("hcloud_server").import_id(known), None);
    assert_eq!(facts("aws_route").import_id(known), None);
}

#[test]
fn import_ids_are_text_with_attributes_in_braces() {
    for source in SOURCES {
        for (name, facts) in decode(source.text).types {
            let Some(import) = facts.import else { continue };
            assert_eq!(import.matches('{').count(), import.matches('}').count(), "{name}");
            assert!(!import.is_empty() && !import.contains("{}"), "{name}");
        }
    }
}
