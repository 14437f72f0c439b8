//! Objects of an AWS account, as the AWS CLI prints them with `--output json`.
//!
//! All but the list of buckets know one region only, so what is not in them may still exist.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Cloud, InventoryError, Key, Object, Status,
    collector::{Collector, Scope},
    json::{Fault, Members, each, filled, is_empty_list, is_list},
};

/// What reports call the platform.
const PLATFORM: &str = "aws";

/// What a list lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `ec2 describe-instances`: instances by reservation.
    Reservation,
    /// The instances themselves, as `--query 'Reservations[].Instances[]'` leaves them.
    Instance,
    /// `ec2 describe-volumes`.
    Volume,
    /// `rds describe-db-instances`.
    Database,
    /// `s3api list-buckets`.
    Bucket,
    /// `resourcegroupstaggingapi get-resources`.
    Tagged,
}

/// What each answer of the CLI calls its list, what it lists, and a field of an element.
const LISTS: &[(&str, Kind, &str)] = &[
    ("Reservations", Kind::Reservation, "Instances"),
    ("Instances", Kind::Instance, "InstanceId"),
    ("Volumes", Kind::Volume, "VolumeId"),
    ("DBInstances", Kind::Database, "DBInstanceIdentifier"),
    ("Buckets", Kind::Bucket, "Name"),
    ("ResourceTagMappingList", Kind::Tagged, "ResourceARN"),
];

/// The lists in an answer.
pub(super) fn lists<'a>(envelope: &Members<'a>) -> Vec<(Kind, &'a RawValue)> {
    let named = |(name, kind, field): &(&str, Kind, &str)| {
        let list = envelope.get(name).filter(|list| is_list(list))?;
        let ours = is_empty_list(list) || Members::of_first(list).is_some_and(|first| first.has(field));
        ours.then_some((*kind, list))
    };
    LISTS.iter().filter_map(named).collect()
}

/// What an element of a list is, where `--query` took the envelope away.
pub(super) fn kind(item: &Members<'_>) -> Option<Kind> {
    let known = [
        (Kind::Reservation, &["ReservationId", "Instances"]),
        (Kind::Instance, &["InstanceId", "State"]),
        (Kind::Volume, &["VolumeId", "State"]),
        (Kind::Database, &["DBInstanceIdentifier", "DBInstanceStatus"]),
        (Kind::Bucket, &["Name", "CreationDate"]),
        (Kind::Tagged, &["ResourceARN", "Tags"]),
    ];
    known.into_iter().find(|(_, fields)| item.has_all(&fields[..])).map(|(kind, _)| kind)
}

/// Whether an answer lists all that it could.
pub(super) fn scope(envelope: &Members<'_>) -> Scope {
    // Only the buckets whose names begin with it.
    match envelope.get("Prefix").map(RawValue::get) {
        None | Some("null" | "\"\"") => Scope::List,
        Some(_) => Scope::Choice,
    }
}

/// Reads a list, or an object that stands by itself.
pub(super) fn list(
    kind: Kind,
    value: &RawValue,
    scope: Scope,
    collector: &mut Collector<'_>,
) -> Result<(), InventoryError> {
    let read = match kind {
        Kind::Reservation => each(value, |reservation: Reservation| reservation.add(collector)),
        Kind::Instance => each(value, |instance: Instance| instance.add(None, collector)),
        Kind::Volume => each(value, |volume: Volume| volume.add(collector)),
        Kind::Database => each(value, |database: Database| database.add(collector)),
        Kind::Bucket => each(value, |bucket: Bucket| bucket.add(collector)),
        Kind::Tagged => each(value, |tagged: Tagged| tagged.add(collector)),
    };
    read.map_err(|at| collector.fault(PLATFORM, scope, at))?;
    // Buckets have no region, and all of them are listed.
    collector.covers(Cloud::Aws, kind.noun(), kind == Kind::Bucket && scope == Scope::List);
    Ok(())
}

impl Kind {
    /// What such a thing is called here.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Reservation | Self::Instance => "ec2:instance",
            Self::Volume => "ec2:volume",
            Self::Database => "rds:db",
            Self::Bucket => "s3:bucket",
            Self::Tagged => "arn",
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reservation {
    owner_id: Option<String>,
    instances: Option<Vec<Instance>>,
}

impl Reservation {
    fn add(self, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let owner = self.owner_id.as_deref();
        self.instances.into_iter().flatten().try_for_each(|instance| instance.add(owner, collector))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instance {
    #[serde(rename = "InstanceId")]
    id: Option<String>,
    state: Option<Named>,
    launch_time: Option<String>,
    placement: Option<Placement>,
    public_ip_address: Option<String>,
    private_ip_address: Option<String>,
    public_dns_name: Option<String>,
    network_interfaces: Option<Vec<Interface>>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placement {
    availability_zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Interface {
    attachment: Option<InterfaceAttachment>,
    ipv6_addresses: Option<Vec<Ipv6>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InterfaceAttachment {
    attach_time: Option<String>,
    device_index: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6 {
    ipv6_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: Option<String>,
    value: Option<String>,
}

impl Instance {
    fn add(self, owner: Option<&str>, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let id = filled(self.id).ok_or(Fault::Lacks("has no `InstanceId`"))?;
        let state = self.state.and_then(|state| state.name);
        // It is listed for an hour after it is gone.
        if state.as_deref() == Some("terminated") {
            return Ok(());
        }
        let mut object = Object::new(Key::new(Cloud::Aws, "ec2:instance", &*id));
        object.location = filled(self.placement.and_then(|placement| placement.availability_zone));
        object.aliases.extend(object.location.as_deref().zip(owner).and_then(|(zone, owner)| {
            let region = region(zone)?;
            Some(arn(format!("arn:{}:ec2:{region}:{owner}:instance/{id}", partition(region))))
        }));
        object.status = status(state.as_deref(), &["running"], &["stopped"]);
        let interfaces = self.network_interfaces.unwrap_or_default();
        let addresses = [self.public_ip_address, self.private_ip_address];
        let six = interfaces.iter().flat_map(|interface| interface.ipv6_addresses.iter().flatten());
        let six = six.filter_map(|address| address.ipv6_address.clone());
        let addresses = addresses.into_iter().flatten().chain(six).chain(self.public_dns_name);
        object.addresses = addresses.filter(|address| !address.is_empty()).collect();
        // The launch time is that of the last start; the first interface is there from the beginning.
        let first = interfaces.into_iter().filter_map(|interface| interface.attachment);
        let first = first.filter(|attachment| attachment.device_index == Some(0));
        let attached = first.filter_map(|attachment| attachment.attach_time).min();
        object.created = filled(attached.or(self.launch_time));
        tag(&mut object, self.tags);
        collector.add(object);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    #[serde(rename = "VolumeId")]
    id: Option<String>,
    state: Option<String>,
    create_time: Option<String>,
    availability_zone: Option<String>,
    attachments: Option<Vec<VolumeAttachment>>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeAttachment {
    delete_on_termination: Option<bool>,
}

impl Volume {
    fn add(self, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let id = filled(self.id).ok_or(Fault::Lacks("has no `VolumeId`"))?;
        let mut object = Object::new(Key::new(Cloud::Aws, "ec2:volume", id));
        object.status = status(self.state.as_deref(), &["in-use"], &["available"]);
        object.location = filled(self.availability_zone);
        object.created = filled(self.create_time);
        let attachments = self.attachments.unwrap_or_default();
        tag(&mut object, self.tags);
        if attachments.iter().any(|attachment| attachment.delete_on_termination == Some(true)) {
            object.managed_by = Some("the instance that it goes with".to_owned());
        }
        collector.add(object);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Database {
    #[serde(rename = "DBInstanceIdentifier")]
    identifier: Option<String>,
    #[serde(rename = "DBInstanceStatus")]
    status: Option<String>,
    #[serde(rename = "DBInstanceArn")]
    arn: Option<String>,
    instance_create_time: Option<String>,
    availability_zone: Option<String>,
    endpoint: Option<Endpoint>,
    deletion_protection: Option<bool>,
    tag_list: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    address: Option<String>,
}

impl Database {
    fn add(self, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let id = filled(self.identifier).ok_or(Fault::Lacks("has no `DBInstanceIdentifier`"))?;
        let mut object = Object::new(Key::new(Cloud::Aws, "rds:db", &*id));
        object.aliases.extend(filled(self.arn).map(arn));
        object.name = Some(id);
        object.status = status(self.status.as_deref(), &["available"], &["stopped"]);
        object.location = filled(self.availability_zone);
        object.created = filled(self.instance_create_time);
        object.addresses.extend(filled(self.endpoint.and_then(|endpoint| endpoint.address)));
        object.protected = self.deletion_protection == Some(true);
        tag(&mut object, self.tag_list);
        collector.add(object);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bucket {
    name: Option<String>,
    creation_date: Option<String>,
    #[serde(rename = "BucketRegion")]
    region: Option<String>,
}

impl Bucket {
    fn add(self, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let name = filled(self.name).ok_or(Fault::Lacks("has no `Name`"))?;
        let mut object = Object::new(Key::new(Cloud::Aws, "s3:bucket", &*name));
        object.location = filled(self.region);
        let partition = partition(object.location.as_deref().unwrap_or_default());
        object.aliases.push(arn(format!("arn:{partition}:s3:::{name}")));
        object.created = filled(self.creation_date);
        object.name = Some(name);
        collector.add(object);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tagged {
    #[serde(rename = "ResourceARN")]
    arn: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl Tagged {
    fn add(self, collector: &mut Collector<'_>) -> Result<(), Fault> {
        let name = filled(self.arn).ok_or(Fault::Lacks("has no `ResourceARN`"))?;
        let mut object = match own_key(&name) {
            Some(key) => {
                let mut object = Object::new(key);
                object.aliases.push(arn(name.clone()));
                object
            }
            None => Object::new(arn(name.clone())),
        };
        object.location = filled(name.split(':').nth(3).map(str::to_owned));
        tag(&mut object, self.tags);
        collector.add(object);
        Ok(())
    }
}

/// The key of what the other lists list, from its ARN: `arn:partition:service:region:account:resource`.
fn own_key(arn: &str) -> Option<Key> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let (noun, id) = match (service, resource) {
        ("ec2", resource) => match resource.split_once('/')? {
            ("instance", id) => ("ec2:instance", id),
            ("volume", id) => ("ec2:volume", id),
            _ => return None,
        },
        ("rds", resource) => ("rds:db", resource.strip_prefix("db:")?),
        ("s3", bucket) if !bucket.contains('/') => ("s3:bucket", bucket),
        _ => return None,
    };
    Some(Key::new(Cloud::Aws, noun, id))
}

fn arn(name: String) -> Key {
    Key::new(Cloud::Aws, "arn", name)
}

/// The region of an availability zone, local zones included: `eu-central-1` of `eu-central-1a`.
fn region(zone: &str) -> Option<&str> {
    let digits = zone.find(|c: char| c.is_ascii_digit())?;
    let behind = zone.get(digits..)?;
    let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    zone.get(..digits + end)
}

fn partition(region: &str) -> &'static str {
    match region.split('-').take(2).collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov"] => "aws-us-gov",
        _ => "aws",
    }
}

fn status(word: Option<&str>, running: &[&str], stopped: &[&str]) -> Status {
    match word {
        None | Some("") => Status::Unknown,
        Some(word) if running.contains(&word) => Status::Running,
        Some(word) if stopped.contains(&word) => Status::Stopped,
        Some(word) => Status::Other(word.into()),
    }
}

/// Takes the tags: the one called `Name` is what people call the object.
fn tag(object: &mut Object, tags: Option<Vec<Tag>>) {
    let tags = tags.into_iter().flatten();
    object.labels = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect();
    if let Some(name) = object.labels.get("Name").filter(|name| !name.is_empty()) {
        object.name = Some(name.clone());
    }
    object.managed_by = managed_by(&object.labels);
}

/// Tags that something writes on what it makes and removes itself, and what it is called.
const MANAGERS: &[(&str, &str)] = &[
    ("aws:autoscaling:groupName", "the Auto Scaling group"),
    ("aws:cloudformation:stack-name", "the CloudFormation stack"),
    ("aws:ec2:fleet-id", "the EC2 fleet"),
    ("aws:ec2spot:fleet-request-id", "the Spot fleet"),
    ("eks:nodegroup-name", "the EKS node group"),
    ("karpenter.sh/nodepool", "the Karpenter node pool"),
    ("kubernetes.io/created-for/pvc/name", "the Kubernetes volume claim"),
];

fn managed_by(tags: &BTreeMap<String, String>) -> Option<String> {
    let mut managers = MANAGERS.iter().filter_map(|(tag, what)| Some((what, tags.get(*tag)?)));
    managers.next().map(|(what, name)| format!("{what} {name}").trim_end().to_owned())
}
