//! Questions that are whole only with the one before: "and of spain?", "what about cats?", "where does she live?".
//!
//! Such a line is made into the whole question that it stands for, so that every way of answering questions takes it.
//! What shapes it may have is `data/patterns/follow.toml`; here is only where its words go in the earlier line.

use quid_core::intent::Question;

use crate::Language;

/// What was asked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// The line.
    pub line: String,
    /// How it was understood.
    pub question: Option<Question>,
    /// Who or what pronouns point at.
    pub topic: Option<String>,
    /// What was listed in answer.
    pub listed: Vec<String>,
}

/// What a line stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// This line.
    Line(String),
    /// Whatever the last answer left out.
    Rest,
}

/// The marks at the end of a question.
const MARKS: [char; 4] = ['?', '!', '.', ' '];

impl Language {
    /// The whole question that a line stands for after another; `None` where it stands for itself.
    #[must_use]
    pub fn follow_up(&self, line: &str, before: &Before) -> Option<Follow> {
        let Some(step) = self.patterns.rewrite("follow", line) else {
            return self.with_topic(line, before.topic.as_deref()?).map(Follow::Line);
        };
        let (step, rest) = step.split_once('|')?;
        let (what, name) = rest.rsplit_once('|').unwrap_or(("", rest));
        let name = name.trim().trim_end_matches(MARKS);
        // "and does she like tea?" is whole.
        if ["instead", "after"].contains(&step)
            && let Some((first, _)) = name.split_once(' ')
            && self.opens(&first.to_lowercase())
        {
            return self.with_topic(&format!("{name}{}", marks(line)), before.topic.as_deref()?).map(Follow::Line);
        }
        let line = match step {
            "again" => Some(before.line.clone()),
            "rest" => return Some(Follow::Rest),
            "instead" => {
                // "what about it?" points at what was spoken of.
                let name =
                    if self.is_word("follow_pronoun", &name.to_lowercase()) { before.topic.as_deref()? } else { name };
                self.instead(before, name)
            }
            "after" => self.after(before, &what.to_lowercase(), name),
            "its" => {
                let topic = before.topic.as_deref()?;
                Some(self.phrases.say("follow.its", &[("what", name), ("topic", topic)], 0))
            }
            "nth" => {
                let place = name.parse::<usize>().ok();
                let named = match place {
                    Some(place) => before.listed.get(place.checked_sub(1)?),
                    None => before.listed.last(),
                };
                Some(self.phrases.say("follow.what", &[("topic", named?)], 0))
            }
            _ => None,
        };
        line.map(Follow::Line)
    }

    /// Who or what a question is about, as it stands in its line.
    #[must_use]
    pub fn asked_about(&self, line: &str, question: Option<&Question>) -> Option<String> {
        let (from, to) = self.focus(line, question)?;
        let found = line.get(from..to)?.trim();
        let topic = match found.split_once(' ') {
            Some((article, rest)) if self.is_word("indefinite", &article.to_lowercase()) => rest,
            _ => found,
        };
        let pronoun = ["pronoun", "vague"].iter().any(|class| self.is_word(class, &topic.to_lowercase()));
        (!topic.is_empty() && !pronoun).then(|| topic.to_owned())
    }

    /// Another name in the place of the one the question was about.
    fn instead(&self, before: &Before, name: &str) -> Option<String> {
        let line = &before.line;
        let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        if is_number(name) {
            let number = words(line).into_iter().rev().find(|&(from, to)| line.get(from..to).is_some_and(is_number))?;
            return replaced(line, number, name);
        }
        let focus = self.focus(line, before.question.as_ref())?;
        self.agreeing(line, focus, name)
    }

    /// The line with `name` at `focus`, with an article and the form of the verb before it that go with the name.
    fn agreeing(&self, line: &str, (from, to): (usize, usize), name: &str) -> Option<String> {
        let old = line.get(from..to)?;
        let first = |text: &str| text.split(' ').next().unwrap_or_default().to_lowercase();
        let last = |text: &str| text.rsplit(' ').next().unwrap_or_default().to_lowercase();
        let is_many = |text: &str| {
            !self.is_word("indefinite", &first(text))
                && (text.starts_with(char::is_lowercase) && self.words.is_plural(&last(text)))
        };
        let had_article = self.is_word("indefinite", &first(old));
        let name = if had_article && !self.is_article(&first(name)) && !is_many(name) {
            self.with_article(name)
        } else {
            name.to_owned()
        };
        let before = line.get(..from)?.trim_end();
        let verb_at = before.rfind(' ').map_or(0, |at| at + 1);
        let verb = before.get(verb_at..)?.to_lowercase();
        let pairs = self.words.setting("follow_pairs").unwrap_or_default().split('|');
        let other = pairs.filter_map(|pair| pair.split_once(' ')).find_map(|(one, many)| {
            if verb == one && is_many(&name) {
                Some(many)
            } else if verb == many && !is_many(&name) && is_many(old) {
                Some(one)
            } else {
                None
            }
        });
        let line_before = match other {
            Some(form) => format!("{}{form} ", before.get(..verb_at)?),
            None => line.get(..from)?.to_owned(),
        };
        Some(format!("{line_before}{name}{}", line.get(to..)?))
    }

    /// Another name behind a preposition: in the place of the one that stands behind it, of an owner, or at the end.
    fn after(&self, before: &Before, preposition: &str, name: &str) -> Option<String> {
        let line = &before.line;
        let places = words(line);
        let word = |at: usize| places.get(at).and_then(|&(from, to)| line.get(from..to)).unwrap_or_default();
        let end = line.trim_end_matches(MARKS).len();
        if let Some(at) = (0..places.len()).rev().find(|&at| word(at).eq_ignore_ascii_case(preposition))
            && let Some(&(from, _)) = places.get(at + 1)
        {
            let next = (at + 2..places.len()).find(|&at| self.is_word("follow_preposition", &word(at).to_lowercase()));
            let to = next.and_then(|at| places.get(at.checked_sub(1)?)).map_or(end, |&(_, to)| to);
            return replaced(line, (from, to), name);
        }
        if self.is_word("follow_of", preposition) {
            return match self.owner(line) {
                Some(owner) => replaced(line, owner, name),
                None => self.instead(before, name),
            };
        }
        Some(format!("{} {preposition} {name}{}", line.get(..end)?, line.get(end..)?))
    }

    /// Where the owner of something stands: "alice" of "what is alice's age?".
    fn owner(&self, line: &str) -> Option<(usize, usize)> {
        let end = line.find("'s ")?;
        let places = words(line.get(..end)?);
        let own: Vec<_> = (places.iter().rev())
            .take_while(|&&(from, to)| line.get(from..to).is_some_and(|word| !self.opens(&word.to_lowercase())))
            .collect();
        Some((own.last()?.0, end))
    }

    /// Where the name that a question is about stands in its line, its article with it.
    fn focus(&self, line: &str, question: Option<&Question>) -> Option<(usize, usize)> {
        let name = match question {
            Some(
                Question::Whether { subject: name, .. }
                | Question::WhetherVerb { subject: name, .. }
                | Question::Objects { subject: name, .. }
                | Question::Subjects { value: name, .. }
                | Question::Kinds(name)
                | Question::Parts(name)
                | Question::Wholes(name)
                | Question::Synonyms(name)
                | Question::Opposites(name),
            ) => name.as_str(),
            Some(Question::What { about, .. }) if !self.opens_question(about) => about.as_str(),
            _ => "",
        };
        let span = (!name.is_empty()).then(|| place_of(line, name)).flatten().or_else(|| self.after_verb(line))?;
        let (from, to) = self.narrowed(line, span);
        let before = line.get(..from)?.trim_end();
        let article = before.rfind(' ').map_or(0, |at| at + 1);
        let is_article = before.get(article..).is_some_and(|word| self.is_word("article", &word.to_lowercase()));
        Some((if is_article { article } else { from }, to))
    }

    /// Of "the capital of france" the part behind the preposition, of "alice's age" the owner.
    fn narrowed(&self, line: &str, (from, to): (usize, usize)) -> (usize, usize) {
        let Some(part) = line.get(from..to) else { return (from, to) };
        let places = words(part);
        let is_of = |&&(one, end): &&(usize, usize)| {
            part.get(one..end).is_some_and(|word| self.is_word("follow_of", &word.to_lowercase()))
        };
        if let Some(&(_, end)) = places.iter().rev().find(is_of)
            && part.get(end..).is_some_and(|rest| !rest.trim().is_empty())
        {
            return (from + end + 1, to);
        }
        match part.find("'s ") {
            Some(end) => (from, from + end),
            None => (from, to),
        }
    }

    /// What stands behind the verb of a question that is of no known shape: "how old is ann?", "where does ann live?".
    fn after_verb(&self, line: &str) -> Option<(usize, usize)> {
        let end = line.trim_end_matches(MARKS).len();
        let places = words(line.get(..end)?);
        let is = |class: &str, &(from, to): &(usize, usize)| {
            line.get(from..to).is_some_and(|word| self.is_word(class, &word.to_lowercase()))
        };
        let at = places.iter().position(|place| is("be", place) || is("do", place) || is("modal", place))?;
        let rest = places.get(at + 1..)?;
        let &(from, _) = rest.first()?;
        if is("be", places.get(at)?) {
            return Some((from, end));
        }
        // Without the verb, and the preposition that may stand behind it.
        let verbs = if rest.last().is_some_and(|place| is("follow_preposition", place)) { 2 } else { 1 };
        let &(_, to) = rest.get(..rest.len().checked_sub(verbs)?)?.last()?;
        Some((from, to))
    }

    /// Whether a word opens a question or carries one.
    fn opens(&self, word: &str) -> bool {
        ["question", "be", "do", "modal"].iter().any(|class| self.is_word(class, word))
    }

    /// A question with what was spoken of in the place of its pronoun.
    fn with_topic(&self, line: &str, topic: &str) -> Option<String> {
        let places = words(line);
        let folded: Vec<String> = (places.iter())
            .filter_map(|&(from, to)| line.get(from..to))
            .map(|word| word.trim_end_matches(MARKS).trim_end_matches(',').to_lowercase())
            .collect();
        let first = folded.first()?;
        if !self.opens(first) || folded.iter().any(|word| self.is_word("follow_own", word)) {
            return None;
        }
        let at = folded
            .iter()
            .position(|word| self.is_word("follow_pronoun", word) || self.is_word("follow_possessive", word))?;
        // "Which state has a river running through it?" speaks of its own state.
        let holds = folded.iter().take(at).position(|word| self.is_word("follow_holds", word));
        let is_inside = |from: usize| folded.iter().take(at).skip(from).any(|word| word.ends_with("ing"));
        if holds.is_some_and(is_inside) {
            return None;
        }
        let (word, before) = (folded.get(at)?, folded.get(at.checked_sub(1)?)?);
        let carried = ["be", "do", "modal", "follow_preposition"].iter().any(|class| self.is_word(class, before));
        // "who wrote it?", but not "does alice like her dog?".
        if !carried && !self.is_word("question", first) {
            return None;
        }
        let (from, to) = *places.get(at)?;
        let to = from + line.get(from..to)?.trim_end_matches(MARKS).trim_end_matches(',').len();
        let owns = self.is_word("follow_possessive", word) && at + 1 < folded.len();
        if owns {
            let owner = self.phrases.say("follow.owner", &[("topic", topic)], 0);
            return replaced(line, (from, to), &owner);
        }
        self.agreeing(line, (from, to), topic)
    }
}

/// Where the words of a line stand.
fn words(line: &str) -> Vec<(usize, usize)> {
    let mut at = 0;
    let mut places = Vec::new();
    for part in line.split(' ') {
        if !part.is_empty() {
            places.push((at, at + part.len()));
        }
        at += part.len() + 1;
    }
    places
}

/// Where a name stands as words of its own, the last time.
fn place_of(line: &str, name: &str) -> Option<(usize, usize)> {
    let (line, name) = (line.to_ascii_lowercase(), name.to_ascii_lowercase());
    line.rmatch_indices(&name).map(|(at, _)| (at, at + name.len())).find(|&(from, to)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        edge(line.get(..from).and_then(|text| text.chars().next_back()))
            && edge(line.get(to..).and_then(|text| text.chars().next()))
    })
}

fn replaced(line: &str, (from, to): (usize, usize), name: &str) -> Option<String> {
    Some(format!("{}{name}{}", line.get(..from)?, line.get(to..)?))
}

/// The marks that a line ends with.
fn marks(line: &str) -> &str {
    line.get(line.trim_end_matches(MARKS).len()..).unwrap_or_default()
}
