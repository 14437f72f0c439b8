//! `tidelock rollback run`: the only command that changes anything, and only what its list names.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::{self, BufRead, IsTerminal},
    path::{Path, PathBuf},
};

use tidelock::{
    Lock, ResourceAddr, lock,
    run::rollback::{
        ActionList, Api, Apis, Client, Ended, Event, Item, Limits, ObjectName, Outcome as Ran, Posted,
        Runner, SystemClock, Token,
    },
    types::{self, Request},
};

use crate::{
    args::{InputName, RunArgs},
    error::{CliError, Failure},
    inputs::{Place, one_line, printable},
    journal::FileJournal,
    keyring::KeyRing,
    outcome::Outcome,
    surroundings,
    terminal::Streams,
};

/// Exit code of a run that leaves something.
const LEFT: u8 = 3;

/// The platforms that lists may name: the placeholder, which is the variable of the provider, what reports call them, and the
/// variables that hold a token.
const PLATFORMS: &[(&str, &str, &[&str])] = &[
    ("DIGITALOCEAN_API_URL", "digitalocean", &["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"]),
    ("HCLOUD_ENDPOINT", "hcloud", &["HCLOUD_TOKEN"]),
    ("PROXMOX_VE_ENDPOINT", "proxmox", &["PROXMOX_VE_API_TOKEN"]),
    ("TAILSCALE_BASE_URL", "tailscale", &["TAILSCALE_API_KEY"]),
];

pub(super) fn run(args: &RunArgs, streams: Streams) -> Result<Outcome, Failure> {
    let source = Place::File(args.list.clone()).read()?;
    let list = ActionList::read(source.name(), source.bytes())?;
    let guard = Guard::of(args)?;
    let apis = apis(&list, args, streams)?;
    let refuses = |item: &Item| guard.refuses(item);
    let (http, clock) = (Client::new(), SystemClock::default());
    let runner =
        Runner { apis: &apis, http: &http, clock: &clock, limits: Limits::default(), refuses: &refuses };
    if args.dry_run {
        return dry(&list, &runner, args);
    }
    // Whoever holds the journal is the only one at work; nobody is asked before that is certain.
    let mut journal = FileJournal::open(&beside(&args.list), list.digest())?;
    if !args.yes {
        confirm(&list, &runner)?;
    }
    let mut progress = Progress::new();
    let ran = runner.run(&list, &mut journal, &mut |event| progress.tell(event));
    progress.end();
    let ran = ran?;
    super::super::print(&told(&list, &ran))?;
    Ok(Outcome::Answered(if ran.is_complete() || args.exit_zero { 0 } else { LEFT }))
}

/// `ACTIONS.json.journal`
fn beside(list: &Path) -> PathBuf {
    let mut name = list.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}

/// What must not go, whatever a list says.
struct Guard {
    lock: Lock,
    before: BTreeSet<(String, String, String)>,
}

impl Guard {
    fn of(args: &RunArgs) -> Result<Self, Failure> {
        let named = args.lock.as_deref();
        let file = named.unwrap_or(Path::new(lock::FILE_NAME));
        let lock = match Place::File(file.to_owned()).read() {
            Ok(source) => Lock::read(&source)?,
            Err(CliError::Missing { .. }) if named.is_none() => Lock::default(),
            Err(CliError::Missing { path }) => return Err(CliError::NoLock { path }.into()),
            Err(error) => return Err(error.into()),
        };
        let before = args.before.as_ref().map(|name| before(name, args)).transpose()?.unwrap_or_default();
        Ok(Self { lock, before })
    }

    fn refuses(&self, item: &Item) -> Option<String> {
        let is_device =
            |object: &ObjectName| object.provider == "tailscale" && object.kind.starts_with("device");
        if !self.lock.is_empty() && item.address().is_none() && !item.object().is_some_and(is_device) {
            return Some(
                "the list does not say which address it has, so that nobody can tell whether it is protected"
                    .to_owned(),
            );
        }
        if let Some(address) = item.address().filter(|_| !self.lock.is_empty()) {
            let Ok(address) = address.parse::<ResourceAddr>() else {
                return Some(
                    "its address is none, so that nobody can tell whether it is protected".to_owned(),
                );
            };
            if self.lock.covers(&address).is_some() {
                return Some("tidelock.lock protects it".to_owned());
            }
        }
        let object = item.object()?;
        let key = (object.provider.clone(), object.kind.clone(), object.id.clone());
        self.before.contains(&key).then(|| "it was there before the run".to_owned())
    }
}

/// What the state before the run held.
fn before(name: &InputName, args: &RunArgs) -> Result<BTreeSet<(String, String, String)>, Failure> {
    let source = KeyRing::new(&args.keys)?.read_state(&Place::from(name), None)?;
    let Some(state) = tidelock::read_state(&source, None)?.state else { return Ok(BTreeSet::new()) };
    let mut keys = BTreeSet::new();
    for instance in state.instances() {
        let type_name = &*instance.address.type_name;
        let values = instance.values(state.source()).map_err(tidelock::Error::from)?;
        let object = types::of(type_name).object(type_name, &values.value);
        let named = object.iter().flat_map(tidelock::inventory::Object::keys);
        keys.extend(named.map(|key| (key.cloud.to_string(), key.noun.to_string(), key.id.to_string())));
    }
    Ok(keys)
}

/// The platforms that the list names, as the environment tells.
fn apis(list: &ActionList, args: &RunArgs, streams: Streams) -> Result<Apis, Failure> {
    let pem = args
        .ca_file
        .as_deref()
        .map(|path| fs::read(path).map_err(|source| CliError::Unreadable { path: printable(path), source }));
    let pem = pem.transpose()?;
    let env = |name: &str| surroundings::env(name).filter(|value| !value.trim().is_empty());
    let mut apis = Apis::new();
    for (placeholder, provider, usual) in PLATFORMS {
        if !list.placeholders().contains(placeholder) {
            continue;
        }
        let base = env(placeholder).or_else(|| Request::default_base(placeholder).map(str::to_owned));
        let Some(base) = base else { continue };
        let named = list.tokens().get(*provider);
        let token = match named {
            Some(name) => env(name),
            None => usual.iter().find_map(|name| env(name)),
        };
        match Api::new(placeholder, &base, token.as_deref().and_then(Token::new)) {
            Ok(api) => {
                let own = pem.clone().filter(|_| *provider == "proxmox");
                apis.add(placeholder, own.map_or_else(|| api.clone(), |pem| api.clone().authority(pem)));
            }
            Err(error) => {
                streams.report(&error);
                apis.refuse(placeholder, format!("{placeholder}: {error}"));
            }
        }
    }
    Ok(apis)
}

fn dry(list: &ActionList, runner: &Runner<'_>, args: &RunArgs) -> Result<Outcome, Failure> {
    let mut text = String::new();
    let mut refused = 0;
    for item in list.items() {
        let label = one_line(&item.label());
        // Writing to a string cannot fail.
        if let Some(why) = runner.refusal(item) {
            refused += 1;
            let _ = writeln!(text, "refused  {label}: {why}");
            continue;
        }
        let _ = writeln!(text, "remove   {label}");
        for call in runner.calls(item) {
            let _ = writeln!(text, "         {}", one_line(&call));
        }
    }
    let _ =
        writeln!(text, "{} to remove, {refused} refused; nothing was called", list.items().len() - refused);
    super::super::print(&text)?;
    Ok(Outcome::Answered(if refused == 0 || args.exit_zero { 0 } else { LEFT }))
}

/// Asks a person, if there is one.
fn confirm(list: &ActionList, runner: &Runner<'_>) -> Result<(), CliError> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(CliError::Unconfirmed);
    }
    let mut text = String::new();
    let items: Vec<&Item> = list.items().iter().filter(|item| runner.refusal(item).is_none()).collect();
    for item in &items {
        let _ = writeln!(text, "  {}", one_line(&item.label()));
    }
    Streams::complain(&format!(
        "This deletes for good:\n{text}Type the number of objects ({}) to go on: ",
        items.len()
    ));
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if read.is_ok() && line.trim() == items.len().to_string() { Ok(()) } else { Err(CliError::Declined) }
}

/// What became of each, and a line that sums it up.
fn told(list: &ActionList, ran: &Ran) -> String {
    let mut text = String::new();
    for end in &ran.ends {
        let Some(item) = list.items().get(end.at) else { continue };
        let label = one_line(&item.label());
        let (word, why) = match &end.ended {
            Ended::Deleted => ("removed", None),
            Ended::Gone => ("was gone", None),
            Ended::Earlier => ("removed", Some("by an earlier run")),
            Ended::Failed(why) => ("left", Some(why.as_str())),
            Ended::Refused(why) => ("refused", Some(why.as_str())),
            Ended::HeldBack(why) => ("held back", Some(why.as_str())),
            _ => ("unknown", None),
        };
        let why = why.map(|why| format!(": {}", one_line(why))).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{word:<9}  {label}{why}");
    }
    match &ran.posted {
        Posted::Done => text.push_str("callback   posted\n"),
        Posted::Earlier => text.push_str("callback   posted by an earlier run\n"),
        Posted::Failed(why) => text.push_str(&format!("callback   not heard: {why}\n")),
        _ => {}
    }
    let left = ran.left();
    let removed = ran.ends.len() - left;
    let undecided = if ran.undecided == 0 { String::new() } else { format!(", {} to decide", ran.undecided) };
    let _ = writeln!(text, "{removed} of {} removed, {left} left{undecided}", list.items().len());
    text
}

/// One line on a terminal that says where the run is; nothing in a log.
struct Progress {
    shown: bool,
    line: String,
}

impl Progress {
    fn new() -> Self {
        Self { shown: io::stderr().is_terminal(), line: String::new() }
    }

    fn tell(&mut self, event: &Event<'_>) {
        if !self.shown {
            return;
        }
        match event {
            Event::Item { at, of, item } => {
                self.line = format!("{}/{of} {}", at + 1, one_line(&item.label()));
                self.show("");
            }
            Event::Again { why, pause, .. } => {
                self.show(&format!(": {}; again in {} s", one_line(why), pause.as_secs()));
            }
            Event::Awaiting { so_far, .. } => {
                self.show(&format!(": its task runs for {} s", so_far.as_secs()));
            }
            _ => {}
        }
    }

    fn show(&self, more: &str) {
        Streams::complain(&format!("\r\u{1b}[K{}{more}", self.line));
    }

    fn end(&self) {
        if self.shown {
            Streams::complain("\r\u{1b}[K");
        }
    }
}
