//! Makes one lesson: a world, a question about it, what lies at hand, and the answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use quid_lang::Language;
use quid_lang::chance::Chance;
use quid_lang::wording::{Asked, Wording};

use super::LessonsError;
use super::data::{Group, Stuff};
use super::world::{Fact, Relation, World, percent, pick};
use crate::guess::slots::{laid_out, spaced};

const END: &str = "<e>";
/// The answer when the facts do not say.
const UNKNOWN: &str = "<dk>";
/// The most facts of a prompt.
const MOST_FACTS: usize = 32;
/// Every so many groups of relations, one is kept for examinations.
pub(super) const KEPT_BACK: usize = 8;

/// A question with its facts, and what is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What the model is given.
    pub prompt: String,
    /// What it should write.
    pub answer: String,
    /// What is practised.
    pub family: &'static str,
}

/// Makes lessons.
#[derive(Clone, Debug)]
pub struct Teacher {
    language: Arc<Language>,
    stuff: Stuff,
}

/// A question, the facts that answer it, and the answer without citations resolved.
struct Exam {
    question: String,
    family: &'static str,
    /// Facts that the answer rests on.
    needed: Vec<usize>,
    /// Sentences, each with the facts it cites.
    says: Vec<(String, Vec<usize>)>,
    /// Whether the answer begins with the mark of not knowing.
    is_unknown: bool,
}

impl Teacher {
    /// A teacher with the data of `data/lessons/`. Some relations are called by one of `nouns`, whatever it means, so
    /// that labels are read and not remembered.
    ///
    /// # Errors
    /// Which file is malformed, and where.
    pub fn read(
        language: Arc<Language>,
        relations: &str,
        kinds: &str,
        nouns: Vec<String>,
    ) -> Result<Self, LessonsError> {
        Ok(Self { language, stuff: Stuff { nouns, ..Stuff::read(relations, kinds)? } })
    }

    /// The lesson of that number. With `unseen`, its relations and its way of asking are of those that no other
    /// lesson uses.
    #[must_use]
    pub fn lesson(&self, number: u64, unseen: bool) -> Lesson {
        let mut chance = Chance::new(number.wrapping_mul(2).wrapping_add(u64::from(unseen)));
        loop {
            if let Some(lesson) = self.attempt(&mut chance, unseen) {
                return lesson;
            }
        }
    }

    fn attempt(&self, chance: &mut Chance, unseen: bool) -> Option<Lesson> {
        let numbered = self.stuff.groups.iter().enumerate();
        let groups: Vec<&Group> =
            numbered.filter(|(number, _)| (number % KEPT_BACK == 0) == unseen).map(|(_, group)| group).collect();
        let mut world = World::make(&self.stuff, &self.language, &groups, chance);
        // Facts come in any order, and answers follow that order.
        shuffle(&mut world.facts, chance);
        let number = usize::try_from(chance.below(u64::try_from(world.facts.len()).ok()?)).ok()?;
        let fact = world.facts.get(number)?.clone();
        let asking = Asking { teacher: self, unseen };
        let exam = match chance.below(100) {
            0..30 => asking.object(&world, &fact, chance),
            30..44 => asking.subject(&world, &fact, chance),
            44..51 => asking.whether(&world, number, chance),
            51..56 => asking.whether_not(&world, &fact, chance),
            56..62 => asking.count(&world, &fact, chance),
            62..70 => asking.describe(&world, &fact, chance),
            70..77 => asking.two_hops(&world, &fact, chance),
            77..80 => asking.contradiction(&mut world, number, chance),
            80..84 => asking.turned_round(&world, &fact, chance),
            _ => asking.missing(&mut world, &fact, chance),
        }?;
        Some(self.write(&world, &exam, chance))
    }

    /// Puts question, facts and answer into one order of numbers.
    fn write(&self, world: &World, exam: &Exam, chance: &mut Chance) -> Lesson {
        let wanted = match chance.below(10) {
            0 => 0,
            1..4 => chance.below(6),
            _ => chance.below(u64::try_from(MOST_FACTS).unwrap_or(0)),
        };
        let wanted = usize::try_from(wanted).unwrap_or(0).max(exam.needed.len()).min(MOST_FACTS);
        let mut others: Vec<usize> = (0..world.facts.len()).filter(|number| !exam.needed.contains(number)).collect();
        shuffle(&mut others, chance);
        // The hard ones first: of the same relation, or about the same things.
        let near = |number: &usize| {
            let touches = |needed: &usize| match (world.facts.get(*needed), world.facts.get(*number)) {
                (Some(one), Some(other)) => one.relation == other.relation || one.from == other.from,
                _ => false,
            };
            !exam.needed.iter().any(touches)
        };
        others.sort_by_key(near);
        let mut shown: Vec<usize> = exam.needed.iter().copied().chain(others).take(wanted).collect();
        shown.sort_unstable();
        let mut named = BTreeSet::new();
        let lines: Vec<String> = shown
            .iter()
            .map(|number| world.facts.get(*number).map_or_else(String::new, |fact| world.line(fact, &mut named)))
            .collect();
        let question = self.chatter(&exam.question, chance);
        let meanings: Vec<String> = world.relations.iter().filter_map(|relation| relation.defined.clone()).collect();
        let prompt = laid_out(&question, &lines, &meanings);
        let mut answer: Vec<String> = exam.is_unknown.then(|| UNKNOWN.to_owned()).into_iter().collect();
        for (sentence, cited) in &exam.says {
            let mut places: Vec<usize> =
                cited.iter().filter_map(|number| shown.iter().position(|other| other == number)).collect();
            places.sort_unstable();
            let cites: Vec<String> = places.iter().map(|place| format!("<c{}>", place + 1)).collect();
            answer.push(format!("{sentence} {} .", cites.join(" ")));
        }
        answer.push(END.to_owned());
        Lesson { prompt, answer: spaced(&answer.join(" ")), family: exam.family }
    }

    fn chatter(&self, question: &str, chance: &mut Chance) -> String {
        let before = pick(chance, &self.stuff.talk.before).unwrap_or_default();
        let after = pick(chance, &self.stuff.talk.after).unwrap_or_default();
        format!("{before}{question} {after}")
    }
}

/// Asks; knows which ways of asking may be used.
struct Asking<'t> {
    teacher: &'t Teacher,
    unseen: bool,
}

impl Asking<'_> {
    fn language(&self) -> &Language {
        &self.teacher.language
    }

    /// One way of asking. The last of three and more is kept for examinations.
    fn one_of(&self, ways: &[String], chance: &mut Chance) -> Option<String> {
        match ways {
            [seen @ .., last] if seen.len() > 2 => {
                if self.unseen && percent(chance, 50) {
                    Some(last.clone())
                } else {
                    pick(chance, seen)
                }
            }
            _ => pick(chance, ways),
        }
    }

    /// A label to ask by, and whether it goes from the object to the subject.
    fn asked_by(&self, relation: &Relation, chance: &mut Chance) -> (Wording, bool) {
        if relation.is_new && (relation.defined.is_none() || percent(chance, 50)) {
            return (relation.told.1.clone(), relation.is_back);
        }
        // Mostly as it is told: what the words say is in the facts.
        if !relation.is_new && percent(chance, 45) {
            return (relation.told.1.clone(), relation.is_back);
        }
        let is_back = if percent(chance, 80) { relation.is_back } else { !relation.is_back };
        let labels = if is_back { &relation.group.back } else { &relation.group.labels };
        match chance.pick(labels) {
            Some(label) => (self.language().wording(label), is_back),
            None => (relation.told.1.clone(), relation.is_back),
        }
    }

    /// Asks for what the fact leads to (`forward`), or what it starts from.
    fn ask(&self, world: &World, fact: &Fact, forward: bool, chance: &mut Chance) -> Option<String> {
        let relation = world.relations.get(fact.relation)?;
        let (wording, is_back) = self.asked_by(relation, chance);
        let (given, wanted) = if forward { (fact.from, fact.to) } else { (fact.to, fact.from) };
        let wanted = world.things.get(wanted)?;
        let slot = world.slot(given);
        let ways = if forward == is_back {
            let kind = percent(chance, 40).then_some(wanted.kind.as_str());
            self.language().questions_for_subject(&wording, &slot, kind)
        } else {
            let sort = self.teacher.stuff.sorts.get(&wanted.sort)?;
            let asked = match sort.asked.as_deref() {
                Some("person") => Asked::Person,
                Some("place") => Asked::Place,
                _ => Asked::Thing,
            };
            self.language().questions_for_object(&wording, &slot, asked)
        };
        self.one_of(&ways, chance)
    }

    /// What a fact says, in the words it is told by.
    fn claim(&self, world: &World, fact: &Fact) -> Option<String> {
        let relation = world.relations.get(fact.relation)?;
        let (subject, object) = world.ends(fact);
        self.language().statements(&relation.told.1, &subject, &object).into_iter().next()
    }

    /// What several facts say that share one end: in one sentence where the label allows.
    fn claims(&self, world: &World, numbers: &[usize]) -> Vec<(String, Vec<usize>)> {
        let facts: Vec<&Fact> = numbers.iter().filter_map(|number| world.facts.get(*number)).collect();
        let ends: Vec<(String, String)> = facts.iter().map(|fact| world.ends(fact)).collect();
        let shares_subject = ends.iter().all(|(subject, _)| ends.first().is_some_and(|first| first.0 == *subject));
        let relation = facts.first().and_then(|fact| world.relations.get(fact.relation));
        if let (true, Some((subject, _)), Some(relation)) = (ends.len() > 1 && shares_subject, ends.first(), relation) {
            let objects: Vec<String> = ends.iter().map(|(_, object)| object.clone()).collect();
            let said = self.language().statements_of_many(&relation.told.1, subject, &objects);
            return said.into_iter().take(1).map(|sentence| (sentence, numbers.to_vec())).collect();
        }
        let one = |number: &usize| Some((self.claim(world, world.facts.get(*number)?)?, vec![*number]));
        numbers.iter().filter_map(one).collect()
    }

    fn known(&self, world: &World, question: String, needed: Vec<usize>, family: &'static str) -> Exam {
        let says = self.claims(world, &needed);
        Exam { question, family, needed, says, is_unknown: false }
    }

    fn object(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let question = self.ask(world, fact, true, chance)?;
        let needed = same(world, fact, true);
        (needed.len() <= 8).then(|| self.known(world, question, needed, "object"))
    }

    fn subject(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let question = self.ask(world, fact, false, chance)?;
        let needed = same(world, fact, false);
        (needed.len() <= 8).then(|| self.known(world, question, needed, "subject"))
    }

    fn whether(&self, world: &World, number: usize, chance: &mut Chance) -> Option<Exam> {
        let fact = world.facts.get(number)?;
        let question = self.is_it(world, fact, chance)?;
        let claim = self.teacher.stuff.talk.yes.replace("{claim}", &self.claim(world, fact)?);
        let says = vec![(claim, vec![number])];
        Some(Exam { question, family: "whether", needed: vec![number], says, is_unknown: false })
    }

    /// Asks whether it is another thing of the same sort: nobody says that it is not, but what is said is near.
    fn whether_not(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let sort = &world.things.get(fact.to)?.sort;
        let holds = |to: usize| {
            world.facts.iter().any(|other| other.relation == fact.relation && other.from == fact.from && other.to == to)
        };
        let others: Vec<usize> = (0..world.things.len())
            .filter(|to| {
                world.things.get(*to).is_some_and(|thing| thing.sort == *sort) && *to != fact.from && !holds(*to)
            })
            .collect();
        let to = *chance.pick(&others)?;
        let question = self.is_it(world, &Fact { to, ..fact.clone() }, chance)?;
        let needed = same(world, fact, true);
        let mut exam = self.known(world, question, needed, "whether not");
        exam.is_unknown = true;
        Some(exam)
    }

    fn is_it(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<String> {
        let (wording, is_back) = self.asked_by(world.relations.get(fact.relation)?, chance);
        let (from, to) = (world.slot(fact.from), world.slot(fact.to));
        let (subject, object) = if is_back { (to, from) } else { (from, to) };
        self.one_of(&self.language().questions_whether(&wording, &subject, &object), chance)
    }

    fn count(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let relation = world.relations.get(fact.relation)?;
        let wording = &relation.told.1;
        if wording.shape != "noun" || relation.group.one || relation.is_back {
            return None;
        }
        let needed = same(world, fact, true);
        let talk = &self.teacher.stuff.talk;
        let number = talk.numbers.get(needed.len())?;
        let labels = self.language().plural(&wording.label);
        let label = if needed.len() == 1 { &wording.label } else { &labels };
        let subject = world.slot(fact.from);
        let question = self.one_of(&talk.count, chance)?.replace("{labels}", &labels).replace("{s}", &subject);
        let objects: Vec<String> =
            needed.iter().filter_map(|number| Some(world.slot(world.facts.get(*number)?.to))).collect();
        let sentence = talk
            .counted
            .replace("{s}", &subject)
            .replace("{number}", number)
            .replace("{labels}", label)
            .replace("{o}", &self.language().list(&objects));
        Some(Exam { question, family: "count", says: vec![(sentence, needed.clone())], needed, is_unknown: false })
    }

    fn describe(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let about = if percent(chance, 70) { fact.from } else { fact.to };
        let talk = &self.teacher.stuff.talk;
        let question = self.one_of(&talk.describe, chance)?.replace("{s}", &world.slot(about));
        let numbers = 0..world.facts.len();
        let mut needed: Vec<usize> = numbers
            .filter(|number| world.facts.get(*number).is_some_and(|fact| fact.from == about || fact.to == about))
            .collect();
        needed.truncate(3);
        let says =
            needed.iter().filter_map(|number| Some((self.claim(world, world.facts.get(*number)?)?, vec![*number])));
        let says = says.collect();
        Some(Exam { question, family: "describe", needed, says, is_unknown: false })
    }

    /// The object of the object: "what is the capital of the country of …".
    fn two_hops(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let goes_on = |one: &&Fact| {
            let relation = world.relations.get(one.relation);
            relation.is_some_and(|relation| !relation.is_back && relation.told.1.shape == "noun")
                && world.facts.iter().any(|other| other.from == one.to)
        };
        // Any fact that goes on will do; that one if it does.
        let firsts: Vec<&Fact> = world.facts.iter().filter(goes_on).collect();
        let fact = if goes_on(&fact) { fact } else { *chance.pick(&firsts)? };
        let next: Vec<&Fact> = world.facts.iter().filter(|other| other.from == fact.to).collect();
        let next = *chance.pick(&next)?;
        let (mut wording, is_back) = self.asked_by(world.relations.get(fact.relation)?, chance);
        if wording.shape != "noun" || is_back {
            wording = world.relations.get(fact.relation)?.told.1.clone();
        }
        let nested = format!("the {} of {}", wording.label, world.slot(fact.from));
        let (outer, outer_back) = self.asked_by(world.relations.get(next.relation)?, chance);
        let ways = if outer_back {
            self.language().questions_for_subject(&outer, &nested, None)
        } else {
            self.language().questions_for_object(&outer, &nested, Asked::Thing)
        };
        let question = self.one_of(&ways, chance)?;
        let (firsts, seconds) = (same(world, fact, true), same(world, next, true));
        if firsts.len() > 1 || seconds.len() > 4 {
            return None;
        }
        let mut says = self.claims(world, &firsts);
        says.extend(self.claims(world, &seconds));
        let needed = firsts.into_iter().chain(seconds).collect();
        Some(Exam { question, family: "two hops", needed, says, is_unknown: false })
    }

    /// A fact that another source denies: both are told.
    fn contradiction(&self, world: &mut World, number: usize, chance: &mut Chance) -> Option<Exam> {
        let fact = world.facts.get(number)?.clone();
        let question =
            if percent(chance, 50) { self.is_it(world, &fact, chance)? } else { self.ask(world, &fact, true, chance)? };
        if same(world, &fact, true).len() > 1 {
            return None;
        }
        let claim = self.claim(world, &fact)?;
        world.facts.push(Fact { denied: true, ..fact });
        let needed = vec![number, world.facts.len() - 1];
        let says = vec![(self.teacher.stuff.talk.both.replace("{claim}", &claim), needed.clone())];
        Some(Exam { question, family: "contradiction", needed, says, is_unknown: false })
    }

    /// A fact asked for from its wrong end: nothing says it.
    fn turned_round(&self, world: &World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        if world.relations.get(fact.relation)?.group.both {
            return None;
        }
        let turned = Fact { from: fact.to, to: fact.from, ..fact.clone() };
        if world.facts.iter().any(|other| other.relation == fact.relation && other.from == turned.from) {
            return None;
        }
        let question = self.ask(world, &turned, true, chance)?;
        Some(Exam { question, family: "turned round", needed: Vec::new(), says: Vec::new(), is_unknown: true })
    }

    /// A question whose answer has been taken away.
    fn missing(&self, world: &mut World, fact: &Fact, chance: &mut Chance) -> Option<Exam> {
        let forward = percent(chance, 60);
        let question = match chance.below(10) {
            0..8 => self.ask(world, fact, forward, chance)?,
            _ => self.is_it(world, fact, chance)?,
        };
        if percent(chance, 20) {
            // Nothing is known of the thing itself.
            let about = if forward { fact.from } else { fact.to };
            world.facts.retain(|other| other.from != about && other.to != about);
        }
        let both = world.relations.get(fact.relation)?.group.both;
        let gone = |other: &Fact| {
            let (end, near, far) =
                if forward { (fact.from, other.from, other.to) } else { (fact.to, other.to, other.from) };
            other.relation == fact.relation && (near == end || (both && far == end))
        };
        world.facts.retain(|other| !gone(other));
        Some(Exam { question, family: "missing", needed: Vec::new(), says: Vec::new(), is_unknown: true })
    }
}

/// All facts of the same relation from the same thing (`forward`), or to the same thing.
fn same(world: &World, fact: &Fact, forward: bool) -> Vec<usize> {
    let both = world.relations.get(fact.relation).is_some_and(|relation| relation.group.both);
    let is_same = |other: &Fact| {
        other.relation == fact.relation
            && !other.denied
            && match (forward, both) {
                (true, false) => other.from == fact.from,
                (true, true) => other.from == fact.from || other.to == fact.from,
                (false, false) => other.to == fact.to,
                (false, true) => other.to == fact.to || other.from == fact.to,
            }
    };
    let facts = world.facts.iter().enumerate();
    facts.filter(|(_, other)| is_same(other)).map(|(number, _)| number).collect()
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T], chance: &mut Chance) {
    for end in (1..items.len()).rev() {
        let other = usize::try_from(chance.below(u64::try_from(end + 1).unwrap_or(1))).unwrap_or(0);
        items.swap(end, other);
    }
}
