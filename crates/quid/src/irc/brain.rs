//! What becomes of a line from a channel: who said it, with which rights, what is answered, and where.
//!
//! The mind decides what is said; here is only what a network makes necessary: rights by account, limits for each
//! person, no loops with other bots, and the rest of what was too long.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use quid_core::{Answer, Heard, Intent, Memory, Place, Reply, Rights, Speaker};
use quid_irc::{Config, Event, Flood, Line, Order, Report, Verdict};
use quid_lang::{Hints, Language};
use tokio::sync::mpsc::{Receiver, Sender};

use super::{Input, tell};
use crate::commands::Open;
use crate::door::Door;
use crate::output;

/// How often the same line may get the same answer in the same place within [`LOOPING`]; more often, and we talk
/// with a machine.
const SAME: usize = 3;
/// How long what we said is remembered for that.
const LOOPING: Duration = Duration::from_mins(1);
/// As how many lines one counts where little or much may be asked.
const STRICT: f64 = 2.0;
const LOOSE: f64 = 0.25;
/// What fits into a line, about; the connection knows exactly.
const ABOUT_A_LINE: usize = 400;
/// What begins and ends a deed.
const DEED: (&str, char) = ("\u{1}ACTION ", '\u{1}');
/// The most places whose rests are kept.
const MOST_HELD: usize = 1000;
/// How long taking leave may take.
const LEAVING: Duration = Duration::from_secs(3);

/// The bot on its networks.
pub struct Brain {
    door: Door,
    language: Arc<Language>,
    memory: Arc<dyn Memory>,
    /// The configuration's file.
    path: PathBuf,
    me: String,
    config: Config,
    orders: HashMap<Arc<str>, Sender<Order>>,
    flood: Flood,
    taught: Flood,
    start: Instant,
    said: VecDeque<(Instant, u64)>,
    exchanges: RandomState,
    held: HashMap<(Arc<str>, String), String>,
}

impl Brain {
    /// A brain over this house.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(open: &Open, path: &Path, config: Config, orders: HashMap<Arc<str>, Sender<Order>>) -> Result<Self> {
        let limit = Duration::from_millis(config.limits.answer_ms.max(1));
        let hour = f64::from(config.limits.teach_per_hour) / 3600.0;
        Ok(Self {
            door: Door::new(open.house.mind(), open.stop.clone()).limited(limit)?,
            language: open.house.language.clone(),
            memory: open.house.memory(),
            path: path.to_owned(),
            me: open.house.me.clone(),
            flood: Flood::new(config.limits.burst, config.limits.per_second),
            taught: Flood::new(config.limits.teach_per_hour, hour),
            config,
            orders,
            start: Instant::now(),
            said: VecDeque::new(),
            exchanges: RandomState::new(),
            held: HashMap::new(),
        })
    }

    /// How many networks there are.
    pub fn networks(&self) -> usize {
        self.orders.len()
    }

    /// Takes in what happened.
    pub fn take(&mut self, report: Report) {
        let Report { network, event } = report;
        match event {
            Event::Said(line) => self.hear(&network, &line),
            Event::Held { target, rest } => {
                if self.held.len() >= MOST_HELD {
                    self.held.clear();
                }
                self.held.insert((network, target.to_lowercase()), rest);
            }
            Event::Ready(nick) => tell(Some(&network), &format!("connected as {nick}")),
            Event::Joined(channel) => tell(Some(&network), &format!("in {channel}")),
            Event::Notice(text) => tell(Some(&network), &text),
            Event::Ended { why, .. } => tell(Some(&network), &format!("disconnected: {why}")),
        }
    }

    /// Other settings from now on.
    ///
    /// # Errors
    /// When networks were added, taken away, or moved: that needs a restart.
    pub fn reload(&mut self, config: Config) -> Result<()> {
        for network in &config.networks {
            let before = self.config.networks.iter().find(|before| before.name == network.name);
            let same = before.is_some_and(|before| {
                (&before.host, before.port, &before.trust, &before.certificate)
                    == (&network.host, network.port, &network.trust, &network.certificate)
            });
            if !same || config.networks.len() != self.config.networks.len() {
                return Err(anyhow!("networks and their servers change with a restart only"));
            }
        }
        for network in &config.networks {
            if let Some(orders) = self.orders.get(network.name.as_str()) {
                let _ = orders.try_send(Order::Reload(Box::new(network.settings.clone())));
            }
        }
        self.flood = Flood::new(config.limits.burst, config.limits.per_second);
        self.config = config;
        Ok(())
    }

    /// Takes leave everywhere.
    pub fn quit(&mut self, inputs: &mut Receiver<Input>) {
        for orders in self.orders.values() {
            let _ = orders.try_send(Order::Quit(self.language.say("door.leaving", &[], 0)));
        }
        self.orders.clear();
        // The reports end when the last connection has.
        let start = Instant::now();
        while start.elapsed() < LEAVING {
            match inputs.try_recv() {
                Err(tokio::sync::mpsc::error::TryRecvError::Disconnected) => break,
                Err(tokio::sync::mpsc::error::TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(10)),
                Ok(_) => {}
            }
        }
    }

    fn hear(&mut self, network: &Arc<str>, line: &Line) {
        let rights = self.config.rights(&line.nick, line.account.as_deref(), line.operator, line.voiced);
        if rights == Rights::Ignored {
            return;
        }
        let target = line.channel.as_deref().unwrap_or(&line.nick).to_owned();
        let addressed = line.named || line.channel.is_none();
        let place = match &line.channel {
            None => Place::Private,
            // A channel of this name may be on each network.
            Some(channel) if self.config.networks.len() > 1 => Place::Channel(format!("{channel}@{network}")),
            Some(channel) => Place::Channel(channel.clone()),
        };
        if addressed && !self.is_within_limits(network, line, &target, &place) {
            return;
        }
        if addressed {
            match self.intent(&line.text) {
                Intent::More if self.say_more(network, &target) => return,
                Intent::Reload => return self.reload_asked(network, &target, rights),
                _ => {}
            }
        }
        let passive = line.channel.as_ref().is_some_and(|channel| {
            let settings = self.config.networks.iter().find(|known| known.name == **network);
            settings.is_some_and(|known| known.passive.contains(&channel.to_lowercase()))
        });
        let heard = Heard {
            speaker: Speaker { nick: line.nick.clone(), account: line.account.clone(), rights },
            place,
            addressed,
            passive,
            text: line.text.clone(),
            at: line.at,
        };
        let reply = self.door.hear(&heard);
        if reply.statement.is_some() && self.taught.count(&who(network, line), self.start.elapsed()) != Verdict::Hear {
            // What was acknowledged stays; from now on they are not heard for a while.
            self.flood.exhaust(&who(network, line), self.start.elapsed());
            self.order(network, &target, &self.language.say("door.quota", &[("nick", &line.nick)], 0));
            return;
        }
        if matches!(reply.answer, Answer::Silent) || reply.text.is_empty() {
            return;
        }
        if !self.goes_round(network, &target, &line.text, &reply.text) {
            self.answer(network, &target, &line.nick, &reply);
        }
    }

    fn is_within_limits(&mut self, network: &Arc<str>, line: &Line, target: &str, place: &Place) -> bool {
        let lines = match quid_mind::pace(self.memory.as_ref(), place).as_deref() {
            Some("strict") => STRICT,
            Some("loose") => LOOSE,
            _ => 1.0,
        };
        match self.flood.count_as(&who(network, line), lines, self.start.elapsed()) {
            Verdict::Hear => true,
            Verdict::Warn => {
                let words = self.language.say("door.flood", &[("nick", &line.nick)], 0);
                self.order(network, target, &words);
                false
            }
            Verdict::Drop => false,
        }
    }

    /// "more", after a text that was too long.
    fn say_more(&mut self, network: &Arc<str>, target: &str) -> bool {
        let Some(rest) = self.held.remove(&(network.clone(), target.to_lowercase())) else { return false };
        self.order(network, target, &rest);
        true
    }

    /// "reload" from the owner; what it comes to is told where it was asked.
    fn reload_asked(&mut self, network: &Arc<str>, target: &str, rights: Rights) {
        if rights < Rights::Owner {
            self.order(network, target, &self.language.say("door.reload.refused", &[], 0));
            return;
        }
        let words = match super::read(&self.path, &self.me).and_then(|config| self.reload(config)) {
            Ok(()) => {
                tell(None, "the configuration was read again");
                self.language.say("door.reloaded", &[], 0)
            }
            Err(error) => {
                let why = format!("{error:#}");
                tell(None, &format!("the configuration stays as it was: {why}"));
                self.language.say("door.reload.bad", &[("why", why.lines().next().unwrap_or_default())], 0)
            }
        };
        self.order(network, target, &words);
    }

    /// What an addressed line wants, as far as the door has to know.
    fn intent(&self, text: &str) -> Intent {
        let speaker = Speaker { nick: String::new(), account: None, rights: Rights::Everyone };
        let at = crate::door::now();
        let heard =
            Heard { speaker, place: Place::Private, addressed: true, passive: false, text: text.to_owned(), at };
        self.language.understand(&heard, &self.me, &Stranger).intent
    }

    fn answer(&self, network: &Arc<str>, target: &str, nick: &str, reply: &Reply) {
        let mut target = reply.to.as_deref().unwrap_or(target);
        if let Some(deed) = reply.text.strip_prefix(DEED.0) {
            let deed = deed.trim_end_matches(DEED.1).to_owned();
            self.send(network, Order::Act { target: target.to_owned(), deed });
            return;
        }
        let mut plain = reply.clone();
        plain.to = None;
        let words = output::in_words(&plain);
        if reply.to.is_none() && target != nick && self.is_too_long(network, reply, &words) {
            self.order(network, target, &self.language.say("door.private", &[("nick", nick)], 0));
            target = nick;
        }
        self.order(network, target, &words);
    }

    /// Whether these are reasons that a channel would have to read "more" for.
    fn is_too_long(&self, network: &Arc<str>, reply: &Reply, words: &str) -> bool {
        let settings = self.config.networks.iter().find(|known| known.name == **network).map(|known| &known.settings);
        let most = settings.map_or(1, |settings| settings.most_lines);
        self.config.limits.long_in_private
            && matches!(reply.answer, Answer::Proved { .. })
            && quid_irc::split::pieces(words, ABOUT_A_LINE).len() > most
    }

    /// Whether this line got this answer here too often just now.
    fn goes_round(&mut self, network: &Arc<str>, target: &str, line: &str, text: &str) -> bool {
        let now = Instant::now();
        while self.said.front().is_some_and(|(when, _)| now.duration_since(*when) > LOOPING) {
            self.said.pop_front();
        }
        let exchange = self.exchanges.hash_one((network, target, line, text));
        let often = self.said.iter().filter(|(_, known)| *known == exchange).count() >= SAME;
        if often {
            tell(Some(network), &format!("the same answer to {target} once more was left out"));
        } else {
            self.said.push_back((now, exchange));
        }
        often
    }

    fn order(&self, network: &Arc<str>, target: &str, text: &str) {
        self.send(network, Order::Say { target: target.to_owned(), text: text.to_owned() });
    }

    fn send(&self, network: &Arc<str>, order: Order) {
        if let Some(orders) = self.orders.get(network)
            && orders.try_send(order).is_err()
        {
            tell(Some(network), "an answer was not said: too many wait");
        }
    }
}

/// Knows nobody and nothing: "more" means the same whoever says it.
struct Stranger;

impl Hints for Stranger {
    fn knows(&self, _: &str) -> bool {
        false
    }

    fn is_person(&self, _: &str) -> bool {
        false
    }
}

/// Whom limits count: the account, else the host.
fn who(network: &str, line: &Line) -> String {
    let name = line.account.as_deref().or(line.host.as_deref()).unwrap_or(&line.nick);
    format!("{network} {name}")
}
