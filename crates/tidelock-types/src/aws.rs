//! Objects of AWS.
//!
//! A few kinds have a name of their own, as the inventories of their services list them without an ARN; whatever else has one
//! goes by it, for it alone is unique over accounts and regions. What has neither, and no id that AWS gave it, is nothing:
//! `role/policy` names another attachment in each account.

mod arn;

use arn::Arn;
use tidelock_parse::{
    Value,
    inventory::{Cloud, Key, Object, Status},
};

use crate::{
    attributes::{Attributes, is_id},
    kind::{Kind, Request},
    shell,
};

const INSTANCE: &str = "ec2:instance";
const VOLUME: &str = "ec2:volume";
const DATABASE: &str = "rds:db";
const BUCKET: &str = "s3:bucket";
/// Anything, by its ARN.
const ARN: &str = "arn";

/// Types whose `arn` names another resource, that of which they are a part.
static BORROWED: &[&str] = &[
    "aws_cloudwatch_event_target",
    "aws_db_proxy_default_target_group",
    "aws_dx_hosted_private_virtual_interface_accepter",
    "aws_dx_hosted_public_virtual_interface_accepter",
    "aws_dx_hosted_transit_virtual_interface_accepter",
    "aws_lakeformation_resource",
    "aws_organizations_delegated_administrator",
    "aws_quicksight_group_membership",
    "aws_secretsmanager_secret_version",
    "aws_ses_active_receipt_rule_set",
    "aws_ses_domain_identity_verification",
    "aws_sns_topic_policy",
    "aws_vpc_ipam_organization_admin_account",
];

/// Any resource of AWS.
#[derive(Debug)]
pub(crate) struct Aws;

/// What is known about a resource type.
pub(crate) fn of(type_name: &str) -> Option<&'static dyn Kind> {
    type_name.starts_with("aws_").then_some(&Aws as &dyn Kind)
}

/// The types that manage such an object, the likeliest first.
pub(crate) fn holders(object: &Object) -> &'static [&'static str] {
    match &*object.key.noun {
        INSTANCE => &["aws_instance"],
        VOLUME => &["aws_ebs_volume"],
        DATABASE => &[
            "aws_db_instance",
            "aws_rds_cluster_instance",
            "aws_docdb_cluster_instance",
            "aws_neptune_cluster_instance",
        ],
        BUCKET => &["aws_s3_bucket"],
        _ => arn_of(object).and_then(arn::known).map_or(&[], |known| std::slice::from_ref(&known.type_name)),
    }
}

/// The kind of object that a type manages, where it goes by a name of its own.
fn noun(type_name: &str) -> Option<&'static str> {
    Some(match type_name {
        "aws_instance" => INSTANCE,
        "aws_ebs_volume" => VOLUME,
        // One list holds all of them, and one name space.
        "aws_db_instance"
        | "aws_docdb_cluster_instance"
        | "aws_neptune_cluster_instance"
        | "aws_rds_cluster_instance" => DATABASE,
        "aws_s3_bucket" => BUCKET,
        _ => return None,
    })
}

fn arn_of(object: &Object) -> Option<&str> {
    object.keys().find(|key| key.cloud == Cloud::Aws && &*key.noun == ARN).map(|key| &*key.id)
}

/// `name-` and 17 hexadecimal digits: what AWS calls its own, never given twice.
fn is_given(id: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(kind, digits)| {
        !kind.is_empty()
            && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && digits.len() == 17
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

impl Kind for Aws {
    fn parts(&self, type_name: &str, values: &Value) -> Vec<Key> {
        if type_name != "aws_instance" {
            return Vec::new();
        }
        let values = Attributes::of(values);
        let disks = values.blocks("root_block_device").chain(values.blocks("ebs_block_device"));
        disks.filter_map(|disk| Some(Key::new(Cloud::Aws, VOLUME, disk.text("volume_id")?))).collect()
    }

    fn object(&self, type_name: &str, values: &Value) -> Option<Object> {
        let values = Attributes::of(values);
        let own = values.text("arn").filter(|_| BORROWED.binary_search(&type_name).is_err());
        // Older releases wrote `:*` at the end of those of log groups.
        let own =
            own.map(|arn| arn.strip_suffix(":*").unwrap_or(arn)).filter(|arn| Arn::parse(arn).is_some());
        let own = own.map(|arn| Key::new(Cloud::Aws, ARN, arn));
        let named = match noun(type_name) {
            // Since release 5, `id` is what the database is called inside of AWS.
            Some(DATABASE) => values.id("identifier").map(|id| Key::new(Cloud::Aws, DATABASE, id)),
            Some(BUCKET) => {
                let name = values.id("bucket").or_else(|| values.id("id"));
                name.map(|name| Key::new(Cloud::Aws, BUCKET, name))
            }
            Some(noun) => values.id("id").map(|id| Key::new(Cloud::Aws, noun, id)),
            None if own.is_some() => None,
            None => values.id("id").filter(|id| is_given(id)).map(|id| Key::new(Cloud::Aws, type_name, id)),
        };
        let (key, alias) = match (named, own) {
            (Some(named), own) => (named, own),
            (None, own) => (own?, None),
        };
        let mut object = Object::new(key);
        object.aliases = alias.into_iter().collect();
        describe(&mut object, values);
        Some(object)
    }

    fn import_id(&self, type_name: &str, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.import_id {
            return Some(told.clone());
        }
        if noun(type_name).is_some_and(|noun| object.key.cloud == Cloud::Aws && *noun == *object.key.noun) {
            return is_id(&object.key.id).then(|| object.key.id.to_string());
        }
        let arn = arn_of(object)?;
        arn::known(arn).filter(|known| known.type_name == type_name)?.import_id(arn)
    }

    /// Calls of AWS are signed, which is more than an address.
    fn delete(&self, _: &Object) -> Option<Request> {
        None
    }

    fn delete_command(&self, object: &Object) -> Option<String> {
        if let Some(told) = &object.told.delete {
            return Some(told.clone());
        }
        let (noun, id) = named(object)?;
        let last = format!("{id}-final");
        let bucket = format!("s3://{id}");
        let mut command = vec!["aws"];
        command.extend(match noun {
            INSTANCE => vec!["ec2", "terminate-instances", "--instance-ids", &id],
            VOLUME => vec!["ec2", "delete-volume", "--volume-id", &id],
            // With a last snapshot: a database that should not have gone comes back.
            DATABASE => vec![
                "rds",
                "delete-db-instance",
                "--db-instance-identifier",
                &id,
                "--final-db-snapshot-identifier",
                &last,
            ],
            // Refused as long as anything is in it.
            BUCKET => return shell::command(&["aws", "s3", "rb", &bucket]),
            _ => return None,
        });
        let region = region(object);
        if let Some(region) = &region {
            command.extend(["--region", region]);
        }
        shell::command(&command)
    }
}

/// Kind and id of an object whose service has a name for it.
fn named(object: &Object) -> Option<(&'static str, String)> {
    let own = |noun: &'static str| {
        let key = object.keys().find(|key| key.cloud == Cloud::Aws && *key.noun == *noun)?;
        Some((noun, key.id.to_string()))
    };
    let own = [INSTANCE, VOLUME, DATABASE, BUCKET].into_iter().find_map(own);
    let by_arn = || {
        let arn = arn_of(object)?;
        let known = arn::known(arn)?;
        Some((noun(known.type_name)?, known.import_id(arn)?))
    };
    own.or_else(by_arn).filter(|(_, id)| is_id(id))
}

/// The region, as its ARN or its availability zone says: `eu-west-1a` is one of `eu-west-1`.
fn region(object: &Object) -> Option<String> {
    let by_arn = arn_of(object).and_then(Arn::parse).map(|arn| arn.region);
    let by_zone = || {
        let zone = object.location.as_deref()?;
        let (area, last) = zone.rsplit_once('-')?;
        let number = last.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(last);
        let is_region = area.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && number.len() == 1
            && number.bytes().all(|byte| byte.is_ascii_digit());
        is_region.then(|| format!("{area}-{number}"))
    };
    by_arn.filter(|region| !region.is_empty()).map(str::to_owned).or_else(by_zone)
}

fn describe(object: &mut Object, values: Attributes<'_>) {
    let tags = if values.entries("tags_all").next().is_some() { "tags_all" } else { "tags" };
    object.labels = values.entries(tags).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    object.name = object.labels.get("Name").filter(|name| !name.is_empty()).cloned();
    object.name = object.name.take().or_else(|| values.owned("name"));
    let region = arn_of(object).and_then(Arn::parse).map(|arn| arn.region.to_owned());
    object.location =
        values.owned("availability_zone").or_else(|| region.filter(|region| !region.is_empty()));
    let status = match &*object.key.noun {
        INSTANCE => values.text("instance_state"),
        DATABASE => values.text("status"),
        _ => None,
    };
    object.status = match status {
        None => Status::Unknown,
        Some("running" | "available") => Status::Running,
        Some("stopped") => Status::Stopped,
        Some(other) => Status::Other(other.into()),
    };
    let addresses = ["public_ip", "public_dns", "private_ip", "private_dns", "address"];
    object.addresses = addresses.iter().filter_map(|name| values.owned(name)).collect();
    let protections = ["disable_api_termination", "deletion_protection", "enable_deletion_protection"];
    object.protected = protections.iter().any(|name| values.flag(name) == Some(true));
}
