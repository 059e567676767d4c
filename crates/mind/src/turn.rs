//! One line's way through the mind: may they be heard, what do they want, which act does it.
//!
//! All silence is decided here, before any act runs, so that no act can answer a line that was not for the bot.

use std::sync::atomic::AtomicBool;

use quid_core::oxrdf::{NamedNode, Quad, Triple};
use quid_core::text::{LONGEST_LINE, clean};
use quid_core::{
    Act, Answer, Audience, Change, Fault, Heard, Intent, Key, Receipt, Reply, Rights, Scope, change::Guard,
    intent::Question,
};
use quid_lang::Understood;

use crate::conversation::{Conversations, Pointed, Room, Talk, chance};
use crate::formal::Knowledge;
use crate::goals::Names;
use crate::manners::passive;
use crate::ontology::Ontology;
use crate::{Parts, hints::Known};

/// Everything an act may look at and change.
pub(crate) struct Turn<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) heard: &'a Heard,
    /// The line, cleaned, the bot's name stripped.
    pub(crate) line: String,
    /// Who reads the answer.
    pub(crate) audience: Audience,
    pub(crate) chance: u64,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) talk: &'a mut Talk,
    pub(crate) room: &'a mut Room,
    /// What questions over databases are read with.
    pub(crate) knowledge: &'a Knowledge,
    /// The compiled rules of the loaded ontologies.
    pub(crate) ontology: &'a Ontology,
    /// What questions in logic are read with.
    pub(crate) names: &'a Names,
    /// Said after the reply: what went wrong beside what was done.
    pub(crate) afterword: Option<String>,
}

/// A change about to be written, without what is the same for all changes of a turn.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) learned: Vec<Triple>,
    pub(crate) added: Vec<Quad>,
    pub(crate) removed: Vec<Quad>,
    pub(crate) about: Vec<NamedNode>,
    pub(crate) undoes: Option<u64>,
    pub(crate) guard: Option<Guard>,
    /// Another scope than that of what is taught here.
    pub(crate) scope: Option<Scope>,
}

/// How often a decision is made anew when somebody else changed the thing in between.
pub(crate) const TRIES: usize = 4;

/// Hears one line.
pub(crate) fn take(
    parts: &Parts,
    conversations: &mut Conversations,
    (knowledge, ontology, names): (&Knowledge, &Ontology, &Names),
    heard: &Heard,
    stop: &AtomicBool,
) -> Reply {
    if heard.speaker.rights == Rights::Ignored || Key::of(&heard.speaker.nick) == Key::of(&parts.me) {
        return Reply::silent();
    }
    let as_set;
    let heard = match passive(parts.memory.as_ref(), heard) {
        Some(passive) if passive != heard.passive => {
            as_set = Heard { passive, ..heard.clone() };
            &as_set
        }
        _ => heard,
    };
    let (mut talk, mut room) = conversations.open(heard);
    talk.lines = talk.lines.wrapping_add(1);
    let reply = Turn {
        parts,
        heard,
        line: String::new(),
        audience: Audience { name: heard.speaker.identity(), place: heard.place.clone() },
        chance: if heard.text.len() > LONGEST_LINE { 0 } else { chance(talk.lines, &heard.text) },
        stop,
        talk: &mut talk,
        room: &mut room,
        knowledge,
        ontology,
        names,
        afterword: None,
    }
    .run();
    conversations.keep(heard, talk, room);
    reply
}

impl<'a> Turn<'a> {
    /// A turn that is no part of any conversation: nothing it says is remembered.
    pub(crate) fn aside(
        parts: &'a Parts,
        (knowledge, ontology, names): (&'a Knowledge, &'a Ontology, &'a Names),
        heard: &'a Heard,
        (talk, room): (&'a mut Talk, &'a mut Room),
        stop: &'a AtomicBool,
    ) -> Self {
        let audience = Audience { name: heard.speaker.identity(), place: heard.place.clone() };
        let line = heard.text.clone();
        Self { parts, heard, line, audience, chance: 0, stop, talk, room, knowledge, ontology, names, afterword: None }
    }
}

impl Turn<'_> {
    fn run(&mut self) -> Reply {
        if self.heard.text.len() > LONGEST_LINE {
            if !self.heard.addressed {
                return Reply::silent();
            }
            let limit = LONGEST_LINE.to_string();
            let length = self.heard.text.len().to_string();
            return self.refuse("long", &[("limit", &limit), ("length", &length)]);
        }
        match self.is_ignored() {
            Ok(true) => return Reply::silent(),
            Ok(false) => {}
            Err(fault) => return self.answer_fault(&fault, self.heard.addressed),
        }
        let parts = self.parts;
        let understood = parts.language.understand(
            self.heard,
            &parts.me,
            &Known { memory: parts.memory.as_ref(), audience: &self.audience },
        );
        let Understood { intent, text, addressed } = match self.gone_on(&understood) {
            Some(follow) => follow,
            None => understood,
        };
        self.line = text;
        let asked = if let Intent::Ask(question) = &intent { Some(question.clone()) } else { None };
        let mut reply = match self.act(intent, addressed) {
            Ok(reply) => reply,
            Err(fault) => self.answer_fault(&fault, addressed),
        };
        if addressed {
            self.note_question(asked, &reply);
        }
        // Noted after the act, so that "seen alice" is not about the line that asks.
        if let Err(fault) = self.note_seen() {
            self.afterword = Some(self.say("fault.seen", &[("why", &fault.to_string())]));
        }
        if let Some(afterword) = self.afterword.take().filter(|_| reply.answer != Answer::Silent) {
            reply.text.push(' ');
            reply.text.push_str(&afterword);
        }
        self.note_words();
        reply
    }

    fn act(&mut self, intent: Intent, addressed: bool) -> Result<Reply, Fault> {
        if self.room.quiet && intent != Intent::Wake {
            return Ok(Reply::silent());
        }
        if !addressed {
            return self.act_unaddressed(intent);
        }
        if !matches!(intent, Intent::Affirm(_)) {
            self.talk.offered = None;
        }
        if let Some(reply) = self.try_rules_first(&intent)? {
            return Ok(reply);
        }
        if let Some(reply) = self.try_goal()? {
            return Ok(reply);
        }
        if let Some(reply) = self.formal_beside(&intent)? {
            return Ok(reply);
        }
        if let Some(reply) = self.story(&intent)? {
            return Ok(reply);
        }
        if let Some(reply) = self.try_rules(&intent)? {
            return Ok(reply);
        }
        match intent {
            // A line to the bot is never merely overheard.
            Intent::Teach(teaching) | Intent::Overheard(teaching) => self.teach(&teaching),
            Intent::TeachVague(subject) => Ok(self.refuse("learn.vague", &[("word", &subject)])),
            Intent::TeachEmpty(what) | Intent::BadSubstitute(what) => Ok(self.refuse(what, &[])),
            Intent::Alias { from, to } => self.alias(&from, &to),
            Intent::Ask(question) => self.ask(question),
            Intent::Why(question) => self.why(question),
            Intent::WhyNot => self.why_not(),
            Intent::Sources => Ok(self.sources()),
            Intent::Provenance { of, about } => self.provenance(&of, about),
            Intent::AsOf { of, at } => self.as_of(&of, at),
            Intent::History(target) => self.history(&target),
            Intent::Forget(target) => self.forget(&target),
            Intent::Unforget(name) => self.unforget(&name),
            Intent::Undo(steps) => self.undo(steps),
            Intent::Revert { who, since } => self.revert(&who, since),
            Intent::Substitute { of, from, to, all } => self.substitute(&of, &from, &to, all),
            Intent::Rename { from, to } => self.rename(&from, &to),
            Intent::Literal(name) => self.literal(&name),
            Intent::FactInfo(name) => self.fact_info(&name),
            Intent::Lock(name) => self.lock(&name),
            Intent::Unlock(name) => self.unlock(&name),
            Intent::Confirm(name) => self.confirm(&name),
            Intent::Quarantine => self.quarantine(),
            Intent::Karma { of, by } => self.karma(&of, by, true),
            Intent::KarmaOf(of) => self.karma_of(&of),
            Intent::Seen(who) => self.seen(&who),
            Intent::Tell { whom, about } => self.tell(&whom, &about),
            Intent::ListKeys(words) => self.list_keys(&words),
            Intent::ListValues(words) => self.list_values(&words),
            Intent::ListAuthor(who) => self.list_author(&who),
            Intent::Search(words) => self.search(&words),
            Intent::Popular => self.popular(),
            Intent::More => Ok(self.more()),
            Intent::Ignore { who, on } => self.ignore(&who, on),
            Intent::Set { name, value } => self.set(&name, &value),
            // A door that can do it does not ask.
            Intent::Reload => Ok(self.refuse("reload.nothing", &[])),
            Intent::Quiet => {
                self.room.quiet = true;
                Ok(self.done("quiet.ok", &[]))
            }
            Intent::Wake => {
                self.room.quiet = false;
                Ok(self.done("wake.ok", &[]))
            }
            Intent::Sparql(query) => self.sparql(&query),
            Intent::Help(about) => Ok(self.help(&about)),
            Intent::Affirm(yes) => self.affirm(yes),
            Intent::OtherReading(which) => self.other_reading(which.as_deref()),
            Intent::Greeting => Ok(self.chat("greeting", &[])),
            Intent::SmallTalk(phrase) => Ok(self.chat(phrase, &[])),
            Intent::Called => Ok(self.chat("called", &[])),
            Intent::Puzzled => self.puzzled(),
            Intent::Chatter => Ok(Reply::silent()),
        }
    }

    fn act_unaddressed(&mut self, intent: Intent) -> Result<Reply, Fault> {
        match intent {
            Intent::Overheard(teaching) if self.heard.passive => self.overhear(&teaching),
            Intent::Karma { of, by } => self.karma(&of, by, false),
            Intent::Ask(Question::What { about, bare: false }) if self.answers_unaddressed()? => {
                let reply = self.ask(Question::What { about, bare: true })?;
                Ok(if matches!(reply.answer, Answer::Unknown { .. }) { Reply::silent() } else { reply })
            }
            _ => Ok(Reply::silent()),
        }
    }

    /// The content words of this line, for the next one's choice of senses.
    fn note_words(&mut self) {
        let most = self.number("talk_words");
        for word in self.parts.language.content_words(&self.line) {
            self.talk.words.push_front(word);
        }
        self.talk.words.truncate(most);
    }

    /// A phrase in this turn's wording, with the speaker's and the bot's name among the slots.
    pub(crate) fn say(&self, phrase: &str, slots: &[(&str, &str)]) -> String {
        let mut all = slots.to_vec();
        all.push(("who", &self.heard.speaker.nick));
        all.push(("me", &self.parts.me));
        self.parts.language.say(phrase, &all, self.chance)
    }

    /// A limit from the data.
    pub(crate) fn number(&self, name: &str) -> usize {
        usize::try_from(self.parts.language.number(name)).unwrap_or(usize::MAX)
    }

    pub(crate) fn chat(&self, phrase: &str, slots: &[(&str, &str)]) -> Reply {
        Reply::new(Answer::Chat, self.say(phrase, slots))
    }

    pub(crate) fn done(&self, phrase: &str, slots: &[(&str, &str)]) -> Reply {
        Reply::new(Answer::Done, self.say(phrase, slots))
    }

    pub(crate) fn refuse(&self, phrase: &str, slots: &[(&str, &str)]) -> Reply {
        Reply::new(Answer::Error, self.say(phrase, slots))
    }

    pub(crate) fn unknown(&self, phrase: &str, slots: &[(&str, &str)]) -> Reply {
        Reply::new(Answer::Unknown { nearest: Vec::new() }, self.say(phrase, slots))
    }

    /// A keeper's fault in words; whoever was not spoken to is not told of it.
    fn answer_fault(&self, fault: &Fault, addressed: bool) -> Reply {
        if !addressed {
            return Reply::silent();
        }
        match fault {
            Fault::Storage { what, why } => self.refuse("fault.storage", &[("what", what), ("why", why)]),
            Fault::Conflict => self.refuse("fault.conflict", &[]),
            Fault::Refused(words) => self.refuse("fault.refused", &[("why", words)]),
        }
    }

    /// The scope of what is taught here.
    pub(crate) fn scope(&self) -> Scope {
        Scope::of(&self.heard.place, &self.heard.speaker.identity())
    }

    /// Writes a change and lets the text index take it in.
    pub(crate) fn write(&mut self, act: Act, draft: Draft) -> Result<Receipt, Fault> {
        let Draft { learned, added, removed, about, undoes, guard, scope } = draft;
        let change = Change {
            act,
            by: self.heard.speaker.clone(),
            place: self.heard.place.clone(),
            at: self.heard.at,
            line: clean(&self.heard.text).trim().to_owned(),
            scope: scope.unwrap_or_else(|| self.scope()),
            learned: learned.clone(),
            added: added.clone(),
            removed: removed.clone(),
            about,
            undoes,
            guard,
        };
        let receipt = self.parts.memory.commit(change)?;
        self.knowledge.wrote();
        let mut indexed = added;
        if let Some(graph) = &receipt.statement {
            indexed.extend(learned.into_iter().map(|triple| triple.in_graph(graph.clone())));
        }
        // The change is durable already: an index that fell behind must not make it look undone.
        if let Err(fault) = self.parts.recall.note(receipt.seq, &indexed, &removed) {
            self.afterword = Some(self.say("fault.index", &[("why", &fault.to_string())]));
        }
        Ok(receipt)
    }

    /// Remembers what "that" is.
    pub(crate) fn point(&mut self, pointed: Pointed) {
        self.talk.pointed = Some(pointed.clone());
        self.room.pointed = Some(pointed);
    }

    /// What "that" is, here and to this person.
    pub(crate) fn pointed(&self) -> Option<Pointed> {
        self.talk.pointed.clone().or_else(|| self.room.pointed.clone())
    }

    pub(crate) fn is_operator(&self) -> bool {
        self.heard.speaker.rights >= Rights::Operator
    }
}
