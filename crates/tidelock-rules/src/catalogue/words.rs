//! Words that mark a path as relevant to security, for types the catalogue knows nothing about.

use tidelock_parse::{AttrPath, Step};

use super::guess::listed;

/// Whether a name on the path has one of the words.
pub(super) fn guard(path: &AttrPath) -> bool {
    path.steps()
        .iter()
        .filter_map(|step| match step {
            Step::Attr(name) => Some(&**name),
            // Keys are data of the user's: a label named "public" guards nothing.
            Step::Key(_) | Step::Index(_) => None,
        })
        .any(name_guards)
}

/// Sorted. Matched against whole words of a name: `cidr` is in `allowed_cidr_blocks`.
const WORDS: &str = "\
    acl acls admin admins allowed assume authentication authorization authorized cidr cidrs deny egress \
    encrypted encryption exposed firewall firewalls grant grants iam inbound ingress member members mfa \
    outbound permission permissions policies policy principal principals privilege privileged privileges \
    public publicly role roles rule rules sshkeys tls trusted unprivileged whitelist";

/// Sorted. Words that guard only next to each other.
const PHRASES: &str = "\
    api_keys deletion_protection destination_ips ip_restriction kms_key security_group security_groups \
    source_addresses source_ips source_ranges ssh_key ssh_keys user_account";

/// Sorted. Names with such a word that steer how something runs, not who may do what.
const HARMLESS: &str = "\
    autoscaling_policy dns_policy image_pull_policy lifecycle_policy maintenance_policy public_dns \
    pull_policy reclaim_policy restart_policy scaling_policy scheduling_policy update_policy \
    upgrade_policy";

fn name_guards(name: &str) -> bool {
    if listed(HARMLESS, name) {
        return false;
    }
    let mut words = name.split(['_', '-']);
    words.any(|word| listed(WORDS, word))
        || PHRASES.split_ascii_whitespace().any(|phrase| has_phrase(name, phrase))
}

fn has_phrase(name: &str, phrase: &str) -> bool {
    name.match_indices(phrase).any(|(at, _)| {
        let before = name[..at].chars().next_back();
        let after = name[at + phrase.len()..].chars().next();
        [before, after].into_iter().flatten().all(|c| c == '_' || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [WORDS, PHRASES, HARMLESS] {
            assert!(list.split_whitespace().is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn words_guard_as_whole_words_only() {
        for name in [
            "ingress",
            "cidr_blocks",
            "bucket_policy",
            "ssh_keys",
            "source_ranges",
            "public_access",
            "members",
        ] {
            assert!(name_guards(name), "{name}");
        }
        for name in [
            "memory",
            "restart_policy",
            "monkey",
            "republic",
            "size",
            "private_ip",
            "allow_stopping",
            "address",
            "ruler",
        ] {
            assert!(!name_guards(name), "{name}");
        }
    }

    #[test]
    fn keys_of_maps_do_not_guard() {
        assert!(!guard(&r#"labels["public"]"#.parse().unwrap()));
        assert!(guard(&"rule[2].port".parse().unwrap()));
    }
}
