//! What the server says of itself in its 005 lines (ISUPPORT).
//!
//! Limits and signs differ from network to network; the defaults are those that every server keeps.

use crate::casemap::CaseMapping;

/// A server's limits and signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// How names are folded.
    pub case_mapping: CaseMapping,
    /// The longest nick, in bytes.
    pub nick_length: usize,
    /// What a channel's name begins with.
    pub channel_types: String,
    /// Modes that people can have in a channel, and their signs, highest first (`('o', '@')`).
    pub ranks: Vec<(char, char)>,
    /// The user mode that marks a bot, where there is one.
    pub bot_mode: Option<char>,
    /// The longest line in bytes, line break included.
    pub line: usize,
    /// Whether WHO can give accounts (WHOX).
    pub whox: bool,
    /// Channel modes with a parameter: always, and only when set (CHANMODES types A, B and C).
    pub modes_with_parameter: (String, String),
}

impl Default for Support {
    fn default() -> Self {
        Self {
            case_mapping: CaseMapping::default(),
            nick_length: 9,
            channel_types: "#&".to_owned(),
            ranks: vec![('o', '@'), ('v', '+')],
            bot_mode: None,
            line: crate::message::LINE,
            whox: false,
            modes_with_parameter: ("beIqk".to_owned(), "l".to_owned()),
        }
    }
}

impl Support {
    /// Takes in one token of a 005 line (`NICKLEN=30`); unknown ones say nothing to us.
    pub fn note(&mut self, token: &str) {
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        match name {
            "CASEMAPPING" => self.case_mapping = CaseMapping::named(value),
            "NICKLEN" | "MAXNICKLEN" => {
                if let Ok(length @ 1..) = value.parse() {
                    self.nick_length = length;
                }
            }
            "CHANTYPES" => value.clone_into(&mut self.channel_types),
            "PREFIX" => {
                if let Some((modes, signs)) = value.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                    self.ranks = modes.chars().zip(signs.chars()).collect();
                }
            }
            "BOT" => self.bot_mode = value.chars().next(),
            "LINELEN" => {
                if let Ok(length @ 512..=65_536) = value.parse() {
                    self.line = length;
                }
            }
            "WHOX" => self.whox = true,
            "CHANMODES" => {
                let mut kinds = value.split(',');
                let mut next = || kinds.next().unwrap_or_default();
                self.modes_with_parameter = (format!("{}{}", next(), next()), next().to_owned());
            }
            _ => {}
        }
    }

    /// Whether a target is a channel.
    #[must_use]
    pub fn is_channel(&self, name: &str) -> bool {
        name.starts_with(|sign| self.channel_types.contains(sign))
    }

    /// Whether a channel mode takes a parameter.
    #[must_use]
    pub fn takes_parameter(&self, mode: char, set: bool) -> bool {
        let (always, when_set) = &self.modes_with_parameter;
        self.ranks.iter().any(|(rank, _)| *rank == mode) || always.contains(mode) || set && when_set.contains(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_change_what_they_name_and_nothing_else() {
        let mut support = Support::default();
        for token in [
            "CASEMAPPING=ascii",
            "NICKLEN=30",
            "NICKLEN=x",
            "CHANTYPES=#",
            "PREFIX=(qaohv)~&@%+",
            "BOT=B",
            "WHOX",
            "CHANMODES=beI,k,l,imnpst",
            "PREFIX=broken",
            "NETWORK=Tea",
            "=",
            "",
        ] {
            support.note(token);
        }
        assert_eq!((support.case_mapping, support.nick_length), (CaseMapping::Ascii, 30));
        assert_eq!((support.bot_mode, support.whox, support.ranks.len()), (Some('B'), true, 5));
        assert!(support.is_channel("#tea") && !support.is_channel("&tea") && !support.is_channel(""));
        for (mode, set, takes) in
            [('o', false, true), ('b', true, true), ('l', true, true), ('l', false, false), ('i', true, false)]
        {
            assert_eq!(support.takes_parameter(mode, set), takes, "{mode}");
        }
    }
}
