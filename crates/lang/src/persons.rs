//! Says to a person what is stored about that person, and by the bot what is stored about the bot.

use std::collections::BTreeMap;

use crate::LangError;
use crate::data::{File, Rows};
use crate::verbs::Verbs;

/// How the first and the second person are said.
#[derive(Debug, Default)]
pub(crate) struct Persons {
    first: Person,
    second: Person,
    /// Third person -> first, second.
    verbs: BTreeMap<String, (String, String)>,
}

#[derive(Debug, Default)]
struct Person {
    subject: String,
    possessive: String,
}

impl Persons {
    pub(crate) fn read(file: &File<'_>) -> Result<Self, LangError> {
        let rows = file.rows();
        let person = |rows: Rows<'_, '_>| -> Result<Person, LangError> {
            let text = |name: &str| Ok(rows.need(name)?.text()?.to_owned());
            Ok(Person { subject: text("subject")?, possessive: text("possessive")? })
        };
        let mut verbs = BTreeMap::new();
        for (third, item) in rows.need("verbs")?.rows()?.entries() {
            match &item.texts()?[..] {
                [first, second] => verbs.insert(third.to_owned(), (first.clone(), second.clone())),
                _ => return Err(item.error(format!("`{third}` needs two forms: [first person, second person]"))),
            };
        }
        Ok(Self { first: person(rows.need("first")?.rows()?)?, second: person(rows.need("second")?.rows()?)?, verbs })
    }

    /// "alice's editor is vi" to alice: "your editor is vi"; "quid is a bot": "I am a bot".
    pub(crate) fn for_listener(&self, text: &str, me: &str, nick: &str, verbs: &Verbs) -> String {
        let mut text = text.to_owned();
        for (name, person, is_first) in [(me, &self.first, true), (nick, &self.second, false)] {
            if name.is_empty() {
                continue;
            }
            text = possessives(&text, name, &person.possessive);
            if let Some(turned) = self.turned(&text, name, person, is_first, verbs) {
                text = turned;
            }
        }
        text
    }

    /// The subject at the start and the verb behind it.
    fn turned(&self, text: &str, name: &str, person: &Person, is_first: bool, verbs: &Verbs) -> Option<String> {
        let rest = strip_name(text, name)?.strip_prefix(' ')?;
        let (verb, tail) = rest.split_once(' ').unwrap_or((rest, ""));
        let turned = match self.verbs.get(&verb.to_lowercase()) {
            Some((first, second)) => if is_first { first } else { second }.clone(),
            None => verbs.base_of(verb).unwrap_or(verb).to_owned(),
        };
        let tail = if tail.is_empty() { String::new() } else { format!(" {tail}") };
        Some(format!("{} {turned}{tail}", person.subject))
    }
}

/// "name's" as a whole word becomes the possessive.
fn possessives(text: &str, name: &str, possessive: &str) -> String {
    let owner = format!("{name}'s");
    let mut words = Vec::new();
    for word in text.split(' ') {
        words.push(if word.eq_ignore_ascii_case(&owner) { possessive } else { word });
    }
    words.join(" ")
}

fn strip_name<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let head = text.get(..name.len())?;
    head.eq_ignore_ascii_case(name).then(|| text.get(name.len()..)).flatten()
}
