//! What stands where a secret would, and is none: words that everybody knows.

/// Words that mark a stand-in wherever they are, in lower case without separators.
const PARTS: &[&str] = &[
    "changeit",
    "changeme",
    "changethis",
    "dummy",
    "example",
    "foobar",
    "insecure",
    "notasecret",
    "notreal",
    "placeholder",
    "redacted",
    "replaceme",
    "replacethis",
    "replacewith",
    "sample",
    "yourapi",
    "youraccess",
    "yourkey",
    "yourpassword",
    "yoursecret",
    "yourtoken",
];

/// The same for words that random text of some length has by chance.
const SHORT_PARTS: &[&str] = &["0000", "****", "1234", "fake", "fixme", "mock", "sensitive", "todo", "xxxx"];

/// Bytes up to which the short ones count.
const SHORT: usize = 48;

/// Whole texts that name what should stand there, are the first guess of anybody, or begin a sentence about it.
const WORDS: &[&str] = &[
    "above",
    "admin",
    "apikey",
    "are",
    "auto",
    "automatic",
    "bar",
    "baz",
    "below",
    "change",
    "comes",
    "default",
    "disabled",
    "empty",
    "enabled",
    "encrypted",
    "expired",
    "expires",
    "file",
    "foo",
    "for",
    "from",
    "generated",
    "guest",
    "here",
    "in",
    "is",
    "kept",
    "key",
    "length",
    "lives",
    "managed",
    "minimum",
    "must",
    "mypassword",
    "mysecret",
    "none",
    "not",
    "null",
    "of",
    "optional",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "policy",
    "postgres",
    "provided",
    "randomly",
    "required",
    "reset",
    "root",
    "rotated",
    "rotation",
    "secret",
    "secretkey",
    "see",
    "should",
    "stored",
    "string",
    "supplied",
    "test",
    "testing",
    "the",
    "token",
    "unknown",
    "unset",
    "use",
    "used",
    "user",
    "value",
    "vault",
];

/// Words for secrets: a text of letters alone that has one of them is a name.
const NAMES: &[&str] = &["apikey", "credential", "passphrase", "password", "privatekey", "secret", "token"];

/// Whether a text that stands where a secret would is a stand-in for one: `changeme`, `REPLACE_ME`, `***`, what
/// manuals print. Redaction hides such a text all the same; a rule has nothing to say about it.
pub fn is_stand_in(text: &str) -> bool {
    let text = text.trim();
    let letters: String = text
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let first = letters.chars().next();
    first.is_none_or(|first| letters.chars().all(|c| c == first))
        || text.starts_with('<') && text.ends_with('>')
        || PARTS.iter().any(|part| letters.contains(part))
        || WORDS.contains(&letters.trim_end_matches(|c: char| c.is_ascii_digit()))
        || letters.chars().all(char::is_alphabetic) && NAMES.iter().any(|name| letters.contains(name))
        || letters.len() <= SHORT && SHORT_PARTS.iter().any(|part| letters.contains(part))
}

/// Whether a text is the name of something rather than random: words and numbers with separators between them
/// (`wildcard-tls-2024`).
pub fn is_name(text: &str) -> bool {
    let mut parts = text.split(['-', '_', '.', '/', ':']);
    let is_word = |part: &str| part.chars().all(|c| c.is_ascii_lowercase());
    // `v2`, `prod1`, `2024`.
    let is_numbered = |part: &str| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_lowercase());
        digits.len() <= 4 && digits.chars().all(|c| c.is_ascii_digit())
    };
    text.contains(['-', '_', '.', '/', ':']) && parts.all(|part| is_word(part) || is_numbered(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_everybody_knows_are_stand_ins() {
        for text in [
            "changeme",
            "CHANGE_ME",
            "REPLACE_ME",
            "replace-me-please",
            "***",
            "xxxxxxxx",
            "<your password>",
            "password",
            "test123",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "mock_secret_key",
            "some-api-key",
            "DB_PASSWORD",
            "stored",
            "YOUR_API_KEY",
            " ",
        ] {
            assert!(is_stand_in(text), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_none() {
        for text in ["hunter2", "hunter2-shop", "S3cure!horse", "correct horse battery", "k8FvG2xQ9z"] {
            assert!(!is_stand_in(text), "{text}");
        }
    }

    #[test]
    fn words_with_separators_are_names_and_random_text_is_none() {
        for name in ["wildcard-tls-2024", "letsencrypt-prod-v2", "apps/db.credentials", "eu-central-1_pool"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["k8fvg2xq9z-77aab1c9d2", "hunter2", "Abc-def", "0123456789abcdef-x"] {
            assert!(!is_name(other), "{other}");
        }
    }
}
