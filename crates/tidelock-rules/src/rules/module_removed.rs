//! TL206 `module-removed`.

use crate::{
    context::{Context, Subject},
    report::{Location, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    story::{Gone, GoneModule},
    wording,
};

declare_rule! {
    /// A whole module, or one instance of it, disappears.
    ///
    /// ## What it finds
    ///
    /// A module call that is gone from the configuration, or an instance whose key or index is, with everything it held. It is told
    /// once, at the member that is most worth a look; the others are listed.
    ///
    /// ## Why it matters
    ///
    /// One deleted block, or one key, destroys whatever lies behind it, and the block does not show what that is. A renamed call
    /// looks the same.
    ///
    /// ## Example
    ///
    /// `module "tenant"` with `for_each` loses a key because a customer left. His bucket goes, and so does his DNS zone.
    ///
    /// ## What to do
    ///
    /// If the call or key was renamed, add one `moved` block for the module. If objects shall live on, add `removed` blocks with
    /// `destroy = false`. If all of it shall go, let a person approve the plan.
    ///
    /// ## What it misses
    ///
    /// A module that is still called and whose last block is gone: that is told block by block. Where the only member of a module is
    /// an instance of another module, the outer one is named.
    pub struct ModuleRemoved {
        code: "TL206",
        name: "module-removed",
        severity: "deny if anything in it holds something, else warn",
        commands: [Gate],
    }
}

impl Rule for ModuleRemoved {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for module in &context.stories().modules {
            let members = module.by_value(context);
            let holding: Vec<Subject<'_>> =
                members.iter().copied().filter(Subject::holds_something).collect();
            let Some(first) = members.first() else { continue };
            let severity = if holding.is_empty() { Severity::Warn } else { Severity::Deny };
            let others = members.iter().skip(1);
            let call = call(context, module);
            let draft = sink
                .about(first.resource, severity, message(module, members.len(), &holding))
                .related(wording::related(others.map(|other| (other.address(), wording::holding(*other)))))
                .members(holding.iter().map(Subject::address))
                .location(call.as_ref())
                .help(help(module));
            sink.put(draft);
        }
    }
}

fn message(module: &GoneModule, members: usize, holding: &[Subject<'_>]) -> String {
    let path = &module.path;
    let what = match module.what {
        Gone::Call => format!("the call of `{path}` is gone"),
        Gone::Instance => format!("the instance `{path}` of its module is gone"),
    };
    let mut message = format!("{what}: apply destroys {}", wording::count(members, "instance"));
    match holding {
        [] => message.push_str(", none of which holds anything"),
        [only] if members == 1 => message.push_str(&format!(", the {}", wording::noun(*only))),
        [only] => message.push_str(&format!(", of which the {} holds something", wording::noun(*only))),
        several => {
            let names: Vec<_> = several.iter().map(Subject::address).collect();
            message.push_str(&format!(
                ", {}: {}",
                wording::of_which_hold(several.len()),
                wording::names(&names)
            ));
        }
    }
    message
}

fn help(module: &GoneModule) -> &'static str {
    match module.what {
        Gone::Call => {
            "if the call was renamed, add a `moved` block for the module; to keep single objects, add `removed` blocks with `destroy = false`"
        }
        Gone::Instance => {
            "if the key was renamed, add a `moved` block for the module; to keep the objects, restore the key"
        }
    }
}

/// Where the module is still called.
fn call(context: &Context<'_>, module: &GoneModule) -> Option<Location> {
    let path = module.path.config();
    let at = context.sources?.module_call(&path)?;
    context.place(&path.parent()?, &at)
}
