//! Who is where, under which account, and with which rank.
//!
//! Rights hang on accounts that the network has checked, so what JOIN, ACCOUNT, CHGHOST and WHO say of them is kept
//! for as long as we can see the person, and not a moment longer: a nick that left may come back as somebody else.

use std::collections::HashMap;

use crate::isupport::Support;

/// The most people that are remembered; a server that names more is not believed.
const MOST_PEOPLE: usize = 200_000;

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// As they write their nick.
    pub nick: String,
    /// Their account, when they are logged in.
    pub account: Option<String>,
    /// Their host, when it was told.
    pub host: Option<String>,
    /// Whether they are marked as a bot (IRCv3 bot mode).
    pub bot: bool,
}

#[derive(Clone, Debug, Default)]
struct Room {
    name: String,
    /// By folded nick: the signs of the ranks they have.
    members: HashMap<String, String>,
}

/// Everybody we can see.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    rooms: HashMap<String, Room>,
    people: HashMap<String, Person>,
}

impl Roster {
    /// Whether we are in this channel.
    #[must_use]
    pub fn is_in(&self, support: &Support, channel: &str) -> bool {
        self.rooms.contains_key(&support.case_mapping.fold(channel))
    }

    /// The channels we are in, as they write themselves, sorted.
    #[must_use]
    pub fn channels(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.rooms.values().map(|room| room.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// What is known of a nick.
    #[must_use]
    pub fn person(&self, support: &Support, nick: &str) -> Option<&Person> {
        self.people.get(&support.case_mapping.fold(nick))
    }

    /// Whether somebody has this rank or a higher one in a channel; `mode` is the rank's mode (`o`, `v`).
    #[must_use]
    pub fn has_rank(&self, support: &Support, channel: &str, nick: &str, mode: char) -> bool {
        let Some(needed) = support.ranks.iter().position(|(known, _)| *known == mode) else { return false };
        let fold = |name: &str| support.case_mapping.fold(name);
        let signs = self.rooms.get(&fold(channel)).and_then(|room| room.members.get(&fold(nick)));
        signs.is_some_and(|signs| support.ranks.iter().take(needed + 1).any(|(_, sign)| signs.contains(*sign)))
    }

    /// We came into a channel: nobody is known there yet.
    pub fn enter(&mut self, support: &Support, channel: &str) {
        let room = Room { name: channel.to_owned(), members: HashMap::new() };
        self.rooms.insert(support.case_mapping.fold(channel), room);
    }

    /// We are no longer in a channel.
    pub fn leave(&mut self, support: &Support, channel: &str) {
        self.rooms.remove(&support.case_mapping.fold(channel));
        self.drop_unseen();
    }

    /// Somebody is in a channel, with these signs.
    pub fn join(&mut self, support: &Support, channel: &str, nick: &str, signs: &str) {
        let fold = |name: &str| support.case_mapping.fold(name);
        if self.people.len() >= MOST_PEOPLE && !self.people.contains_key(&fold(nick)) {
            return;
        }
        if let Some(room) = self.rooms.get_mut(&fold(channel)) {
            room.members.insert(fold(nick), signs.to_owned());
            self.note(support, nick);
        }
    }

    /// Somebody left a channel.
    pub fn part(&mut self, support: &Support, channel: &str, nick: &str) {
        let fold = |name: &str| support.case_mapping.fold(name);
        let nick = fold(nick);
        if let Some(room) = self.rooms.get_mut(&fold(channel)) {
            room.members.remove(&nick);
        }
        if !self.rooms.values().any(|room| room.members.contains_key(&nick)) {
            self.people.remove(&nick);
        }
    }

    /// Somebody left the network.
    pub fn quit(&mut self, support: &Support, nick: &str) {
        let nick = support.case_mapping.fold(nick);
        for room in self.rooms.values_mut() {
            room.members.remove(&nick);
        }
        self.people.remove(&nick);
    }

    /// Somebody has another nick now.
    pub fn rename(&mut self, support: &Support, from: &str, to: &str) {
        let (old, new) = (support.case_mapping.fold(from), support.case_mapping.fold(to));
        for room in self.rooms.values_mut() {
            if let Some(signs) = room.members.remove(&old) {
                room.members.insert(new.clone(), signs);
            }
        }
        if let Some(mut person) = self.people.remove(&old) {
            to.clone_into(&mut person.nick);
            self.people.insert(new, person);
        }
    }

    /// Somebody got or lost a rank.
    pub fn rank(&mut self, support: &Support, channel: &str, nick: &str, sign: char, given: bool) {
        let fold = |name: &str| support.case_mapping.fold(name);
        let signs = self.rooms.get_mut(&fold(channel)).and_then(|room| room.members.get_mut(&fold(nick)));
        if let Some(signs) = signs {
            signs.retain(|known| known != sign);
            if given {
                signs.push(sign);
            }
        }
    }

    /// What is known of somebody whom we see, to be filled in; of others nothing is kept.
    pub fn seen(&mut self, support: &Support, nick: &str) -> Option<&mut Person> {
        self.people.get_mut(&support.case_mapping.fold(nick))
    }

    /// The connection is gone, and with it all that was known.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Names are folded in another way from now on.
    pub fn refold(&mut self, support: &Support) {
        let fold = |name: &str| support.case_mapping.fold(name);
        self.people = self.people.drain().map(|(_, person)| (fold(&person.nick), person)).collect();
        self.rooms = self.rooms.drain().map(|(_, room)| (fold(&room.name), room)).collect();
    }

    fn note(&mut self, support: &Support, nick: &str) -> &mut Person {
        let person = self.people.entry(support.case_mapping.fold(nick)).or_default();
        nick.clone_into(&mut person.nick);
        person
    }

    fn drop_unseen(&mut self) {
        let rooms = &self.rooms;
        self.people.retain(|nick, _| rooms.values().any(|room| room.members.contains_key(nick)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_known_while_they_are_seen() {
        let support = Support::default();
        let mut roster = Roster::default();
        roster.enter(&support, "#Tea");
        roster.enter(&support, "#milk");
        roster.join(&support, "#tea", "Ann[x]", "@");
        roster.join(&support, "#milk", "Ann[x]", "");
        roster.join(&support, "#tea", "bob", "+");
        roster.join(&support, "#elsewhere", "eve", "@");
        roster.seen(&support, "ANN{X}").expect("seen").account = Some("ann".to_owned());
        assert!(roster.person(&support, "eve").is_none(), "not in a channel of ours");
        assert_eq!(roster.channels(), ["#Tea", "#milk"]);
        for (channel, nick, mode, has) in [
            ("#TEA", "ann{x}", 'o', true),
            ("#tea", "ann[x]", 'v', true),
            ("#milk", "ann[x]", 'o', false),
            ("#tea", "bob", 'o', false),
            ("#tea", "bob", 'v', true),
            ("#tea", "bob", 'q', false),
        ] {
            assert_eq!(roster.has_rank(&support, channel, nick, mode), has, "{channel} {nick} {mode}");
        }
        roster.rank(&support, "#tea", "bob", '@', true);
        roster.rank(&support, "#tea", "ann[x]", '@', false);
        assert!(roster.has_rank(&support, "#tea", "bob", 'o') && !roster.has_rank(&support, "#tea", "ann[x]", 'o'));
        roster.rename(&support, "ann[x]", "Anna");
        roster.part(&support, "#tea", "anna");
        assert_eq!(roster.person(&support, "anna").and_then(|person| person.account.as_deref()), Some("ann"));
        roster.part(&support, "#milk", "anna");
        assert!(roster.person(&support, "anna").is_none(), "gone, and the account with the nick");
        roster.leave(&support, "#tea");
        assert!(roster.person(&support, "bob").is_none() && !roster.is_in(&support, "#tea"));
    }
}
