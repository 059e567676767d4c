//! What people say, and what we say.
//!
//! Notices are never answered (RFC 2812 section 3.3.2), nor are our own echo, other bots, or the past played back;
//! these rules end the loops that bots have talked themselves into since there are bots.

use quid_core::Time;

use crate::message::{Message, Outgoing, clean};
use crate::session::{Event, Line, Session};
use crate::split;

/// What comes before and after a CTCP message.
const CTCP: char = '\u{1}';
/// What is older than this was not said now, in microseconds.
const PAST: i64 = 120_000_000;
/// What is supposed of our address until we have seen it: the longest user and host there are.
const LONGEST_ADDRESS: usize = 10 + 1 + 63;

/// What became of a text that was to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// All of it is on its way.
    All,
    /// So many lines are on their way; this is the rest.
    Partly(String),
    /// Too much waits already: nothing was said.
    Refused,
}

impl Session {
    /// PRIVMSG, NOTICE, TAGMSG.
    pub(crate) fn talk(&mut self, message: &Message, at: Time) {
        let nick = message.nick();
        if message.command != "PRIVMSG" || nick.is_empty() || self.is_me(nick) || !self.register.is_done() {
            return;
        }
        let said_at = message.tag("time").and_then(Time::parse);
        let old = said_at.is_some_and(|said| at.micros().saturating_sub(said.micros()) > PAST);
        if old || self.batches.is_playback(message) {
            return;
        }
        // A server speaks without a user part; its lines are no conversation.
        let Some(origin) = message.origin.as_ref().filter(|origin| origin.user.is_some()) else { return };
        let person = self.roster.person(&self.support, nick);
        if message.tag("bot").is_some() || person.is_some_and(|person| person.bot) {
            return;
        }
        let target = message.parameter(0);
        // `@#channel` goes to its operators alone; it is answered like the channel.
        let bare = target.trim_start_matches(|c| self.support.ranks.iter().any(|(_, sign)| *sign == c));
        let channel = if self.support.is_channel(target) {
            Some(target)
        } else if self.support.is_channel(bare) {
            Some(bare)
        } else {
            None
        };
        if channel.is_none() && !self.is_me(target) {
            return;
        }
        let text = message.parameter(1);
        if let Some(request) = text.strip_prefix(CTCP) {
            self.ctcp(nick, request.trim_end_matches(CTCP), channel.is_some());
            return;
        }
        // With account-tag a line without the tag is by somebody without an account, whatever was so before.
        let account = match message.tag("account") {
            Some(account) => Some(account.to_owned()),
            None if self.register.has("account-tag") => None,
            None => person.and_then(|person| person.account.clone()),
        };
        let rank = |mode| channel.is_some_and(|channel| self.roster.has_rank(&self.support, channel, nick, mode));
        let (named, text) = match self.without_our_nick(text) {
            Some(rest) => (true, rest.to_owned()),
            None => (false, text.to_owned()),
        };
        let line = Line {
            nick: nick.to_owned(),
            account,
            host: origin.host.clone(),
            channel: channel.map(str::to_owned),
            named,
            operator: rank('o'),
            voiced: rank('v'),
            text,
            at: said_at.unwrap_or(at),
        };
        self.event(Event::Said(line));
    }

    /// `quid_: what is tea?` while our nick is `quid_`.
    fn without_our_nick<'a>(&self, text: &'a str) -> Option<&'a str> {
        let start = text.trim_start();
        let head = start.get(..self.nick.len())?;
        if !self.support.case_mapping.same(head, &self.nick) {
            return None;
        }
        let rest = start.get(self.nick.len()..)?;
        let after = rest.strip_prefix([':', ','])?;
        Some(after.trim_start())
    }

    /// What clients ask each other; answered seldom, and only when it came to us alone.
    fn ctcp(&mut self, nick: &str, request: &str, in_channel: bool) {
        let (command, rest) = request.split_once(' ').unwrap_or((request, ""));
        let answer = match command.to_ascii_uppercase().as_str() {
            "VERSION" => self.settings.version.clone(),
            "PING" => rest.chars().take(64).collect(),
            "CLIENTINFO" => "ACTION CLIENTINFO PING VERSION".to_owned(),
            _ => return,
        };
        if !in_channel && self.ctcp.waiting() < 5 {
            let command = command.to_ascii_uppercase();
            let answer = if answer.is_empty() { command } else { format!("{command} {answer}") };
            self.ctcp.push(Outgoing::new("NOTICE", &[nick, &format!("{CTCP}{answer}{CTCP}")]));
        }
    }

    /// Says a text to a channel or a person, in as many lines as it takes, but not more than the settings allow.
    ///
    /// Line breaks begin new lines, controls are left out, and no line begins like another bot's command.
    pub fn say(&mut self, target: &str, text: &str) -> Spoken {
        let room = self.room(target).saturating_sub(self.settings.more.len());
        let mut lines: Vec<String> = Vec::new();
        let mut rest = String::new();
        for paragraph in text.split(['\n', '\r']).filter(|paragraph| !paragraph.trim().is_empty()) {
            let harmless = self.harmless(paragraph);
            for piece in split::pieces(&harmless, room) {
                if lines.len() < self.settings.most_lines.max(1) {
                    // The first piece is harmless already; a later one may begin with any sign.
                    lines.push(self.harmless(piece.trim_end()));
                } else {
                    rest.push_str(piece);
                }
            }
            if !rest.is_empty() {
                rest.push('\n');
            }
        }
        if let (Some(last), false) = (lines.last_mut(), rest.is_empty()) {
            last.push_str(&self.settings.more);
        }
        for line in &lines {
            if !self.out.push(Outgoing::new("PRIVMSG", &[target, line])) {
                return Spoken::Refused;
            }
        }
        if rest.is_empty() { Spoken::All } else { Spoken::Partly(rest.trim_end().to_owned()) }
    }

    /// Does something, as people do with `/me`.
    pub fn act(&mut self, target: &str, deed: &str) -> Spoken {
        let deed: String = clean(deed).chars().filter(|c| *c != CTCP).collect();
        let room = self.room(target).saturating_sub("ACTION ".len() + 2);
        let piece = split::pieces(&deed, room).first().copied().unwrap_or_default().to_owned();
        let line = Outgoing::new("PRIVMSG", &[target, &format!("{CTCP}ACTION {piece}{CTCP}")]);
        if self.out.push(line) { Spoken::All } else { Spoken::Refused }
    }

    /// How many bytes of text fit into a line to this target once the server has put our address before it.
    #[must_use]
    pub fn room(&self, target: &str) -> usize {
        let address = self.address.as_ref().map_or(LONGEST_ADDRESS, String::len);
        let frame = ":!".len() + self.nick.len() + address + " PRIVMSG  :\r\n".len() + target.len();
        // One more for the sign that may be put before a line.
        crate::message::LINE.saturating_sub(frame + 1).max(split::SMALLEST)
    }

    /// Without controls, and not to be taken for a command.
    fn harmless(&self, text: &str) -> String {
        let kept = |c: &char| !c.is_control() || matches!(c, '\u{2}' | '\u{3}' | '\u{f}' | '\u{1d}' | '\u{1f}');
        let text: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(kept).collect();
        if text.starts_with(|sign| self.settings.command_signs.contains(sign)) { format!(" {text}") } else { text }
    }
}
