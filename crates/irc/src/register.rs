//! Getting in: capabilities, SASL, a nick.
//!
//! Servers refuse a whole list of capabilities for one they do not know, forget to answer, take the nick, or know
//! no capabilities at all; each of these ends in being registered or in one clear reason why not (IRCv3
//! capability-negotiation 302, sasl-3.2; RFC 2812 section 3.1).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::message::{Message, Outgoing};
use crate::session::{Event, Session};
use crate::settings::Proof;

/// What we ask for where it is offered.
const WANTED: &[&str] = &[
    "account-notify",
    "account-tag",
    "batch",
    "cap-notify",
    "chghost",
    "echo-message",
    "extended-join",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "server-time",
    "setname",
    "userhost-in-names",
];
/// How long the whole of it may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the services may take to check who we are.
const CHECKING: Duration = Duration::from_secs(20);
/// How long the message of the day may take.
const GREETING: Duration = Duration::from_secs(10);
/// A piece of an answer to AUTHENTICATE.
const PIECE: usize = 400;
/// How many nicks are tried.
const MOST_NICKS: usize = 20;
/// The most capabilities that are remembered.
const MOST_OFFERED: usize = 256;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Apart,
    /// Nothing but the hand-shake goes to and fro.
    Asking,
    /// Let in; the greeting is still coming.
    Greeted,
    Done,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Identity {
    /// Not asked for, or not yet.
    #[default]
    Open,
    Checking,
    Proved,
    Refused,
}

/// How far it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    stage: Stage,
    identity: Identity,
    offered: BTreeMap<String, String>,
    enabled: BTreeSet<String>,
    /// Requests without an answer.
    asked: usize,
    negotiated: bool,
    nicks: usize,
    due: Option<Duration>,
}

impl Register {
    pub(crate) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// When something must have happened.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.due
    }

    pub(crate) fn has(&self, capability: &str) -> bool {
        self.enabled.contains(capability)
    }
}

impl Session {
    /// The first lines on a new connection.
    pub(crate) fn begin(&mut self, now: Duration) {
        self.register = Register { stage: Stage::Asking, due: Some(now + PATIENCE), ..Register::default() };
        self.nick.clone_from(&self.settings.nick);
        self.out.urgent(Outgoing::new("CAP", &["LS", "302"]));
        if let Some(password) = &self.settings.password {
            self.out.urgent(Outgoing::secret("PASS", &[password.reveal()]));
        }
        self.out.urgent(Outgoing::new("NICK", &[&self.nick]));
        self.out.urgent(Outgoing::new("USER", &[&self.settings.user, "0", "*", &self.settings.real_name]));
    }

    /// What is due when nothing came.
    pub(crate) fn registration_due(&mut self, now: Duration) {
        if self.register.due.is_none_or(|due| due > now) {
            return;
        }
        self.register.due = None;
        match (self.register.stage, self.register.identity) {
            (Stage::Greeted, _) => self.settle(),
            (Stage::Asking, Identity::Checking) => self.refused("the network did not answer in time", now),
            (Stage::Asking, _) => self.end(format!("not let in within {} s", PATIENCE.as_secs()), false),
            (Stage::Apart | Stage::Done, _) => {}
        }
    }

    /// `CAP * LS|ACK|NAK|NEW|DEL …`
    pub(crate) fn capability(&mut self, message: &Message, now: Duration) {
        let list = message.parameters.last().map(String::as_str).unwrap_or_default();
        match message.parameter(1).to_ascii_uppercase().as_str() {
            "LS" => {
                self.offer(list);
                if message.parameter(2) != "*" && self.register.stage == Stage::Asking {
                    self.request();
                    self.negotiation_over(now);
                }
            }
            "NEW" => {
                self.offer(list);
                self.request();
            }
            "DEL" => {
                for name in list.split(' ') {
                    self.register.offered.remove(name);
                    self.register.enabled.remove(name);
                }
            }
            "ACK" => {
                self.register.asked = self.register.asked.saturating_sub(1);
                for name in list.split(' ').filter(|name| !name.is_empty()) {
                    match name.strip_prefix('-') {
                        Some(off) => self.register.enabled.remove(off),
                        None => self.register.enabled.insert(name.to_owned()),
                    };
                }
                if list.split(' ').any(|name| name == "sasl") {
                    self.prove_identity(now);
                }
                self.negotiation_over(now);
            }
            "NAK" => {
                self.register.asked = self.register.asked.saturating_sub(1);
                let names: Vec<&str> = list.split(' ').filter(|name| !name.is_empty()).collect();
                // A list is refused for one of its items, so each is asked for alone.
                if names.len() > 1 {
                    for name in names {
                        self.ask_for(name);
                    }
                }
                self.negotiation_over(now);
            }
            _ => {}
        }
    }

    /// `AUTHENTICATE +`: the server is ready for the proof.
    pub(crate) fn authenticate(&mut self, message: &Message) {
        if self.register.identity != Identity::Checking || message.parameter(0) != "+" {
            return;
        }
        match self.settings.sasl.as_ref().map(|sasl| &sasl.proof) {
            Some(Proof::Plain { account, password }) => {
                let proof = STANDARD.encode(format!("{account}\0{account}\0{}", password.reveal()));
                let mut rest = proof.as_str();
                loop {
                    let (piece, after) = rest.split_at(rest.len().min(PIECE));
                    self.out.urgent(Outgoing::secret("AUTHENTICATE", &[if piece.is_empty() { "+" } else { piece }]));
                    // A last piece of full length is followed by an empty one.
                    if piece.len() < PIECE {
                        break;
                    }
                    rest = after;
                }
            }
            Some(Proof::External) => self.out.urgent(Outgoing::new("AUTHENTICATE", &["+"])),
            None => self.out.urgent(Outgoing::new("AUTHENTICATE", &["*"])),
        }
    }

    /// The numerics of getting in.
    pub(crate) fn registering(&mut self, message: &Message, now: Duration) {
        match message.command.as_str() {
            "001" => {
                message.parameter(0).clone_into(&mut self.nick);
                let unproved = self.register.identity != Identity::Proved;
                if unproved && self.settings.sasl.as_ref().is_some_and(|sasl| sasl.required) {
                    self.refused("the network let us in without asking who we are", now);
                    return;
                }
                self.register.stage = Stage::Greeted;
                self.register.due = Some(now + GREETING);
            }
            "005" => {
                let before = self.support.case_mapping;
                for token in message.parameters.iter().skip(1).take(message.parameters.len().saturating_sub(2)) {
                    self.support.note(token);
                }
                if before != self.support.case_mapping {
                    self.roster.refold(&self.support);
                }
            }
            "376" | "422" if self.register.stage == Stage::Greeted => self.settle(),
            "432" | "433" | "436" | "437" => self.nick_refused(message),
            "900" if self.register.identity == Identity::Checking => {}
            "903" | "907" if self.register.identity == Identity::Checking => {
                self.register.identity = Identity::Proved;
                self.register.due = Some(now + PATIENCE);
                self.event(Event::Notice("logged in".to_owned()));
                self.negotiation_over(now);
            }
            "902" | "904" | "905" | "906" if self.register.identity == Identity::Checking => {
                let why = message.parameters.last().cloned().unwrap_or_default();
                self.refused(&why, now);
            }
            "464" => self.end("the server wants another password".to_owned(), true),
            "465" => {
                let why = message.parameters.last().cloned().unwrap_or_default();
                self.end(format!("banned from the server: {why}"), false);
            }
            // A server without capabilities says that it does not know the command, and goes on.
            "410" | "421" if message.parameter(1) == "CAP" && !self.register.negotiated => {
                self.register.negotiated = true;
                if self.settings.sasl.is_some() {
                    self.refused("the server has no SASL", now);
                }
            }
            _ => {}
        }
    }

    fn offer(&mut self, list: &str) {
        for item in list.split(' ').filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            if self.register.offered.len() < MOST_OFFERED {
                self.register.offered.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Asks for what is offered, wanted and not there yet.
    fn request(&mut self) {
        let fresh = |name: &&str| self.register.offered.contains_key(*name) && !self.register.enabled.contains(*name);
        let mut names: Vec<&str> = WANTED.iter().copied().filter(fresh).collect();
        if self.can_prove_identity() && self.register.identity == Identity::Open {
            names.push("sasl");
        }
        if !names.is_empty() {
            let list = names.join(" ");
            self.ask_for(&list);
        }
    }

    fn ask_for(&mut self, list: &str) {
        self.register.asked += 1;
        self.out.urgent(Outgoing::new("CAP", &["REQ", list]));
    }

    /// Whether the server offers the way in which we prove who we are.
    fn can_prove_identity(&self) -> bool {
        let Some(sasl) = &self.settings.sasl else { return false };
        let Some(ways) = self.register.offered.get("sasl") else { return false };
        ways.is_empty() || ways.split(',').any(|way| way.eq_ignore_ascii_case(mechanism(&sasl.proof)))
    }

    fn prove_identity(&mut self, now: Duration) {
        if let (Some(sasl), Identity::Open) = (&self.settings.sasl, self.register.identity) {
            let line = Outgoing::new("AUTHENTICATE", &[mechanism(&sasl.proof)]);
            self.out.urgent(line);
            self.register.identity = Identity::Checking;
            if self.register.stage == Stage::Asking {
                self.register.due = Some(now + CHECKING);
            }
        }
    }

    /// Ends the negotiation when all answers are there and nothing is being checked.
    fn negotiation_over(&mut self, now: Duration) {
        if self.register.stage != Stage::Asking
            || self.register.negotiated
            || self.register.asked > 0
            || self.register.identity == Identity::Checking
        {
            return;
        }
        if self.settings.sasl.is_some() && self.register.identity == Identity::Open {
            self.refused("the server does not offer it", now);
            return;
        }
        self.register.negotiated = true;
        self.out.urgent(Outgoing::new("CAP", &["END"]));
    }

    /// Who we are could not be proved: stay away or go on without, as the settings say.
    fn refused(&mut self, why: &str, now: Duration) {
        self.register.identity = Identity::Refused;
        let required = self.settings.sasl.as_ref().is_some_and(|sasl| sasl.required);
        if required {
            self.out.urgent(Outgoing::new("QUIT", &[""]));
            self.end(format!("could not log in: {why}"), true);
        } else {
            self.event(Event::Notice(format!("could not log in: {why}; going on without an account")));
            if self.register.stage == Stage::Asking {
                self.register.due = Some(now + PATIENCE);
            }
            self.negotiation_over(now);
        }
    }

    /// The nick is taken or not allowed.
    fn nick_refused(&mut self, message: &Message) {
        if self.register.stage != Stage::Asking {
            // Asked for again and still taken; the next try comes by itself.
            return;
        }
        let tried = self.register.nicks;
        self.register.nicks += 1;
        if tried >= MOST_NICKS {
            self.end("no nick of ours is free".to_owned(), false);
            return;
        }
        let next = match self.settings.alternatives.get(tried) {
            Some(next) => next.clone(),
            None => {
                // Made of ours and a number, within the shortest length a server may have.
                let number = tried + 1 - self.settings.alternatives.len().min(tried);
                let ending = if number == 1 { "_".to_owned() } else { number.to_string() };
                let base = if message.command == "432" { "quid" } else { self.settings.nick.as_str() };
                let room = self.support.nick_length.saturating_sub(ending.len()).max(1);
                let kept: String = base.chars().take(room).collect();
                format!("{kept}{ending}")
            }
        };
        self.out.urgent(Outgoing::new("NICK", &[&next]));
        self.nick = next;
    }

    /// On the network: mark ourselves as a bot, and go where we belong.
    fn settle(&mut self) {
        self.register.stage = Stage::Done;
        self.register.due = None;
        self.register.negotiated = true;
        self.event(Event::Ready(self.nick.clone()));
        if let Some(mode) = self.support.bot_mode {
            let line = Outgoing::new("MODE", &[&self.nick, &format!("+{mode}")]);
            self.out.urgent(line);
        }
        let channels: Vec<String> = self.settings.channels.iter().map(|channel| channel.name.clone()).collect();
        for channel in channels {
            self.join(&channel);
        }
    }
}

fn mechanism(proof: &Proof) -> &'static str {
    match proof {
        Proof::Plain { .. } => "PLAIN",
        Proof::External => "EXTERNAL",
    }
}
