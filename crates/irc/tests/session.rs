//! Conversations with servers, line by line: what comes in, and what must go out.
//!
//! Each table is what a real server was seen to do, or what the specification says it may.

use std::time::Duration;

use quid_core::Time;
use quid_irc::{Channel, Event, Proof, Sasl, Secret, Session, Settings, Spoken};

fn settings() -> Settings {
    Settings {
        alternatives: vec!["quidnunc".into()],
        channels: vec![
            Channel { name: "#tea".into(), key: None },
            Channel { name: "#milk".into(), key: Some(Secret::new("cow")) },
        ],
        ..Settings::default()
    }
}

fn with_sasl(required: bool) -> Settings {
    let proof = Proof::Plain { account: "quid".into(), password: Secret::new("open sesame") };
    Settings { sasl: Some(Sasl { proof, required }), ..settings() }
}

struct Wire {
    session: Session,
    now: Duration,
}

impl Wire {
    fn open(settings: Settings) -> Self {
        let mut session = Session::new(settings);
        session.opened(Duration::ZERO);
        Self { session, now: Duration::ZERO }
    }

    /// Connected, registered, in #tea, with nothing left to send.
    fn ready(settings: Settings) -> Self {
        let mut wire = Self::open(settings);
        wire.hear(":s CAP * LS :multi-prefix account-tag server-time batch echo-message extended-join account-notify");
        wire.hear(":s CAP * ACK :multi-prefix account-tag server-time batch echo-message extended-join account-notify");
        wire.hear(":s 001 quid :Welcome");
        wire.hear(":s 005 quid CASEMAPPING=rfc1459 NICKLEN=30 PREFIX=(ohv)@%+ CHANTYPES=# BOT=B :are supported");
        wire.hear(":s 376 quid :End of MOTD");
        wire.hear(":quid!~q@host.example JOIN #tea quid :Quidnunc");
        wire.hear(":s 353 quid = #tea :quid @ann +bob eve");
        wire.later(60);
        wire.events();
        wire
    }

    fn hear(&mut self, line: &str) -> &mut Self {
        self.session.received(line.as_bytes(), self.now, moment());
        self
    }

    /// All lines that may be sent now.
    fn lines(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.next_line(self.now)).map(|line| line.line().to_owned()).collect()
    }

    /// All lines of the next seconds.
    fn later(&mut self, seconds: u64) -> Vec<String> {
        let end = self.now + Duration::from_secs(seconds);
        let mut lines = self.lines();
        while self.now < end {
            self.now = (self.now + self.session.wait(self.now)).min(end);
            self.session.tick(self.now);
            lines.extend(self.lines());
        }
        lines
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.next_event()).collect()
    }

    /// What was said to us, as channel or nick, and text.
    fn said(&mut self) -> Vec<(String, String)> {
        let lines = self.events().into_iter().filter_map(|event| match event {
            Event::Said(line) => Some((line.channel.unwrap_or(line.nick), line.text)),
            _ => None,
        });
        lines.collect()
    }

    fn ended(&mut self) -> Option<(String, bool)> {
        self.events().into_iter().find_map(|event| match event {
            Event::Ended { why, for_good } => Some((why, for_good)),
            _ => None,
        })
    }
}

fn moment() -> Time {
    Time::parse("2026-01-02T03:04:05Z").expect("a moment")
}

#[test]
fn a_plain_server_lets_us_in() {
    let mut wire = Wire::open(settings());
    assert_eq!(wire.lines(), ["CAP LS 302", "NICK quid", "USER quid 0 * Quidnunc"]);
    wire.hear(":s 421 * CAP :Unknown command").hear(":s 001 quid :Welcome").hear(":s 422 quid :No MOTD");
    assert_eq!(wire.later(5), ["JOIN #tea", "JOIN #milk cow"]);
    assert_eq!(wire.events(), [Event::Ready("quid".into())]);
}

#[test]
fn capabilities_are_taken_from_several_lines_and_only_what_is_wanted() {
    let mut wire = Wire::open(settings());
    wire.lines();
    wire.hear(":s CAP * LS * :multi-prefix away-notify sts=port=6697");
    assert!(wire.lines().is_empty(), "more is coming");
    wire.hear(":s CAP * LS :server-time batch");
    assert_eq!(wire.lines(), ["CAP REQ :batch multi-prefix server-time"]);
    wire.hear(":s CAP quid ACK :batch multi-prefix server-time ");
    assert_eq!(wire.lines(), ["CAP END"]);
}

#[test]
fn a_refused_list_is_asked_for_one_by_one() {
    let mut wire = Wire::open(settings());
    wire.lines();
    wire.hear(":s CAP * LS :batch server-time setname");
    assert_eq!(wire.lines(), ["CAP REQ :batch server-time setname"]);
    wire.hear(":s CAP * NAK :batch server-time setname");
    assert_eq!(wire.lines(), ["CAP REQ batch", "CAP REQ server-time", "CAP REQ setname"]);
    wire.hear(":s CAP * ACK :batch").hear(":s CAP * NAK :server-time");
    assert!(wire.lines().is_empty(), "one answer is missing");
    wire.hear(":s CAP * ACK :setname");
    assert_eq!(wire.lines(), ["CAP END"]);
}

#[test]
fn identity_is_proved_before_we_go_in() {
    let mut wire = Wire::open(with_sasl(true));
    wire.lines();
    wire.hear(":s CAP * LS :sasl=EXTERNAL,PLAIN");
    assert_eq!(wire.lines(), ["CAP REQ sasl"]);
    wire.hear(":s CAP * ACK :sasl");
    assert_eq!(wire.lines(), ["AUTHENTICATE PLAIN"]);
    wire.hear("AUTHENTICATE +");
    // The account twice and the password, each ended by a zero byte, in base 64.
    assert_eq!(wire.lines(), ["AUTHENTICATE cXVpZABxdWlkAG9wZW4gc2VzYW1l"]);
    wire.hear(":s 900 quid quid!q@h quid :You are now logged in").hear(":s 903 quid :SASL successful");
    assert_eq!(wire.lines(), ["CAP END"]);
    wire.hear(":s 001 quid :Welcome").hear(":s 376 quid :End");
    assert!(wire.session.is_ready());
}

#[test]
fn a_long_proof_goes_in_pieces() {
    for (length, pieces) in [(100, 1), (291, 2), (600, 3)] {
        // Three bytes make four characters; 300 bytes make a full piece.
        let proof = Proof::Plain { account: "a".into(), password: Secret::new("x".repeat(length + 9 - 4 - 1)) };
        let mut wire = Wire::open(Settings { sasl: Some(Sasl { proof, required: true }), ..settings() });
        wire.hear(":s CAP * LS :sasl").hear(":s CAP * ACK :sasl");
        wire.lines();
        wire.hear("AUTHENTICATE +");
        let lines = wire.lines();
        let expected = (length + 8).div_ceil(3) * 4 / 400 + 1;
        assert_eq!((lines.len(), expected), (pieces, pieces), "{length}: {lines:?}");
    }
}

#[test]
fn who_cannot_log_in_goes_on_or_stays_away_as_set_and_never_loops() {
    let failures: &[&[&str]] = &[
        &[":s CAP * LS :sasl=PLAIN", ":s CAP * ACK :sasl", "AUTHENTICATE +", ":s 904 quid :SASL authentication failed"],
        &[
            ":s CAP * LS :sasl=PLAIN",
            ":s CAP * ACK :sasl",
            ":s 908 quid EXTERNAL :are available",
            ":s 904 quid :failed",
        ],
        &[":s CAP * LS :sasl=EXTERNAL"],
        &[":s CAP * LS :batch", ":s CAP * ACK :batch"],
        &[":s CAP * LS :sasl", ":s CAP * NAK :sasl"],
        &[":s 421 quid CAP :Unknown command"],
    ];
    for lines in failures {
        for required in [true, false] {
            let mut wire = Wire::open(with_sasl(required));
            for line in *lines {
                wire.hear(line);
            }
            let sent = wire.lines();
            if required {
                let (why, for_good) = wire.ended().unwrap_or_else(|| panic!("{lines:?}"));
                assert!(for_good && why.contains("log in"), "{why}");
                assert!(!sent.iter().any(|line| line == "CAP END"), "{lines:?}: {sent:?}");
            } else {
                assert_eq!(wire.ended(), None);
                wire.hear(":s 001 quid :Welcome").hear(":s 376 quid :End");
                assert!(wire.session.is_ready(), "{lines:?}");
            }
            assert!(sent.iter().filter(|line| line.starts_with("AUTHENTICATE PLAIN")).count() <= 1);
        }
    }
    let mut wire = Wire::open(with_sasl(false));
    wire.hear(":s CAP * LS :sasl").hear(":s CAP * ACK :sasl").hear("AUTHENTICATE +");
    assert!(wire.later(30).contains(&"CAP END".to_owned()), "services that never answer");
    let mut wire = Wire::open(with_sasl(true));
    wire.hear(":s 001 quid :Welcome");
    assert!(wire.ended().is_some_and(|(_, for_good)| for_good), "let in without being asked");
}

#[test]
fn a_taken_nick_is_gone_round_and_got_back() {
    let mut wire = Wire::open(settings());
    wire.lines();
    for expected in ["NICK quidnunc", "NICK quid_", "NICK quid2", "NICK quid3"] {
        wire.hear(":s 433 * quid :Nickname is already in use");
        assert_eq!(wire.lines(), [expected]);
    }
    wire.hear(":s 001 quid3 :Welcome").hear(":s 376 quid3 :End");
    assert_eq!(wire.session.nick(), "quid3");
    let asked = wire.later(200).into_iter().filter(|line| line == "NICK quid").count();
    assert!((2..=4).contains(&asked), "{asked} times in 200 s");
    wire.hear(":s 433 quid3 quid :Nickname is already in use");
    assert!(wire.lines().is_empty(), "no other nick is taken for that");
    wire.hear(":quid!x@y QUIT :bye");
    assert_eq!(wire.later(2), ["NICK quid"]);
    wire.hear(":quid3!x@y NICK quid");
    assert_eq!(wire.session.nick(), "quid");
    let mut wire = Wire::open(settings());
    for _ in 0..50 {
        wire.hear(":s 433 * quid :taken");
    }
    assert!(wire.ended().is_some(), "ends, and does not go on for ever");
}

#[test]
fn a_silent_server_is_noticed() {
    let mut wire = Wire::ready(settings());
    let lines = wire.later(40);
    assert!(lines.contains(&"PING quid".to_owned()), "{lines:?}");
    wire.hear(":s PONG s :quid");
    assert_eq!(wire.ended(), None);
    wire.later(200);
    assert!(wire.ended().is_some_and(|(why, for_good)| why.contains("silent") && !for_good));
    let mut wire = Wire::open(settings());
    wire.later(70);
    assert!(wire.ended().is_some_and(|(why, _)| why.contains("not let in")));
}

#[test]
fn pong_is_never_behind_chatter() {
    let mut wire = Wire::ready(settings());
    for number in 0..100 {
        wire.session.say("#tea", &format!("line {number}"));
    }
    let first = wire.lines();
    assert_eq!(first.len(), 4, "a burst");
    wire.hear("PING :now");
    assert_eq!(wire.lines(), ["PONG now"]);
    let minute = wire.later(60).len();
    assert!((40..=44).contains(&minute), "{minute} lines a minute");
}

#[test]
fn only_people_who_say_something_now_are_heard() {
    let table: &[(&str, Option<(&str, &str)>)] = &[
        (":ann!a@h PRIVMSG #tea :tea is a drink", Some(("#tea", "tea is a drink"))),
        (":ann!a@h PRIVMSG quid :tea?", Some(("ann", "tea?"))),
        (":ann!a@h PRIVMSG @#tea :for operators", Some(("#tea", "for operators"))),
        (":ann!a@h NOTICE #tea :tea is a drink", None),
        (":NickServ!s@services NOTICE quid :foo is bar", None),
        (":irc.server PRIVMSG quid :foo is bar", None),
        (":quid!~q@host.example PRIVMSG #tea :my own words", None),
        ("@bot :rbot!r@h PRIVMSG #tea :I am a bot", None),
        ("@time=2026-01-02T02:04:05.000Z :ann!a@h PRIVMSG #tea :an hour ago", None),
        ("@time=2026-01-02T03:04:04.000Z :ann!a@h PRIVMSG #tea :just now", Some(("#tea", "just now"))),
        ("@time=nonsense :ann!a@h PRIVMSG #tea :undated", Some(("#tea", "undated"))),
        (":ann!a@h PRIVMSG somebody :not to us", None),
        (":ann!a@h PRIVMSG #tea :\u{1}ACTION pokes quid\u{1}", None),
        (":ann!a@h PRIVMSG", Some(("x", "x")).filter(|_| false)),
    ];
    for (line, expected) in table {
        let mut wire = Wire::ready(settings());
        wire.hear(line);
        let expected: Vec<_> = expected.iter().map(|(place, text)| ((*place).to_owned(), (*text).to_owned())).collect();
        assert_eq!(wire.said(), expected, "{line}");
    }
    let mut wire = Wire::ready(settings());
    wire.hear("BATCH +x chathistory #tea").hear("@batch=x :ann!a@h PRIVMSG #tea :long ago").hear("BATCH -x");
    assert_eq!(wire.said(), []);
}

#[test]
fn who_they_are_is_what_the_network_says() {
    let mut wire = Wire::ready(settings());
    let mut line = |said: &str| {
        wire.hear(said);
        let found = wire.events().into_iter().find_map(|event| match event {
            Event::Said(line) => Some((line.account, line.operator, line.voiced)),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("{said}"))
    };
    assert_eq!(line("@account=ann1 :ann!a@h PRIVMSG #tea :x"), (Some("ann1".into()), true, true));
    assert_eq!(line(":ann!a@h PRIVMSG #tea :x"), (None, true, true), "no tag: no account");
    assert_eq!(line(":bob!b@h PRIVMSG #tea :x"), (None, false, true));
    assert_eq!(line(":eve!e@h PRIVMSG #tea :x"), (None, false, false));
    assert_eq!(line(":ann!a@h PRIVMSG quid :x"), (None, false, false), "no rank in private");
    wire.hear(":ann!a@h MODE #tea -o+ov ann EVE bob");
    wire.hear(":eve!e@h PRIVMSG #tea :x").hear(":ann!a@h PRIVMSG #tea :x");
    let ranks: Vec<bool> = wire
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Said(line) => Some(line.operator),
            _ => None,
        })
        .collect();
    assert_eq!(ranks, [true, false]);
}

#[test]
fn without_account_tags_accounts_come_from_joins_and_who() {
    let mut wire = Wire::open(settings());
    wire.hear(":s CAP * LS :extended-join account-notify").hear(":s CAP * ACK :extended-join account-notify");
    wire.hear(":s 001 quid :Hi").hear(":s 005 quid WHOX BOT=B :are supported").hear(":s 376 quid :End");
    wire.hear(":quid!q@h JOIN #tea * :Q").hear(":s 353 quid = #tea :quid ann[x] dave");
    assert!(wire.later(20).contains(&"WHO #tea %tnfa,742".to_owned()));
    wire.hear(":s 354 quid 742 ann[x] H@ ann1").hear(":s 354 quid 742 dave HB 0").hear(":bob!b@h JOIN #tea bob1 :Bob");
    let mut account = |line: &str| {
        wire.hear(line);
        wire.events().into_iter().find_map(|event| match event {
            Event::Said(line) => Some(line.account),
            _ => None,
        })
    };
    assert_eq!(account(":ANN{x}!a@h PRIVMSG #tea :x"), Some(Some("ann1".into())));
    assert_eq!(account(":bob!b@h PRIVMSG #tea :x"), Some(Some("bob1".into())));
    assert_eq!(account(":dave!d@h PRIVMSG #tea :x"), None, "marked as a bot");
    for (change, after) in
        [(":bob!b@h ACCOUNT *", None), (":bob!b@h ACCOUNT bob2", Some("bob2")), (":bob!b@h NICK bobby", None)]
    {
        wire.hear(change);
        wire.hear(":bob!b@h PRIVMSG #tea :x");
        let said = wire.events().into_iter().find_map(|event| match event {
            Event::Said(line) => Some(line.account),
            _ => None,
        });
        assert_eq!(said, Some(after.map(str::to_owned)), "{change}");
    }
}

#[test]
fn a_netsplit_is_no_news() {
    let mut wire = Wire::ready(settings());
    for number in 0..200 {
        wire.hear(&format!(":p{number}!a@h JOIN #tea * :x"));
    }
    for number in 0..200 {
        wire.hear(&format!(":p{number}!a@h QUIT :hub.a leaf.b"));
    }
    for number in 0..200 {
        wire.hear(&format!(":p{number}!a@h JOIN #tea * :x"));
    }
    assert_eq!((wire.lines().len(), wire.events().len()), (0, 0));
    assert_eq!(wire.session.channels(), ["#tea"]);
}

#[test]
fn a_channel_that_threw_us_out_is_entered_again_after_a_while() {
    let mut wire = Wire::ready(settings());
    wire.hear(":ann!a@h KICK #tea quid :out");
    assert!(wire.session.channels().is_empty());
    assert!(wire.later(60).is_empty());
    wire.hear("PING x");
    assert!(wire.later(70).contains(&"JOIN #tea".to_owned()));
    wire.hear(":s 474 quid #tea :Cannot join channel (+b)");
    wire.hear("PING x");
    assert!(wire.later(60).iter().all(|line| !line.starts_with("JOIN")));
    wire.hear(":ann!a@h KICK #other quid :out");
    wire.hear("PING x");
    assert!(wire.later(140).iter().all(|line| line != "JOIN #other"), "not a channel of ours");
}

#[test]
fn what_is_said_stays_text() {
    let table: &[(&str, &[&str])] = &[
        ("hello", &["PRIVMSG #tea :hello"]),
        ("one\r\nQUIT :two", &["PRIVMSG #tea :one", "PRIVMSG #tea :QUIT :two"]),
        ("a\rPRIVMSG #x :b", &["PRIVMSG #tea :a", "PRIVMSG #tea :PRIVMSG #x :b"]),
        ("a\0b", &["PRIVMSG #tea :ab"]),
        ("\u{1}VERSION\u{1}", &["PRIVMSG #tea :VERSION"]),
        ("!kick bob", &["PRIVMSG #tea : !kick bob"]),
        ("/quit", &["PRIVMSG #tea :/quit"]),
        (":)", &["PRIVMSG #tea ::)"]),
        ("\n\n", &[]),
    ];
    for (text, expected) in table {
        let mut wire = Wire::ready(settings());
        wire.session.say("#tea", text);
        assert_eq!(wire.lines(), *expected, "{text:?}");
    }
}

#[test]
fn no_line_is_longer_than_the_server_passes_on() {
    for text in ["word ".repeat(400), "ü".repeat(2000), "👨‍👩‍👧‍👦".repeat(200), "x".repeat(3000)] {
        let mut wire = Wire::ready(Settings { most_lines: 100, burst: 100, ..settings() });
        wire.session.say("#tea", &text);
        let lines = wire.lines();
        assert!(lines.len() > 3);
        for line in &lines {
            let relayed = format!(":quid!~q@host.example {line}\r\n");
            assert!(relayed.len() <= 512, "{} bytes", relayed.len());
        }
        let said: String = lines.iter().map(|line| line.trim_start_matches("PRIVMSG #tea :").trim_start()).collect();
        let bare = |text: &str| text.replace(' ', "");
        assert_eq!(bare(&said), bare(&text));
    }
    let mut wire = Wire::ready(settings());
    let Spoken::Partly(rest) = wire.session.say("#tea", &"word ".repeat(1000)) else { panic!("all of it?") };
    assert_eq!(wire.lines().len(), 3);
    assert!(rest.len() > 3000 && rest.starts_with("word "));
}

#[test]
fn requests_between_clients_are_answered_seldom() {
    let mut wire = Wire::ready(settings());
    wire.hear(":bob!b@h PRIVMSG quid :\u{1}PING 123\u{1}").hear(":bob!b@h PRIVMSG quid :\u{1}VERSION\u{1}");
    let lines = wire.later(1);
    assert_eq!(lines.first().map(String::as_str), Some("NOTICE bob :\u{1}PING 123\u{1}"));
    assert!(lines.get(1).is_some_and(|line| line.starts_with("NOTICE bob :\u{1}VERSION Quidnunc")), "{lines:?}");
    for _ in 0..100 {
        wire.hear(":bob!b@h PRIVMSG quid :\u{1}VERSION\u{1}").hear(":bob!b@h PRIVMSG #tea :\u{1}VERSION\u{1}");
        wire.hear(":bob!b@h PRIVMSG quid :\u{1}DCC SEND x\u{1}");
    }
    let answers = wire.later(60).len();
    assert!(answers <= 10, "{answers} in a minute");
}

#[test]
fn settings_change_without_leaving() {
    let mut wire = Wire::ready(settings());
    let channels = ["#milk", "#sugar"].map(|name| Channel { name: name.into(), key: None }).to_vec();
    wire.session.reload(Settings { nick: "nunc".into(), channels, ..settings() });
    assert_eq!(wire.later(10), ["PART #tea", "JOIN #milk", "JOIN #sugar", "NICK nunc"]);
    wire.session.quit("so long");
    assert_eq!(wire.lines(), ["QUIT :so long"]);
}

#[test]
fn nothing_a_server_sends_upsets_us() {
    let commands = [
        "001",
        "005",
        "353",
        "354",
        "376",
        "396",
        "433",
        "437",
        "474",
        "900",
        "903",
        "904",
        "ACCOUNT",
        "AUTHENTICATE",
        "BATCH",
        "CAP",
        "CHGHOST",
        "ERROR",
        "INVITE",
        "JOIN",
        "KICK",
        "MODE",
        "NICK",
        "NOTICE",
        "PART",
        "PING",
        "PONG",
        "PRIVMSG",
        "QUIT",
        "TAGMSG",
        "WALLOPS",
    ];
    let parameters = [
        "",
        "quid",
        "#tea",
        "*",
        "+ov-x",
        "LS",
        "ACK :sasl",
        "NAK",
        "=",
        "742",
        ":",
        "PREFIX=(x",
        ":\u{1}",
        "+1 chathistory",
    ];
    let mut count = 0;
    for start in ["", ":quid!q@h ", ":ann!a@h ", ":s ", "@time=x;batch=1 :a!b@c "] {
        for command in commands {
            for one in parameters {
                for other in parameters {
                    let mut wire = Wire::ready(with_sasl(false));
                    wire.hear(&format!("{start}{command} {one} {other}"));
                    wire.later(1);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 20_000);
}
