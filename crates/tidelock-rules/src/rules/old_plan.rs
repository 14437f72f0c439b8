//! TL506 `old-plan`.

use jiff::{SignedDuration, Timestamp};

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The plan is older than it should be.
    ///
    /// ## What it finds
    ///
    /// A plan that was made longer ago than the limit, 24 hours unless the policy says otherwise.
    ///
    /// ## Why it matters
    ///
    /// A plan describes the world of its day. What changed outside since then is not in it, and what was reviewed is not what is there
    /// now.
    ///
    /// ## Example
    ///
    /// A plan waited over the weekend for an approval. Meanwhile somebody resized the database by hand during an incident.
    ///
    /// ## What to do
    ///
    /// Plan again. An approval stays good as long as the new plan does the same.
    ///
    /// ## What it misses
    ///
    /// Plans of Terraform before 1.5 do not say when they were made.
    pub struct OldPlan {
        code: "TL506",
        name: "old-plan",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for OldPlan {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let Some(age) = age(context) else { return };
        let limit = context.policy.thresholds.max_age_hours;
        if age > SignedDuration::from_hours(i64::try_from(limit).unwrap_or(i64::MAX / 3600)) {
            let message =
                format!("the plan is {} old; the limit is {}", in_words(age.as_hours()), hours(limit));
            let draft = sink
                .about_plan(Severity::Warn, message)
                .help("plan again; an approval stays good if the new plan does the same");
            sink.put(draft);
        }
    }
}

/// How long ago the plan was made; `None` if the plan or the caller does not say.
fn age(context: &Context<'_>) -> Option<SignedDuration> {
    let made: Timestamp = context.plan.header().timestamp.as_deref()?.parse().ok()?;
    Some(context.given.now?.duration_since(made))
}

fn in_words(hours: i64) -> String {
    match hours {
        ..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

fn hours(limit: u64) -> String {
    if limit == 1 { "1 hour".to_owned() } else { format!("{limit} hours") }
}
