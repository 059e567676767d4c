//! What people say to each other waits while somebody speaks to the bot.
//!
//! In a busy channel a question would else be answered after everything that was said before it, which is for
//! nobody but the memory of who was seen. What one person says stays in its order.

use std::collections::VecDeque;

use quid_irc::{Event, Line, Report};

/// The most lines that wait; beyond that the oldest has its turn.
const MOST: usize = 4096;

/// Lines that were not for the bot, in the order in which they were said.
pub struct Aside {
    me: String,
    waiting: VecDeque<Report>,
}

impl Aside {
    /// Nothing waits; `me` is what the bot is called.
    pub fn new(me: &str) -> Self {
        Self { me: me.to_lowercase(), waiting: VecDeque::new() }
    }

    /// What is to be taken in now, in this order, because this was reported.
    pub fn sort(&mut self, report: Report) -> Vec<Report> {
        let Event::Said(line) = &report.event else { return vec![report] };
        if self.is_for_others(line) {
            self.waiting.push_back(report);
            return if self.waiting.len() > MOST { self.waiting.pop_front().into_iter().collect() } else { Vec::new() };
        }
        let theirs = |waiting: &Report| match &waiting.event {
            Event::Said(said) => waiting.network == report.network && said.nick == line.nick,
            _ => false,
        };
        let (mut now, later): (Vec<Report>, Vec<Report>) = self.waiting.drain(..).partition(theirs);
        self.waiting = later.into();
        now.push(report);
        now
    }

    /// The oldest line that waits.
    pub fn next(&mut self) -> Option<Report> {
        self.waiting.pop_front()
    }

    /// Whether a line is surely not to the bot: said in a channel, and without its name anywhere.
    fn is_for_others(&self, line: &Line) -> bool {
        line.channel.is_some() && !line.named && !line.text.to_lowercase().contains(&self.me)
    }
}

#[cfg(test)]
mod tests {
    use quid_core::Time;

    use super::*;

    fn said(nick: &str, channel: Option<&str>, named: bool, text: &str) -> Report {
        let line = Line {
            nick: nick.to_owned(),
            account: None,
            host: None,
            channel: channel.map(str::to_owned),
            named,
            operator: false,
            voiced: false,
            text: text.to_owned(),
            at: Time::from_micros(0),
        };
        Report { network: "tea".into(), event: Event::Said(line) }
    }

    #[test]
    fn questions_come_first_and_everybody_in_their_own_order() {
        let texts = |reports: &[Report]| -> Vec<String> {
            let text = |report: &Report| match &report.event {
                Event::Said(line) => line.text.clone(),
                other => format!("{other:?}"),
            };
            reports.iter().map(text).collect()
        };
        let mut aside = Aside::new("Quid");
        let tea = Some("#tea");
        for (nick, text) in [("ann", "tea++"), ("bob", "milk++"), ("ann", "so it is")] {
            assert!(aside.sort(said(nick, tea, false, text)).is_empty(), "{text} waits");
        }
        assert_eq!(texts(&aside.sort(said("ann", tea, true, "karma of tea?"))), ["tea++", "so it is", "karma of tea?"]);
        assert_eq!(texts(&aside.sort(said("eve", None, false, "in private"))), ["in private"]);
        assert_eq!(texts(&aside.sort(said("eve", tea, false, "tell me, QUID, what is tea?"))).len(), 1);
        let joined = Report { network: "tea".into(), event: Event::Joined("#tea".to_owned()) };
        assert_eq!(aside.sort(joined.clone()), [joined], "whatever else happens does not wait");
        assert_eq!(texts(&aside.next().into_iter().collect::<Vec<_>>()), ["milk++"]);
        assert!(aside.next().is_none());
        let kept: usize = (0..MOST + 10).map(|_| aside.sort(said("bob", tea, false, "on and on")).len()).sum();
        assert_eq!((kept, aside.waiting.len()), (10, MOST), "nothing waits for ever, and nothing is lost");
    }
}
