//! Yes/no questions and suppositions: a statement asked for, with its words in another order.
//!
//! English does not mark where the subject of "is the bald eagle big" ends; every cut that can be read is a
//! candidate, and what is known to be one thing decides.

use super::parser::Parser;
use super::tokens::Token;
use super::{Asked, Known, RuleCommand, Sentence, Supposed, Who, YesNo, sentence};
use crate::Language;

/// Reads a yes/no question.
pub(super) fn read(language: &Language, line: &str, known: &dyn Known) -> Option<YesNo> {
    let english = &language.english;
    let line = line.trim();
    let mut truth = false;
    let mut rest = line;
    while let Some(behind) = english.after("truth", rest) {
        truth = true;
        rest = behind;
    }
    if let Some(before) = english.before("truth", rest) {
        truth = true;
        rest = before;
    }
    let plain = rest.trim_end_matches(['?', '.', '!', ' ']);
    if let Some(behind) = english.after("whether", plain) {
        // "is it true that Bob is cold?"
        return asked(sentence::read(language, behind)?).map(|asked| YesNo { asked, truth });
    }
    let parser = Parser::new(language, plain)?;
    let opens_question = parser.is("be", 0) || parser.is("do", 0);
    if opens_question {
        return turned(&parser, known).map(|asked| YesNo { asked, truth });
    }
    if truth || line.ends_with('?') {
        return asked(sentence::read(language, plain)?).map(|asked| YesNo { asked, truth });
    }
    None
}

/// "what if Bob is cold?", "suppose Bob is cold. Is Bob smart?"
pub(super) fn supposed(language: &Language, line: &str, known: &dyn Known) -> Option<Supposed> {
    let rest = language.english.after("suppose", line.trim())?;
    let marks = rest.char_indices().filter(|(_, c)| matches!(c, ':' | '.' | ',' | ';' | '?'));
    for (at, _) in marks {
        let (Some(head), Some(tail)) = (rest.get(..at), rest.get(at + 1..)) else { continue };
        let tail = tail.trim();
        if tail.is_empty() {
            continue;
        }
        if let (Some(sentence), Some(question)) = (sentence::read(language, head), read(language, tail, known)) {
            return Some(Supposed { sentence, question: Some(question) });
        }
    }
    let sentence = sentence::read(language, rest.trim_end_matches(['?', ' ']))?;
    Some(Supposed { sentence, question: None })
}

/// What a line wants of the rules themselves.
pub(super) fn command(language: &Language, line: &str) -> Option<RuleCommand> {
    let english = &language.english;
    let line = line.trim().trim_start_matches('/').trim_end_matches(['?', '.', '!', ' ']);
    let says = |list: &str| english.is(list, &line.to_lowercase());
    if says("list_rules") {
        return Some(RuleCommand::List(None));
    }
    if says("forget_that_rule") {
        return Some(RuleCommand::Forget(None));
    }
    if says("close_world") {
        return Some(RuleCommand::Closed(true));
    }
    if says("open_world") {
        return Some(RuleCommand::Closed(false));
    }
    if let Some(number) = english.after("forget_rule", line) {
        return number.trim_start_matches('#').parse().ok().map(|number| RuleCommand::Forget(Some(number)));
    }
    english.after("list_rules_about", line).map(|about| RuleCommand::List(Some(about.to_owned())))
}

fn asked(sentence: Sentence) -> Option<Asked> {
    match sentence {
        Sentence::Facts(claims) => Some(Asked::All(claims)),
        Sentence::Rules { rules, .. } => match <[_; 1]>::try_from(rules) {
            Ok([rule]) => Some(Asked::Follows(rule)),
            Err(_) => None,
        },
    }
}

/// "is Bob cold", "does the cow chase the dog", as the statement with its words in order.
fn turned(parser: &Parser<'_>, known: &dyn Known) -> Option<Asked> {
    let count = parser.tokens.len();
    let verb = parser.tokens.first()?.clone();
    let is_do = parser.is("do", 0);
    // "is not Bob cold": the "not" of "isn't" belongs behind the subject.
    let denied = parser.is("not", 1);
    let start = 1 + usize::from(denied);
    let mut best: Option<(u32, Asked)> = None;
    for cut in start + 1..count {
        let mut tokens: Vec<Token> = parser.tokens.get(start..cut)?.to_vec();
        if tokens.last().is_some_and(|token| token.comma) && cut + 1 < count {
            continue;
        }
        tokens.push(verb.clone());
        if denied {
            tokens.push(Token { text: "not".into(), lower: "not".into(), comma: false, owner: false });
        }
        tokens.extend(parser.tokens.get(cut..)?.iter().cloned());
        let mut statement = parser.clone();
        statement.tokens = tokens;
        let either = statement.tokens.iter().skip(cut).any(|token| token.lower == "or");
        let reading = if either { alternatives(&statement, cut - start) } else { statement.sentence().and_then(asked) };
        let Some(reading) = reading else { continue };
        let score = score(parser, &reading, start, cut, known, is_do);
        if best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, reading));
        }
    }
    best.map(|(_, reading)| reading)
}

/// "is Bob cold or red": one of the two.
fn alternatives(statement: &Parser<'_>, verb: usize) -> Option<Asked> {
    let or = (verb..statement.tokens.len()).find(|&at| statement.word(at) == "or")?;
    let mut one = statement.clone();
    one.tokens.truncate(or);
    let mut other = statement.clone();
    other.tokens.drain(verb + 1..=or);
    match (one.sentence()?, other.sentence()?) {
        (Sentence::Facts(mut claims), Sentence::Facts(more)) => {
            claims.extend(more);
            Some(Asked::Either(claims))
        }
        _ => None,
    }
}

/// How well a cut between subject and the rest fits.
fn score(parser: &Parser<'_>, reading: &Asked, start: usize, cut: usize, known: &dyn Known, is_do: bool) -> u32 {
    let words = u32::try_from(cut - start).unwrap_or(0);
    let mut score = 0;
    if let Asked::All(claims) | Asked::Either(claims) = reading
        && let Some(Who::Thing(thing)) = claims.first().map(|claim| &claim.subject)
        && known.is_thing(&thing.name)
    {
        score += 100 + words;
    }
    let capital = |at: usize| parser.tokens.get(at).is_some_and(Token::is_capitalised);
    // "is New York big": the name goes on as long as the capitals do.
    if (start..cut).all(capital) && !capital(cut) {
        score += 20;
    }
    if parser.is("a", cut) || parser.is("not", cut) || parser.is("prepositions", cut) || parser.is("the", cut) {
        score += 10;
    }
    if is_do {
        if parser.known_base(cut, parser.tokens.len()).is_some() {
            score += 5;
        }
    } else {
        // "is the bald eagle big": the last word alone is what is asked.
        score += words.min(4);
    }
    score
}
