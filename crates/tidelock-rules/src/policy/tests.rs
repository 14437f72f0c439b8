//! A file as written, and what it becomes.

use miette::Diagnostic;
use tidelock_parse::config::MemoryTree;

use super::*;

fn policy(text: &str) -> Policy {
    match Policy::parse("tidelock.toml", text) {
        Ok(policy) => policy,
        Err(error) => panic!("{error}: {:?}\n{text}", error.help().map(|help| help.to_string())),
    }
}

/// What is wrong, what is underlined, and what helps.
fn refused(text: &str) -> (String, String, String) {
    let error = Policy::parse("tidelock.toml", text).unwrap_err();
    let label = error.labels().and_then(|mut labels| labels.next()).expect("something is underlined");
    let underlined = text.get(label.offset()..label.offset() + label.len()).unwrap().to_owned();
    (error.to_string(), underlined, error.help().map(|help| help.to_string()).unwrap_or_default())
}

const EVERYTHING: &str = r#"
tool = "terragrunt"
target_advice = false
machines = "cattle"
fail_on = ["reverting", "pending-destroy"]
protected = ["module.db", "aws_kms_key.*"]

[rules]
TL101 = "info"
mostly-gone = "warn"

[thresholds]
blast_radius = 3
max_creates = 10

[types]
acme_disk = { holds = "data", noun = "disk", paths = { volatile = ["used"] } }

[normalisers]
case = false
set_order = true

[secrets]
patterns = ['acme_[0-9a-f]{8}']
allow = ['acme_00000000']

[[severity]]
rule = ["TL103", "TL104"]
address = "module.preview"
severity = "warn"

[[stack]]
name = "preview/*"
profile = "ephemeral"

[[waiver]]
rule = "TL101"
address = "pond_vm.a"
path = "memory[0].dedicated"
reason = "being resized"
owner = "ada"
until = 2026-12-31

[[inventory]]
kind = "droplet"
type = "digitalocean_droplet"
when = { size_slug = "*" }
id = ".id"
delete = "doctl compute droplet delete {id}"
"#;

#[test]
fn every_key_is_read() {
    let policy = policy(EVERYTHING);
    assert_eq!(policy.tool, Some(Tool::Terragrunt));
    assert_eq!(policy.target_advice, TargetAdvice::Hidden);
    assert_eq!(policy.machines, Some(Machines::Cattle));
    assert_eq!(policy.fail_on, "reverting,pending-destroy".parse().unwrap());
    assert_eq!(policy.rules, BTreeMap::from([("TL101", Severity::Info), ("TL106", Severity::Warn)]));
    assert_eq!((policy.thresholds.blast_radius, policy.thresholds.max_creates), (3, Some(10)));
    assert_eq!(policy.thresholds.mass_destroy_percent, Thresholds::default().mass_destroy_percent);
    assert_eq!(policy.types["acme_disk"].noun.as_deref(), Some("disk"));
    assert_eq!(policy.refused_normalisers, BTreeSet::from([Normaliser::Case]));
    assert_eq!((policy.secret_patterns.len(), policy.allowed_secrets.len()), (1, 1));
    assert_eq!(policy.severities[0].rules, ["TL103", "TL104"]);
    assert_eq!(policy.profile(Some("preview/pr-7")), Profile::Ephemeral);
    assert_eq!(policy.profile(Some("live/web")), Profile::Standard);
    assert!(policy.protects(&"module.db.aws_db_instance.a[0]".parse().unwrap()).is_some());
    assert_eq!(
        (&*policy.inventories[0].kind, policy.inventories[0].cloud.as_str()),
        ("droplet", "digitalocean")
    );
    let waiver = &policy.waivers[0];
    assert_eq!((waiver.rule.as_str(), waiver.until.to_string().as_str()), ("TL101", "2026-12-31"));
    assert_eq!(waiver.location.as_ref().map(ToString::to_string).as_deref(), Some("tidelock.toml:36"));
}

#[test]
fn what_is_not_understood_is_underlined_and_what_was_meant_is_named() {
    for (text, message, underlined, help) in [
        ("treshold = 1\n", "unknown key `treshold`", "treshold", "thresholds"),
        ("fail-on = []\n", "unknown key `fail-on`", "fail-on", "fail_on"),
        ("[thresholds]\nblast_radios = 1\n", "unknown key `blast_radios`", "blast_radios", "blast_radius"),
        ("[rules]\nTL1O1 = \"warn\"\n", "unknown rule `TL1O1`", "TL1O1", "TL101"),
        ("[rules]\nmostly-gon = \"warn\"\n", "unknown rule `mostly-gon`", "mostly-gon", "mostly-gone"),
        ("[rules]\nTL101 = \"dney\"\n", "unknown word `dney`", "\"dney\"", "deny"),
        ("machines = \"pet\"\n", "unknown word `pet`", "\"pet\"", "pets"),
        ("tool = \"tofo\"\n", "unknown word `tofo`", "\"tofo\"", "tofu"),
        ("fail_on = [\"revertig\"]\n", "unknown word `revertig`", "[\"revertig\"]", "reverting"),
        ("[normalisers]\nset-ordr = false\n", "unknown word `set-ordr`", "set-ordr", "set_order"),
        ("[types]\nx = { hold = \"data\" }\n", "unknown key `hold`", "hold", "holds"),
        ("[types]\nx = { holds = \"date\" }\n", "unknown word `date`", "\"date\"", "data"),
    ] {
        let (said, at, helps) = refused(text);
        assert_eq!((said.as_str(), at.as_str()), (format!("tidelock.toml: {message}").as_str(), underlined));
        assert_eq!(helps, format!("did you mean `{help}`?"), "{text}");
    }
}

#[test]
fn other_mistakes_are_underlined_too() {
    for (text, message, underlined) in [
        ("tool = \n", "string values must be quoted", ""),
        ("tool = 7\n", "wanted string or table", "7"),
        ("[secrets]\npatterns = ['(']\n", "this is no regular expression", "['(']"),
        ("protected = [\"\"]\n", "a pattern must not be empty", "[\"\"]"),
        (
            "[[inventory]]\nkind = \"vm\"\ntype = \"x_vm\"\nid = \"id\"\n",
            "`id` names no field: write a field as `.name`",
            "\"id\"",
        ),
        ("tool = \"tofu\"\ntool = \"tofu\"\n", "duplicate key", "tool"),
    ] {
        let (said, at, help) = refused(text);
        assert!(said.contains(message), "{said}");
        assert_eq!(at, underlined, "{said}");
        assert!(!help.is_empty(), "{said}");
    }
}

#[test]
fn a_waiver_says_everything_or_is_refused() {
    let lines = [
        "rule = \"TL101\"",
        "address = \"a.b\"",
        "reason = \"r\"",
        "owner = \"o\"",
        "until = \"2026-01-31\"",
    ];
    let entry = |lines: &[&str]| format!("[[waiver]]\n{}\n", lines.join("\n"));
    policy(&entry(&lines));
    for left_out in 0..lines.len() {
        let mut fewer = lines.to_vec();
        let key = fewer.remove(left_out).split(' ').next().unwrap().to_owned();
        let (said, ..) = refused(&entry(&fewer));
        assert_eq!(said, format!("tidelock.toml: `{key}` is missing"));
    }
    for wrong in [
        "until = \"next week\"",
        "until = \"2026-02-30\"",
        "until = 2026-02-03T10:00:00Z",
        "until = 3",
        "owner = \" \"",
        "reason = \"\"",
        "rule = \"TL000\"",
    ] {
        let mut lines = lines.to_vec();
        let key = wrong.split(' ').next().unwrap();
        lines.retain(|line| !line.starts_with(key));
        lines.push(wrong);
        let (_, underlined, _) = refused(&entry(&lines));
        assert_eq!(format!("{key} = {underlined}"), wrong);
    }
}

#[test]
fn files_lie_over_each_other_from_the_root_down() {
    let tree = MemoryTree::from([
        (
            "tidelock.toml",
            "machines = \"pets\"\nprotected = [\"a\"]\n[rules]\nTL101 = \"info\"\nTL102 = \"info\"\n[thresholds]\nblast_radius = 1\n",
        ),
        ("live/tidelock.toml", "machines = \"cattle\"\n"),
        ("live/web/tidelock.toml", "protected = [\"b\"]\n[rules]\nTL101 = \"deny\"\n"),
        ("live/other/tidelock.toml", "broken"),
    ]);
    let policy = Policy::find(&tree, "live/web").unwrap();
    assert_eq!(policy.machines, Some(Machines::Cattle));
    assert_eq!(policy.protected.iter().map(Pattern::as_str).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(policy.rules, BTreeMap::from([("TL101", Severity::Deny), ("TL102", Severity::Info)]));
    assert_eq!(policy.thresholds.blast_radius, 1);
    assert_eq!(Policy::find(&tree, "").unwrap().machines, Some(Machines::Pets));
    assert!(Policy::find(&tree, "live/other").is_err());
    assert_eq!(Policy::find(&MemoryTree::default(), "x/y").unwrap().waivers, []);
}

#[test]
fn a_central_file_lies_below_the_one_that_extends_it_and_counts_once() {
    let tree = MemoryTree::from([
        ("central/base.toml", "tool = \"tofu\"\nmachines = \"cattle\"\nprotected = [\"a\"]\n"),
        ("central/strict.toml", "extends = \"base.toml\"\nmachines = \"pets\"\n"),
        (
            "repo/tidelock.toml",
            "extends = [\"../central/base.toml\", \"../central/strict.toml\"]\ntool = \"terraform\"\n",
        ),
    ]);
    let policy = Policy::read(&tree, "repo/tidelock.toml").unwrap();
    assert_eq!((policy.tool, policy.machines), (Some(Tool::Terraform), Some(Machines::Pets)));
    assert_eq!(policy.protected.len(), 1);
}

#[test]
fn files_that_extend_each_other_in_a_circle_or_endlessly_are_refused() {
    let fault = |tree: &MemoryTree, path: &str| match Policy::read(tree, path).unwrap_err() {
        PolicyError::Extends { file, why, .. } => (file, why),
        other => panic!("{other:?}"),
    };
    let circle =
        MemoryTree::from([("a.toml", "extends = \"b.toml\"\n"), ("b.toml", "extends = \"a.toml\"\n")]);
    assert_eq!(fault(&circle, "a.toml"), ("b.toml".to_owned(), ExtendsFault::Cycle));
    let own = MemoryTree::from([("a.toml", "extends = \"./a.toml\"\n")]);
    assert_eq!(fault(&own, "a.toml").1, ExtendsFault::Cycle);
    let chain: MemoryTree =
        (0..20).map(|at| (format!("{at}.toml"), format!("extends = \"{}.toml\"\n", at + 1))).collect();
    assert_eq!(fault(&chain, "0.toml").1, ExtendsFault::TooDeep);
    for (extends, why) in [
        ("/etc/x.toml", ExtendsFault::NotRelative),
        ("https://example.org/x.toml", ExtendsFault::NotRelative),
        ("c:/x.toml", ExtendsFault::NotRelative),
        ("nowhere.toml", ExtendsFault::Missing),
        (".", ExtendsFault::NoFile),
        ("..", ExtendsFault::NoFile),
        ("central/", ExtendsFault::NoFile),
    ] {
        let tree = MemoryTree::from([("a.toml", format!("extends = \"{extends}\"\n"))]);
        assert_eq!(fault(&tree, "a.toml").1, why, "{extends}");
    }
    let broken = MemoryTree::from([("a.toml", "extends = \"b.toml\"\n"), ("b.toml", "tol = 1\n")]);
    assert_eq!(Policy::read(&broken, "a.toml").unwrap_err().to_string(), "b.toml: unknown key `tol`");
}

#[test]
fn a_waiver_is_written_behind_what_is_there_and_read_back() {
    let mut waiver = Waiver::new(
        "TL101",
        r#"pond_vm.a["x\"y"]"#.parse().unwrap(),
        "it's \"fine\"\nfor now",
        "ada",
        "2026-12-31".parse().unwrap(),
    );
    waiver.path = Some("memory[0].dedicated".parse().unwrap());
    let before = "# ours\n[rules]\nTL101 = \"info\" # noisy\n";
    let text = waiver.append_to(before);
    assert!(text.starts_with("# ours\n[rules]\nTL101 = \"info\" # noisy\n\n[[waiver]]\n"), "{text}");
    let read = policy(&waiver.append_to(&text)).waivers;
    assert_eq!(read.len(), 2);
    let plain = |read: &Waiver| Waiver { location: None, ..read.clone() };
    assert_eq!((plain(&read[0]), plain(&read[1])), (waiver.clone(), waiver.clone()));
    assert_eq!(policy(&waiver.append_to("")).waivers.len(), 1);
    assert!(Policy::parse("t", &waiver.append_to("waiver = []")).is_err());
}

/// What a change loosens, from one policy to another.
fn loosened(base: &str, here: &str) -> Vec<String> {
    policy(here).looser_than(&policy(base)).into_iter().map(|loosening| loosening.what).collect()
}

#[test]
fn every_loosening_is_told_and_its_reverse_is_none() {
    let waiver = |until: &str| {
        format!(
            "[[waiver]]\nrule = \"TL101\"\naddress = \"a.b\"\nreason = \"r\"\nowner = \"o\"\nuntil = \"{until}\"\n"
        )
    };
    let severity = |word: &str| {
        format!("[[severity]]\nrule = \"TL106\"\naddress = \"module.a\"\nseverity = \"{word}\"\n")
    };
    let stack = |name: &str| format!("[[stack]]\nname = \"{name}\"\nprofile = \"ephemeral\"\n");
    let (early, late) = (waiver("2026-01-01"), waiver("2026-02-01"));
    let (info, preview) = (severity("info"), stack("preview/*"));
    for (base, here, told) in [
        ("", "[rules]\nTL106 = \"warn\"\n", "TL106 weighs warn"),
        ("[rules]\nTL101 = \"deny\"\n", "[rules]\nTL101 = \"warn\"\n", "TL101 weighs warn"),
        ("[rules]\nTL101 = \"deny\"\n", "", "TL101 weighs its default, warn"),
        ("", &*info, "TL106 at `module.a` weighs info"),
        ("", &*preview, "the stacks `preview/*` are ephemeral"),
        ("", "profile = \"ephemeral\"\n", "the stacks `*` are ephemeral"),
        ("protected = [\"a\"]\n", "", "`a` is not in `protected` any more"),
        ("", "[thresholds]\nblast_radius = 99\n", "`blast_radius` is 99 instead of 25"),
        ("[thresholds]\nmax_creates = 9\n", "", "`max_creates` is not 9 any more"),
        ("", "machines = \"cattle\"\n", "cloud VMs are cattle"),
        (
            "",
            "[types]\naws_db_instance = { holds = \"traffic\" }\n",
            "`aws_db_instance` holds traffic instead of data",
        ),
        ("[types]\nx_y = { holds = \"data\" }\n", "", "`x_y` holds nothing instead of data"),
        ("", "[types]\nx_y = { paths = { volatile = [\"p\"] } }\n", "`p` of `x_y` is volatile"),
        (
            "fail_on = [\"reverting\", \"TL503\"]\n",
            "fail_on = [\"TL503\"]\n",
            "`fail_on` does not name `reverting` any more",
        ),
        ("[normalisers]\ncase = false\n", "", "the normaliser `case` is on again"),
        ("[secrets]\npatterns = ['x{9}']\n", "", "`x{9}` is not a secret any more"),
        ("", "[secrets]\nallow = ['x{9}']\n", "`x{9}` is not a secret"),
        ("", &*early, "a waiver of TL101 at `a.b` until 2026-01-01"),
        (&*early, &*late, "a waiver of TL101 at `a.b` until 2026-02-01"),
    ] {
        assert_eq!(loosened(base, here), [told], "{base} -> {here}");
        assert_eq!(loosened(here, base), Vec::<String>::new(), "{here} -> {base}");
        assert_eq!(loosened(here, here), Vec::<String>::new());
    }
}

#[test]
fn what_a_change_loosens_does_not_take_effect_in_it() {
    let here = policy("[rules]\nTL106 = \"allow\"\nTL101 = \"deny\"\n");
    let held = here.held_to(policy("[rules]\nTL101 = \"info\"\n"));
    assert_eq!(held.rules, BTreeMap::from([("TL101", Severity::Info)]));
    assert_eq!(held.loosened.len(), 1);
}

/// The starter with every line in force that is one once its `#` is gone.
fn awakened() -> String {
    let lines = STARTER.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => {
            rest
        }
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

#[test]
fn the_starter_decides_nothing_and_each_of_its_examples_is_valid() {
    assert_eq!(policy(STARTER), Policy::default());
    let text = awakened().replace("extends = ", "# extends = ");
    let awake = policy(&text);
    assert_eq!(
        (awake.waivers.len(), awake.severities.len(), awake.stacks.len(), awake.rules.len()),
        (1, 1, 1, 2)
    );
    assert_eq!((awake.protected.len(), awake.types.len(), awake.thresholds.max_creates), (2, 1, Some(100)));
}
