//! Reports built by hand: one for every class and resolution, and hostile ones.

use std::{collections::BTreeMap, sync::LazyLock};

use tidelock_parse::{Action, ActionReason, AttrPath, Mask, Redactor, ResourceAddr, Shown, Value};
use tidelock_rules::{
    catalogue::{Catalogue, Holds},
    report::*,
};

pub fn value(json: &str) -> Shown {
    Redactor::default().show(Some(&Value::decode(json).unwrap()), &Mask::None)
}

pub fn secret(same: char) -> Shown {
    Shown::Redacted { same }
}

pub fn path(text: &str) -> AttrPath {
    text.parse().unwrap()
}

pub fn address(text: &str) -> ResourceAddr {
    text.parse().unwrap()
}

pub fn place(file: &str, line: u32) -> Location {
    Location { file: file.into(), line: Some(line) }
}

/// A divergence of a class with the flags that usually go with it.
pub fn divergence(path_text: &str, class: Class, values: [&str; 3]) -> Divergence {
    let [recorded, actual, desired] = values.map(|text| match text {
        "" => Shown::Absent,
        "?" => Shown::Unknown,
        json => value(json),
    });
    Divergence {
        path: path(path_text),
        class,
        drift: matches!(class, Class::Reverting | Class::Conflicting | Class::DeletedOutside),
        evidence: Evidence::Sources,
        evidence_source: None,
        reason: None,
        cosmetic: None,
        normalisers: Vec::new(),
        until_apply: false,
        sensitive: false,
        guards: false,
        disruptive: false,
        replaces: false,
        ignore_entry: None,
        recorded,
        actual,
        desired: Some(desired),
        elements: None,
    }
}

/// One for all: it remembers what it decoded.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

pub fn resource(
    address_text: &str,
    resolution: Resolution,
    actions: Action,
    divergences: Vec<Divergence>,
) -> ResourceReport {
    let address = address(address_text);
    ResourceReport {
        noun: CATALOGUE.lookup(&address.type_name, []).noun().to_owned(),
        type_name: address.type_name.to_string(),
        address,
        previous_address: None,
        deposed: None,
        provider: "registry.terraform.io/bpg/proxmox".into(),
        identity: Identity::default(),
        holds: Holds::Nothing,
        holds_assumed: false,
        actions,
        action_reason: None,
        replace_paths: Vec::new(),
        importing: false,
        tainted: false,
        class: divergences.iter().map(|divergence| divergence.class).max(),
        resolution,
        dependents: None,
        location: None,
        advice: Advice::default(),
        divergences,
    }
}

pub fn finding(code: &'static str, rule: &'static str, severity: Severity, message: &str) -> Finding {
    Finding {
        code,
        rule,
        severity,
        address: None,
        deposed: None,
        object: None,
        path: None,
        message: message.into(),
        help: None,
        cause: None,
        caused_by: Vec::new(),
        fingerprint: "0123456789abcdef".into(),
        evidence: None,
        members: Vec::new(),
        waived: None,
        locations: Vec::new(),
        related: Vec::new(),
        hcl: None,
    }
}

pub fn about(mut finding: Finding, address_text: &str, path_text: Option<&str>) -> Finding {
    finding.address = Some(address(address_text));
    finding.path = path_text.map(path);
    finding
}

/// Joins resources and findings to a report; counts and verdict follow from them as the rules would have it.
pub fn report(resources: Vec<ResourceReport>, findings: Vec<Finding>) -> Report {
    let drifted = |resource: &&ResourceReport| resource.divergences.iter().any(|d| d.drift);
    let pending = || resources.iter().filter(|resource| !drifted(resource) && !resource.actions.is_quiet());
    let live = || findings.iter().filter(|finding| finding.waived.is_none());
    let verdict = match live().map(|finding| finding.severity).max() {
        Some(Severity::Deny) => Verdict::Blocked,
        Some(Severity::Warn) => Verdict::Drift,
        _ if resources.is_empty() => Verdict::Clear,
        _ => Verdict::Noise,
    };
    let mut summary = Summary {
        resources: resources.len(),
        drifted: resources.iter().filter(drifted).count(),
        pending: pending().count(),
        pending_destroy: pending().filter(|resource| resource.actions.destroys()).count(),
        ..Summary::default()
    };
    for resource in &resources {
        *summary.resolutions.entry(resource.resolution).or_default() += 1;
        *summary.actions.entry(resource.actions.to_string()).or_default() += 1;
        for divergence in &resource.divergences {
            *summary.classes.entry(divergence.class).or_default() += 1;
            summary.cosmetic += usize::from(divergence.cosmetic.is_some());
        }
    }
    for finding in live() {
        *summary.findings.entry(finding.severity).or_default() += 1;
    }
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "tidelock", version: "0.1.0" },
        command: Command::Drift,
        verdict,
        exit_code: verdict.exit_code(),
        input: InputInfo {
            kind: Some("plan_json".into()),
            path: Some("plan.json".into()),
            format_version: Some("1.2".into()),
            producer: Some("terraform".into()),
            producer_version: Some("1.11.4".into()),
            mode: Some(PlanMode::Normal),
            ..InputInfo::default()
        },
        summary,
        resources,
        outputs: Vec::new(),
        findings,
        undoes: Vec::new(),
        decision: None,
        expected: None,
        actions: None,
        notes: Vec::new(),
    }
}

const MIGRATED: &str = "module.media.proxmox_virtual_environment_vm.vm";
const NAS: &str = "proxmox_virtual_environment_vm.nas";

/// A migrated VM that apply would destroy.
pub fn migrated() -> (ResourceReport, Finding) {
    let node = Divergence {
        replaces: true,
        ..divergence("node_name", Class::Reverting, [r#""pve1""#, r#""pve2""#, r#""pve1""#])
    };
    let mut resource = resource(MIGRATED, Resolution::Stop, Action::DeleteThenCreate, vec![node]);
    resource.holds = Holds::Data;
    resource.dependents = Some(2);
    resource.location = Some(place("modules/vm/main.tf", 1));
    resource.replace_paths = vec![path("node_name")];
    resource.advice.investigate =
        Some(Investigate { look: None, loss: String::new(), instead: "find out who migrated it".into() });
    resource.advice.accept = vec![AcceptAdvice {
        path: path("node_name"),
        how: Accept::Edit {
            location: place("main.tf", 14),
            hcl: r#"node_name = "pve2""#.into(),
            span: (210, 216),
            replacement: r#""pve2""#.into(),
        },
    }];
    let mut destroys = about(
        finding("TL104", "drift-destroys", Severity::Deny, "drift makes apply destroy what holds data"),
        MIGRATED,
        Some("node_name"),
    );
    destroys.caused_by = vec![Root { address: address(MIGRATED), path: path("node_name") }];
    (resource, destroys)
}

/// A VM whose memory was changed by hand.
pub fn more_memory() -> (ResourceReport, Finding) {
    let memory = Divergence {
        disruptive: true,
        ..divergence("memory[0].dedicated", Class::Reverting, ["8192", "10240", "8192"])
    };
    let mut resource = resource(NAS, Resolution::Decide, Action::Update, vec![memory]);
    resource.location = Some(place("vms.tf", 31));
    resource.holds = Holds::Data;
    resource.advice.apply = Some(ApplyAdvice {
        sets_back: vec![path("memory[0].dedicated")],
        disruptive: true,
        command: Some(format!("tofu apply -target='{NAS}'")),
        destroys: Vec::new(),
        also: BTreeMap::from([("create".to_owned(), 1)]),
    });
    resource.advice.accept = vec![AcceptAdvice {
        path: path("memory[0].dedicated"),
        how: Accept::Edit {
            location: place("vms.tf", 40),
            hcl: "dedicated = 10240".into(),
            span: (512, 516),
            replacement: "10240".into(),
        },
    }];
    resource.advice.ignore = Some(IgnoreAdvice {
        entries: vec!["memory[0].dedicated".into()],
        location: Some(place("vms.tf", 31)),
    });
    let changed = finding("TL101", "changed-outside", Severity::Warn, "changed outside, apply sets it back");
    (resource, about(changed, NAS, Some("memory[0].dedicated")))
}

/// Three resources with nothing but noise.
pub fn noise() -> Vec<ResourceReport> {
    let ignored = |name: &str| {
        let divergence = Divergence {
            ignore_entry: Some(IgnoreEntry {
                text: "initialization[0].user_account".into(),
                location: Some(place("modules/vm/main.tf", 22)),
            }),
            ..divergence(
                "initialization[0].user_account[0].keys",
                Class::Ignored,
                [r#"["ssh-ed25519 AAAA a"]"#, r#"["ssh-ed25519 AAAA"]"#, r#"["ssh-ed25519 AAAA"]"#],
            )
        };
        resource(name, Resolution::Ignore, Action::NoOp, vec![divergence])
    };
    let computed = divergence(
        "ipv4_addresses",
        Class::Computed,
        [r#"[["127.0.0.1"]]"#, r#"[["127.0.0.1"],["10.0.0.7"]]"#, r#"[["127.0.0.1"],["10.0.0.7"]]"#],
    );
    vec![
        ignored(r#"module.media.proxmox_virtual_environment_vm.other["a"]"#),
        ignored(r#"module.media.proxmox_virtual_environment_vm.other["b"]"#),
        resource("proxmox_virtual_environment_vm.web", Resolution::Ignore, Action::NoOp, vec![computed]),
    ]
}

/// The report that the design shows.
pub fn blocked() -> Report {
    let (migrated, destroys) = migrated();
    let (memory, changed) = more_memory();
    let mut resources = vec![migrated, memory];
    resources.extend(noise());
    for name in ["a_network.lan", "a_network.wan"] {
        let pending = divergence("mtu", Class::Pending, ["1500", "1500", "9000"]);
        resources.push(resource(name, Resolution::None, Action::Update, vec![pending]));
    }
    report(resources, vec![destroys, changed])
}

/// A VM that is gone, and a DNS record that is gone.
pub fn deleted() -> Report {
    let gone = |name: &str, resolution| {
        let mut gone = divergence("", Class::DeletedOutside, ["", "", ""]);
        gone.desired = None;
        resource(name, resolution, Action::Create, vec![gone])
    };
    let mut vm = gone(MIGRATED, Resolution::Stop);
    vm.holds = Holds::Data;
    vm.dependents = Some(0);
    vm.identity = Identity { id: Some("240".into()), name: Some("plex".into()) };
    vm.location = Some(place("modules/vm/main.tf", 1));
    vm.advice.investigate = Some(Investigate {
        look: Some("`journalctl -u pve-cluster` and the task log of VM 240".into()),
        loss: "the new VM starts with empty disks".into(),
        instead: "restore it from backup and import it before applying".into(),
    });
    let mut record = gone(r#"cloudflare_record.www["eu"]"#, Resolution::Decide);
    record.advice.apply = Some(ApplyAdvice {
        sets_back: vec![AttrPath::root()],
        disruptive: false,
        command: Some(r#"tofu apply -target='cloudflare_record.www["eu"]'"#.into()),
        destroys: Vec::new(),
        also: BTreeMap::new(),
    });
    record.advice.accept = vec![AcceptAdvice {
        path: AttrPath::root(),
        how: Accept::Refused { reason: "the entry stands in a variable that several instances share".into() },
    }];
    let deleted =
        |severity, name| about(finding("TL103", "deleted-outside", severity, "gone outside"), name, None);
    let findings =
        vec![deleted(Severity::Deny, MIGRATED), deleted(Severity::Warn, r#"cloudflare_record.www["eu"]"#)];
    report(vec![record, vm], findings)
}

/// One resource with every kind of drift and every shape of value.
fn drifted_in_every_way() -> ResourceReport {
    let mut many = Vec::new();
    many.push(Divergence {
        sensitive: true,
        recorded: secret('a'),
        actual: secret('b'),
        desired: Some(secret('a')),
        ..divergence("admin_password", Class::Reverting, ["", "", ""])
    });
    many.push(divergence("cpu[0].cores", Class::Conflicting, ["2", "4", "8"]));
    many.push(Divergence {
        until_apply: true,
        drift: true,
        ..divergence("cpu[0].units", Class::Conflicting, ["100", "200", "?"])
    });
    many.push(divergence("description", Class::Reverting, [r#""a""#, "", r#""a""#]));
    many.push(divergence(r#"labels["team"]"#, Class::Reverting, ["", r#""x""#, ""]));
    many.push(Divergence {
        elements: Some(Elements {
            outside: ElementChanges { added: vec![value(r#""a""#)], ..ElementChanges::default() },
            apply: Some(ElementChanges { removed: vec![value(r#""a""#)], ..ElementChanges::default() }),
        }),
        ..divergence("tags", Class::Reverting, [r#"["b"]"#, r#"["a","b"]"#, r#"["b"]"#])
    });
    many.push(Divergence {
        drift: true,
        guards: true,
        elements: Some(Elements {
            outside: ElementChanges {
                added: (1..=7).map(|n| value(&format!(r#""10.0.0.{n}/32""#))).collect(),
                removed: vec![value(r#""192.0.2.0/24""#)],
                moved: vec![],
            },
            apply: None,
        }),
        ..divergence("ingress", Class::Unmanaged, ["[]", "[]", "[]"])
    });
    many.push(Divergence {
        desired: None,
        ..divergence("startup[0].order", Class::Reverting, ["3", "1", ""])
    });
    resource("a_vm.many", Resolution::Decide, Action::Update, many)
}

/// Every reason why a difference is no drift.
fn quiet_in_every_way() -> impl Iterator<Item = ResourceReport> {
    let quiets = [
        (Class::Ignored, None, None),
        (Class::Computed, Some(Reason::ComputedOnly), None),
        (Class::Computed, Some(Reason::Volatile), None),
        (Class::Computed, Some(Reason::Companion), None),
        (Class::Computed, Some(Reason::Tainted), None),
        (Class::Converged, None, None),
        (Class::Suppressed, Some(Reason::SetElsewhere), None),
        (Class::Suppressed, Some(Reason::Unevaluated), None),
        (Class::Suppressed, Some(Reason::NoSources), None),
        (Class::Superseded, None, None),
        (Class::Unmanaged, None, None),
        (Class::Unmanaged, Some(Reason::UnknownOwner), None),
        (Class::Reverting, None, Some(Normaliser::Json)),
    ];
    quiets.into_iter().enumerate().map(|(at, (class, reason, cosmetic))| {
        let divergence = Divergence {
            reason,
            cosmetic,
            drift: false,
            evidence: Evidence::Schema,
            evidence_source: Some("registry.terraform.io/bpg/proxmox 0.111.1".into()),
            ..divergence(&format!("quiet_{at}"), class, [r#""x""#, r#""y""#, r#""y""#])
        };
        resource(&format!("a_vm.quiet_{at:02}"), Resolution::Ignore, Action::NoOp, vec![divergence])
    })
}

/// Everything a plan does without drift.
fn pending_in_every_way() -> Vec<ResourceReport> {
    let mut moved = resource("a_vm.renamed", Resolution::None, Action::NoOp, vec![]);
    moved.previous_address = Some(address("a_vm.old"));
    let mut resources = vec![moved];
    let pending =
        |name: &str, action: Action, divergence| resource(name, Resolution::None, action, vec![divergence]);
    let whole = || divergence("", Class::Pending, ["", "", ""]);
    resources.push(pending("z_disk.new", Action::Create, whole()));
    resources.push(pending("z_disk.old", Action::Delete, whole()));
    resources.push(pending("z_disk.left", Action::Forget, whole()));
    resources.push(pending("z_disk.odd", Action::Other(vec!["relocate".into()]), whole()));
    resources.push(pending(
        "z_disk.size",
        Action::Update,
        divergence("size", Class::Pending, ["10", "10", "20"]),
    ));
    let first =
        Divergence { replaces: true, ..divergence("image", Class::Pending, [r#""a""#, r#""a""#, r#""b""#]) };
    resources.push(pending("z_disk.swap", Action::CreateThenDelete, first));
    resources
}

/// Every class, every reason and every shape of value once.
pub fn every_story() -> Report {
    let mut resources = vec![drifted_in_every_way()];
    resources.extend(quiet_in_every_way());
    resources.extend(pending_in_every_way());
    let mut report = report(
        resources,
        vec![
            about(
                finding("TL102", "changed-on-both-sides", Severity::Warn, "changed on both sides"),
                "a_vm.many",
                Some("cpu[0].cores"),
            ),
            about(
                finding("TL105", "unmanaged-change", Severity::Info, "changed where nothing is said"),
                "a_vm.quiet_10",
                Some("quiet_10"),
            ),
        ],
    );
    report.outputs = vec![OutputReport {
        name: "address".into(),
        actions: Action::Update,
        before: value(r#""10.0.0.1""#),
        after: Shown::Unknown,
    }];
    report.notes = vec![Note {
        code: "input::log_lines",
        message: "3 lines of log around the plan were skipped".into(),
    }];
    report
}

/// Findings that belong to no listed resource.
pub fn lone_findings() -> Report {
    let mut gone = finding(
        "TL106",
        "mostly-gone",
        Severity::Deny,
        "5 of 6 managed instances are reported deleted at once",
    );
    gone.help = Some("check region, account and credentials before anything else".into());
    let incomplete =
        finding("TL503", "incomplete-plan", Severity::Warn, "the plan does not cover everything");
    let unknown = about(
        finding("TL508", "unknown-action", Severity::Deny, "the plan asks for `relocate`"),
        "a_vm.b",
        None,
    );
    let tainted = about(finding("TL307", "tainted-resource", Severity::Info, "tainted"), "a_vm.b", None);
    let mut waived = about(
        finding("TL101", "changed-outside", Severity::Warn, "changed outside"),
        "a_vm.b",
        Some("memory"),
    );
    waived.waived = Some(Waived {
        by: WaivedBy::Waiver,
        reason: "test machine".into(),
        owner: Some("ops".into()),
        until: Some("2027-01-01".into()),
    });
    let listed = resource(
        "a_vm.b",
        Resolution::None,
        Action::Other(vec!["relocate".into()]),
        vec![divergence("", Class::Pending, ["", "", ""])],
    );
    report(vec![listed], vec![gone, unknown, incomplete, tainted, waived])
}

/// A plan that drift has nothing to do with, and that destroys.
pub fn pending_destroys() -> Report {
    let pending = |name: String, action| {
        resource(&name, Resolution::None, action, vec![divergence("", Class::Pending, ["", "", ""])])
    };
    let mut resources: Vec<_> = (0..11).map(|n| pending(format!("a_disk.b[{n}]"), Action::Create)).collect();
    resources.push(pending("a_disk.old".into(), Action::Delete));
    let mut report = report(resources, vec![]);
    report.verdict = Verdict::Clear;
    report
}

/// Text that tries to break out of every format.
pub const HOSTILE: &str =
    "`|<script>alert(1)</script>](https://evil.example) @team #1 **b** </details> ``` \u{1b}[2J\r\n# head";

pub fn hostile() -> Report {
    let json = serde_json::to_string(HOSTILE).unwrap();
    let name = format!("a_vm.b[{json}]").replace("\\r", "").replace("\\u001b", "");
    let mut listed = resource(
        &name,
        Resolution::Decide,
        Action::Update,
        vec![divergence(
            &format!("tags[{}]", json.replace("\\r", "").replace("\\u001b", "")),
            Class::Reverting,
            [&json, r#""x""#, &json],
        )],
    );
    listed.location = Some(Location { file: HOSTILE.into(), line: Some(1) });
    listed.advice.accept =
        vec![AcceptAdvice { path: AttrPath::root(), how: Accept::Refused { reason: HOSTILE.into() } }];
    listed.advice.ignore = Some(IgnoreAdvice { entries: vec![HOSTILE.into()], location: None });
    listed.advice.apply = Some(ApplyAdvice {
        sets_back: vec![],
        disruptive: false,
        command: Some(HOSTILE.into()),
        destroys: Vec::new(),
        also: BTreeMap::from([(HOSTILE.to_owned(), 1)]),
    });
    let mut lone = finding("TL503", "incomplete-plan", Severity::Warn, HOSTILE);
    lone.help = Some(HOSTILE.into());
    let about = about(finding("TL101", "changed-outside", Severity::Warn, HOSTILE), &name, None);
    let mut report = report(vec![listed], vec![about, lone]);
    report.input.path = Some(HOSTILE.into());
    report.notes = vec![Note { code: "input::log_lines", message: HOSTILE.into() }];
    report
}

/// The same report as a gate would give it.
fn gated(mut report: Report) -> Report {
    report.command = Command::Gate;
    report.verdict = match report.findings.iter().filter(|f| f.waived.is_none()).map(|f| f.severity).max() {
        Some(Severity::Deny) => Verdict::Blocked,
        _ => Verdict::Clear,
    };
    report.exit_code = report.verdict.exit_code();
    report
}

fn related(address_text: &str, depth: usize, role: &str) -> Related {
    Related { address: address(address_text), depth, role: Some(role.into()) }
}

const DB: &str = r#"module.shop["eu"].aws_db_instance.main"#;

/// A database that would be replaced, with what goes along, and a removed one; warnings; somebody's fix undone.
pub fn gate_blocked() -> Report {
    let version = Divergence {
        replaces: true,
        ..divergence("engine_version", Class::Pending, [r#""13""#, r#""13""#, r#""14""#])
    };
    let mut db = resource(DB, Resolution::Stop, Action::DeleteThenCreate, vec![version]);
    db.holds = Holds::Data;
    db.dependents = Some(17);
    db.location = Some(place("modules/db/main.tf", 1));
    db.action_reason = Some(ActionReason::ReplaceBecauseCannotUpdate);
    db.replace_paths = vec![path("engine_version")];
    let mut replaces = about(
        finding(
            "TL202",
            "replaces-stateful-resource",
            Severity::Deny,
            "replacing the database destroys its data",
        ),
        DB,
        Some("engine_version"),
    );
    replaces.cause = Some("the configuration changes `engine_version`".into());
    replaces.help = Some("set `allow_major_version_upgrade`, or keep the version".into());
    replaces.locations = vec![place("modules/db/main.tf", 7), place("main.tf", 3)];
    replaces.related = vec![
        related("aws_ecs_service.api", 1, "replaced, reads `address`"),
        related("aws_route53_record.api", 2, "refers to it"),
        related("aws_ecs_service.jobs", 1, "replaced, reads `address`"),
    ];
    replaces.related.extend((0..15).map(|n| related(&format!("aws_alarm.a[{n}]"), 1, "refers to it")));
    let warned = about(
        finding("TL209", "destroy-before-create", Severity::Warn, "it goes away before its successor exists"),
        DB,
        None,
    );
    let bucket = "aws_s3_bucket.logs";
    let whole = || divergence("", Class::Pending, ["", "", ""]);
    let mut removed = resource(bucket, Resolution::Stop, Action::Delete, vec![whole()]);
    removed.holds = Holds::Data;
    removed.action_reason = Some(ActionReason::DeleteBecauseNoResourceConfig);
    let mut destroys = about(
        finding(
            "TL201",
            "destroys-stateful-resource",
            Severity::Deny,
            "destroying the bucket destroys its data",
        ),
        bucket,
        None,
    );
    destroys.hcl = Some(
        "removed {\n  from = aws_s3_bucket.logs\n\n  lifecycle {\n    destroy = false\n  }\n}\n".to_owned(),
    );
    let (nas, _) = more_memory();
    let stack =
        finding("TL401", "missing-prevent-destroy", Severity::Warn, "2 instances have no `prevent_destroy`");
    let info =
        about(finding("TL404", "stale-ignore", Severity::Info, "the entry matches nothing"), NAS, None);
    let mut accepted = about(
        finding(
            "TL201",
            "destroys-stateful-resource",
            Severity::Deny,
            "destroying the disk destroys its data",
        ),
        "a_disk.scratch",
        None,
    );
    accepted.waived = Some(Waived {
        by: WaivedBy::Waiver,
        reason: "scratch space".into(),
        owner: Some("ops".into()),
        until: Some("2027-01-01".into()),
    });
    let new = resource("aws_instance.new", Resolution::None, Action::Create, vec![whole()]);
    let scratch = resource("a_disk.scratch", Resolution::None, Action::Delete, vec![whole()]);
    let undoes =
        vec![Undone { address: address(NAS), path: path("memory[0].dedicated"), class: Class::Reverting }];
    let findings = vec![destroys, replaces, warned, stack, info, accepted];
    let mut report = gated(report(vec![db, removed, nas, new, scratch], findings));
    report.undoes = undoes;
    report.notes = vec![Note { code: "state::missing", message: "there is no state yet".into() }];
    report
}

/// Nothing against it.
pub fn gate_clear() -> Report {
    let mtu = divergence("mtu", Class::Pending, ["1500", "1500", "9000"]);
    let whole = divergence("", Class::Pending, ["", "", ""]);
    let mut moved = resource("a_vm.renamed", Resolution::None, Action::NoOp, vec![]);
    moved.previous_address = Some(address("a_vm.old"));
    let resources = vec![
        resource("a_network.lan", Resolution::None, Action::Update, vec![mtu]),
        resource("a_vm.new", Resolution::None, Action::Create, vec![whole]),
        moved,
    ];
    gated(report(resources, vec![]))
}

/// Text that tries to break out, wherever a gate shows some.
pub fn gate_hostile() -> Report {
    let mut report = hostile();
    let name = report.resources[0].address.clone();
    let undone = report.resources[0].divergences[0].path.clone();
    report.findings[0].severity = Severity::Deny;
    report.findings[0].cause = Some(HOSTILE.into());
    report.findings[0].hcl = Some(format!("moved {{\n  # {HOSTILE}\n}}\n"));
    report.findings[0].related =
        vec![Related { address: name.clone(), depth: 1, role: Some(HOSTILE.into()) }];
    report.findings[0].locations = vec![Location { file: HOSTILE.into(), line: Some(3) }];
    let mut waived = report.findings[1].clone();
    waived.waived = Some(Waived {
        by: WaivedBy::Waiver,
        reason: HOSTILE.into(),
        owner: Some(HOSTILE.into()),
        until: Some(HOSTILE.into()),
    });
    report.findings.push(waived);
    report.undoes = vec![Undone { address: name, path: undone, class: Class::Reverting }];
    gated(report)
}

/// A gate's report of `count` refusals, each with a tree and a block to paste.
pub fn gate_wide(count: usize) -> Report {
    let mut report = gated(wide(count));
    for finding in &mut report.findings {
        finding.severity = Severity::Deny;
        finding.related = vec![related("a_vm.b[0]", 1, "refers to it")];
        finding.hcl = Some("moved {\n  from = a_vm.a\n  to   = a_vm.b\n}\n".into());
    }
    gated(report)
}

/// A report of `count` resources to decide about.
pub fn wide(count: usize) -> Report {
    let listed = |n: usize| {
        let long = format!("\"{}{n}\"", "long value ".repeat(30));
        resource(
            &format!("a_vm.b[{n}]"),
            Resolution::Decide,
            Action::Update,
            vec![divergence("description", Class::Reverting, [&long, r#""short""#, &long])],
        )
    };
    let findings = (0..count).map(|n| {
        about(
            finding("TL101", "changed-outside", Severity::Warn, "changed outside"),
            &format!("a_vm.b[{n}]"),
            Some("description"),
        )
    });
    let findings = findings.collect();
    report((0..count).map(listed).collect(), findings)
}
