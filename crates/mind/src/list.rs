//! Shows long lists a page at a time; "more" gives the next.
//!
//! A channel is never flooded: the first few are said with how many there are, the rest waits for "more".

use quid_core::reply::Item;
use quid_core::{Answer, Reply};

use crate::turn::Turn;

impl Turn<'_> {
    /// The first `shown` of these as one text; the rest is kept for "more", and said to be there.
    pub(crate) fn page(&mut self, mut items: Vec<String>, shown: usize) -> String {
        let rest = items.split_off(shown.max(1).min(items.len()));
        self.talk.more = rest.into();
        let mut text = items.join(&self.say("answer.between", &[]));
        if !self.talk.more.is_empty() {
            text.push(' ');
            text.push_str(&self.say("answer.more", &[("count", &self.talk.more.len().to_string())]));
        }
        text
    }

    /// What a search found, a page of it.
    pub(crate) fn found(&mut self, what: &str, items: Vec<String>) -> Reply {
        let count = items.len();
        let shown = self.number("most_shown").max(1);
        if count == 0 {
            return self.unknown("search.none", &[("what", what)]);
        }
        let all: Vec<Item> = items.iter().map(|text| Item { text: text.clone(), term: None }).collect();
        let number = count.to_string();
        let between = self.say("answer.between", &[]);
        let text = if count == 1 {
            self.talk.more.clear();
            self.say("search.one", &[("what", &items.join(&between))])
        } else if count <= self.number("most_found")
            && items.iter().map(String::len).sum::<usize>() <= self.number("longest_value")
        {
            self.talk.more.clear();
            self.say("search.some", &[("count", &number), ("what", &items.join(&between))])
        } else {
            let mut first = items;
            let rest = first.split_off(shown.min(first.len()));
            self.talk.more = rest.into();
            let slots =
                [("count", number.as_str()), ("shown", &first.len().to_string()), ("what", &first.join(&between))];
            self.say("search.many", &slots)
        };
        let mut reply = Reply::new(Answer::Chat, text);
        reply.items = all;
        reply
    }

    /// "more"
    pub(crate) fn more(&mut self) -> Reply {
        if self.talk.more.is_empty() {
            return self.chat("more.none", &[]);
        }
        let items: Vec<String> = self.talk.more.drain(..).collect();
        let text = self.page(items, self.number("most_shown"));
        Reply::new(Answer::Chat, text)
    }
}
