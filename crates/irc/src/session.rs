//! One connection to a network, without the network: bytes and time go in, lines and events come out.
//!
//! What a server may say and when is the hard part of IRC, and it is tested best without sockets. Whoever holds a
//! session feeds it lines and the time, sends what [`Session::next_line`] gives, and looks at
//! [`Session::next_event`].
//!
//! ```
//! use std::time::Duration;
//! use quid_irc::{Session, Settings};
//!
//! let mut session = Session::new(Settings::default());
//! session.opened(Duration::ZERO);
//! assert_eq!(session.next_line(Duration::ZERO).expect("a line").line(), "CAP LS 302");
//! ```

use std::collections::VecDeque;
use std::time::Duration;

use quid_core::Time;

use crate::batch::Batches;
use crate::bucket::Bucket;
use crate::isupport::Support;
use crate::message::{Message, Outgoing};
use crate::register::Register;
use crate::roster::Roster;
use crate::settings::Settings;

/// How long a silent server is left alone before it is asked whether it is there.
const QUIET: Duration = Duration::from_secs(90);
/// How long it may take to answer that.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a nick that was taken is asked for again.
const REGAIN: Duration = Duration::from_mins(1);
/// How long a channel that would not let us in is left alone.
const REJOIN: Duration = Duration::from_mins(2);
/// The most events that wait to be looked at.
const MOST_EVENTS: usize = 4096;

/// A line somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Their nick.
    pub nick: String,
    /// Their account, when the network says so.
    pub account: Option<String>,
    /// Their host, for limits on those without an account.
    pub host: Option<String>,
    /// The channel; `None` when it was said to us alone.
    pub channel: Option<String>,
    /// Whether it begins with the nick we have now; that part is taken off.
    pub named: bool,
    /// Whether they are an operator of that channel.
    pub operator: bool,
    /// Whether they have a voice in that channel, or more.
    pub voiced: bool,
    /// What was said.
    pub text: String,
    /// When, by the server's clock where it tells.
    pub at: Time,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// We are on the network, under this nick.
    Ready(String),
    /// We are in this channel.
    Joined(String),
    /// Somebody said something that we may answer.
    Said(Line),
    /// Only a part of a text was said; this is the rest, for "more".
    Held {
        /// To whom it was said.
        target: String,
        /// What is left.
        rest: String,
    },
    /// Something for the log.
    Notice(String),
    /// The connection is of no use any more: close it, and come back unless `for_good`.
    Ended {
        /// Why.
        why: String,
        /// Coming back would end the same way.
        for_good: bool,
    },
}

/// A connection's state.
#[derive(Debug)]
pub struct Session {
    pub(crate) settings: Settings,
    pub(crate) support: Support,
    pub(crate) roster: Roster,
    pub(crate) register: Register,
    pub(crate) batches: Batches,
    pub(crate) out: Bucket,
    pub(crate) ctcp: Bucket,
    /// The nick we have.
    pub(crate) nick: String,
    /// Our own `user@host` as others see it, once we saw it.
    pub(crate) address: Option<String>,
    events: VecDeque<Event>,
    /// When something last came.
    heard: Duration,
    /// When we asked whether the server is there.
    asked: Option<Duration>,
    /// When we last asked for our nick.
    wanted: Duration,
    /// Channels that would not let us in, and when to try again.
    pub(crate) later: Vec<(String, Duration)>,
    ended: bool,
}

impl Session {
    /// A session that is not connected yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            out: Bucket::new(settings.burst, settings.per_second),
            ctcp: Bucket::new(3, 0.1),
            nick: settings.nick.clone(),
            settings,
            support: Support::default(),
            roster: Roster::default(),
            register: Register::default(),
            batches: Batches::default(),
            address: None,
            events: VecDeque::new(),
            heard: Duration::ZERO,
            asked: None,
            wanted: Duration::ZERO,
            later: Vec::new(),
            ended: false,
        }
    }

    /// The connection stands: say who we are. Everything known of an earlier connection is forgotten.
    pub fn opened(&mut self, now: Duration) {
        self.support = Support::default();
        self.roster.clear();
        self.batches = Batches::default();
        self.out = Bucket::new(self.settings.burst, self.settings.per_second);
        self.ctcp = Bucket::new(3, 0.1);
        self.address = None;
        self.later.clear();
        (self.heard, self.asked, self.wanted, self.ended) = (now, None, now, false);
        self.begin(now);
    }

    /// Takes in a line without its line break. `at` is the time of day, for what the server does not date.
    pub fn received(&mut self, line: &[u8], now: Duration, at: Time) {
        self.heard = now;
        self.asked = None;
        match Message::parse(line) {
            Ok(message) => self.take(&message, now, at),
            Err(crate::message::Malformed::Empty) => {}
            Err(why) => self.event(Event::Notice(format!("a line from the server was passed over: {why}"))),
        }
    }

    /// Does what is due. Call it when [`Self::wait`] is over.
    pub fn tick(&mut self, now: Duration) {
        if self.ended {
            return;
        }
        match self.asked {
            None if now.saturating_sub(self.heard) >= QUIET => {
                self.asked = Some(now);
                self.out.urgent(Outgoing::new("PING", &["quid"]));
            }
            Some(asked) if now.saturating_sub(asked) >= PATIENCE => {
                self.end(format!("the server was silent for {} s", now.saturating_sub(self.heard).as_secs()), false);
            }
            _ => {}
        }
        self.registration_due(now);
        if self.register.is_done() {
            if !self.support.case_mapping.same(&self.nick, &self.settings.nick)
                && now.saturating_sub(self.wanted) >= REGAIN
            {
                self.regain(now);
            }
            let due: Vec<String> =
                self.later.iter().filter(|(_, when)| *when <= now).map(|(channel, _)| channel.clone()).collect();
            self.later.retain(|(_, when)| *when > now);
            for channel in due {
                self.join(&channel);
            }
        }
    }

    /// How long nothing need be done, if nothing comes.
    #[must_use]
    pub fn wait(&self, now: Duration) -> Duration {
        let until = |moment: Duration| moment.saturating_sub(now);
        let mut wait = match self.asked {
            Some(asked) => until(asked + PATIENCE),
            None => until(self.heard + QUIET),
        };
        if let Some(due) = self.register.due() {
            wait = wait.min(until(due));
        }
        if self.register.is_done() && !self.support.case_mapping.same(&self.nick, &self.settings.nick) {
            wait = wait.min(until(self.wanted + REGAIN));
        }
        for (_, when) in &self.later {
            wait = wait.min(until(*when));
        }
        for queue in [&self.out, &self.ctcp] {
            wait = wait.min(queue.wait().unwrap_or(wait));
        }
        // Rounded up a little, so that the moment is surely over when it is looked at again.
        wait + Duration::from_millis(1)
    }

    /// The next line to send now.
    pub fn next_line(&mut self, now: Duration) -> Option<Outgoing> {
        if let Some(answer) = self.ctcp.next(now) {
            self.out.push(answer);
        }
        self.out.next(now)
    }

    /// The next thing that happened.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The nick we have now.
    #[must_use]
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// Whether the network let us in.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.register.is_done() && !self.ended
    }

    /// Whether the network had let us in, even if the connection is over by now.
    #[must_use]
    pub fn was_let_in(&self) -> bool {
        self.register.is_done()
    }

    /// The channels we are in.
    #[must_use]
    pub fn channels(&self) -> Vec<&str> {
        self.roster.channels()
    }

    /// Other settings from now on, without leaving: channels are joined and left, the nick changes.
    pub fn reload(&mut self, settings: Settings) {
        let before = std::mem::replace(&mut self.settings, settings);
        if !self.is_ready() {
            return;
        }
        let wanted = |list: &Settings, name: &str| {
            list.channels.iter().any(|channel| self.support.case_mapping.same(&channel.name, name))
        };
        let left: Vec<String> = (before.channels.iter())
            .filter(|channel| !wanted(&self.settings, &channel.name) && self.roster.is_in(&self.support, &channel.name))
            .map(|channel| channel.name.clone())
            .collect();
        let new: Vec<String> = (self.settings.channels.iter())
            .filter(|channel| !self.roster.is_in(&self.support, &channel.name))
            .map(|channel| channel.name.clone())
            .collect();
        for channel in left {
            self.later.retain(|(name, _)| !self.support.case_mapping.same(name, &channel));
            self.out.push(Outgoing::new("PART", &[&channel]));
        }
        for channel in new {
            self.join(&channel);
        }
        if before.nick != self.settings.nick && self.nick != self.settings.nick {
            // Asked for at the next tick.
            self.wanted = Duration::ZERO;
        }
    }

    /// Takes leave. What still waits is not said; the server ends the connection.
    pub fn quit(&mut self, words: &str) {
        self.out.clear();
        self.out.urgent(Outgoing::new("QUIT", &[words]));
    }

    pub(crate) fn event(&mut self, event: Event) {
        if self.events.len() < MOST_EVENTS {
            self.events.push_back(event);
        }
    }

    pub(crate) fn end(&mut self, why: String, for_good: bool) {
        if !self.ended {
            self.ended = true;
            self.event(Event::Ended { why, for_good });
        }
    }

    pub(crate) fn is_me(&self, nick: &str) -> bool {
        self.support.case_mapping.same(nick, &self.nick)
    }

    pub(crate) fn regain(&mut self, now: Duration) {
        self.wanted = now;
        self.out.push(Outgoing::new("NICK", &[&self.settings.nick]));
    }

    pub(crate) fn join_later(&mut self, channel: &str, now: Duration) {
        if self.settings.channels.iter().any(|known| self.support.case_mapping.same(&known.name, channel)) {
            self.later.retain(|(name, _)| !self.support.case_mapping.same(name, channel));
            self.later.push((channel.to_owned(), now + REJOIN));
        }
    }

    fn take(&mut self, message: &Message, now: Duration, at: Time) {
        match message.command.as_str() {
            "PING" => self.out.urgent(Outgoing::new("PONG", &[message.parameter(0)])),
            "PONG" => {}
            "ERROR" => self.end(format!("the server ended it: {}", message.parameter(0)), false),
            "BATCH" => self.batches.note(message),
            "CAP" => self.capability(message, now),
            "AUTHENTICATE" => self.authenticate(message),
            "PRIVMSG" | "NOTICE" | "TAGMSG" => self.talk(message, at),
            "001" | "005" | "376" | "422" | "432" | "433" | "436" | "437" | "451" | "462" | "464" | "465" | "900"
            | "901" | "902" | "903" | "904" | "905" | "906" | "907" | "908" | "410" | "421" => {
                self.registering(message, now);
            }
            _ => self.around(message, now),
        }
    }
}
