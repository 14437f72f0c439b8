//! The literal texts of a template, as they are after `~` markers and the indentation of `<<-` are taken off.
//!
//! Both work on tokens, as the real scanner makes them: in a heredoc every line is one, so that a `~` takes no
//! more than the rest of a line, and a line that a `~` has joined to the one before keeps its indentation
//! (observed with Terraform 1.11).

use std::collections::VecDeque;

use hcl_edit::{
    Span as _,
    template::{Directive, Element, Strip, Template},
};

/// How a template is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form<'s> {
    /// Between quotes, or a whole text of the JSON syntax: a literal is one token.
    Quoted,
    /// A heredoc; `source` is what the parser saw, because the parser itself takes off indentation.
    Heredoc { source: &'s str, indented: bool },
}

/// One token of a template.
enum Token {
    Text(String),
    /// An interpolation, or one of the parts of a directive.
    Marker,
}

/// The literals of a template, in source order, one text for each literal element.
pub(super) fn literals(template: &Template, form: Form<'_>) -> VecDeque<String> {
    let mut tokens = Tokens { form, all: Vec::new(), elements: Vec::new(), trim: false };
    tokens.template(template);
    if let Form::Heredoc { indented: true, .. } = form {
        unindent(&mut tokens.all);
    }
    tokens.joined()
}

struct Tokens<'s> {
    form: Form<'s>,
    all: Vec<Token>,
    /// How many tokens each literal element has.
    elements: Vec<(usize, usize)>,
    /// Whether white space at the start of the next token goes.
    trim: bool,
}

impl Tokens<'_> {
    fn template(&mut self, template: &Template) {
        for element in template {
            match element {
                Element::Literal(text) => self.literal(text.as_str(), text.span()),
                Element::Interpolation(interpolation) => self.marker(interpolation.strip),
                Element::Directive(directive) => self.directive(directive),
            }
        }
    }

    fn directive(&mut self, directive: &Directive) {
        match directive {
            Directive::If(directive) => {
                self.marker(directive.if_expr.strip);
                self.template(&directive.if_expr.template);
                if let Some(otherwise) = &directive.else_expr {
                    self.marker(otherwise.strip);
                    self.template(&otherwise.template);
                }
                self.marker(directive.endif_expr.strip);
            }
            Directive::For(directive) => {
                self.marker(directive.for_expr.strip);
                self.template(&directive.for_expr.template);
                self.marker(directive.endfor_expr.strip);
            }
        }
    }

    fn marker(&mut self, strip: Strip) {
        if let (true, Some(Token::Text(text))) = (strip.strip_start(), self.all.last_mut()) {
            text.truncate(text.trim_end().len());
        }
        self.all.push(Token::Marker);
        self.trim = strip.strip_end();
    }

    fn literal(&mut self, text: &str, span: Option<std::ops::Range<usize>>) {
        let start = self.all.len();
        match self.form {
            Form::Quoted => self.text(text),
            Form::Heredoc { source, .. } => {
                let raw = span.and_then(|span| source.get(span)).unwrap_or(text);
                for line in raw.replace("$${", "${").replace("%%{", "%{").split_inclusive('\n') {
                    self.text(line);
                }
            }
        }
        self.elements.push((start, self.all.len()));
    }

    fn text(&mut self, text: &str) {
        let text = if std::mem::take(&mut self.trim) { text.trim_start() } else { text };
        self.all.push(Token::Text(text.to_owned()));
    }

    fn joined(self) -> VecDeque<String> {
        let text = |token: &Token| match token {
            Token::Text(text) => text.clone(),
            Token::Marker => String::new(),
        };
        let literal = |(start, end): &(usize, usize)| {
            self.all.get(*start..*end).unwrap_or_default().iter().map(text).collect()
        };
        self.elements.iter().map(literal).collect()
    }
}

/// Takes the smallest indentation off all lines. Blank lines neither count nor change.
fn unindent(tokens: &mut [Token]) {
    let mut smallest = usize::MAX;
    let mut lines: Vec<usize> = Vec::new();
    let mut newline = true;
    for (at, token) in tokens.iter().enumerate() {
        let text = match token {
            Token::Text(text) => Some(text),
            Token::Marker => None,
        };
        if std::mem::take(&mut newline) {
            let spaces = text.map_or(Some(0), |text| {
                let spaces = text.chars().take_while(|c| c.is_whitespace()).count();
                let blank = text.trim_start().is_empty() && text.ends_with('\n');
                (!blank).then_some(spaces)
            });
            if let Some(spaces) = spaces {
                smallest = smallest.min(spaces);
                lines.push(at);
            }
        }
        newline = text.is_some_and(|text| text.ends_with('\n'));
    }
    for at in lines {
        if let Some(Token::Text(text)) = tokens.get_mut(at) {
            *text = text.chars().skip(smallest).collect();
        }
    }
}
