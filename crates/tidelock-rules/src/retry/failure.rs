//! What an error of an apply means for a retry.
//!
//! The facts are data (`facts/failures.toml`). An error that the file does not know is no reason against a retry.

use std::{fmt, sync::OnceLock};

use regex_lite::{Regex, RegexBuilder};
use serde::Deserialize;
use tidelock_parse::{ResourceAddr, stream::Diagnostic};

static TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/facts/failures.toml"));

/// Text of one error that is looked at, in characters; providers put whole answers of an API into them.
const MAX_CHARS: usize = 4_000;

/// Why something failed, as far as it matters for a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The account may not do it.
    Permissions,
    /// The platform does not know who asks.
    Authentication,
    /// A secret or a variable was not given.
    Secret,
    /// What was asked for is not valid.
    Argument,
    /// A limit of the account, or no room.
    Quota,
    /// What should be made is there already.
    Exists,
    /// It goes away by itself: a timeout, a lock, too many calls, a platform that has a bad moment.
    Transient,
}

impl Cause {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Authentication => "authentication",
            Self::Secret => "missing secret",
            Self::Argument => "invalid argument",
            Self::Quota => "quota",
            Self::Exists => "exists already",
            Self::Transient => "transient",
        }
    }

    /// Whether a retry meets it again, as long as nothing is changed.
    pub const fn is_met_again(self) -> bool {
        !matches!(self, Self::Transient | Self::Exists)
    }

    /// What has to be done before a retry, one phrase.
    pub(super) const fn remedy(self) -> &'static str {
        match self {
            Self::Permissions => "give the account what it lacks",
            Self::Authentication => "renew the credentials",
            Self::Secret => "give what is missing",
            Self::Argument => "correct the configuration",
            Self::Quota => "raise the limit, or make room",
            Self::Exists => "find out what exists: give an inventory",
            Self::Transient => "try again",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An error of the log that a retry has to reckon with.
#[derive(Clone, Debug)]
pub(super) struct Failure<'r> {
    /// What it is about; `None` for errors that name no instance.
    pub(super) address: Option<&'r ResourceAddr>,
    /// What it means; `None` where nobody knows.
    pub(super) cause: Option<Cause>,
    pub(super) diagnostic: &'r Diagnostic,
}

impl<'r> Failure<'r> {
    pub(super) fn of(address: Option<&'r ResourceAddr>, diagnostic: &'r Diagnostic) -> Self {
        Self { address, cause: cause(&diagnostic.summary, &diagnostic.detail), diagnostic }
    }

    /// Whether the call may have done its work all the same: it arrived, and its answer did not.
    pub(super) fn is_unanswered(&self) -> bool {
        self.cause == Some(Cause::Transient)
            && is_unanswered(&line(&self.diagnostic.summary, &self.diagnostic.detail))
    }
}

/// What an error means, from its two texts; `None` where the table does not know it.
pub fn cause(summary: &str, detail: &str) -> Option<Cause> {
    let line = line(summary, detail);
    table().causes.iter().find(|(_, patterns)| any(patterns, &line)).map(|(cause, _)| *cause)
}

/// Whether the platform gives each name of such a thing only once, so that it is never made twice.
pub(super) fn has_unique_names(type_name: &str) -> bool {
    table().unique_names.iter().any(|one| one == type_name)
}

fn is_unanswered(line: &str) -> bool {
    any(&table().unanswered, line) && !any(&table().refused, line)
}

/// The texts of an error as the patterns want them.
fn line(summary: &str, detail: &str) -> String {
    let line: String = format!("{summary} {detail}")
        .chars()
        .take(MAX_CHARS)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    line.trim_end().to_owned()
}

fn any(patterns: &[Regex], line: &str) -> bool {
    patterns.iter().any(|one| one.is_match(line))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    unique_names: Vec<String>,
    failure: Vec<Entry>,
    unanswered: Unanswered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unanswered {
    any: Vec<String>,
    unless: Vec<String>,
}

#[derive(Default)]
struct Table {
    causes: Vec<(Cause, Vec<Regex>)>,
    unanswered: Vec<Regex>,
    /// Of those that look unanswered: what never arrived, or was refused.
    refused: Vec<Regex>,
    unique_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    cause: Cause,
    #[serde(rename = "for")]
    _for: String,
    any: Vec<String>,
}

fn table() -> &'static Table {
    static DECODED: OnceLock<Table> = OnceLock::new();
    DECODED.get_or_init(|| {
        // A test holds the file to its form, so nothing is lost here.
        let Ok(file) = toml::from_str::<File>(TABLE) else { return Table::default() };
        let compile = |text: &String| RegexBuilder::new(text).case_insensitive(true).build().ok();
        let all = |texts: &[String]| texts.iter().filter_map(compile).collect::<Vec<_>>();
        Table {
            causes: file.failure.iter().map(|entry| (entry.cause, all(&entry.any))).collect(),
            unanswered: all(&file.unanswered.any),
            refused: all(&file.unanswered.unless),
            unique_names: file.unique_names,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let file: File = toml::from_str(TABLE).unwrap();
        let causes = file.failure.iter().flat_map(|entry| &entry.any);
        let patterns: Vec<&String> =
            causes.chain(&file.unanswered.any).chain(&file.unanswered.unless).collect();
        for pattern in &patterns {
            assert!(Regex::new(pattern).is_ok(), "{pattern}");
            assert!(!Regex::new(pattern).unwrap().is_match(""), "{pattern} fits everything");
        }
        let read = table();
        let causes = read.causes.iter().map(|(_, patterns)| patterns.len()).sum::<usize>();
        assert_eq!(causes + read.unanswered.len() + read.refused.len(), patterns.len());
    }

    #[track_caller]
    fn all(expected: Option<Cause>, messages: &[&str]) {
        let wrong: Vec<_> = messages
            .iter()
            .filter_map(|text| Some((text, cause(text, ""))).filter(|(_, found)| *found != expected))
            .collect();
        assert!(wrong.is_empty(), "expected {expected:?}: {wrong:#?}");
    }

    #[test]
    fn missing_permissions_are_met_again() {
        all(
            Some(Cause::Permissions),
            &[
                "error creating VM: received an HTTP 403 response - Reason: Permission check failed (/vms/110, VM.Allocate)",
                "permissions for user/token ci@pve are not sufficient, please provide also the following permissions that are missing: [VM.Clone]",
                "the API token is only allowed to read (token_readonly, 2f2a)",
                "creating EC2 Instance: operation error EC2: RunInstances, https response error StatusCode: 403, RequestID: 1, api error UnauthorizedOperation: You are not authorized to perform this operation.",
                "creating S3 Bucket (logs): AccessDenied: Access Denied",
                r#"resources.GroupsClient#Get: Failure responding to request: StatusCode=403 -- Original Error: autorest/azure: Service returned an error. Status=403 Code="AuthorizationFailed" Message="The client 'x' does not have authorization to perform action""#,
                "Error creating instance: googleapi: Error 403: Required 'compute.instances.create' permission for 'projects/p/zones/z/instances/i', forbidden",
                "googleapi: Error 403: Compute Engine API has not been used in project 1 before or it is disabled., accessNotConfigured",
                "Failed to create key calling actor does not have enough permissions to perform this function (403)",
            ],
        );
    }

    #[test]
    fn wrong_credentials_are_met_again() {
        all(
            Some(Cause::Authentication),
            &[
                "received an HTTP 401 response - Reason: authentication failure",
                "failed to authenticate HTTP GET request: 401 No ticket",
                "unable to authenticate (unauthorized, 8d2c)",
                "Failed to create key API token invalid (401)",
                "entered token is invalid (must be exactly 64 characters long)",
                "operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 1, api error InvalidClientTokenId: The security token included in the request is invalid.",
                "AuthFailure: AWS was not able to validate the provided access credentials",
                "ExpiredTokenException: The security token included in the request is expired",
                "AADSTS7000215: Invalid client secret provided.",
                r#"oauth2: "invalid_grant" "Invalid JWT Signature.""#,
            ],
        );
    }

    #[test]
    fn what_was_not_given_is_met_again() {
        all(
            Some(Cause::Secret),
            &[
                r#"No value for required variable The root module input variable "hcloud_token" is not set, and has no default value."#,
                r#"Missing required argument The argument "token" is required, but no definition was found."#,
                "No valid credential sources found",
                "google: could not find default credentials. See https://cloud.google.com/docs",
                "unable to build authorizer for Resource Manager API: could not configure AzureCli Authorizer",
                "Missing Proxmox VE API credentials",
            ],
        );
    }

    #[test]
    fn what_is_not_valid_is_met_again() {
        all(
            Some(Cause::Argument),
            &[
                "Failed to create key requested tags [tag:webb] are invalid or not permitted (400)",
                "received an HTTP 400 response - Reason: Parameter verification failed. (memory: value must be a number)",
                "error creating VM: received an HTTP 500 response - Reason: storage 'local-zfs' does not exist",
                "error waiting for VM clone: received an HTTP 500 response - Reason: unable to find configuration file for VM 9000 on node 'pve1'",
                "invalid input in field 'server_type' (invalid_input, 7f31): [server_type => [unknown]]",
                "image not found (not_found, 404)  (404)",
                "InvalidAMIID.NotFound: The image id '[ami-0abc]' does not exist",
                "InvalidParameterValue: Invalid value 'x' for instanceType",
                r#"Status=400 Code="InvalidParameter" Message="The value of parameter imageReference is not valid.""#,
                "googleapi: Error 400: Invalid value for field 'resource.name': 'A_B'., invalid",
            ],
        );
    }

    #[test]
    fn a_limit_of_the_account_is_met_again() {
        all(
            Some(Cause::Quota),
            &[
                "server limit exceeded (resource_limit_exceeded, d1798f30)",
                "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
                "InstanceLimitExceeded: Your quota allows for 0 more running instance(s).",
                "AddressLimitExceeded: The maximum number of addresses has been reached.",
                "unexpected status 409 (409 Conflict) with error: OperationNotAllowed: Operation could not be completed as it results in exceeding approved Total Regional Cores quota.",
                r#"StatusCode=401 -- Original Error: Code="Unauthorized" Message="Operation cannot be completed without additional quota.""#,
                "googleapi: Error 403: Quota 'CPUS' exceeded.  Limit: 24.0 in region europe-west3., quotaExceeded",
                "task failed: unable to create image: no space left on device",
            ],
        );
    }

    #[test]
    fn what_passes_by_itself_does_not_stop() {
        all(
            Some(Cause::Transient),
            &[
                "googleapi: Error 403: Quota exceeded for quota group 'ReadGroup' and limit 'Read requests per user per 100 seconds' of service 'compute.googleapis.com'., rateLimitExceeded",
                "RequestLimitExceeded: Request limit exceeded.",
                "API rate limit reached (429)",
                "Throttling: Rate exceeded",
                "hcclient/WaitForActions: action 273224989 failed: server is locked (unknown_error)",
                "server is locked (locked, 423)",
                "Error acquiring the state lock",
                "received an HTTP 595 response - Reason: Connection timed out",
                "received an HTTP 596 response - Reason: Broken pipe",
                "can't lock file '/var/lock/qemu-server/lock-110.conf' - got timeout",
                "Post \"https://api.hetzner.cloud/v1/servers\": read tcp 192.0.2.1:1->192.0.2.2:443: read: connection reset by peer",
                "could not allocate metrics server (resource_unavailable)",
                "InsufficientInstanceCapacity: We currently do not have sufficient capacity",
                "StatusCode=503 ServiceUnavailable",
                "googleapi: Error 500: Internal error encountered., backendError",
                "context deadline exceeded",
                "timeout while waiting for state to become 'running'",
            ],
        );
    }

    #[test]
    fn what_is_there_already_is_a_cause_of_its_own() {
        all(
            Some(Cause::Exists),
            &[
                "server name is already used (uniqueness_error, 1f)",
                "received an HTTP 500 response - Reason: unable to create VM 429: config file already exists",
                "EntityAlreadyExists: Role with name ci already exists.",
                "googleapi: Error 409: The resource 'projects/p/zones/z/instances/i' already exists, alreadyExists",
                r#"A resource with the ID "/subscriptions/x" already exists - to be managed via Terraform this resource needs to be imported into the State."#,
            ],
        );
    }

    #[test]
    fn an_error_that_nobody_knows_is_no_reason_against_a_retry() {
        all(
            None,
            &["the task ended before the object was ready", "Provider produced inconsistent result", ""],
        );
        assert!(Cause::Quota.is_met_again() && !Cause::Transient.is_met_again());
    }

    #[test]
    fn a_detail_of_any_length_is_looked_at_in_bounded_time() {
        let long = "quota ".repeat(200_000);
        assert_eq!(cause("x", &long), None);
    }

    #[test]
    fn a_call_without_an_answer_is_told_from_one_that_was_refused() {
        let unanswered =
            |text: &str| cause(text, "") == Some(Cause::Transient) && is_unanswered(&line(text, ""));
        for text in [
            "timeout while waiting",
            "context deadline exceeded",
            "read tcp 192.0.2.1:50000->192.0.2.2:443: read: connection reset by peer",
            r#"Post "https://api.example.com/v1/servers": EOF"#,
            "StatusCode=503",
            "received an HTTP 500 response - Reason: Internal Server Error",
            "502 Bad Gateway",
        ] {
            assert!(unanswered(text), "{text}");
        }
        for text in [
            "server is locked (locked, 423)",
            "too many requests (429)",
            "Error acquiring the state lock: timeout",
            "can't lock file '/var/lock/qemu-server/lock-110.conf' - got timeout",
            "dial tcp 192.0.2.1:443: i/o timeout",
            "dial tcp 192.0.2.1:443: connect: connection refused",
            "StatusCode: 503, api error SlowDown: Please reduce your request rate",
            "StatusCode: 500, api error InsufficientInstanceCapacity: no room in this zone",
            "permission denied after a timeout",
        ] {
            assert!(!unanswered(text), "{text}");
        }
    }
}
