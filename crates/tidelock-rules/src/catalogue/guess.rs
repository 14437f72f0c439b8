//! What a type that no file names probably holds: the last words of its name say what it is.

use super::Holds::{self, Compute, Data, Identity, Keys, Machine, Nothing, Traffic};

/// Judges by name and arguments; `tail` is the type name without the provider's prefix.
pub(super) fn holds<'a>(tail: &str, arguments: impl IntoIterator<Item = &'a str>) -> Holds {
    match by_head(tail) {
        // A `volume_template` with a size is still a template.
        Some(Nothing) => Nothing,
        head => head.unwrap_or(Nothing).max(tell_tale(head, arguments)),
    }
}

/// `v1`, `v2beta2`: part of the name in some providers, and no noun.
pub(super) fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// The longest ending that is in [`HEADS`] decides: `db_instance` before `instance`.
fn by_head(tail: &str) -> Option<Holds> {
    let tail = match tail.rsplit_once('_') {
        Some((head, last)) if is_version(last) => head,
        _ => tail,
    };
    let starts = std::iter::once(0).chain(tail.match_indices('_').map(|(at, _)| at + 1));
    starts.map(|at| &tail[at..]).find_map(lookup)
}

fn lookup(ending: &str) -> Option<Holds> {
    let find = |word: &str| HEADS.iter().find(|(_, words)| listed(words, word)).map(|(holds, _)| *holds);
    find(ending).or_else(|| find(ending.strip_suffix('s')?))
}

/// Whether a list of words separated by white space has the word.
pub(super) fn listed(words: &str, wanted: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == wanted)
}

/// Arguments that only things with contents have.
const CONTENTS: &str = "\
    allocated_storage backup_retention backup_retention_days backup_retention_period final_snapshot \
    final_snapshot_identifier final_snapshot_name force_destroy skip_final_backup skip_final_snapshot \
    storage_encrypted";

/// Arguments of things with contents, and of some others too.
const HINTS: &str = "\
    deletion_protection deletion_protection_enabled disk_size disk_size_gb max_storage_size size size_gb \
    size_in_gb storage storage_gb storage_mb storage_size storage_size_gb volume_size";

fn tell_tale<'a>(head: Option<Holds>, arguments: impl IntoIterator<Item = &'a str>) -> Holds {
    let tells = |argument| listed(CONTENTS, argument) || (head.is_none() && listed(HINTS, argument));
    if arguments.into_iter().any(tells) { Data } else { Nothing }
}

/// Nouns in the singular, with the word before where the noun alone does not say.
const HEADS: &[(Holds, &str)] = &[
    (
        Data,
        "\
         archive backup backup_vault blob bucket bucket_object cache_cluster collection data_source_set \
         data_warehouse database database_cluster database_instance database_server dataset datastore db \
         db_cluster db_instance disk elasticsearch event_hub file file_share file_system filesystem image \
         instance_snapshot kafka_cluster keyspace ledger log_group mariadb mongodb mysql mysql_cluster \
         mysql_instance mysql_server namespace object object_storage object_store opensearch \
         persistent_volume_claim postgres postgresql postgresql_cluster postgresql_instance \
         postgresql_server pvc queue rds_cluster redis redis_cluster redis_instance registry repository \
         resource_group search_domain secret share snapshot sql_instance sql_server storage storage_account \
         storage_container stream table topic vault virtual_disk virtual_machine vm volume warehouse",
    ),
    (
        Keys,
        "\
         certificate_authority crypto_key encryption_key hsm key_ring key_vault keyring kms kms_key \
         master_key transit_key",
    ),
    (
        Identity,
        "\
         account address cluster device directory domain elastic_ip floating_ip folder hosted_zone identity \
         identity_pool ip ip_address managed_zone network org organization primary_ip project public_ip \
         realm reserved_ip service_account static_ip tenant user user_pool vnet vpc workspace zone",
    ),
    (
        Traffic,
        "\
         alb cdn cert certificate disk_attachment distribution dns_record elb endpoint firewall \
         firewall_rule forwarding_rule gateway ingress interface lb listener load_balancer loadbalancer nat \
         network_acl network_attachment network_interface nlb peering port proxy record record_set recordset \
         route route_table router rrset security_group security_group_rule subnet subnetwork switch \
         target_group tunnel vlan volume_attachment vpn",
    ),
    (
        Machine,
        "\
         bare_metal droplet instance linode machine node server",
    ),
    (
        Compute,
        "\
         app application autoscaling_group container deployment fleet function instance_group job lambda \
         node_group node_pool pipeline pod pool release scale_set service site stack task worker workflow",
    ),
    (
        Nothing,
        "\
         access alarm alert annotation assignment association attachment attribute binding budget check \
         config configuration credential dashboard data definition entry event event_subscription export \
         filter grant group health_check hook integration inventory item job_definition key key_pair keypair \
         label launch_configuration level limit lock logging member membership metric monitor notification \
         option option_group override parameter parameter_group password permission placement_group plan \
         policy profile quota recipe registration request role rule schedule schema script secret_version \
         server_group setting ssh_key subnet_group subscription tag task_definition template token trail \
         trigger type validation variable version versioning webhook",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(tail: &str) -> Holds {
        holds(tail, [])
    }

    #[test]
    fn no_head_is_listed_twice() {
        let mut words: Vec<&str> = HEADS.iter().flat_map(|(_, words)| words.split_whitespace()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }

    #[test]
    fn the_last_words_win() {
        assert_eq!(judged("bucket"), Data);
        assert_eq!(judged("bucket_metric"), Nothing);
        assert_eq!(judged("bucket_policy"), Nothing);
        assert_eq!(judged("volume_attachment"), Traffic);
        assert_eq!(judged("policy_attachment"), Nothing);
        assert_eq!(judged("db_instance"), Data);
        assert_eq!(judged("compute_instance"), Machine);
        assert_eq!(judged("db_parameter_group"), Nothing);
        assert_eq!(judged("network_security_group"), Traffic);
    }

    #[test]
    fn versions_and_plurals_are_looked_through() {
        assert_eq!(judged("blockstorage_volume_v3"), Data);
        assert_eq!(judged("autoscaler_v2beta2"), Nothing);
        assert_eq!(judged("dns_records"), Traffic);
        assert!(!is_version("vpc") && !is_version("v") && is_version("v1"));
    }

    #[test]
    fn tell_tale_arguments_mean_contents() {
        assert_eq!(holds("thing", ["name", "skip_final_snapshot"]), Data);
        assert_eq!(holds("thing", ["size"]), Data);
        assert_eq!(holds("thing", ["name"]), Nothing);
        assert_eq!(holds("analytics_service", ["allocated_storage"]), Data);
    }

    #[test]
    fn a_weak_hint_does_not_overrule_a_noun() {
        assert_eq!(holds("server", ["size"]), Machine);
        assert_eq!(holds("load_balancer", ["deletion_protection"]), Traffic);
    }

    #[test]
    fn a_template_with_a_size_is_still_a_template() {
        assert_eq!(holds("volume_template", ["size", "skip_final_snapshot"]), Nothing);
    }
}
