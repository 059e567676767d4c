//! Decides which quads carry text worth finding, and what of them is found.
//!
//! A dump is mostly links and codes; only names, glosses, factoids and other sentences are indexed, so that the
//! index stays small beside the store.

use quid_core::oxrdf::vocab::{rdf, xsd};
use quid_core::oxrdf::{GraphName, Literal, LiteralRef, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term};
use quid_core::text::{percent_decode, words_of_iri};
use quid_core::vocabulary::{
    ARE, FRAME, IDENTIFIER, IS, IS_NOT, LEXFILE, LOCAL_NAME, MODELLING, NAMES, NS, PART_OF_SPEECH, PROV_VALUE,
    SUB_CLASS_OF, THING, TYPE, VERB, WRITTEN_REP,
};
use quid_core::{Key, Scope, Source};

use crate::meaning::Meaning;

/// Literals that are codes, not text, or that say again what stands elsewhere.
const CODES: [NamedNodeRef<'static>; 5] = [IDENTIFIER, PART_OF_SPEECH, LEXFILE, FRAME, PROV_VALUE];

/// Longer names (in characters) are sentences; they are found by their words alone.
pub(crate) const LONGEST_NAME: usize = 128;

/// The language of the vectors.
const ENGLISH: &str = "en";

/// Longer IRIs (in bytes) are not indexed: the index could not take them out again.
const LONGEST_IRI: usize = 32 * 1024;

/// Which quad a document stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub graph: String,
    pub subject: String,
    /// A hash of the triple (FNV-1a, 64 bits): it need tell apart only what stands in one graph.
    pub mark: u64,
}

/// What is indexed of one quad.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub identity: Identity,
    pub predicate: String,
    /// The literal's text, as stored.
    pub value: String,
    /// The account that alone may see it.
    pub owner: Option<String>,
    /// The folded name, when the quad gives one.
    pub name: Option<String>,
    /// The folded name of the thing that it tells about, when the quad itself says that.
    pub about: Option<String>,
    /// The text it is found by.
    pub text: String,
    /// Whether it is in English, as far as it says.
    pub english: bool,
    /// What it means, once that was looked up.
    pub meaning: Option<Box<Meaning>>,
}

/// What a predicate's value is to the index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A name people would type.
    Name,
    /// A written form: millions of them, each its own name, found by name alone.
    Form,
    /// Said of a thing: found with the thing's name and the verb.
    Said,
    /// Any other text.
    Text,
}

/// The name in the IRI of something that is declared a class, a property or an individual, or stands under a class.
fn named_by_its_iri(quad: &Quad) -> Option<Literal> {
    let (NamedOrBlankNode::NamedNode(subject), Term::NamedNode(class)) = (&quad.subject, &quad.object) else {
        return None;
    };
    let declared = (quad.predicate == TYPE && MODELLING.iter().any(|space| class.as_str().starts_with(space)))
        || (quad.predicate == SUB_CLASS_OF && !subject.as_str().starts_with(THING));
    let name = declared.then(|| words_of_iri(subject.as_str())).flatten()?;
    Some(Literal::new_simple_literal(name))
}

/// Whether a quad may have something that is found.
#[must_use]
pub fn is_found(quad: &Quad) -> bool {
    matches!(quad.object, Term::Literal(_)) || named_by_its_iri(quad).is_some()
}

fn kind(predicate: &str) -> Kind {
    if predicate == WRITTEN_REP.as_str() || predicate == LOCAL_NAME.as_str() {
        Kind::Form
    } else if NAMES.iter().any(|name| name.as_str() == predicate) {
        Kind::Name
    } else if predicate == TYPE.as_str() || predicate == SUB_CLASS_OF.as_str() {
        // The name is in the subject's IRI.
        Kind::Form
    } else if predicate.starts_with(VERB) || [IS, ARE, IS_NOT].iter().any(|said| said.as_str() == predicate) {
        Kind::Said
    } else {
        Kind::Text
    }
}

impl Entry {
    /// What is indexed of this quad; `None` for links, numbers, codes, and what no answer may ever show (the
    /// bot's own books, quarantine).
    pub fn of(quad: &Quad) -> Option<Self> {
        let named = named_by_its_iri(quad);
        let literal = match (&quad.object, &named) {
            (Term::Literal(literal), _) => literal,
            (_, Some(name)) => name,
            _ => return None,
        };
        let kind = kind(quad.predicate.as_str());
        if kind != Kind::Said && !is_text(literal.as_ref(), quad.predicate.as_ref()) {
            return None;
        }
        let (NamedOrBlankNode::NamedNode(subject), GraphName::NamedNode(graph)) = (&quad.subject, &quad.graph_name)
        else {
            return None;
        };
        // The bot's own terms are described in the store for whoever writes queries; they are nobody's answer.
        if subject.as_str().starts_with(NS) {
            return None;
        }
        if subject.as_str().len() > LONGEST_IRI || graph.as_str().len() > LONGEST_IRI {
            return None;
        }
        let owner = match Source::of_graph(graph.as_str())? {
            Source::Dump(_) | Source::Graph(_) | Source::Said { scope: Scope::Global | Scope::Channel(_), .. } => None,
            Source::Said { scope: Scope::Private(owner), .. } => Some(owner),
            Source::Said { scope: Scope::Quarantine(_), .. } => return None,
        };
        let value = literal.value().to_owned();
        let name = matches!(kind, Kind::Name | Kind::Form).then(|| Key::of(&value)).and_then(|key| as_name(&key));
        let about = about(subject.as_str(), quad.predicate.as_str(), &value);
        let text = searchable(subject.as_str(), quad.predicate.as_str(), &value);
        let mark = mark(subject.as_str(), quad.predicate.as_str(), literal.as_ref());
        let identity = Identity { graph: graph.as_str().to_owned(), subject: subject.as_str().to_owned(), mark };
        let english = literal.language().is_none_or(|language| language.starts_with(ENGLISH));
        let predicate = quad.predicate.as_str().to_owned();
        Some(Self { identity, predicate, value, owner, name, about, text, english, meaning: None })
    }

    /// About how many bytes it takes in memory.
    pub fn size(&self) -> usize {
        self.identity.graph.len()
            + self.identity.subject.len()
            + self.predicate.len()
            + self.value.len()
            + self.text.len()
    }
}

/// The text by which a stored value is found: for what is said of a thing, also the thing's name and the verb.
pub(crate) fn searchable(subject: &str, predicate: &str, value: &str) -> String {
    match kind(predicate) {
        Kind::Form => String::new(),
        Kind::Name | Kind::Text => value.to_owned(),
        Kind::Said => {
            let thing = Key::of_thing(&NamedNode::new_unchecked(subject));
            let verb = predicate.strip_prefix(VERB).map(percent_decode);
            let parts = [thing.as_ref().map(Key::as_str), verb.as_deref(), Some(value)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    }
}

/// The folded name of the thing that a quad tells about, when the quad itself says that.
pub(crate) fn about(subject: &str, predicate: &str, value: &str) -> Option<String> {
    match kind(predicate) {
        Kind::Said => Key::of_thing(&NamedNode::new_unchecked(subject)).and_then(|key| as_name(&key)),
        Kind::Name => as_name(&Key::of(value)),
        Kind::Form | Kind::Text => None,
    }
}

fn as_name(key: &Key) -> Option<String> {
    let fits = !key.is_empty() && key.as_str().chars().count() <= LONGEST_NAME;
    fits.then(|| key.as_str().to_owned())
}

fn is_text(literal: LiteralRef<'_>, predicate: NamedNodeRef<'_>) -> bool {
    (literal.datatype() == xsd::STRING || literal.datatype() == rdf::LANG_STRING || literal.language().is_some())
        && !CODES.contains(&predicate)
}

fn mark(subject: &str, predicate: &str, object: LiteralRef<'_>) -> u64 {
    // The object as N-Triples writes it, so that "1" and "1"^^xsd:integer differ.
    let object = object.to_string();
    let bytes = subject.bytes().chain([0]).chain(predicate.bytes()).chain([0]).chain(object.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use quid_core::vocabulary::{DEFINITION, LABEL, SENSE_NUMBER, WN30};

    use super::*;

    #[test]
    fn quads_with_text_are_indexed() {
        let thing = Key::of("Pepsi Max").thing();
        let likes = NamedNode::new_unchecked(format!("{VERB}lives%20in"));
        let string = |text: &str| Term::from(Literal::new_simple_literal(text));
        let dump = Source::Dump("d".to_owned()).graph();
        let said = |scope| Source::Said { seq: 1, scope }.graph();
        let private = said(Scope::Private("ann".to_owned()));
        for (predicate, object, graph, expected) in [
            (LABEL, string("Pepsi Max"), &dump, Some("Pepsi Max|pepsi max|pepsi max|")),
            (WRITTEN_REP, string("Dog"), &dump, Some("|dog||")),
            (IS, string("a soda"), &said(Scope::Global), Some("pepsi max a soda||pepsi max|")),
            (likes.as_ref(), string("Rome"), &private, Some("pepsi max lives in Rome||pepsi max|ann")),
            (
                DEFINITION,
                Literal::new_language_tagged_literal_unchecked("a gloss", "en").into(),
                &dump,
                Some("a gloss|||"),
            ),
            (likes.as_ref(), Literal::from(3).into(), &dump, Some("pepsi max lives in 3||pepsi max|")),
            (SENSE_NUMBER, Literal::from(3).into(), &dump, None),
            (IDENTIFIER, string("dog%1:05:00::"), &dump, None),
            (SUB_CLASS_OF, thing.clone().into(), &dump, None),
            (IS, string("x"), &said(Scope::Quarantine("#a".to_owned())), None),
            (IS, string("x"), &quid_core::vocabulary::PROVENANCE_GRAPH.into_owned(), None),
            // Any graph that somebody writes into is a source.
            (IS, string("x"), &NamedNode::new_unchecked(WN30), Some("pepsi max x||pepsi max|")),
        ] {
            let quad = Quad::new(thing.clone(), predicate.into_owned(), object, graph.clone());
            let found = Entry::of(&quad).map(|entry| {
                let or_empty = |part: &Option<String>| part.clone().unwrap_or_default();
                format!(
                    "{}|{}|{}|{}",
                    entry.text,
                    or_empty(&entry.name),
                    or_empty(&entry.about),
                    or_empty(&entry.owner)
                )
            });
            assert_eq!(found.as_deref(), expected, "{quad}");
        }
        let own = Quad::new(IS.into_owned(), LABEL.into_owned(), string("is"), dump);
        assert!(Entry::of(&own).is_none(), "the bot's own terms are nobody's answer");
    }

    #[test]
    fn quads_that_differ_have_identities_that_differ() {
        let graph = Source::Dump("d".to_owned()).graph();
        let entry = |predicate: NamedNodeRef<'_>, object: Literal| {
            let quad = Quad::new(Key::of("x").thing(), predicate.into_owned(), object, graph.clone());
            Entry::of(&quad).expect("it is text").identity
        };
        let plain = entry(IS, Literal::new_simple_literal("1"));
        assert_eq!(plain, entry(IS, Literal::new_simple_literal("1")));
        assert_ne!(plain, entry(ARE, Literal::new_simple_literal("1")));
        assert_ne!(plain, entry(IS, Literal::from(1)));
        assert_ne!(plain, entry(IS, Literal::new_language_tagged_literal_unchecked("1", "en")));
    }
}
