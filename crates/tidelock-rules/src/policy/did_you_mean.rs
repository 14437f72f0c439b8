//! Turns "unknown field" into something to act on.

/// What to tell about a text that is not understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// What is wrong, lower case.
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
}

/// Candidates beyond this number are not listed.
const MOST_LISTED: usize = 20;

/// Splits a message of the form "unknown field `x`, expected one of `a`, `b`", which serde gives and our own types
/// imitate, into what is wrong and what to write instead.
pub(super) fn complaint(message: &str) -> Complaint {
    let (wrong, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    let wrong = match wrong.strip_prefix("unknown field ") {
        Some(name) => format!("unknown key {name}"),
        None => wrong.replacen("unknown variant", "unknown word", 1),
    };
    let known: Vec<&str> = quoted(expected).collect();
    let near = quoted(&wrong).next().and_then(|word| nearest(word, known.iter().copied()));
    let help = match (near, known.len()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, 1..=MOST_LISTED) => format!("write one of: {}", known.join(", ")),
        _ => {
            "docs/policy.md explains every key; `tidelock schema policy` prints them for an editor".to_owned()
        }
    };
    let missing = wrong.strip_prefix("missing field ").map(|name| format!("{name} is missing"));
    Complaint { message: missing.unwrap_or(wrong).trim_end().replace('\n', "; "), help }
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The known word that somebody who wrote `word` most likely meant.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let word = plain(word);
    let scored = known.into_iter().map(|known| (strsim::damerau_levenshtein(&word, &plain(known)), known));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    // One slip in three letters is still the same word.
    (distance * 3 <= word.chars().count().max(3)).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_names_the_word_that_was_meant() {
        let Complaint { message, help } =
            complaint("unknown field `treshold`, expected one of `thresholds`, `rules`");
        assert_eq!(
            (message.as_str(), help.as_str()),
            ("unknown key `treshold`", "did you mean `thresholds`?")
        );
        assert_eq!(
            complaint("unknown variant `fail-on`, expected `fail_on`").help,
            "did you mean `fail_on`?"
        );
    }

    #[test]
    fn a_word_that_is_near_nothing_gets_the_list() {
        let Complaint { message, help } = complaint("unknown variant `loud`, expected `info` or `deny`");
        assert_eq!((message.as_str(), help.as_str()), ("unknown word `loud`", "write one of: info, deny"));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(complaint("missing field `until`").message, "`until` is missing");
    }
}
