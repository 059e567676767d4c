//! What goes on around the talk: people come and go, get ranks and accounts, and channels let us in or not.

use std::time::Duration;

use crate::message::{Message, Outgoing};
use crate::session::{Event, Session};

/// How our WHO asks for accounts is told from others' (WHOX query type).
const WHO_TOKEN: &str = "742";

impl Session {
    /// Joins a channel of the settings, with its key.
    pub(crate) fn join(&mut self, channel: &str) {
        let known = self.settings.channels.iter().find(|known| self.support.case_mapping.same(&known.name, channel));
        let line = match known.and_then(|known| known.key.as_ref()) {
            Some(key) => Outgoing::secret("JOIN", &[channel, key.reveal()]),
            None => Outgoing::new("JOIN", &[channel]),
        };
        self.out.push(line);
    }

    /// Everything that is neither talk nor registration.
    pub(crate) fn around(&mut self, message: &Message, now: Duration) {
        let nick = message.nick().to_owned();
        match message.command.as_str() {
            "JOIN" => self.joined(message, &nick),
            "PART" => self.gone(message.parameter(0), &nick),
            "KICK" => {
                let (channel, whom) = (message.parameter(0), message.parameter(1));
                self.gone(channel, whom);
                if self.is_me(whom) {
                    self.event(Event::Notice(format!("{nick} put us out of {channel}: {}", message.parameter(2))));
                    self.join_later(channel, now);
                }
            }
            "QUIT" => {
                self.roster.quit(&self.support, &nick);
                // Whoever held our nick has left.
                if self.register.is_done() && !self.is_me(&nick) && self.is_wanted(&nick) {
                    self.regain(now);
                }
            }
            "NICK" => {
                let to = message.parameter(0);
                self.roster.rename(&self.support, &nick, to);
                if self.is_me(&nick) {
                    to.clone_into(&mut self.nick);
                    self.event(Event::Notice(format!("our nick is {to} now")));
                } else if self.register.is_done() && self.is_wanted(&nick) {
                    self.regain(now);
                }
            }
            "ACCOUNT" => self.account(&nick, message.parameter(0)),
            "CHGHOST" => {
                if let Some(person) = self.roster.seen(&self.support, &nick) {
                    person.host = Some(message.parameter(1).to_owned());
                }
                if self.is_me(&nick) {
                    self.address = Some(format!("{}@{}", message.parameter(0), message.parameter(1)));
                }
            }
            "MODE" => self.mode(message),
            "INVITE" => self.event(Event::Notice(format!("{nick} invites us to {}", message.parameter(1)))),
            "353" => self.names(message),
            "354" => self.who(message),
            // Where we may not be: no such channel, full, by invitation, banned, key, account needed.
            "403" | "405" | "471" | "473" | "474" | "475" | "477" | "437" => {
                let channel = message.parameter(1);
                let why = message.parameters.last().map(String::as_str).unwrap_or_default();
                self.event(Event::Notice(format!("{channel} does not let us in: {why}")));
                self.join_later(channel, now);
            }
            "396" => {
                // Our host as others see it now.
                if let Some((user, _)) = self.address.as_deref().and_then(|address| address.split_once('@')) {
                    self.address = Some(format!("{user}@{}", message.parameter(1)));
                }
            }
            "404" => {
                let channel = message.parameter(1);
                self.event(Event::Notice(format!("{channel} does not let us speak")));
            }
            _ => {}
        }
    }

    fn is_wanted(&self, nick: &str) -> bool {
        self.support.case_mapping.same(nick, &self.settings.nick) && !self.is_me(&self.settings.nick)
    }

    fn joined(&mut self, message: &Message, nick: &str) {
        let channel = message.parameter(0);
        if self.is_me(nick) {
            if let Some(origin) = &message.origin
                && let (Some(user), Some(host)) = (&origin.user, &origin.host)
            {
                self.address = Some(format!("{user}@{host}"));
            }
            self.roster.enter(&self.support, channel);
            self.event(Event::Joined(channel.to_owned()));
            if self.support.whox {
                self.out.push(Outgoing::new("WHO", &[channel, &format!("%tnfa,{WHO_TOKEN}")]));
            }
            return;
        }
        self.roster.join(&self.support, channel, nick, "");
        if let Some(person) = self.roster.seen(&self.support, nick) {
            person.host = message.origin.as_ref().and_then(|origin| origin.host.clone());
        }
        if self.register.has("extended-join") {
            self.account(nick, message.parameter(1));
        }
    }

    fn gone(&mut self, channel: &str, nick: &str) {
        if self.is_me(nick) {
            self.roster.leave(&self.support, channel);
        } else {
            self.roster.part(&self.support, channel, nick);
        }
    }

    /// An account as IRC writes it: `*` and `0` are none.
    fn account(&mut self, nick: &str, account: &str) {
        if let Some(person) = self.roster.seen(&self.support, nick) {
            person.account = (!matches!(account, "" | "*" | "0")).then(|| account.to_owned());
        }
    }

    /// `353 me = #channel :@ann +bob!user@host`
    fn names(&mut self, message: &Message) {
        let channel = message.parameter(2);
        for item in message.parameter(3).split(' ').filter(|item| !item.is_empty()) {
            let is_sign = |c: char| self.support.ranks.iter().any(|(_, sign)| *sign == c);
            let name = item.trim_start_matches(is_sign);
            let signs = item.get(..item.len() - name.len()).unwrap_or_default().to_owned();
            let (nick, host) = match name.split_once('!') {
                Some((nick, address)) => (nick, address.split_once('@').map(|(_, host)| host)),
                None => (name, None),
            };
            if nick.is_empty() || self.is_me(nick) {
                continue;
            }
            self.roster.join(&self.support, channel, nick, &signs);
            if let (Some(host), Some(person)) = (host, self.roster.seen(&self.support, nick)) {
                person.host = Some(host.to_owned());
            }
        }
    }

    /// `354 me 742 nick flags account`
    fn who(&mut self, message: &Message) {
        if message.parameter(1) != WHO_TOKEN {
            return;
        }
        let (nick, flags, account) = (message.parameter(2), message.parameter(3), message.parameter(4));
        self.account(nick, account);
        let bot = self.support.bot_mode.is_some_and(|mode| flags.contains(mode));
        if let Some(person) = self.roster.seen(&self.support, nick) {
            person.bot = bot;
        }
    }

    /// `MODE #channel +o-v ann bob`
    fn mode(&mut self, message: &Message) {
        let channel = message.parameter(0);
        if !self.support.is_channel(channel) {
            return;
        }
        let mut given = true;
        let mut parameters = message.parameters.iter().skip(2);
        for mode in message.parameter(1).chars() {
            match mode {
                '+' => given = true,
                '-' => given = false,
                _ if self.support.takes_parameter(mode, given) => {
                    let Some(whom) = parameters.next() else { break };
                    let sign = self.support.ranks.iter().find(|(rank, _)| *rank == mode).map(|(_, sign)| *sign);
                    if let Some(sign) = sign {
                        self.roster.rank(&self.support, channel, whom, sign, given);
                    }
                }
                _ => {}
            }
        }
    }
}
