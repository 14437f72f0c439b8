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

/// Whole texts that name what should stand there, or are the first guess of anybody.
const WORDS: &[&str] = &[
    "admin", "apikey", "bar", "baz", "default", "empty", "foo", "guest", "key", "mypassword", "mysecret", "none",
    "null", "pass", "passw0rd", "passwd", "password", "postgres", "root", "secret", "secretkey", "string", "test",
    "testing", "token", "user", "value",
];

/// Words for secrets: a text of letters alone that has one of them is a name.
const NAMES: &[&str] = &["apikey", "credential", "passphrase", "password", "privatekey", "secret", "token"];

/// Whether a text that stands where a secret would is a stand-in for one: `changeme`, `REPLACE_ME`, `***`, what
/// manuals print. Redaction hides such a text all the same; a rule has nothing to say about it.
pub fn is_stand_in(text: &str) -> bool {
    let text = text.trim();
    let letters: String =
        text.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.')).map(|c| c.to_ascii_lowercase()).collect();
    let first = letters.chars().next();
    first.is_none_or(|first| letters.chars().all(|c| c == first))
        || text.starts_with('<') && text.ends_with('>')
        || PARTS.iter().any(|part| letters.contains(part))
        || WORDS.contains(&letters.trim_end_matches(|c: char| c.is_ascii_digit()))
        || letters.chars().all(char::is_alphabetic) && NAMES.iter().any(|name| letters.contains(name))
        || letters.len() <= SHORT && SHORT_PARTS.iter().any(|part| letters.contains(part))
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
}
