//! The expressions of GitHub workflows, as far as the printed ones use them.

use std::collections::BTreeMap;

/// What expressions can look at: `inputs.plan`, `steps.check.outputs.verdict`, … What is not there is empty.
pub(crate) type Contexts = BTreeMap<String, String>;

/// A text with its `${{ … }}` replaced.
pub(crate) fn expand(text: &str, contexts: &Contexts) -> String {
    let Some((before, rest)) = text.split_once("${{") else { return text.to_owned() };
    let (expression, after) = rest.split_once("}}").expect("an expression ends");
    format!("{before}{}{}", evaluate(expression, contexts), expand(after, contexts))
}

/// Whether a step or job with this `if:` runs. Without a word about the status, it does so after success alone.
pub(crate) fn holds(condition: Option<&str>, contexts: &Contexts, failed: bool) -> bool {
    let condition = condition.unwrap_or("success()").trim();
    let condition =
        condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(condition);
    let speaks_of_status = ["success()", "failure()", "always()", "cancelled()"]
        .iter()
        .any(|function| condition.contains(function));
    let mut contexts = contexts.clone();
    for (function, value) in
        [("success()", !failed), ("failure()", failed), ("always()", true), ("cancelled()", false)]
    {
        contexts.insert(function.to_owned(), value.to_string());
    }
    (speaks_of_status || !failed) && truthy(&evaluate(condition, &contexts))
}

fn truthy(value: &str) -> bool {
    !matches!(value, "" | "false" | "0")
}

fn evaluate(expression: &str, contexts: &Contexts) -> String {
    let words = words(expression);
    let mut parser = Parser { words: &words, contexts };
    let value = parser.or();
    assert!(parser.words.is_empty(), "not understood: {expression}");
    value
}

/// Operators, and everything else as a whole; a text keeps its opening quote.
fn words(expression: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut rest = expression.trim_start();
    while !rest.is_empty() {
        let operator = ["&&", "||", "==", "!=", "!"].into_iter().find(|operator| rest.starts_with(operator));
        let length = match operator {
            Some(operator) => operator.len(),
            None if rest.starts_with('\'') => rest[1..].find('\'').expect("a text ends") + 2,
            None => rest.find([' ', '!', '=', '&', '|']).unwrap_or(rest.len()),
        };
        words.push(rest[..length].trim_end_matches('\'').to_owned());
        rest = rest[length..].trim_start();
    }
    words
}

struct Parser<'a> {
    words: &'a [String],
    contexts: &'a Contexts,
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first().is_some_and(|first| first == word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn or(&mut self) -> String {
        let mut value = self.and();
        while self.take("||") {
            let other = self.and();
            value = if truthy(&value) { value } else { other };
        }
        value
    }

    fn and(&mut self) -> String {
        let mut value = self.comparison();
        while self.take("&&") {
            let other = self.comparison();
            value = if truthy(&value) { other } else { value };
        }
        value
    }

    fn comparison(&mut self) -> String {
        let value = self.operand();
        if self.take("==") {
            (value == self.operand()).to_string()
        } else if self.take("!=") {
            (value != self.operand()).to_string()
        } else {
            value
        }
    }

    fn operand(&mut self) -> String {
        if self.take("!") {
            return (!truthy(&self.operand())).to_string();
        }
        let (word, rest) = self.words.split_first().expect("an operand");
        self.words = rest;
        match word.strip_prefix('\'') {
            Some(text) => text.to_owned(),
            None => self.contexts.get(word).cloned().unwrap_or_default(),
        }
    }
}
