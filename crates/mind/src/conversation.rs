//! What was said just now, to each person in each place.
//!
//! "why?", "forget that" and "more" point at something said before; it is kept per place and person, so that one
//! channel's talk never explains another's.

use std::collections::{HashMap, VecDeque};

use quid_core::oxrdf::NamedNode;
use quid_core::{Heard, Key, Place, Reply, Time, intent::Question};

/// How many conversations are remembered; the one that was silent longest makes room.
const MOST: usize = 4096;

/// A factoid that was used or taught, for "that".
#[derive(Clone, Debug)]
pub(crate) struct Pointed {
    /// The name, as it was typed when taught.
    pub(crate) name: String,
    /// The thing.
    pub(crate) thing: NamedNode,
    /// The statement.
    pub(crate) graph: NamedNode,
}

/// One person's talk with the bot in one place.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    /// Lines heard so far: what chance is drawn from.
    pub(crate) lines: u64,
    /// When it was used last, counted in lines of all conversations.
    used: u64,
    /// The last answer that "why?" and "/source" can be about.
    pub(crate) answer: Option<Reply>,
    /// The last question.
    pub(crate) question: Option<Question>,
    /// The line that asked it.
    pub(crate) asked_line: String,
    /// What the next line may go on from, and the line it was asked on.
    pub(crate) before: Option<(u64, quid_lang::follow::Before)>,
    /// Which reading of the last question was given.
    pub(crate) reading: usize,
    /// The other readings of its words.
    pub(crate) readings: Vec<String>,
    /// What "that" is.
    pub(crate) pointed: Option<Pointed>,
    /// The last yes/no question over a told world, for "why not?" and "what if".
    pub(crate) whether: Option<quid_lang::english::YesNo>,
    /// Whether all is taken to have been told here: what does not follow is not so.
    pub(crate) closed_world: bool,
    /// The last question in logic, for "why?" and "why not?".
    pub(crate) goal: Option<std::sync::Arc<crate::goals::Asked>>,
    /// What the bot offered and "yes" takes.
    pub(crate) offered: Option<Question>,
    /// The rest of a long list.
    pub(crate) more: VecDeque<String>,
    /// Content words of the lines before this one, newest first.
    pub(crate) words: VecDeque<String>,
    /// Who was spoken of in a story, the last first.
    pub(crate) story: VecDeque<crate::story::Spoken>,
    /// Whom this person had something told to, and when.
    pub(crate) told: Vec<(Key, Time)>,
}

/// What everybody in a place shares.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// Whether the bot was told to be quiet here.
    pub(crate) quiet: bool,
    /// What "that" is to somebody who did not ask themselves.
    pub(crate) pointed: Option<Pointed>,
    /// The story told here, as it was read last.
    pub(crate) story: Option<std::sync::Arc<crate::story::Told>>,
    /// The rules of stories, made ready once.
    pub(crate) story_rules: Option<quid_logic::Program>,
}

/// All conversations.
#[derive(Debug, Default)]
pub(crate) struct Conversations {
    talks: HashMap<(Place, String), Talk>,
    rooms: HashMap<(Place, String), Room>,
    lines: u64,
}

impl Conversations {
    /// Takes a person's talk and the room out, to be given back with [`Conversations::keep`].
    pub(crate) fn open(&mut self, heard: &Heard) -> (Talk, Room) {
        let talk = self.talks.remove(&talk_key(heard)).unwrap_or_default();
        let room = self.rooms.remove(&room_key(heard)).unwrap_or_default();
        (talk, room)
    }

    /// Keeps them for the next line.
    pub(crate) fn keep(&mut self, heard: &Heard, mut talk: Talk, room: Room) {
        self.lines = self.lines.wrapping_add(1);
        talk.used = self.lines;
        if self.talks.len() >= MOST {
            let oldest = self.talks.iter().min_by_key(|(_, talk)| talk.used).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                self.talks.remove(&oldest);
            }
        }
        if self.rooms.len() >= MOST {
            // A quiet room must stay quiet; one that is not loses only what "that" was.
            self.rooms.retain(|_, room| room.quiet);
        }
        self.talks.insert(talk_key(heard), talk);
        self.rooms.insert(room_key(heard), room);
    }
}

fn talk_key(heard: &Heard) -> (Place, String) {
    (heard.place.clone(), Key::of(heard.speaker.name()).as_str().to_owned())
}

/// Private talks are rooms of their own: nobody else is there.
fn room_key(heard: &Heard) -> (Place, String) {
    match heard.place {
        Place::Channel(_) => (heard.place.clone(), String::new()),
        Place::Private | Place::Global => talk_key(heard),
    }
}

/// A number that looks random but is the same for the same line of the same conversation: FNV-1a (RFC 9923)
/// over the line's number and its text, mixed so that near lines differ in every bit (`SplitMix64`, Steele et
/// al. 2014).
pub(crate) fn chance(line: u64, text: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in line.to_le_bytes().into_iter().chain(text.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
