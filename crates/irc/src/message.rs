//! One line of IRC, read and written.
//!
//! Reading never fails on odd bytes: half of the networks carry Latin-1, and servers cut lines within a character.
//! Writing is the safe half: an [`Outgoing`] cannot hold a line break, whatever text it is made of, so nothing that
//! people taught can become a command of its own (RFC 1459 section 2.3, IRCv3 message-tags).

use std::fmt;

/// The most bytes of a line without its tags, the line break included (RFC 1459 section 2.3).
pub const LINE: usize = 512;
/// The most bytes of a server's tags, `@` and the space after them included (IRCv3 message-tags).
pub const TAGS: usize = 8191;
/// The most parameters that are looked at.
const PARAMETERS: usize = 64;

/// Who a line comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// A nick, or a server's name.
    pub nick: String,
    /// The user part, when it is there.
    pub user: Option<String>,
    /// The host part, when it is there.
    pub host: Option<String>,
}

/// A line as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Tags with their values unescaped, in order; a tag without a value has an empty one.
    pub tags: Vec<(String, String)>,
    /// Who it comes from.
    pub origin: Option<Origin>,
    /// The command in capitals, or a numeric of three digits.
    pub command: String,
    /// The parameters, the trailing one last and without its colon.
    pub parameters: Vec<String>,
}

/// Why a line is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Nothing but spaces.
    #[error("the line is empty")]
    Empty,
    /// Longer than any server may send.
    #[error("the line is {0} bytes long")]
    Long(usize),
    /// No command, or one with other characters than letters and digits.
    #[error("the line has no command")]
    NoCommand,
}

impl Message {
    /// Reads a line without its line break.
    ///
    /// ```
    /// let line = quid_irc::Message::parse(b"@account=ann :ann!a@host PRIVMSG #tea :tea is a drink").expect("a line");
    /// assert_eq!((line.command.as_str(), line.tag("account")), ("PRIVMSG", Some("ann")));
    /// assert_eq!(line.parameters, ["#tea", "tea is a drink"]);
    /// ```
    ///
    /// # Errors
    /// [`Malformed`]; the connection is none the worse for it.
    pub fn parse(line: &[u8]) -> Result<Self, Malformed> {
        if line.len() > TAGS + LINE {
            return Err(Malformed::Long(line.len()));
        }
        let text = decode(line);
        let mut rest = text.trim_end_matches(['\r', '\n']).trim_start_matches(' ');
        if rest.is_empty() {
            return Err(Malformed::Empty);
        }
        let mut tags = Vec::new();
        if let Some(tagged) = rest.strip_prefix('@') {
            let (list, after) = word(tagged);
            tags = list.split(';').filter(|tag| !tag.is_empty()).map(read_tag).collect();
            rest = after;
        }
        let mut origin = None;
        if let Some(prefixed) = rest.strip_prefix(':') {
            let (who, after) = word(prefixed);
            origin = Some(Origin::read(who));
            rest = after;
        }
        let (command, mut rest) = word(rest);
        if command.is_empty() || !command.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Malformed::NoCommand);
        }
        let mut parameters = Vec::new();
        while !rest.is_empty() && parameters.len() < PARAMETERS {
            if let Some(trailing) = rest.strip_prefix(':') {
                parameters.push(trailing.to_owned());
                break;
            }
            let (parameter, after) = word(rest);
            parameters.push(parameter.to_owned());
            rest = after;
        }
        Ok(Self { tags, origin, command: command.to_ascii_uppercase(), parameters })
    }

    /// The value of a tag; the last one of that name counts.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter, or nothing.
    #[must_use]
    pub fn parameter(&self, at: usize) -> &str {
        self.parameters.get(at).map_or("", String::as_str)
    }

    /// The nick it comes from, or nothing.
    #[must_use]
    pub fn nick(&self) -> &str {
        self.origin.as_ref().map_or("", |origin| &origin.nick)
    }
}

impl Origin {
    fn read(text: &str) -> Self {
        let (rest, host) = match text.split_once('@') {
            Some((rest, host)) => (rest, Some(host.to_owned())),
            None => (text, None),
        };
        let (nick, user) = match rest.split_once('!') {
            Some((nick, user)) => (nick, Some(user.to_owned())),
            None => (rest, None),
        };
        Self { nick: nick.to_owned(), user, host }
    }
}

/// UTF-8 where it is, with a character that was cut at the end left out; else Latin-1, byte for byte.
fn decode(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(line.get(..error.valid_up_to()).unwrap_or_default()).into_owned()
        }
        Err(_) => line.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The first word, and what comes after the spaces that follow it.
fn word(text: &str) -> (&str, &str) {
    match text.split_once(' ') {
        Some((word, rest)) => (word, rest.trim_start_matches(' ')),
        None => (text, ""),
    }
}

fn read_tag(tag: &str) -> (String, String) {
    let (name, escaped) = tag.split_once('=').unwrap_or((tag, ""));
    let mut value = String::with_capacity(escaped.len());
    let mut characters = escaped.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some(':') => value.push(';'),
            Some('s') => value.push(' '),
            Some('r') => value.push('\r'),
            Some('n') => value.push('\n'),
            Some(other) => value.push(other),
            None => {}
        }
    }
    (name.to_owned(), value)
}

/// A line that may be sent: at most [`LINE`] bytes with its line break, none within.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    line: String,
    secret: bool,
}

impl Outgoing {
    /// A command with its parameters; the last one may hold spaces.
    ///
    /// Control characters that end a line are turned into spaces, spaces within any parameter but the last are
    /// taken out, and what does not fit is cut at a character's end.
    #[must_use]
    pub fn new(command: &str, parameters: &[&str]) -> Self {
        let mut line: String = command.chars().filter(char::is_ascii_alphanumeric).collect();
        if let Some((last, middle)) = parameters.split_last() {
            for parameter in middle {
                let parameter = clean(parameter);
                let word: String = parameter.chars().filter(|&c| c != ' ').collect();
                line.push(' ');
                // An empty parameter, or one that looks like the trailing one, would move all that follow.
                line.push_str(match word.trim_start_matches(':') {
                    "" => "*",
                    word => word,
                });
            }
            let last = clean(last);
            line.push(' ');
            let said = matches!(command, "PRIVMSG" | "NOTICE");
            if said || last.is_empty() || last.starts_with(':') || last.contains(' ') {
                line.push(':');
            }
            line.push_str(&last);
        }
        let mut end = line.len().min(LINE - 2);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line.truncate(end);
        Self { line, secret: false }
    }

    /// The same, never shown in a log.
    #[must_use]
    pub fn secret(command: &str, parameters: &[&str]) -> Self {
        Self { secret: true, ..Self::new(command, parameters) }
    }

    /// The bytes for the wire, line break included.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.line.clone().into_bytes();
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// The line without its break.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = self.line.split(' ').next().unwrap_or_default();
        if self.secret { write!(f, "{command} (not shown)") } else { f.write_str(&self.line) }
    }
}

/// A text without what would end a line: CR, LF and NUL become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\r' | '\n' | '\0') { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Message {
        Message::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    #[test]
    fn lines_are_taken_apart() {
        let table: &[(&str, &str, &str, &[&str])] = &[
            ("PING :token", "", "PING", &["token"]),
            (":irc.example 001 quid :Welcome to it", "irc.example", "001", &["quid", "Welcome to it"]),
            (":ann!a@h PRIVMSG #tea ::-)", "ann", "PRIVMSG", &["#tea", ":-)"]),
            (":ann!a@h privmsg #tea word", "ann", "PRIVMSG", &["#tea", "word"]),
            (":ann MODE #tea +o  bob  ", "ann", "MODE", &["#tea", "+o", "bob"]),
            ("  :a   JOIN   #b", "a", "JOIN", &["#b"]),
            (":s 353 q = #tea :@ann +bob eve", "s", "353", &["q", "=", "#tea", "@ann +bob eve"]),
            ("PRIVMSG #a :", "", "PRIVMSG", &["#a", ""]),
            ("QUIT", "", "QUIT", &[]),
        ];
        for (line, nick, command, parameters) in table {
            let message = parse(line);
            assert_eq!((message.nick(), message.command.as_str()), (*nick, *command), "{line}");
            assert_eq!(message.parameters, *parameters, "{line}");
        }
    }

    #[test]
    fn tags_are_unescaped() {
        let message = parse("@time=2026-01-02T03:04:05.000Z;account=a\\:b\\s\\\\c;bot;x=1;x=2\\ :n!u@h PRIVMSG #a :b");
        assert_eq!(message.tag("account"), Some("a;b \\c"));
        assert_eq!((message.tag("bot"), message.tag("x"), message.tag("y")), (Some(""), Some("2"), None));
        let origin = message.origin.expect("an origin");
        assert_eq!((origin.user.as_deref(), origin.host.as_deref()), (Some("u"), Some("h")));
    }

    #[test]
    fn what_is_no_line_is_told() {
        for (line, why) in [
            (&b""[..], Malformed::Empty),
            (b"   ", Malformed::Empty),
            (b"@a=b", Malformed::NoCommand),
            (b":only.a.prefix", Malformed::NoCommand),
            (b"@a=b :c", Malformed::NoCommand),
            (b"\xff\xfe x", Malformed::NoCommand),
            (&[b'A'; 10_000], Malformed::Long(10_000)),
        ] {
            assert_eq!(Message::parse(line), Err(why), "{:?}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn bytes_are_read_as_what_they_most_likely_are() {
        let text = |bytes: &[u8]| Message::parse(bytes).expect("a line").parameter(1).to_owned();
        assert_eq!(text("PRIVMSG #a :süß".as_bytes()), "süß");
        assert_eq!(text(b"PRIVMSG #a :s\xfc\xdf!"), "süß!", "Latin-1");
        assert_eq!(text(b"PRIVMSG #a :cut \xe2\x82"), "cut ", "cut within a character");
    }

    #[test]
    fn nothing_that_is_said_can_end_a_line() {
        for text in ["a\r\nQUIT :x", "a\rQUIT", "a\nQUIT", "\0", "\r\n\r\n"] {
            let line = Outgoing::new("PRIVMSG", &["#a", text]);
            let bytes = line.bytes();
            assert_eq!(bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n' | 0)).count(), 2, "{line:?}");
            assert!(bytes.ends_with(b"\r\n"));
        }
        assert_eq!(Outgoing::new("JOIN", &["#a b,:c", "key"]).line(), "JOIN #ab,:c key");
        assert_eq!(Outgoing::new("NICK", &["quid"]).line(), "NICK quid");
        assert_eq!(Outgoing::new("PRIVMSG", &["", ""]).line(), "PRIVMSG * :");
        assert_eq!(Outgoing::new("USER", &["q", "0", "*", ""]).line(), "USER q 0 * :");
        let long = Outgoing::new("PRIVMSG", &["#a", &"ü".repeat(600)]);
        assert!(long.bytes().len() <= LINE && long.line().ends_with('ü'));
        assert_eq!(format!("{:?}", Outgoing::secret("AUTHENTICATE", &["abc"])), "AUTHENTICATE (not shown)");
    }
}
