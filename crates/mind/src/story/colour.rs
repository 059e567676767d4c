//! What colour somebody or something is: as told, or, as a guess that says so, like others of its kind.

use quid_core::oxrdf::{NamedNode, NamedOrBlankNode, Term};
use quid_core::reply::{Item, Quote};
use quid_core::source::Citation;
use quid_core::vocabulary as v;
use quid_core::{Answer, Fact, Facts as _, Fault, Reply, Source};

use super::ask::Question;
use super::places::Answered;
use super::{holds, known, open};
use crate::turn::Turn;

/// How many of a kind are looked at.
const MOST: usize = 1000;
/// What is told of a thing's looks by an adjective.
const HAS_PROPERTY: &str = "urn:quid:ns:hasProperty";

/// One of the same kind that has a colour.
struct Example {
    number: u64,
    colour: Term,
    graphs: [NamedNode; 2],
}

impl Turn<'_> {
    /// "what color is Greg?"
    pub(super) fn colour(&mut self, question: &Question<'_, '_>) -> Answered {
        let Some(x) = question.name("x").cloned() else { return Ok(None) };
        let goal = holds("looks", vec![known(x.thing.clone()), open(0), known(question.now.clone())]);
        let rows = question.story.rows(vec![goal], Vec::new(), 1)?;
        if !rows.is_empty() {
            let (items, _) = self.listed(&rows, 0)?;
            let what = items.join(", ");
            return self.story_reply("story.so", items, &what, &rows).map(Some);
        }
        if self.colour_of(&x.thing, question)?.is_some() {
            // Told as a lasting fact: whoever answers those shall.
            return Ok(None);
        }
        self.guessed_colour(&x.thing, question)
    }

    /// A colour that was told of a thing, and where.
    fn colour_of(&self, thing: &NamedNode, question: &Question<'_, '_>) -> Result<Option<(Term, NamedNode)>, Fault> {
        let events = question.story.told().events("looked", 1, thing);
        if let Some(event) = events.into_iter().max_by_key(super::here::Event::moment) {
            return Ok(event.columns.get(1).cloned().map(|colour| (colour, event.graph)));
        }
        let predicate = NamedNode::new_unchecked(HAS_PROPERTY);
        let told = question.story.here.all(Some(&thing.clone().into()), Some(predicate.as_ref()), None, MOST)?;
        let is_colour = |fact: &&Fact| self.parts.language.story_is_colour(&super::here::name_of(&fact.object));
        Ok(told.iter().rfind(is_colour).map(|fact| (fact.object.clone(), fact.graph.clone())))
    }

    /// Others of its kind that have a colour: it is probably like the one told of last.
    fn guessed_colour(&self, thing: &NamedNode, question: &Question<'_, '_>) -> Answered {
        let here = &question.story.here;
        let kinds = here.all(Some(&thing.clone().into()), Some(v::TYPE), None, MOST)?;
        for kind in &kinds {
            let mut examples = Vec::new();
            for other in here.some(None, Some(v::TYPE), Some(&kind.object), MOST)? {
                let NamedOrBlankNode::NamedNode(node) = &other.subject else { continue };
                if node == thing {
                    continue;
                }
                if let Some((colour, graph)) = self.colour_of(node, question)? {
                    examples.push(Example {
                        number: number(&other.graph),
                        colour,
                        graphs: [other.graph.clone(), graph],
                    });
                }
            }
            examples.sort_by_key(|example| example.number);
            let Some(last) = examples.last() else { continue };
            let same = examples.iter().filter(|example| example.colour == last.colour).count();
            // Laplace's rule of succession: never certain, and less so the fewer there are.
            let probability = (same as f64 + 1.0) / (examples.len() as f64 + 2.0);
            let mut graphs = vec![kind.graph.clone()];
            graphs.extend(last.graphs.clone());
            let (because, sources) = self.lines_of(&graphs)?;
            let colour = self.story_label(&last.colour)?;
            let given = sources.into_iter().map(quote).collect();
            let text = self.say("story.probably", &[("what", &colour), ("because", &because)]);
            let mut reply = Reply::new(Answer::Guessed { given, probability, flops: 0 }, text);
            reply.items = vec![Item { text: colour, term: None }];
            return Ok(Some(reply));
        }
        Ok(None)
    }
}

fn quote(source: Citation) -> Quote {
    let text = match &source {
        Citation::Said { line, .. } => line.trim().trim_end_matches(['.', '!', ' ']).to_owned(),
        Citation::Dump { title, .. } => title.clone(),
    };
    Quote { text, source }
}

fn number(graph: &NamedNode) -> u64 {
    match Source::of_graph(graph.as_str()) {
        Some(Source::Said { seq, .. }) => seq,
        _ => 0,
    }
}
