//! What the patterns can mean: from a matched pattern and its groups to an intent.
//!
//! The names here are those of `act = "…"` in `data/patterns/`.

use quid_core::Intent;
use quid_core::intent::{About, Question, Target};

use crate::line::Line;
use crate::patterns::{Groups, Pattern};
use crate::{question, teach};

/// Every act and the groups that its patterns must have.
pub(crate) const ACTS: &[(&str, &[&str])] = &[
    ("rewrite", &[]),
    ("relation", &[]),
    ("addressed", &[]),
    ("alias", &["from", "to"]),
    ("analogy", &["one", "to", "other"]),
    ("as_of", &["of", "when"]),
    ("bye", &[]),
    ("called", &["of"]),
    ("common", &["one", "other"]),
    ("confirm", &["name"]),
    ("correct", &["rest"]),
    ("explicit", &["subject", "value"]),
    ("factinfo", &["name"]),
    ("forget", &["name"]),
    ("forget_that", &[]),
    ("greeting", &[]),
    ("help", &["topic"]),
    ("history", &["name"]),
    ("history_that", &[]),
    ("how", &[]),
    ("ignore", &["who"]),
    ("karma", &["of", "sign"]),
    ("karma_of", &["name"]),
    ("kinds", &["of"]),
    ("laugh", &[]),
    ("heard", &[]),
    ("list_author", &["who"]),
    ("list_keys", &["what"]),
    ("list_values", &["what"]),
    ("literal", &["name"]),
    ("lock", &["name"]),
    ("more", &[]),
    ("no", &[]),
    ("no_longer", &["name"]),
    ("nothing", &[]),
    ("objects", &["word", "rest"]),
    ("objects_be", &["rest"]),
    ("objects_modal", &["modal", "subject"]),
    ("opposites", &["of"]),
    ("other_reading", &[]),
    ("parts", &["of"]),
    ("popular", &[]),
    ("praise", &[]),
    ("quarantine", &[]),
    ("quiet", &[]),
    ("rename", &["from", "to"]),
    ("revert", &["who", "when"]),
    ("scold", &[]),
    ("search", &["what"]),
    ("seen", &["who"]),
    ("reload", &[]),
    ("set", &["name", "value"]),
    ("settings", &[]),
    ("snack", &[]),
    ("sources", &[]),
    ("sparql", &["query"]),
    ("subjects", &["rest"]),
    ("subjects_be", &["rest"]),
    ("substitute", &["rest"]),
    ("synonyms", &["of"]),
    ("tell", &["whom", "about"]),
    ("thanks", &[]),
    ("undo", &[]),
    ("unforget", &["name"]),
    ("unignore", &["who"]),
    ("unlock", &["name"]),
    ("wake", &[]),
    ("what", &["about"]),
    ("what_was", &[]),
    ("when_learned", &[]),
    ("whether", &["be", "rest"]),
    ("whether_do", &["rest"]),
    ("whether_has", &["rest"]),
    ("whether_modal", &["modal", "rest"]),
    ("who_said", &[]),
    ("wholes", &["of"]),
    ("why", &[]),
    ("why_not", &[]),
    ("why_question", &["rest"]),
    ("yes", &[]),
];

/// The first pattern of a stage that fits and makes an intent.
pub(crate) fn first(line: &Line<'_>, stage: &str, text: &str) -> Option<Intent> {
    line.language.patterns.stage(stage).iter().find_map(|pattern| {
        let groups = pattern.groups(text)?;
        intent(line, pattern, &groups)
    })
}

/// The same without the patterns of one act.
pub(crate) fn first_but(line: &Line<'_>, stage: &str, act: &str, text: &str) -> Option<Intent> {
    let patterns = line.language.patterns.stage(stage).iter().filter(|pattern| pattern.act != act);
    patterns.into_iter().find_map(|pattern| intent(line, pattern, &pattern.groups(text)?))
}

/// What a matched pattern wants; `None` when a closer look shows that it is not meant.
pub(crate) fn intent(line: &Line<'_>, pattern: &Pattern, groups: &Groups<'_>) -> Option<Intent> {
    let get = |group: &str| groups.get(group).copied().filter(|text| !text.trim().is_empty());
    let raw = |group: &str| get(group).map(|text| text.trim().to_owned());
    let name = |group: &str| get(group).map(|text| line.name(text));
    let target = |group: &str| name(group).map_or(Target::That, Target::Named);
    Some(match pattern.act {
        "forget" => match get("nth").and_then(|number| number.parse().ok()) {
            Some(nth) => Intent::Forget(Target::Nth(name("name")?, nth)),
            None => Intent::Forget(Target::Named(name("name")?)),
        },
        "no_longer" => {
            let text = match (get("be"), get("value"), get("rest"), get("verb")) {
                (Some(be), Some(value), ..) => format!("{} {be} {value}", get("name")?),
                (_, _, Some(rest), Some(negation)) => format!("{} {negation} {rest}", get("name")?),
                (_, _, Some(rest), None) => format!("{} {rest}", get("name")?),
                _ => return None,
            };
            let teaching = teach::split(line, &text)?;
            Intent::Forget(Target::Valued {
                name: teaching.subject,
                verb: teaching.verb,
                value: teaching.object.unwrap_or(teaching.value),
            })
        }
        "forget_that" => Intent::Forget(Target::That),
        "unforget" => Intent::Unforget(name("name")?),
        "undo" => Intent::Undo(get("steps").map_or(Some(1), |steps| line.language.calendar.count(steps))?),
        "revert" => {
            let since = match get("when") {
                Some(when) => Some(line.language.calendar.since(when, line.now)?),
                None => None,
            };
            Intent::Revert { who: line.person(get("who")?), since }
        }
        "rename" => Intent::Rename { from: name("from").or(name("from2"))?, to: name("to").or(name("to2"))? },
        "literal" => Intent::Literal(name("name")?),
        "factinfo" => Intent::FactInfo(name("name")?),
        "lock" => Intent::Lock(name("name")?),
        "unlock" => Intent::Unlock(name("name")?),
        "confirm" => Intent::Confirm(name("name")?),
        "quarantine" => Intent::Quarantine,
        "karma" => karma(get("of")?, get("sign")?)?,
        "karma_of" => Intent::KarmaOf(line.person(&in_parentheses(&name("name")?))),
        "seen" => Intent::Seen(line.person(get("who")?)),
        "tell" if line.is("first_person", get("whom")?) => Intent::Ask(question::what(line, get("about")?, false)),
        "tell" => Intent::Tell { whom: raw("whom")?, about: name("about")? },
        "list_keys" => Intent::ListKeys(raw("what")?),
        "list_values" => Intent::ListValues(raw("what")?),
        "list_author" => Intent::ListAuthor(line.person(get("who")?)),
        "search" => Intent::Search(raw("what")?),
        "popular" => Intent::Popular,
        "more" => Intent::More,
        "ignore" => Intent::Ignore { who: line.person(get("who")?), on: true },
        "unignore" => Intent::Ignore { who: line.person(get("who")?), on: false },
        "set" => Intent::Set { name: raw("name")?, value: raw("value")? },
        "settings" => Intent::Set { name: String::new(), value: String::new() },
        "reload" => Intent::Reload,
        "quiet" => Intent::Quiet,
        "wake" => Intent::Wake,
        "sparql" => Intent::Sparql(raw("query").unwrap_or_default()),
        "help" => Intent::Help(raw("topic").unwrap_or_default().to_lowercase()),
        "sources" => Intent::Sources,
        "history" => Intent::History(Target::Named(name("name")?)),
        "history_that" => Intent::History(Target::That),
        "why" => Intent::Why(None),
        "why_not" => Intent::WhyNot,
        "why_question" => Intent::Why(Some(question::statement_or_question(line, get("rest")?)?)),
        "substitute" => substitute(&name("name").unwrap_or_default(), get("rest")?),
        "alias" => Intent::Alias { from: name("from")?, to: name("to")? },
        "greeting" => Intent::Greeting,
        "thanks" => Intent::SmallTalk("smalltalk.thanks"),
        "snack" => Intent::SmallTalk("smalltalk.botsnack"),
        "praise" => Intent::SmallTalk("smalltalk.praise"),
        "scold" => Intent::SmallTalk("smalltalk.scold"),
        "how" => Intent::SmallTalk("smalltalk.how"),
        "bye" => Intent::SmallTalk("smalltalk.bye"),
        "laugh" => Intent::SmallTalk("smalltalk.laugh"),
        "heard" => Intent::SmallTalk("smalltalk.heard"),
        "yes" => Intent::Affirm(true),
        "no" => Intent::Affirm(false),
        "other_reading" => Intent::OtherReading(name("what")),
        "who_said" => Intent::Provenance { of: target("of"), about: About::Who },
        "when_learned" => Intent::Provenance { of: target("of"), about: About::When },
        "what_was" => Intent::Provenance { of: Target::That, about: About::What },
        "as_of" => Intent::AsOf { of: name("of")?, at: line.language.calendar.moment(get("when")?, line.now)? },
        "nothing" => Intent::Ask(Question::Nothing),
        "kinds" => Intent::Ask(Question::Kinds(name("of")?)),
        "parts" => Intent::Ask(Question::Parts(name("of")?)),
        "wholes" => Intent::Ask(Question::Wholes(name("of")?)),
        "synonyms" => Intent::Ask(Question::Synonyms(name("of")?)),
        "opposites" => Intent::Ask(Question::Opposites(name("of")?)),
        "called" => Intent::Ask(Question::Called(raw("of")?)),
        "analogy" => Intent::Ask(Question::Analogy { one: name("one")?, to: name("to")?, other: name("other")? }),
        "common" => Intent::Ask(Question::Common(name("one")?, name("other")?)),
        "what" => Intent::Ask(question::what(line, get("about")?, false)),
        act => Intent::Ask(question::split(line, act, groups)?),
    })
}

/// "(foo bar)" is "foo bar".
fn in_parentheses(text: &str) -> String {
    text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text).to_owned()
}

/// Karma is for something that has a letter or digit: "-->" is an arrow.
fn karma(of: &str, sign: &str) -> Option<Intent> {
    let of = of.trim();
    let by = if sign == "++" { 1 } else { -1 };
    of.contains(char::is_alphanumeric).then(|| Intent::Karma { of: of.to_owned(), by })
}

/// `s/old/new/g`: literal texts between three delimiters of one's choice; `\/` is the delimiter itself.
fn substitute(of: &str, text: &str) -> Intent {
    let mut rest = text.trim_end().chars();
    let delimiter = match (rest.next(), rest.next()) {
        (Some('s' | 'S'), Some(c)) if !c.is_alphanumeric() && c != ' ' && c != '\\' => c,
        _ => return Intent::BadSubstitute("substitute.delimiters"),
    };
    let mut parts = vec![String::new()];
    let mut is_escaped = false;
    for c in rest {
        let part = parts.last_mut().expect("there is always a last part");
        match c {
            c if c == delimiter && is_escaped => {
                part.pop();
                part.push(c);
            }
            c if c == delimiter => parts.push(String::new()),
            c => part.push(c),
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    let [from, to, flags] = &parts[..] else { return Intent::BadSubstitute("substitute.delimiters") };
    if from.is_empty() {
        return Intent::BadSubstitute("substitute.nothing");
    }
    let all = match flags.trim() {
        "" => false,
        "g" | "G" => true,
        // What is no flag was meant as text: "s/bar/baz/qux" has a delimiter too few.
        flags if flags.len() > 1 => return Intent::BadSubstitute("substitute.delimiters"),
        _ => return Intent::BadSubstitute("substitute.flags"),
    };
    Intent::Substitute { of: of.to_owned(), from: from.clone(), to: to.clone(), all }
}
