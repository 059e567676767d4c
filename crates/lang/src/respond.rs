//! Expands a stored value into what is said: tags, alternatives and variables.
//!
//! `<reply>` and `<action>` say how; `a|b` chooses, `(a|b) c` within a part, `<3>a|b` by weight, `(, sir)?`
//! perhaps, `(1-6)` a number; `$who` and its like are filled in last, so that nothing in a nick or a channel's
//! name is ever expanded. After `<verbatim>` there are tags and variables, but no chance: other bots' values came
//! with pipes that are pipes.

use std::collections::BTreeMap;

use crate::chance::Chance;

/// Deeper parentheses are printed as they are, so that no value can exhaust the stack.
const DEEPEST: usize = 24;

/// What `$name` stands for in a stored value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// None at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With `$name` standing for `value`; names are compared in lower case ("who", "nick", "channel", "1").
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_lowercase(), value.to_owned());
        self
    }

    /// What a name stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_lowercase()).map(String::as_str)
    }
}

/// What a stored value says. Never contains a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// A plain value: said as "subject is value".
    Plain(String),
    /// `<reply>`: said alone.
    Reply(String),
    /// `<action>`: done (`/me`).
    Action(String),
    /// `<reply>see foo`: look there; when nothing is known there, say "see foo" as it stands.
    See(String),
}

enum Tag {
    Reply,
    Action,
}

/// Before a value in which `|` and parentheses mean themselves.
pub const VERBATIM: &str = "<verbatim>";

pub(crate) fn respond(value: &str, variables: &Variables, chance: u64) -> Response {
    let chance = &mut Chance::new(chance);
    let verbatim = value.trim().strip_prefix(VERBATIM);
    let (tag, rest) = split_tag(verbatim.unwrap_or(value).trim());
    let chosen = if verbatim.is_some() { rest.to_owned() } else { choose(rest, tag.is_some(), chance) };
    // Every alternative may have a tag of its own: "<reply>hi|<action>waves".
    let (inner, chosen) = split_tag(chosen.trim());
    let text = fill(chosen, variables).trim().to_owned();
    match inner.or(tag) {
        None => Response::Plain(text),
        Some(Tag::Action) => Response::Action(text),
        Some(Tag::Reply) => match strip_word(&text, "see ") {
            Some(name) => Response::See(name.trim().to_owned()),
            None => Response::Reply(text),
        },
    }
}

/// Whether a value is only a tag, so that it would say nothing.
pub(crate) fn says_nothing(value: &str) -> bool {
    split_tag(value.trim()).1.trim().is_empty()
}

/// Whether a value begins with a tag.
pub(crate) fn is_tagged(value: &str) -> bool {
    split_tag(value.trim()).0.is_some()
}

fn split_tag(value: &str) -> (Option<Tag>, &str) {
    if let Some(rest) = strip_word(value, "<reply>") {
        (Some(Tag::Reply), rest.trim_start())
    } else if let Some(rest) = strip_word(value, "<action>") {
        (Some(Tag::Action), rest.trim_start())
    } else {
        (None, value)
    }
}

/// Strips an ASCII prefix whatever its case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

/// One choice of the alternatives; the text itself when its parentheses do not match. Ranges and "perhaps" are for
/// tagged values only: "a war (1939-1945)" is no throw of dice.
fn choose(text: &str, is_tagged: bool, chance: &mut Chance) -> String {
    if !text.contains(['|', '(']) || !is_balanced(text) {
        return text.to_owned();
    }
    let mut parser = Parser { rest: text, is_tagged, chance };
    parser.alternatives(0)
}

fn is_balanced(text: &str) -> bool {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    depth == 0 && deepest <= DEEPEST
}

/// Reads a balanced text once, from left to right.
struct Parser<'a, 'c> {
    rest: &'a str,
    is_tagged: bool,
    chance: &'c mut Chance,
}

impl Parser<'_, '_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    /// Alternatives up to the closing parenthesis or the end; one of them is chosen.
    fn alternatives(&mut self, depth: usize) -> String {
        let mut found: Vec<String> = Vec::new();
        let mut current = String::new();
        let mut is_range_only = true;
        while let Some(c) = self.next() {
            match c {
                '(' => {
                    is_range_only = false;
                    self.group(depth + 1, &mut current);
                }
                ')' if depth > 0 => break,
                '|' => {
                    is_range_only = false;
                    // "a || b" is "a | b".
                    while self.rest.starts_with('|') {
                        self.next();
                    }
                    found.push(std::mem::take(&mut current));
                }
                '\\' if self.rest.starts_with('|') => {
                    self.next();
                    current.push('|');
                }
                c => current.push(c),
            }
        }
        found.push(current);
        if depth > 0 && found.len() == 1 {
            let only = found.pop().unwrap_or_default();
            return match range(&only).filter(|_| is_range_only && self.is_tagged) {
                Some((low, high)) => (low + self.chance.below(high - low + 1)).to_string(),
                None => format!("({only})"),
            };
        }
        self.pick(found, depth)
    }

    /// What stands in one pair of parentheses, with a `?` behind it.
    fn group(&mut self, depth: usize, out: &mut String) {
        let inner = self.alternatives(depth);
        if !self.is_tagged || !self.rest.starts_with('?') {
            out.push_str(&inner);
            return;
        }
        self.next();
        if self.chance.below(2) == 0 {
            // A group without alternatives came back in its parentheses; "(, sir)?" says ", sir".
            let bare = inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
            out.push_str(bare.unwrap_or(&inner));
        }
    }

    fn pick(&mut self, found: Vec<String>, depth: usize) -> String {
        if found.len() == 1 {
            return found.into_iter().next().unwrap_or_default();
        }
        // At the top an empty alternative is a slip ("a|"); in a group it is meant ("(|very) nice").
        let usable = |text: &String| depth > 0 || !text.trim().is_empty();
        let weighted: Vec<(u64, String)> = found.into_iter().filter(usable).map(weight).collect();
        let total = weighted.iter().map(|(weight, _)| weight).sum();
        let mut at = self.chance.below(total);
        for (weight, text) in weighted {
            if at < weight {
                return if depth == 0 { text.trim().to_owned() } else { text };
            }
            at -= weight;
        }
        String::new()
    }
}

/// "<3>x" is x, three times as likely.
fn weight(text: String) -> (u64, String) {
    let inside = text.trim_start().strip_prefix('<').and_then(|rest| rest.split_once('>'));
    match inside.and_then(|(number, rest)| Some((number.parse::<u16>().ok()?, rest))) {
        Some((number, rest)) => (u64::from(number.max(1)), rest.to_owned()),
        None => (1, text),
    }
}

/// "1-6"
fn range(text: &str) -> Option<(u64, u64)> {
    let (low, high) = text.trim().split_once('-')?;
    let number = |text: &str| {
        let text = text.trim();
        let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (low, high) = (number(low)?, number(high)?);
    (low < high).then_some((low, high))
}

/// Puts the variables in and takes control characters out. An unknown variable stays.
fn fill(text: &str, variables: &Variables) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let first_other = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(first_other);
        if let Some(value) = variables.get(name) {
            out.push_str(value);
        } else {
            out.push('$');
            out.push_str(name);
        }
        rest = tail;
    }
    out.push_str(rest);
    out.chars().map(|c| if matches!(c, '\r' | '\n' | '\t') { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        Variables::new().with("who", "bob").with("nick", "bob").with("channel", "#test").with("1", "$who|x")
    }

    #[test]
    fn one_thing_is_said() {
        use Response::{Action, Plain, Reply, See};
        for (value, expected) in [
            ("bar", Plain("bar".into())),
            ("<reply>hello $who", Reply("hello bob".into())),
            ("<REPLY> hello $nick in $channel", Reply("hello bob in #test".into())),
            ("<ACTION>  dances", Action("dances".into())),
            ("$5 and $notavar", Plain("$5 and $notavar".into())),
            ("<unknown>foo", Plain("<unknown>foo".into())),
            ("<reply>(a|b", Reply("(a|b".into())),
            ("<reply>a)|(b", Reply("a)|(b".into())),
            ("<reply>see javascript", See("javascript".into())),
            ("<reply>SEE  js", See("js".into())),
            ("<reply>seen it", Reply("seen it".into())),
            ("a (parenthesis) stays", Plain("a (parenthesis) stays".into())),
            ("a\\|b", Plain("a|b".into())),
            ("a war (1939-1945)", Plain("a war (1939-1945)".into())),
            ("really (or not)?", Plain("really (or not)?".into())),
            ("<reply>\u{1}VERSION\u{1}", Reply("VERSION".into())),
            ("<reply>a\rPRIVMSG #x :b", Reply("a PRIVMSG #x :b".into())),
            ("<reply>$1", Reply("$who|x".into())),
            ("<reply>", Reply(String::new())),
            ("", Plain(String::new())),
            ("|", Plain(String::new())),
            ("daisy, daisy...", Plain("daisy, daisy...".into())),
            ("<verbatim>ls | wc (1-6)?", Plain("ls | wc (1-6)?".into())),
            ("<verbatim><reply>$who: a|b (, sir)?", Reply("bob: a|b (, sir)?".into())),
            ("<verbatim><action>a|b", Action("a|b".into())),
        ] {
            assert_eq!(respond(value, &variables(), 7), expected, "{value:?}");
        }
    }

    #[test]
    fn one_of_several_things_is_said() {
        for (value, expected) in [
            ("<reply>heads|tails", &["heads", "tails"][..]),
            ("<reply>heads || tails", &["heads", "tails"]),
            ("bar|baz", &["bar", "baz"]),
            ("<reply>(orange|apple|pear) juice", &["orange juice", "apple juice", "pear juice"]),
            ("<reply>yes(, sir)?", &["yes", "yes, sir"]),
            ("<reply>(1-6)", &["1", "2", "3", "4", "5", "6"]),
            ("<reply><3>x|y", &["x", "y"]),
            ("<reply>((a|b)|c)d", &["ad", "bd", "cd"]),
            ("(|very) nice", &["nice", "very nice"]),
            ("a|", &["a"]),
            ("a\\|b|c", &["a|b", "c"]),
            ("(9-1)", &["(9-1)"]),
        ] {
            let mut seen: Vec<String> = (0..200)
                .map(|chance| match respond(value, &variables(), chance) {
                    Response::Plain(text) | Response::Reply(text) | Response::Action(text) => text,
                    Response::See(name) => format!("see {name}"),
                })
                .collect();
            seen.sort();
            seen.dedup();
            let mut expected: Vec<_> = expected.iter().map(|&text| text.to_owned()).collect();
            expected.sort();
            assert_eq!(seen, expected, "{value:?}");
        }
    }

    #[test]
    fn weights_weigh() {
        let drawn = (0..1000).filter(|&n| respond("<reply><3>x|y", &variables(), n) == Response::Reply("x".into()));
        let drawn = drawn.count();
        assert!((700..800).contains(&drawn), "{drawn} of 1000");
    }

    #[test]
    fn each_alternative_has_its_own_tag() {
        let all: Vec<_> = (0..50).map(|n| respond("<reply>hi|<action>waves", &variables(), n)).collect();
        assert!(all.contains(&Response::Reply("hi".into())) && all.contains(&Response::Action("waves".into())));
    }
}
