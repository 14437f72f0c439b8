//! Every kind of file that tidelock reads, damaged in every way: an answer or a refusal that says what to do; never a
//! crash, never long, never much memory. `TIDELOCK_SEARCH_SECONDS` says for how long each kind is searched.

#![allow(clippy::unwrap_used, reason = "a fixture that cannot be read fails the test")]
#![allow(clippy::print_stdout, reason = "how much was searched is for the person who runs the test")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the names of fixtures are ours")]
#![allow(clippy::unchecked_time_subtraction, reason = "processor time does not run backwards")]

mod cases;
mod harm;
mod outputs;

use std::{
    fs,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use harm::{Harm, harm};
use peak_alloc::PeakAlloc;
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};
use tidelock::{
    Analysis, Baseline, Configuration, Lock, Policy, Source,
    approval::{Terms, Verified},
    config::MemoryTree,
    encryption::{Keys, Secret},
};
use tidelock_testkit::{
    envelope::Pbkdf2,
    fixtures::{self, Case},
    saved::{self, Member},
};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The heap is counted for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Processor time for all that can be asked about one input, about ten questions. Two seconds are the promise; without
/// optimisation what takes a tenth of a second, such as values 20,000 levels deep, takes one to two.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 2 });

/// Beyond what was there before, in MiB.
const LARGEST: f32 = 256.0;

const PASSPHRASE: &str = "seventeen-green-apples";

const POLICY: &str = "version = 1\nfail_on = [\"drift\"]\nprotect = [\"aws_db_instance.*\"]\n\n[severity]\nTL202 = \"warn\"\n\n[thresholds]\nmax_creates = 30\n\n[[waiver]]\nrule = \"TL202\"\naddress = \"aws_db_instance.reports\"\nreason = \"restored from the snapshot of 1 March\"\nowner = \"ada\"\nuntil = \"2027-03-31\"\n";

/// Processor time for each of the eight kinds. With `planted.rs` it makes less than a minute, however busy the machine.
fn share() -> Duration {
    let seconds = std::env::var("TIDELOCK_SEARCH_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

/// In so much time at least so many must have been tried, or it was no search.
const FEWEST: usize = 5;

/// What this thread has computed so far; wall time where the system does not tell.
fn computed() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let start = START.get_or_init(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Ends the process if one input takes for ever; no test could end then.
fn watched<T>(about: &str, ask: impl FnOnce() -> T) -> T {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    static WATCH: std::sync::Once = std::sync::Once::new();
    WATCH.call_once(|| {
        std::thread::spawn(|| {
            let mut before = 0;
            loop {
                std::thread::sleep(Duration::from_secs(120));
                let now = ASKED.load(Ordering::SeqCst);
                // Even: nothing is being asked.
                if now == before && now % 2 == 1 {
                    std::process::abort();
                }
                before = now;
            }
        });
    });
    ASKED.fetch_add(1, Ordering::SeqCst);
    let (heap, begun) = (HEAP.current_usage_as_mb(), computed());
    HEAP.reset_peak_usage();
    let answer = ask();
    let (taken, held) = (computed() - begun, HEAP.peak_usage_as_mb() - heap);
    ASKED.fetch_add(1, Ordering::SeqCst);
    assert!(taken < LONGEST, "{about}: {taken:?}");
    assert!(held < LARGEST, "{about}: {held} MiB");
    answer
}

/// A file that can be damaged, and who is asked about it.
struct Subject {
    name: String,
    bytes: Vec<u8>,
    ask: Box<dyn Fn(Vec<u8>)>,
}

impl Subject {
    fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>, ask: impl Fn(Vec<u8>) + 'static) -> Self {
        Self { name: name.into(), bytes: bytes.into(), ask: Box::new(ask) }
    }

    /// An input of its own.
    fn input(name: String, bytes: Vec<u8>) -> Self {
        let source = name.clone();
        Self::new(name, bytes, move |bytes| {
            outputs::about(&Analysis::new(), &Source::new(&source, bytes)).complaints();
        })
    }

    /// Damages it for a while; a failure is made as small as possible.
    fn search(subjects: &[Self]) {
        let _alone = ALONE.lock();
        let (begun, share) = (computed(), share());
        let (tried, longest) = (std::cell::Cell::new(0), std::cell::Cell::new(Duration::ZERO));
        let mut runner = TestRunner::new(Config {
            // More than there is time for.
            cases: u32::try_from(share.as_millis()).unwrap(),
            max_shrink_iters: 200,
            failure_persistence: None,
            ..Config::default()
        });
        let strategy = (any::<Index>(), prop::collection::vec(harm(), 1..6));
        let result = runner.run(&strategy, |(which, harms)| {
            if computed() - begun > share {
                return Ok(());
            }
            tried.set(tried.get() + 1);
            let subject = &subjects[which.index(subjects.len())];
            let mut bytes = subject.bytes.clone();
            for harm in &harms {
                let harm: &Harm = harm;
                harm.happens_to(&mut bytes);
            }
            let before = computed();
            watched(&subject.name, || (subject.ask)(bytes));
            longest.set(longest.get().max(computed() - before));
            Ok(())
        });
        println!("{} damaged files, {:?} the longest", tried.get(), longest.get());
        result.unwrap_or_else(|failure| {
            let name = match &failure {
                proptest::test_runner::TestError::Fail(_, (which, _)) => {
                    &subjects[which.index(subjects.len())].name
                }
                proptest::test_runner::TestError::Abort(_) => "?",
            };
            panic!("{name}: {failure}");
        });
        assert!(tried.get() >= FEWEST, "{} files in {share:?}", tried.get());
    }
}

/// Every file of every case for which `is` holds.
fn files(is: impl Fn(&str) -> bool) -> Vec<(Case, String, Vec<u8>)> {
    let mut found = Vec::new();
    for case in fixtures::all().unwrap() {
        let mut names: Vec<String> = fs::read_dir(&case.dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| is(name))
            .collect();
        names.sort();
        for name in names {
            let bytes = case.bytes(&name).unwrap();
            found.push((case.clone(), name, bytes));
        }
    }
    found
}

fn inputs(is: impl Fn(&str) -> bool) -> Vec<Subject> {
    let found = files(is).into_iter();
    found.map(|(case, name, bytes)| Subject::input(format!("{}/{name}", case.name), bytes)).collect()
}

#[test]
fn plan_json() {
    let plans = inputs(|name| name.ends_with("plan.json"));
    assert!(plans.len() > 150);
    Subject::search(&plans);
}

#[test]
fn states() {
    let mut states = inputs(|name| name.contains("state") && !name.ends_with(".snap"));
    assert!(states.len() > 150);
    for (case, name, bytes) in files(|name| name == "state.json") {
        let plan = Source::new("plan.json", case.plan_json().unwrap());
        states.push(Subject::new(format!("{}/{name} beside its plan", case.name), bytes, move |bytes| {
            match Analysis::new().state(&Source::new("state", bytes)) {
                Ok(analysis) => drop(outputs::about(&analysis, &plan).complaints()),
                Err(error) => drop(outputs::complaint(&error)),
            }
        }));
    }
    Subject::search(&states);
}

#[test]
fn logs_of_runs() {
    let logs = inputs(|name| name.ends_with(".jsonl"));
    assert!(logs.len() > 10);
    Subject::search(&logs);
}

#[test]
fn saved_plans_as_they_lie_on_disk() {
    Subject::search(&inputs(|name| name.ends_with(".tfplan")));
}

#[test]
fn members_of_saved_plans() {
    let mut subjects = Vec::new();
    for (case, name, bytes) in files(|name| name.ends_with(".tfplan")) {
        let Some(members) = saved::members(&bytes).filter(|_| bytes.starts_with(b"PK")) else { continue };
        for (at, damaged) in members.iter().enumerate() {
            let (members, name) = (members.clone(), format!("{}/{name}: {}", case.name, damaged.name));
            subjects.push(Subject::new(name, damaged.bytes.clone(), move |bytes| {
                let mut members = members.clone();
                members[at] = Member::new(&members[at].name, bytes);
                let source = Source::new("plan.tfplan", saved::file(&members));
                outputs::about(&Analysis::new(), &source).complaints();
            }));
        }
    }
    assert!(subjects.len() > 700, "{}", subjects.len());
    Subject::search(&subjects);
}

/// A thousandfold of what lies on disk, in every member that is read, whether told honestly or not.
#[test]
fn bombs() {
    const SIZE: usize = 3 << 20;
    let case = fixtures::case("drift/drift_replaces_other_by_trigger").unwrap();
    let members = saved::members(&case.bytes("plan.tfplan").unwrap()).unwrap();
    let _alone = ALONE.lock();
    for (at, damaged) in members.iter().enumerate() {
        for (filling, claims) in [(0, None), (b'[', None), (0, Some(160 << 20))] {
            let mut members = members.clone();
            members[at] = Member { claims, ..Member::new(&damaged.name, vec![filling; SIZE]) };
            let source = Source::new("bomb.tfplan", saved::file(&members));
            assert!(source.bytes().len() < SIZE / 100, "{} bytes", source.bytes().len());
            let about = format!("{}, filled with {filling}, says {claims:?}", damaged.name);
            // One question, since each unpacks it again.
            let answer = watched(&about, || Analysis::new().gate(&source));
            let refused = answer.as_ref().is_err_and(|error| !outputs::complaint(error).is_empty());
            // A gate does not read the lock; the plan and its states are no such thing any more, sources may be empty.
            let unread = damaged.name == ".terraform.lock.hcl";
            let known = ["tfplan", "tfstate", "tfstate-prev"].contains(&damaged.name.as_str());
            assert_eq!(refused, !unread && (claims.is_some() || known), "{about}");
        }
    }
}

/// At ten thousand places of it JSON may begin; none of them may lead to its end.
#[test]
fn a_line_of_megabytes() {
    let _alone = ALONE.lock();
    for piece in ["\"${", "{\"", " {\"a\":1}"] {
        let text = format!("{{\"a\":{}", piece.repeat((8 << 20) / piece.len()));
        for begin in ["", "Planning failed: "] {
            let source = Source::new("line", format!("{begin}{text}"));
            let answer = watched(piece, || Analysis::new().drift(&source));
            assert!(answer.is_err_and(|error| !outputs::complaint(&error).is_empty()), "{piece}");
        }
    }
}

#[test]
fn envelopes() {
    let keys = Keys::new().passphrase(Secret::passphrase(PASSPHRASE).unwrap());
    let mut subjects = Vec::new();
    for (case, name, bytes) in files(|name| name == "plan.tfplan" || name == "state.json") {
        let analysis = Analysis::new().keys(keys.clone());
        // Few rounds: how many are allowed is another test.
        let sealed = Pbkdf2::default().seal(&bytes, PASSPHRASE).text();
        subjects.push(Subject::new(format!("{}/{name}, sealed", case.name), sealed, move |bytes| {
            outputs::about(&analysis, &Source::new("sealed", bytes)).complaints();
        }));
    }
    Subject::search(&subjects);
}

#[test]
fn sources() {
    let mut subjects = Vec::new();
    for case in fixtures::all().unwrap() {
        let plan = Source::new("plan.json", case.plan_json().unwrap());
        let tree: MemoryTree = cases::sources(&case);
        for (file, bytes) in case.sources().unwrap() {
            let (case, plan, tree) = (case.clone(), plan.clone(), tree.clone());
            let name = format!("{}/{file}", case.name);
            subjects.push(Subject::new(name, bytes, move |bytes| {
                let mut tree = tree.clone();
                tree.insert(file.clone(), bytes);
                outputs::sources(&Configuration::load(&tree, &std::collections::BTreeMap::new()));
                outputs::about(&cases::analysis(&case, &tree), &plan).complaints();
            }));
        }
    }
    Subject::search(&subjects);
}

#[test]
fn what_is_given_beside_a_plan() {
    let case = fixtures::case("gate/config_replaces_database").unwrap();
    let plan = Source::new("plan.json", case.plan_json().unwrap());
    let terms = Terms { salt: [7; 16].into(), key: None, by: None };
    let approval = serde_json::to_vec(&Analysis::new().approve(&plan, &terms).unwrap().approval).unwrap();
    let mut baseline = Baseline::new("0123456789abcdef");
    baseline.accept(&Analysis::new().gate(&plan).unwrap());

    let asked = |analysis: Analysis<'_>, plan: &Source| drop(outputs::about(&analysis, plan).complaints());
    let mut subjects = Vec::new();
    let about = plan.clone();
    subjects.push(Subject::new("policy", POLICY, move |bytes| {
        let text = String::from_utf8_lossy(&bytes);
        match Policy::parse("tidelock.toml", &text) {
            Ok(policy) => asked(Analysis::new().policy(policy), &about),
            Err(error) => drop(outputs::complaint(&error)),
        }
    }));
    let about = plan.clone();
    subjects.push(Subject::new("baseline", baseline.to_json().unwrap(), move |bytes| {
        match Baseline::read(&Source::new("baseline.json", bytes)) {
            Ok(baseline) => asked(Analysis::new().baseline(baseline), &about),
            Err(error) => drop(outputs::complaint(&error)),
        }
    }));
    let about = plan.clone();
    subjects.push(Subject::new("approval", approval, move |bytes| {
        match Verified::read(&Source::new("approval.json", bytes), None) {
            Ok(approval) => asked(Analysis::new().approval(approval), &about),
            Err(error) => drop(outputs::complaint(&error)),
        }
    }));
    for (case, name, bytes) in files(|name| name.ends_with(".lock")) {
        let about = plan.clone();
        subjects.push(Subject::new(format!("{}/{name}", case.name), bytes, move |bytes| {
            match Lock::read(&Source::new("tidelock.lock", bytes)) {
                Ok(lock) => {
                    let mut policy = Policy::default();
                    policy.lock = lock;
                    asked(Analysis::new().policy(policy), &about);
                }
                Err(error) => drop(outputs::complaint(&error)),
            }
        }));
    }
    for (case, name, bytes) in files(|name| name.contains("schema")) {
        let about = plan.clone();
        subjects.push(Subject::new(
            format!("{}/{name}", case.name),
            bytes,
            move |bytes| match Analysis::new().schema(&Source::new("schema.json", bytes)) {
                Ok(analysis) => asked(analysis, &about),
                Err(error) => drop(outputs::complaint(&error)),
            },
        ));
    }
    assert!(subjects.len() > 5, "{}", subjects.len());
    Subject::search(&subjects);
}
