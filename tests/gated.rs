//! The gate's report about a recorded case, as the case asks for it.

use tidelock::{
    Analysis, Lock, Plans, Policy, Report, Source,
    approval::{Terms, Verified},
    claims::Claims,
    context::Given,
};
use tidelock_testkit::fixtures::{Case, Gate};

use crate::cases;

/// The report about the plan of a case, with what the case gives the gate beside it.
#[allow(dead_code, reason = "not every test binary asks about plan JSON")]
pub(crate) fn answer(case: &Case, gate: &Gate) -> Report {
    let tree = cases::sources(case);
    let plan = Source::new("plan.json", case.plan_json().unwrap());
    about(case, gate, cases::analysis(case, &tree), &plan)
}

/// The same about a plan in any form, by an analysis that has what it rests on.
pub(crate) fn about(case: &Case, gate: &Gate, analysis: Analysis<'_>, plan: &Source) -> Report {
    let mut given = Given::default();
    given.lineage.clone_from(&gate.args.expect_lineage);
    given.resources = gate.args.expect_resources;
    let mut policy = Policy::default();
    policy.thresholds.max_creates = gate.args.max_creates;
    if let Some(lock) = &gate.args.lock {
        policy.lock = Lock::read(&Source::new(lock, case.bytes(lock).unwrap())).unwrap();
    }
    let mut analysis = analysis.given(given).policy(policy);
    if let Some(state) = &gate.args.state {
        analysis = analysis.state(&Source::new(state, case.bytes(state).unwrap())).unwrap();
    }
    if let Some(approved) = &gate.args.approval {
        let terms = Terms { salt: [7; 16].into(), key: None, by: None };
        let approved = analysis.approve(&Source::new(approved, case.bytes(approved).unwrap()), &terms);
        let file = serde_json::to_vec(&approved.unwrap().approval).unwrap();
        let verified = Verified::read(&Source::new("approval.json", file), None).unwrap();
        analysis = analysis.approval(verified);
    }
    let others = gate.args.plans.iter().map(|name| Source::new(name, case.bytes(name).unwrap()));
    let together = std::iter::once(plan.clone()).chain(others);
    let claims = together.flat_map(|plan| Plans::read(&plan).unwrap().claims().unwrap()).collect();
    let answer = analysis.beside(Claims::joined(claims)).gate(plan);
    answer.unwrap_or_else(|error| panic!("{}: {error}", case.name))
}
