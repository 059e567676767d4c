//! Yes/no questions about a told world: yes, no, both (a contradiction) or not known, each for a reason.

use quid_core::intent::Question;
use quid_core::oxrdf::Term;
use quid_core::reply::Quote;
use quid_core::vocabulary as v;
use quid_core::{Answer, Atom, Because, Fault, Intent, Key, Reply, Verified};
use quid_lang::english::{Asked, Claim, Implication, Kind, Relation, Who, YesNo};

use super::form;
use super::known::{Known, Outcome};
use crate::turn::Turn;

/// What is known of one claim.
pub(super) enum Finding {
    Yes(Verified),
    No(Verified),
    Both(Verified, Verified),
    Open,
    Spent,
    /// In a closed world it rests on its own denial.
    Circle,
}

/// Tells `lang` which names are known as those of single things.
pub(super) struct Things<'a, 't> {
    pub(super) turn: &'a Turn<'t>,
}

impl quid_lang::english::Known for Things<'_, '_> {
    fn is_thing(&self, name: &str) -> bool {
        if Key::of(name).is_empty() {
            return false;
        }
        let facts = self.turn.parts.memory.facts(&self.turn.audience);
        let thing = form::node(name).into();
        [v::SPOKEN, v::LABEL]
            .into_iter()
            .any(|relation| facts.some(Some(&thing), Some(relation), None, 1).is_ok_and(|found| !found.is_empty()))
    }
}

impl Turn<'_> {
    /// Reads the line as a yes/no question.
    fn whether_asked(&self) -> Option<YesNo> {
        let line = self.parts.language.without_why(&self.line);
        self.parts.language.read_whether(line, &Things { turn: self })
    }

    /// A yes/no question that only the controlled English reads ("true or false: …", "is Bob not cold?", "is Bob
    /// cold and quiet?"); plain ones take the way of all questions.
    pub(super) fn try_whether(&mut self, intent: &Intent) -> Result<Option<Reply>, Fault> {
        let Some(question) = self.whether_asked() else { return Ok(None) };
        self.talk.asked_line.clone_from(&self.line);
        let plain = match &question.asked {
            Asked::All(claims) => match claims.as_slice() {
                [claim] if !claim.denied => Some(claim.clone()),
                _ => None,
            },
            _ => None,
        };
        // A question for something ("waht is a cat?", its typing set right) is no statement with a question mark.
        let asks_what = matches!(intent, Intent::Ask(Question::What { bare: false, .. }));
        if asks_what && plain.is_some() && !question.truth {
            return Ok(None);
        }
        let usual = matches!(intent, Intent::Ask(Question::Whether { .. } | Question::WhetherVerb { .. }));
        if usual && plain.is_some() && !question.truth {
            return Ok(None);
        }
        if matches!(&question.asked, Asked::Follows(_)) && usual && !question.truth {
            // Classes are the world's matter first; what it does not know is asked in `answer`.
            return Ok(None);
        }
        let answered = self.answer_whether(&question)?;
        let reply = match (answered, plain) {
            (Some(reply), _) => reply,
            (None, Some(claim)) => match Self::as_question(&claim) {
                Some(question) => return self.ask(question).map(Some),
                None => self.unknown("unknown.whether", &[]),
            },
            (None, None) => self.unknown("unknown.whether", &[]),
        };
        self.talk.answer = Some(reply.clone());
        self.talk.question = None;
        Ok(Some(reply))
    }

    /// A claim as a question of plain talk.
    pub(super) fn as_question(claim: &Claim) -> Option<Question> {
        let Who::Thing(subject) = &claim.subject else { return None };
        match (&claim.relation, &claim.object) {
            (Relation::Is { class, .. } | Relation::Any { class }, _) => {
                Some(Question::Whether { subject: subject.name.clone(), object: class.clone() })
            }
            (Relation::Does(verb), Some(Who::Thing(object))) => Some(Question::WhetherVerb {
                subject: subject.name.clone(),
                verb: verb.clone(),
                value: object.name.clone(),
            }),
            (Relation::Does(_), _) => None,
        }
    }

    /// The answer of the told world to the line, when it is a yes/no question: asked beside the other ways.
    /// `general`: about all of a kind, which is the world's matter first.
    pub(crate) fn rules_answer(&mut self, general: bool) -> Result<Option<Reply>, Fault> {
        match self.whether_asked() {
            Some(question) if general == matches!(&question.asked, Asked::Follows(_)) => self.answer_whether(&question),
            _ => Ok(None),
        }
    }

    /// Both sides where what was said in so many words and what follows cannot both be right.
    pub(crate) fn rules_contradiction(&mut self) -> Result<Option<Reply>, Fault> {
        let Some(YesNo { asked: Asked::All(claims), .. }) = self.whether_asked() else { return Ok(None) };
        let known = self.known(Vec::new())?;
        for claim in &claims {
            if let Finding::Both(yes, no) = self.find_out(&known, claim)? {
                return self.contradiction(&known, &yes, &no).map(Some);
            }
        }
        Ok(None)
    }

    /// The answer to a yes/no question; `None` when the told world has nothing to say and others may know.
    pub(super) fn answer_whether(&mut self, question: &YesNo) -> Result<Option<Reply>, Fault> {
        let known = self.known(Vec::new())?;
        let reply = match &question.asked {
            Asked::All(claims) => self.answer_all(&known, claims, question.truth)?,
            Asked::Either(claims) => self.answer_either(&known, claims)?,
            Asked::Follows(rule) => self.answer_follows(rule)?,
        };
        if reply.is_some() {
            self.talk.whether = Some(question.clone());
        }
        Ok(reply)
    }

    fn answer_all(&mut self, known: &Known, claims: &[Claim], truth: bool) -> Result<Option<Reply>, Fault> {
        let mut proofs = Vec::new();
        let mut open = false;
        for claim in claims {
            match self.find_out(known, claim)? {
                Finding::Yes(proof) => proofs.push(proof),
                // One that is not so settles the whole.
                Finding::No(proof) => return self.verdict(known, vec![proof], false, truth).map(Some),
                Finding::Both(yes, no) => return self.contradiction(known, &yes, &no).map(Some),
                Finding::Open => open = true,
                Finding::Spent => return Ok(Some(self.unknown("rule.spent", &[]))),
                Finding::Circle => return Ok(Some(self.unknown("rule.circle", &[]))),
            }
        }
        if !open {
            return self.verdict(known, proofs, true, truth).map(Some);
        }
        let told =
            claims.iter().try_fold(true, |all, claim| Ok::<_, Fault>(all && self.is_of_told_world(known, claim)?))?;
        Ok(told.then(|| self.unknown("unknown.whether", &[])))
    }

    fn answer_either(&mut self, known: &Known, claims: &[Claim]) -> Result<Option<Reply>, Fault> {
        let mut denied = Vec::new();
        for claim in claims {
            match self.find_out(known, claim)? {
                Finding::Yes(proof) | Finding::Both(proof, _) => {
                    return self.verdict(known, vec![proof], true, false).map(Some);
                }
                Finding::No(proof) => denied.push(proof),
                Finding::Open | Finding::Spent | Finding::Circle => {}
            }
        }
        if denied.len() == claims.len() {
            return self.verdict(known, denied, false, false).map(Some);
        }
        Ok(Some(self.unknown("unknown.whether", &[])))
    }

    /// What is known of one claim.
    pub(super) fn find_out(&self, known: &Known, claim: &Claim) -> Result<Finding, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        match form::atom(claim) {
            Some(atom) => self.find_out_from(known, &atom, facts.as_ref()),
            None => Ok(Finding::Open),
        }
    }

    pub(super) fn find_out_from(
        &self,
        known: &Known,
        atom: &Atom,
        facts: &dyn quid_core::Facts,
    ) -> Result<Finding, Fault> {
        let steps = self.parts.language.number("rule_steps");
        let yes = known.prove(atom, facts, steps, self.stop)?;
        let mut no = known.prove(&form::contrary(atom), facts, steps, self.stop)?;
        let mut yes = yes;
        if known.is_closed() && matches!((&yes, &no), (Outcome::Open, Outcome::Open)) {
            // What was not told and does not follow is not so, and whatever denies it is.
            let denied = form::is_denial(atom);
            let plain = if denied { form::contrary(atom) } else { atom.clone() };
            if let Some(absent) = known.prove_absent(&plain, facts, steps, self.stop)? {
                *(if denied { &mut yes } else { &mut no }) = Outcome::Proved(absent);
            }
        }
        Ok(match (yes, no) {
            (Outcome::Proved(yes), Outcome::Proved(no)) => Finding::Both(yes, no),
            (Outcome::Proved(yes), _) => Finding::Yes(yes),
            (_, Outcome::Proved(no)) => Finding::No(no),
            (Outcome::Spent, _) | (_, Outcome::Spent) => Finding::Spent,
            (Outcome::Circle, _) | (_, Outcome::Circle) => Finding::Circle,
            (Outcome::Open, Outcome::Open) => Finding::Open,
        })
    }

    fn verdict(&mut self, known: &Known, proofs: Vec<Verified>, yes: bool, truth: bool) -> Result<Reply, Fault> {
        let told: Vec<&quid_core::Proof> = proofs.iter().map(Verified::proof).collect();
        let because = self.proofs_in_words(&told, &known.rules)?;
        let mut sources = Vec::new();
        for proof in told {
            for source in self.sources_of(proof, &known.rules)? {
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        let absent =
            |verified: &Verified| verified.proof().steps.iter().any(|step| matches!(step.because, Because::Absent(_)));
        let closed = proofs.iter().any(absent);
        let phrase = match (yes, truth) {
            (true, false) if closed => "rule.closed.yes",
            (false, false) if closed => "rule.closed.no",
            (true, false) => "rule.yes",
            (false, false) => "rule.no",
            (true, true) => "rule.true",
            (false, true) => "rule.false",
        };
        let text = self.say(phrase, &[("because", &because)]);
        Ok(Reply::new(Answer::Proved { proofs, sources }, text))
    }

    /// What follows on both sides is told, with whose it is.
    fn contradiction(&mut self, known: &Known, yes: &Verified, no: &Verified) -> Result<Reply, Fault> {
        let one = self.proof_in_words(yes.proof(), &known.rules)?;
        let other = self.proof_in_words(no.proof(), &known.rules)?;
        let text = self.say("rule.contradiction", &[("one", &one), ("other", &other)]);
        let mut quotes = Vec::new();
        for (said, verified) in [(one, yes), (other, no)] {
            for source in self.sources_of(verified.proof(), &known.rules)? {
                quotes.push(Quote { text: said.clone(), source });
            }
        }
        Ok(Reply::new(Answer::Told(quotes), text))
    }

    /// Whether everything in a claim belongs to a told world: named things, and a property or a relation that was
    /// told of. What is not known of it is then not known at all; a dictionary would only mistake its names.
    fn is_of_told_world(&self, known: &Known, claim: &Claim) -> Result<bool, Fault> {
        let facts = self.parts.memory.facts(&self.audience);
        let is_told = |who: &Who| -> Result<bool, Fault> {
            let Who::Thing(thing) = who else { return Ok(false) };
            let node: Term = form::node(&thing.name).into();
            Ok(thing.kind != Kind::Plain && !facts.some(Some(&node), Some(v::SPOKEN), None, 1)?.is_empty())
        };
        if !is_told(&claim.subject)? {
            return Ok(false);
        }
        let literal = form::literal(&Claim { denied: false, ..claim.clone() });
        match (&claim.relation, &claim.object) {
            // Being cold is no matter of kinds, which is all that a dictionary knows.
            (Relation::Is { noun: false, .. }, _) => Ok(true),
            (Relation::Does(_), Some(object)) => {
                let relation = literal.predicate.as_ref();
                let stored = !facts.some(None, Some(relation), None, 1)?.is_empty();
                Ok(is_told(object)? && (stored || known.speaks_of(relation, None)))
            }
            _ => Ok(false),
        }
    }

    /// "are all quiet things cold?": yes when it follows for somebody of whom nothing else is known.
    fn answer_follows(&mut self, rule: &Implication) -> Result<Option<Reply>, Fault> {
        let (assumed, conclusions) = form::instance(rule);
        let known = self.known(assumed)?;
        let facts = self.parts.memory.facts(&self.audience);
        let (mut proofs, mut yes) = (Vec::new(), true);
        for conclusion in &conclusions {
            match self.find_out_from(&known, conclusion, facts.as_ref())? {
                Finding::Yes(proof) => proofs.push(proof),
                Finding::No(proof) => {
                    proofs.push(proof);
                    yes = false;
                }
                Finding::Both(..) | Finding::Open | Finding::Spent | Finding::Circle => return Ok(None),
            }
        }
        let mut because = Vec::new();
        let mut sources = Vec::new();
        for verified in &proofs {
            because.push(self.general_in_words(verified.proof(), &known)?);
            for source in self.sources_of(verified.proof(), &known.rules)? {
                if !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        let because = because.join(&self.say("answer.between", &[]));
        let text = self.say(if yes { "rule.yes" } else { "rule.no" }, &[("because", &because)]);
        Ok(Some(Reply::new(Answer::Proved { proofs, sources }, text)))
    }

    /// The rules and the statements about classes that a proof about anybody rests on.
    fn general_in_words(&self, proof: &quid_core::Proof, known: &Known) -> Result<String, Fault> {
        let mut parts: Vec<String> = Vec::new();
        for step in &proof.steps {
            let text = match &step.because {
                Because::Stored(graph) => self.sourced(&self.atom_in_words(&step.claim)?, graph)?,
                Because::Rule { name, .. } => match known.rule(name) {
                    Some(rule) => self.sourced(&rule.says, &rule.graph)?,
                    None => continue,
                },
                _ => continue,
            };
            if !parts.contains(&text) {
                parts.push(text);
            }
        }
        Ok(parts.join(&self.say("answer.between", &[])))
    }

    /// "why not?" after "not that I know": how far the rules get, and what is lacking.
    pub(crate) fn rules_lacking(&mut self) -> Result<Option<Reply>, Fault> {
        let Some(YesNo { asked: Asked::All(claims), .. }) = self.talk.whether.clone() else { return Ok(None) };
        let known = self.known(Vec::new())?;
        let facts = self.parts.memory.facts(&self.audience);
        let steps = self.parts.language.number("rule_steps");
        let mut said: Vec<String> = Vec::new();
        for claim in &claims {
            let Some(atom) = form::atom(claim) else { continue };
            for missing in known.lacking(&atom, facts.as_ref(), steps, self.stop)? {
                let Some(rule) = known.rule(&missing.rule) else { continue };
                let fails = self.goal_in_words(&missing.fails)?;
                let rule = self.sourced(&rule.says, &rule.graph)?;
                let text = self.say("rule.lacking", &[("rule", &rule), ("fails", &fails)]);
                if !said.contains(&text) {
                    said.push(text);
                }
            }
        }
        said.truncate(self.number("most_shown"));
        if said.is_empty() {
            let claim = claims.first().map(|claim| self.parts.language.claim_in_words(claim, &[])).unwrap_or_default();
            return Ok(Some(self.unknown("rule.lacking.all", &[("claim", &claim)])));
        }
        let because = said.join(&self.say("answer.between", &[]));
        Ok(Some(Reply::new(Answer::Unknown { nearest: Vec::new() }, self.say("rule.whynot", &[("because", &because)]))))
    }
}
