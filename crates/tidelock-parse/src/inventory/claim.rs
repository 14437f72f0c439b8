//! What somebody says that an input lists: `proxmox:qemu=FILE`.

use std::{fmt, str::FromStr};

use super::{Cloud, Key};

/// Every kind of thing that the built-in readers know: platform, and what it calls such a thing.
pub const KINDS: &[(&str, &str)] = &[
    ("proxmox", "qemu"),
    ("proxmox", "lxc"),
    ("hcloud", "server"),
    ("hcloud", "volume"),
    ("hcloud", "network"),
    ("hcloud", "firewall"),
    ("hcloud", "primary_ip"),
    ("hcloud", "floating_ip"),
    ("hcloud", "load_balancer"),
    ("hcloud", "ssh_key"),
    ("aws", "ec2:instance"),
    ("aws", "ec2:volume"),
    ("aws", "rds:db"),
    ("aws", "s3:bucket"),
    ("aws", "arn"),
    ("tailscale", "device"),
    ("tailscale", "key"),
];

/// What an input lists, as its giver says: all there are of these kinds, or all at one place.
///
/// It is needed where the content does not tell: an empty list of servers looks like one of volumes. And it vouches for what no
/// export can show: that the list of one node, or of one region, is all there is.
///
/// ```
/// # use tidelock_parse::inventory::Claim;
/// let (claim, file) = Claim::split("proxmox:qemu,proxmox:lxc@pve1=guests.json").unwrap();
/// assert_eq!(claim.unwrap().location.as_deref(), Some("pve1"));
/// assert_eq!(file, "guests.json");
/// assert_eq!(Claim::split("guests.json").unwrap(), (None, "guests.json"));
/// assert_eq!(Claim::split("./a=b.json").unwrap(), (None, "./a=b.json"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// One of [`KINDS`] as `platform:noun`, or the `kind` of a mapping.
    pub kinds: Vec<String>,
    /// The node or region that the list is limited to; without it, the list is all there is.
    pub location: Option<String>,
}

/// A text in front of `=` that cannot be a kind of inventory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{word}` is no kind of inventory")]
#[diagnostic(
    code(tidelock::inventory::word),
    help(
        "write KIND=FILE, KIND being one of {}, or the `kind` of an [[inventory]] entry in tidelock.toml; a file with `=` in its name is written `./FILE`",
        known()
    )
)]
pub struct UnknownKind {
    /// The text.
    pub word: String,
}

impl Claim {
    /// Splits an argument `KIND=FILE` into what is said about the file, and its name. Without `KIND=`, or with a `/` in front of
    /// the first `=`, the argument is a file name.
    ///
    /// # Errors
    /// [`UnknownKind`] if the text in front of `=` cannot be one.
    pub fn split(argument: &str) -> Result<(Option<Self>, &str), UnknownKind> {
        match argument.split_once('=') {
            Some((words, file)) if !words.contains(['/', '\\']) => Ok((Some(words.parse()?), file)),
            _ => Ok((None, argument)),
        }
    }
}

impl FromStr for Claim {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let unknown = |word: &str| UnknownKind { word: word.escape_debug().to_string() };
        let (kinds, location) = match text.split_once('@') {
            Some((kinds, "")) => return Err(unknown(kinds)),
            Some((kinds, location)) => (kinds, Some(location.to_owned())),
            None => (text, None),
        };
        let kinds: Vec<String> = kinds.split(',').map(|kind| kind.trim().to_owned()).collect();
        let is_word = |kind: &String| {
            let (cloud, noun) = kind.split_once(':').unwrap_or((kind, ""));
            let named = noun.is_empty() && !kind.contains(':');
            (named && is_name(cloud)) || KINDS.contains(&(cloud, noun))
        };
        match kinds.iter().find(|kind| !is_word(kind)) {
            Some(word) => Err(unknown(word)),
            None => Ok(Self { kinds, location }),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kinds.join(","))?;
        self.location.iter().try_for_each(|location| write!(f, "@{location}"))
    }
}

/// Whether a text may be the kind of a mapping.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The built-in kind that a word names.
pub(super) fn built_in(word: &str) -> Option<(Cloud, &'static str)> {
    let (cloud, noun) = word.split_once(':')?;
    let (cloud, noun) = KINDS.iter().find(|known| **known == (cloud, noun))?;
    Some((Cloud::from(*cloud), noun))
}

/// A kind as it is written in front of a file.
pub(super) fn written(cloud: &Cloud, noun: &str) -> String {
    format!("{cloud}:{noun}")
}

/// All built-in kinds, for help texts.
pub(super) fn known() -> String {
    let kinds: Vec<String> = KINDS.iter().map(|(cloud, noun)| format!("`{cloud}:{noun}`")).collect();
    kinds.join(", ")
}

/// How to export a list again that something is wrong with; `list` is a platform or the `kind` of a mapping.
pub(super) fn export_of(list: &str) -> String {
    let command = match list {
        "proxmox" => "`pvesh get /cluster/resources --type vm --output-format json`",
        "hcloud" => "`hcloud server list -o json`, or the pages of the API",
        "aws" => "`aws ec2 describe-instances --output json`",
        "tailscale" => "`GET /api/v2/tailnet/-/devices`",
        _ => {
            return format!(
                "compare its fields with the [[inventory]] entry `{list}` in tidelock.toml: `id` must name one that every object has"
            );
        }
    };
    format!("export it again, unchanged: {command}; docs/inventories.md has the command for each kind")
}

impl Key {
    /// As [`Claim`]s spell its kind.
    pub fn kind(&self) -> String {
        written(&self.cloud, &self.noun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_a_claim_and_is_written_as_it_is_read() {
        for (cloud, noun) in KINDS {
            let word = format!("{cloud}:{noun}");
            let claim: Claim = word.parse().unwrap();
            assert_eq!((claim.to_string(), built_in(&word).unwrap().1), (word.clone(), *noun));
        }
        let both: Claim = "proxmox:qemu,azure-vm@pve1".parse().unwrap();
        assert_eq!(both.to_string(), "proxmox:qemu,azure-vm@pve1");
    }

    #[test]
    fn a_word_that_is_no_kind_is_refused_with_the_list() {
        for word in ["proxmox:vm", "hcloud:", "a b", "", "x:y:z", "proxmox:qemu@"] {
            let error = word.parse::<Claim>().unwrap_err();
            let help = miette::Diagnostic::help(&error).unwrap().to_string();
            assert!(help.contains("`hcloud:server`"), "{word}: {help}");
        }
        assert!(Claim::split("proxmox:vms=x").is_err());
    }
}
