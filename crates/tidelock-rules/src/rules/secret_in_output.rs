//! TL702 `secret-in-output`.

use tidelock_parse::{AttrPath, ConfigModulePath, Step};

use crate::{
    context::Context,
    exposed::{Because, Detector, Search},
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// An output shows a secret.
    ///
    /// ## What it finds
    ///
    /// An output of the root module whose value is secret by its form or by its name, and that is not marked sensitive. The
    /// finding names the output and never the value.
    ///
    /// ## Why it matters
    ///
    /// Outputs are printed at the end of every apply, and every stack that reads this state may read them.
    ///
    /// ## Example
    ///
    /// `output "database_url"` joins user, password and host to a URL.
    ///
    /// ## What to do
    ///
    /// Set `sensitive = true` in the output, or put only out what the readers need, and change the secret: it has been
    /// printed, or would have been.
    ///
    /// ## What it misses
    ///
    /// Outputs that are known only after apply, and outputs of modules, which are printed only through the root module.
    /// An output that passes on an id, a name or an ARN is not judged by its name.
    pub struct SecretInOutput {
        code: "TL702",
        name: "secret-in-output",
        severity: "deny",
        commands: [Gate],
    }
}

impl Rule for SecretInOutput {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        // A section that cannot be read fails the whole answer elsewhere.
        let Ok(outputs) = context.plan.outputs() else { return };
        let all = Detector::new(context.plan, context.policy);
        for output in &outputs {
            let Some(value) = &output.values.after else { continue };
            let detector = if passes_on_a_name(context, &output.name) { all.without_names() } else { all };
            let marked = &output.values.after_sensitive;
            let search = Search { detector, value, before: None, marked, schema: None };
            for (path, because) in search.run(Some(&output.name)) {
                let steps = [Step::attr("output"), Step::attr(&output.name)].into_iter();
                let path: AttrPath = steps.chain(path.steps().iter().cloned()).collect();
                put(&output.name, &path, because, sink);
            }
        }
    }
}

fn put(name: &str, path: &AttrPath, because: Because, sink: &mut Sink<'_>) {
    let message = format!("{path} {}, and is not marked sensitive: apply prints it", because.phrase());
    let help =
        format!("set `sensitive = true` in output {name:?}, and change the secret if it was ever printed");
    sink.put(sink.about_plan(Severity::Deny, message).path(path).help(help));
}

/// Whether all that an output refers to are names of things: `aws_api_gateway_api_key.a.id`.
fn passes_on_a_name(context: &Context<'_>, output: &str) -> bool {
    let root = context.configuration().module(&ConfigModulePath::root());
    let Some(expressions) = root.and_then(|root| root.outputs.get(output)) else { return false };
    let references: Vec<String> =
        expressions.references().into_iter().map(|(_, reference)| reference).collect();
    // Each reference comes with its shorter prefixes behind it.
    let mut whole = references.iter().filter(|reference| {
        !references.iter().any(|other| other.len() > reference.len() && other.starts_with(reference.as_str()))
    });
    let is_name = |reference: &String| {
        let last = reference.rsplit('.').next().unwrap_or_default();
        matches!(last, "arn" | "id" | "name" | "self_link") || last.ends_with("_id") || last.ends_with("_arn")
    };
    !references.is_empty() && whole.all(is_name)
}
