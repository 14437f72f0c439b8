//! Words of command lines, for POSIX shells.

/// A word that a shell takes as it is, whatever is in it. Control characters, which no name has, are left out.
pub(crate) fn quoted(word: &str) -> String {
    let clean: String = word.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", clean.replace('\'', r"'\''"))
}

/// The same, bare where a shell would not touch it.
pub(crate) fn word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        quoted(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_quotes() {
        assert_eq!(quoted("a'; rm -r /; '"), r"'a'\''; rm -r /; '\'''");
        assert_eq!(quoted("a\nb\u{1b}"), "'ab'");
    }

    #[test]
    fn plain_words_stay_bare() {
        assert_eq!(word("pmx/qemu/104"), "pmx/qemu/104");
        for text in ["", "-n", "a b", "$(x)", "a;b", "*"] {
            assert_eq!(word(text), quoted(text), "{text}");
        }
    }
}
