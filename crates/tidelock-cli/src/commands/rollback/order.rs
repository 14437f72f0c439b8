//! The action list that `rollback run` takes, and what the next steps of a workflow want to know.

use std::{collections::BTreeMap, io};

use serde::Serialize;
use tidelock::{Report, proposal::Proposed, rollback::Callback};

use crate::args::RollbackAsk;

/// The report, and what `rollback run` needs besides.
#[derive(Debug, Serialize)]
pub(super) struct Order<'o> {
    #[serde(flatten)]
    report: &'o Report,
    /// Names of environment variables, by provider.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tokens: BTreeMap<&'o str, &'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<Post<'o>>,
}

/// Where the callback goes, and what it says.
#[derive(Debug, Serialize)]
struct Post<'o> {
    url: &'o str,
    document: &'o Callback,
}

impl<'o> Order<'o> {
    pub(super) fn new(args: &'o RollbackAsk, report: &'o Report, callback: &'o Callback) -> Self {
        let tokens = args.token_env.iter().map(|token| (token.provider.as_str(), token.name.as_str()));
        let callback = args.callback_url.as_deref().map(|url| Post { url, document: callback });
        Self { report, tokens: tokens.collect(), callback }
    }
}

/// Writes JSON for people and programs.
pub(super) fn json(value: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.push(b'\n');
    Ok(())
}

/// What later steps want to know; empty where there is nothing, so that `if: … != ''` holds.
pub(super) fn outputs(report: &Report, callback: &Callback) -> BTreeMap<&'static str, Vec<String>> {
    let count = |action: Proposed| {
        let count = report.actions.iter().flatten().filter(|one| one.action == action).count();
        vec![count.to_string()]
    };
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
    BTreeMap::from([
        ("verdict", vec![report.verdict.to_string()]),
        ("remove", count(Proposed::Remove)),
        ("decide", count(Proposed::Decide)),
        ("server_id", known(&callback.server_id)),
        ("server_name", known(&callback.server_name)),
        ("server_ip", known(&callback.server_ip)),
        ("tailscale_ip", known(&callback.tailscale_ip)),
        ("server_ids", callback.servers.iter().map(|server| server.server_id.clone()).collect()),
    ])
}
