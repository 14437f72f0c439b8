//! Command lines to copy.

/// A command for a POSIX shell, every argument quoted where it has to be; `None` if one holds a control character, which no
/// quoting makes harmless to a terminal.
pub(crate) fn command(arguments: &[&str]) -> Option<String> {
    let quoted: Option<Vec<String>> = arguments.iter().map(|argument| quote(argument)).collect();
    quoted.map(|quoted| quoted.join(" "))
}

/// One command after the other, whether or not the first one has anything to do.
pub(crate) fn one_after_another(commands: [Option<String>; 2]) -> Option<String> {
    let [first, second] = commands;
    Some(format!("{}; {}", first?, second?))
}

fn quote(argument: &str) -> Option<String> {
    if argument.chars().any(char::is_control) {
        return None;
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return Some(argument.to_owned());
    }
    Some(format!("'{}'", argument.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        assert_eq!(command(&["hcloud", "server", "delete", "7"]).unwrap(), "hcloud server delete 7");
        assert_eq!(command(&["rm", "a b", ""]).unwrap(), "rm 'a b' ''");
        assert_eq!(command(&["rm", "x'; reboot '"]).unwrap(), r"rm 'x'\''; reboot '\'''");
        assert_eq!(command(&["rm", "$(reboot)"]).unwrap(), "rm '$(reboot)'");
        assert_eq!(command(&["rm", "a\nb"]), None);
        assert_eq!(command(&["rm", "\u{1b}[2J"]), None);
    }

    #[test]
    fn half_a_pair_is_none() {
        assert_eq!(one_after_another([command(&["a"]), None]), None);
        assert_eq!(one_after_another([command(&["a"]), command(&["b"])]).unwrap(), "a; b");
    }
}
