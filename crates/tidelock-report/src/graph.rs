//! The graph of a plan: Graphviz, Mermaid, JSON.
//!
//! An arrow leads from an instance to what it refers to. Colours say what the plan does; every format says it in words,
//! too.

use std::io::{self, Write};

use serde_json::json;
use tidelock_parse::Action;
use tidelock_rules::{
    graph::{Node, Via, View},
    report::SCHEMA_VERSION,
};

use crate::escape::printable;

/// What the plan does, as far as colours tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Stays,
    Created,
    Updated,
    Replaced,
    Destroyed,
    Forgotten,
    Read,
    Unknown,
}

impl Look {
    const ALL: [Self; 8] = [
        Self::Stays,
        Self::Created,
        Self::Updated,
        Self::Replaced,
        Self::Destroyed,
        Self::Forgotten,
        Self::Read,
        Self::Unknown,
    ];

    fn of(action: &Action) -> Self {
        match action {
            Action::NoOp | Action::Open => Self::Stays,
            Action::Read => Self::Read,
            Action::Create => Self::Created,
            Action::Update => Self::Updated,
            Action::Other(_) => Self::Unknown,
            action if action.is_replace() => Self::Replaced,
            action if action.destroys() => Self::Destroyed,
            action if action.forgets() => Self::Forgotten,
            _ => Self::Unknown,
        }
    }

    /// Name of the class in Mermaid.
    const fn class(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Replaced => "replaced",
            Self::Destroyed => "destroyed",
            Self::Forgotten => "forgotten",
            Self::Read => "read",
            Self::Unknown => "unknown",
        }
    }

    /// Fill and border; dark text is readable on all of them.
    const fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Stays => ("#f4f4f5", "#a1a1aa"),
            Self::Created => ("#bbf7d0", "#15803d"),
            Self::Updated => ("#fef08a", "#a16207"),
            Self::Replaced => ("#fdba74", "#c2410c"),
            Self::Destroyed => ("#fca5a5", "#b91c1c"),
            Self::Forgotten => ("#d8b4fe", "#7e22ce"),
            Self::Read => ("#bfdbfe", "#1d4ed8"),
            Self::Unknown => ("#f9a8d4", "#be185d"),
        }
    }
}

/// Address, deposed key, and what is done, on one line each.
fn lines(node: &Node) -> Vec<String> {
    let mut lines = vec![printable(&node.address.to_string())];
    if let Some(deposed) = &node.deposed {
        lines.push(format!("deposed {}", printable(deposed)));
    }
    if node.actions != Action::NoOp {
        lines.push(printable(&node.actions.to_string()));
    }
    lines
}

/// Writes the graph for Graphviz (`dot -Tsvg`).
///
/// # Errors
/// Those of `out`.
pub fn dot(view: &View, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "digraph plan {{")?;
    writeln!(out, "  rankdir = LR;")?;
    writeln!(out, "  node [shape = box, style = filled, fontname = \"sans-serif\"];")?;
    for (at, node) in view.nodes.iter().enumerate() {
        let (fill, border) = Look::of(&node.actions).colours();
        let label = lines(node).iter().map(|line| dot_text(line)).collect::<Vec<_>>().join("\\n");
        let wide = if node.focus { ", penwidth = 3" } else { "" };
        writeln!(out, "  n{at} [label = \"{label}\", fillcolor = \"{fill}\", color = \"{border}\"{wide}];")?;
    }
    for link in &view.edges {
        let style = match link.through {
            Via::Argument => "",
            Via::Trigger => " [style = bold, label = \"replaces\"]",
            Via::Order => " [style = dashed]",
            _ => " [style = dotted]",
        };
        writeln!(out, "  n{} -> n{}{style};", link.from, link.to)?;
    }
    if view.truncated {
        writeln!(out, "  // there are more references than these")?;
    }
    writeln!(out, "}}")
}

/// Text inside a quoted string of Graphviz, in which a backslash starts an escape of its own.
fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Writes the graph for Mermaid, which many places that show Markdown draw.
///
/// # Errors
/// Those of `out`.
pub fn mermaid(view: &View, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (at, node) in view.nodes.iter().enumerate() {
        let label = lines(node).iter().map(|line| mermaid_text(line)).collect::<Vec<_>>().join("<br>");
        writeln!(out, "  n{at}[\"{label}\"]:::{}", Look::of(&node.actions).class())?;
    }
    for link in &view.edges {
        let arrow = match link.through {
            Via::Argument => "-->",
            Via::Trigger => "==>|replaces|",
            _ => "-.->",
        };
        writeln!(out, "  n{} {arrow} n{}", link.from, link.to)?;
    }
    for look in
        Look::ALL.into_iter().filter(|look| view.nodes.iter().any(|node| Look::of(&node.actions) == *look))
    {
        let (fill, border) = look.colours();
        writeln!(out, "  classDef {} fill:{fill},stroke:{border},color:#18181b", look.class())?;
    }
    for (at, _) in view.nodes.iter().enumerate().filter(|(_, node)| node.focus) {
        writeln!(out, "  style n{at} stroke-width:4px")?;
    }
    if view.truncated {
        writeln!(out, "  %% there are more references than these")?;
    }
    Ok(())
}

/// Text inside a quoted label of Mermaid, which is read as HTML and Markdown: what could mean something is written as a
/// numbered entity.
fn mermaid_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '{' | '}' | '|' | '%' | '*' | '~' | '$'
            | '@' | '\'' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// Writes the graph for programs.
///
/// # Errors
/// Those of `out`.
pub fn json(view: &View, out: &mut impl Write) -> io::Result<()> {
    let all = json!({
        "schema_version": SCHEMA_VERSION,
        "nodes": view.nodes,
        "edges": view.edges,
        "truncated": view.truncated,
    });
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use tidelock_parse::Action;
    use tidelock_rules::graph::Link;

    use super::*;

    fn node(address: &str, actions: Action) -> Node {
        Node::new(address.parse().unwrap(), actions)
    }

    fn text(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn view() -> View {
        let mut focus = node("aws_db_instance.orders", Action::DeleteThenCreate);
        focus.focus = true;
        View {
            nodes: vec![focus, node("aws_kms_key.k", Action::Update), node("data.aws_ami.a", Action::Read)],
            edges: vec![
                Link { from: 0, to: 1, through: Via::Argument },
                Link { from: 0, to: 2, through: Via::Trigger },
            ],
            truncated: false,
        }
    }

    #[test]
    fn graphviz_gets_boxes_in_the_colour_of_the_action() {
        let text = text(|out| dot(&view(), out));
        assert!(
            text.contains(r##"n0 [label = "aws_db_instance.orders\ndelete,create", fillcolor = "#fdba74""##),
            "{text}"
        );
        assert!(text.contains("n0 -> n1;") && text.contains("n0 -> n2 [style = bold"), "{text}");
    }

    #[test]
    fn mermaid_gets_classes_for_what_there_is() {
        let text = text(|out| mermaid(&view(), out));
        let expected = "flowchart LR\n  n0[\"aws_db_instance.orders<br>delete,create\"]:::replaced\n  n1[\"aws_kms_key.k<br>update\"]:::updated\n  \
                        n2[\"data.aws_ami.a<br>read\"]:::read\n  n0 --> n1\n  n0 ==>|replaces| n2\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("classDef replaced ") && !text.contains("classDef created"), "{text}");
    }

    #[test]
    fn programs_get_positions() {
        let json: serde_json::Value = serde_json::from_str(&text(|out| json(&view(), out))).unwrap();
        assert_eq!(json["nodes"][0]["actions"], json!(["delete", "create"]));
        assert_eq!(json["edges"][1], json!({"from": 0, "to": 2, "through": "trigger"}));
    }

    /// Keys of `for_each` may hold anything.
    fn hostile() -> View {
        let key = "\"]; n9 [URL=\"javascript:x\"] //\\ \u{1b}[31m\n</script><img onerror=x>`%%{init}%%`\\N #quot; |x| end";
        let mut node = node("a.b", Action::Other(vec!["\"]:::x\n".to_owned()]));
        node.address.key = Some(tidelock_parse::InstanceKey::Str(key.into()));
        node.deposed = Some("\"\n\\".to_owned());
        View { nodes: vec![node], edges: Vec::new(), truncated: true }
    }

    #[test]
    fn no_name_breaks_out_of_a_graphviz_string() {
        let text = text(|out| dot(&hostile(), out));
        let line = text.lines().find(|line| line.contains("label")).unwrap();
        assert_eq!(text.lines().count(), 6, "{text}");
        // The label ends where ours does: each quote and backslash of the name stands behind a backslash.
        let inside = line.strip_prefix("  n0 [label = \"").unwrap();
        let mut end = None;
        let mut chars = inside.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '"' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        assert!(inside[end.unwrap()..].starts_with("\", fillcolor = \"#f9a8d4\""), "{line}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }

    #[test]
    fn no_name_breaks_out_of_a_mermaid_label() {
        let text = text(|out| mermaid(&hostile(), out));
        let line = text.lines().nth(1).unwrap();
        let label = line.strip_prefix("  n0[\"").unwrap().strip_suffix("\"]:::unknown").unwrap();
        let label = label.replace("<br>", " ");
        assert!(!label.contains(['"', '<', '>', '`', '&', '%', '{', '}', '|', '\\', '\'']), "{label}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}
