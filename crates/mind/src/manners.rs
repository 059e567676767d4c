//! Who may do what: locks, settings, who is ignored.
//!
//! Rights are the account's, given with each line; a nick by itself never gives any.

use quid_core::oxrdf::{Literal, NamedNode};
use quid_core::text::percent_encode;
use quid_core::vocabulary as v;
use quid_core::{Act, Fault, Heard, Key, Memory, Place, Reply, Rights, source::Citation};

use crate::factoid::{Tier, nearest, quad};
use crate::forget::author;
use crate::seen::agent;
use crate::state::text;
use crate::turn::Turn;

/// What can be set in a place, with what it may be set to.
const SETTINGS: [(&str, &[&str]); 6] = [
    ("learn", &["everyone", "trusted", "operator", "owner", "off"]),
    ("correct", &["everyone", "trusted", "operator", "owner", "off"]),
    ("unaddressed", &["on", "off"]),
    ("passive", &["on", "off"]),
    (PACE, &["strict", "normal", "loose"]),
    // The patterns and phrases are English so far; whoever asks for another language is told so.
    ("language", &["english"]),
];
/// How much one person may ask here; doors keep to it ([`pace`]).
const PACE: &str = "pace";
/// Said for what was never set here.
const UNSET: &str = "set.unset";

/// How much one person may ask in a place, when that was set there: `strict`, `normal` or `loose`.
#[must_use]
pub fn pace(memory: &dyn Memory, place: &Place) -> Option<String> {
    setting(memory, PACE, place).ok().flatten()
}

/// Whether lines that were not for the bot may be learned from, when that was set in the place.
pub(crate) fn passive(memory: &dyn Memory, heard: &Heard) -> Option<bool> {
    if heard.addressed || !matches!(heard.place, Place::Channel(_)) {
        return None;
    }
    setting(memory, "passive", &heard.place).ok().flatten().map(|value| value == "on")
}

/// A setting of a place, else of everywhere.
fn setting(memory: &dyn Memory, name: &str, place: &Place) -> Result<Option<String>, Fault> {
    for place in [place, &Place::Global] {
        let node = setting_node(name, place).into();
        let found = memory.keeping().all(Some(&node), Some(v::VALUE), None, 4)?;
        if let Some(fact) = found.into_iter().find(|fact| fact.graph.as_ref() == v::STATE_GRAPH) {
            return Ok(Some(text(&quad(fact)).to_owned()));
        }
    }
    Ok(None)
}

impl Turn<'_> {
    /// The refusal of somebody who may not teach here; `change` when what others taught would be changed.
    pub(crate) fn may_teach(&self, change: bool) -> Result<Option<Reply>, Fault> {
        let mut wanted = self.level("learn")?;
        if change {
            wanted = wanted.zip(self.level("correct")?).map(|(learn, correct)| learn.max(correct));
        }
        let Some(wanted) = wanted else { return Ok(Some(self.refuse("learn.refused.off", &[]))) };
        if self.heard.speaker.rights >= wanted {
            return Ok(None);
        }
        let level = self.say(&format!("level.{}", level_name(wanted)), &[]);
        Ok(Some(self.refuse("learn.refused.rights", &[("level", &level)])))
    }

    /// Whether this speaker may teach but not change what others taught.
    pub(crate) fn may_only_propose(&self) -> Result<bool, Fault> {
        let rights = self.heard.speaker.rights;
        let may = |level: Option<Rights>| level.is_some_and(|level| rights >= level);
        Ok(may(self.level("learn")?) && !may(self.level("correct")?))
    }

    /// From which rights on something is allowed here; `None` when it is for nobody.
    fn level(&self, name: &str) -> Result<Option<Rights>, Fault> {
        Ok(match self.setting(name)?.as_deref() {
            Some("off") => None,
            Some("trusted") => Some(Rights::Trusted),
            Some("operator") => Some(Rights::Operator),
            Some("owner") => Some(Rights::Owner),
            _ => Some(Rights::Everyone),
        })
    }

    /// Whether questions that were not addressed to the bot are answered here when the answer is known.
    pub(crate) fn answers_unaddressed(&self) -> Result<bool, Fault> {
        Ok(self.setting("unaddressed")?.as_deref() == Some("on"))
    }

    /// A setting of this place, else of everywhere.
    fn setting(&self, name: &str) -> Result<Option<String>, Fault> {
        setting(self.parts.memory.as_ref(), name, &self.heard.place)
    }

    /// "settings": how things are set here.
    fn settings(&self) -> Result<Reply, Fault> {
        let mut known = Vec::new();
        for (name, _) in SETTINGS {
            let value = self.setting(name)?.unwrap_or_else(|| self.say(UNSET, &[]));
            known.push(self.say("set.is", &[("name", name), ("value", &value)]));
        }
        Ok(self.done("set.list", &[("what", &self.parts.language.list(&known))]))
    }

    /// "set learn voiced"
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<Reply, Fault> {
        if name.is_empty() {
            return self.settings();
        }
        if !self.is_operator() {
            return Ok(self.refuse("refused.operator", &[]));
        }
        let wanted = Key::of(name);
        let Some((name, values)) = SETTINGS.iter().find(|(known, _)| *known == wanted.as_str()) else {
            let known: Vec<String> = SETTINGS.iter().map(|(known, _)| (*known).to_owned()).collect();
            return Ok(self.refuse("set.unknown", &[("name", name), ("known", &self.parts.language.list(&known))]));
        };
        // Other words for a value ("voiced") are data: a phrase named after the word holds the value.
        let typed = Key::of(value);
        let other = format!("set.value.{typed}");
        let meant =
            if self.parts.language.has_phrase(&other) { self.say(&other, &[]) } else { typed.as_str().to_owned() };
        if !values.contains(&meant.as_str()) {
            let known = self.parts.language.list(&values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>());
            return Ok(self.refuse("set.bad", &[("name", name), ("value", value), ("known", &known)]));
        }
        let node = setting_node(name, &self.heard.place);
        let removed = self.state(&node, v::VALUE)?;
        self.replace_state(Act::Setting, &node, v::VALUE, removed, Some(Literal::new_simple_literal(&meant)))?;
        Ok(self.done("set.ok", &[("name", name), ("value", &meant)]))
    }

    /// Whether the speaker is ignored; operators always get a hearing, so that nobody locks them out.
    pub(crate) fn is_ignored(&self) -> Result<bool, Fault> {
        if self.is_operator() {
            return Ok(false);
        }
        for name in [self.heard.speaker.name(), &self.heard.speaker.nick] {
            if !self.state(&agent(&Key::of(name)), v::IGNORED)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// "ignore bob", "unignore bob"
    pub(crate) fn ignore(&mut self, who: &str, on: bool) -> Result<Reply, Fault> {
        let key = Key::of(who);
        if key.is_empty() {
            return Ok(self.refuse("teach.empty.subject", &[]));
        }
        // Anybody may ask not to be told things on somebody else's behalf; the words for that are data.
        if self.say("tell.declining", &[]).split_whitespace().any(|word| word == key.as_str()) {
            return self.decline_being_told(on);
        }
        if !self.is_operator() {
            return Ok(self.refuse("refused.operator", &[]));
        }
        let node = agent(&key);
        let present = self.state(&node, v::IGNORED)?;
        match (on, present.is_empty()) {
            (true, true) => {
                let value = Some(Literal::new_simple_literal(who));
                self.replace_state(Act::Setting, &node, v::IGNORED, present, value)?;
            }
            (false, false) => self.replace_state(Act::Setting, &node, v::IGNORED, present, None)?,
            (true, false) => {}
            (false, true) => return Ok(self.refuse("ignore.unknown", &[("who", who)])),
        }
        Ok(self.done(if on { "ignore.ok" } else { "ignore.off" }, &[("who", who)]))
    }

    fn decline_being_told(&mut self, on: bool) -> Result<Reply, Fault> {
        let node = declining(&Key::of(&self.heard.speaker.nick));
        let present = self.state(&node, v::VALUE)?;
        if on == present.is_empty() {
            let value = on.then(|| Literal::new_simple_literal(&self.heard.speaker.nick));
            self.replace_state(Act::Setting, &node, v::VALUE, present, value)?;
        }
        Ok(self.done(if on { "tell.declining.on" } else { "tell.declining.off" }, &[]))
    }

    /// Whether this person asked not to be told things.
    pub(crate) fn declines_being_told(&self, nick: &Key) -> Result<bool, Fault> {
        Ok(!self.state(&declining(nick), v::VALUE)?.is_empty())
    }

    /// "lock foo": for whoever taught it, and for operators.
    pub(crate) fn lock(&mut self, name: &str) -> Result<Reply, Fault> {
        let key = Key::of(name);
        let Some(key) = self.follow(key.clone())? else {
            return Ok(self.refuse("loop", &[("name", name), ("what", key.as_str())]));
        };
        let values = nearest(self.values(&key)?);
        if values.is_empty() && !self.is_operator() {
            return Ok(self.refuse("lock.unknown", &[("name", name)]));
        }
        // What is said of a person, that person may lock.
        let own_name = key == Key::of(self.heard.speaker.name());
        for value in values.iter().filter(|_| !own_name) {
            let theirs = !self.is_author(&self.cite(&value.graph)?);
            if !self.is_operator() && (theirs || value.tier != Tier::Own) {
                return Ok(self.refuse("lock.refused", &[("name", name)]));
            }
        }
        let thing = key.thing();
        if self.locks(&thing)?.iter().any(|(place, _)| *place == self.lock_place()) {
            return Ok(self.refuse("lock.already", &[("name", name)]));
        }
        let value = format!("{} {}", self.lock_place(), self.heard.speaker.identity());
        self.replace_state(Act::Lock, &thing, v::LOCKED_BY, Vec::new(), Some(Literal::new_simple_literal(value)))?;
        Ok(self.done("lock.ok", &[("name", name)]))
    }

    /// "unlock foo": for whoever locked it, and for operators.
    pub(crate) fn unlock(&mut self, name: &str) -> Result<Reply, Fault> {
        let key = Key::of(name);
        let thing = self.follow(key.clone())?.unwrap_or(key).thing();
        let place = self.lock_place();
        let held: Vec<_> =
            self.state(&thing, v::LOCKED_BY)?.into_iter().filter(|quad| lock(text(quad)).0 == place).collect();
        if held.is_empty() {
            return Ok(self.refuse("unlock.not", &[("name", name)]));
        }
        let speaker = Key::of(&self.heard.speaker.identity());
        if !self.is_operator() && held.iter().any(|quad| Key::of(lock(text(quad)).1) != speaker) {
            return Ok(self.refuse("unlock.refused", &[("name", name)]));
        }
        self.replace_state(Act::Lock, &thing, v::LOCKED_BY, held, None)?;
        Ok(self.done("unlock.ok", &[("name", name)]))
    }

    /// The locks of a thing: where, and by whom.
    pub(crate) fn locks(&self, thing: &NamedNode) -> Result<Vec<(String, String)>, Fault> {
        let held = self.state(thing, v::LOCKED_BY)?;
        Ok(held.iter().map(|quad| lock(text(quad))).map(|(place, who)| (place.to_owned(), who.to_owned())).collect())
    }

    /// The refusal to change a locked thing; operators may.
    pub(crate) fn locked(&self, thing: &NamedNode, name: &str) -> Result<Option<Reply>, Fault> {
        if self.is_operator() {
            return Ok(None);
        }
        let here = self.lock_place();
        let everywhere = Place::Global.to_string();
        let held = self.locks(thing)?;
        let holds = held.iter().find(|(place, _)| *place == here || *place == everywhere);
        Ok(holds.map(|(_, who)| self.refuse("locked", &[("name", name), ("who", who.trim_start_matches('~'))])))
    }

    /// Where a lock made here holds. A private lock is the person's own, so that it never binds another's facts.
    fn lock_place(&self) -> String {
        match &self.heard.place {
            Place::Private => format!("{}:{}", Place::Private, percent_encode(&self.heard.speaker.identity())),
            place => percent_encode_spaces(&place.to_string()),
        }
    }

    /// Whether the speaker said this.
    pub(crate) fn is_author(&self, citation: &Citation) -> bool {
        match citation {
            Citation::Said { account, .. } => {
                let proved = self.heard.speaker.account.is_some() || account.is_none();
                proved && Key::of(author(citation)) == Key::of(self.heard.speaker.name())
            }
            Citation::Dump { .. } => false,
        }
    }
}

fn lock(value: &str) -> (&str, &str) {
    value.split_once(' ').unwrap_or(("", value))
}

fn percent_encode_spaces(place: &str) -> String {
    place.replace(' ', "%20")
}

fn level_name(rights: Rights) -> &'static str {
    match rights {
        Rights::Ignored | Rights::Everyone => "everyone",
        Rights::Trusted => "trusted",
        Rights::Operator => "operator",
        Rights::Owner => "owner",
    }
}

fn declining(nick: &Key) -> NamedNode {
    NamedNode::new_unchecked(format!("{}declines:{}", v::NS, percent_encode(nick.as_str())))
}

fn setting_node(name: &str, place: &Place) -> NamedNode {
    NamedNode::new_unchecked(format!("{}setting:{name}:{}", v::NS, percent_encode(&place.to_string())))
}
