//! Lines that nobody sends by mistake, and random damage to lines that everybody sends.
//!
//! The fuzz target does the same for hours; this is the part that every run can afford. `QUID_IRC_HOSTILE` makes the
//! random lines as many as wanted.

use std::time::Duration;

use quid_core::Time;
use quid_irc::{Event, LINE, Message, Session, Settings, split};

/// What servers say, each kind of line once or more.
const CORPUS: &[&str] = &[
    ":irc.example 001 quid :Welcome to the network",
    ":irc.example 005 quid CASEMAPPING=rfc1459 NICKLEN=30 PREFIX=(ohv)@%+ CHANTYPES=# BOT=B :are supported",
    ":irc.example 353 quid = #tea :quid @ann +bob!b@host.example eve",
    ":irc.example 354 quid 742 ann HB@ ann_account",
    ":irc.example 376 quid :End of MOTD",
    ":irc.example 433 * quid :Nickname is already in use",
    ":irc.example CAP * LS * :multi-prefix sasl=PLAIN,EXTERNAL server-time",
    ":irc.example CAP quid NEW :account-tag batch",
    ":irc.example CAP * NAK :multi-prefix sasl",
    "AUTHENTICATE +",
    "@time=2026-01-02T03:04:05.000Z;account=ann;batch=7 :ann!a@host.example PRIVMSG #tea :quid: what is tea?",
    "@+draft/reply=1\\:2\\s\\\\;bot :bob!b@h PRIVMSG quid :\u{1}VERSION\u{1}",
    ":ann!a@host.example PRIVMSG #tea :crème brûlée is a dessert 🍮 日本語",
    ":ann!a@host.example JOIN #tea ann_account :Ann",
    ":ann!a@host.example ACCOUNT *",
    ":ann!a@host.example CHGHOST other new.host.example",
    ":ann!a@host.example NICK ann_",
    ":op!o@h MODE #tea +ov-b ann bob *!*@bad.example",
    ":op!o@h KICK #tea quid :out",
    ":quid!q@h.example JOIN #tea quid :Quidnunc",
    "BATCH +7 chathistory #tea",
    "BATCH -7",
    "PING :irc.example",
    "ERROR :Closing link",
];

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }
}

/// A line with some damage: bytes changed, left out, doubled, put in, or the end of another line.
fn damaged(chance: &mut Chance) -> Vec<u8> {
    let pick = |chance: &mut Chance| CORPUS[chance.below(CORPUS.len())].as_bytes().to_vec();
    let mut line = pick(chance);
    for _ in 0..=chance.below(4) {
        let at = chance.below(line.len() + 1);
        match chance.below(7) {
            0 if at < line.len() => line[at] = u8::try_from(chance.below(256)).unwrap_or(0),
            1 => line.truncate(at),
            2 => drop(line.drain(at..(at + chance.below(9)).min(line.len()))),
            3 => line.insert(at, b" :@;=!\0\x01\r\xff\\"[chance.below(11)]),
            4 => {
                let again = line[at..].to_vec();
                line.extend(again);
            }
            5 => line.extend(pick(chance)),
            _ => line.splice(at..at, vec![b"aA0 ;:@"[chance.below(7)]; chance.below(2000)]).for_each(drop),
        }
        line.truncate(20_000);
    }
    line
}

/// A session on the network and in a channel.
fn ready() -> (Session, Time) {
    let at = Time::parse("2026-01-02T03:04:05Z").expect("a date");
    let mut session = Session::new(Settings::default());
    session.opened(Duration::ZERO);
    for line in [":s 001 quid :hello", ":s 376 quid :end", ":quid!q@h.example JOIN #tea"] {
        session.received(line.as_bytes(), Duration::ZERO, at);
    }
    (session, at)
}

/// Hears a line, says it back, and looks at everything that goes out.
fn survives(session: &mut Session, line: &[u8], now: Duration, at: Time) -> bool {
    session.received(line, now, at);
    let text = String::from_utf8_lossy(line);
    for target in ["#tea", "ann"] {
        let room = session.room(target);
        let pieces = split::pieces(&text, room);
        assert_eq!(pieces.concat(), text, "nothing is lost");
        assert!(pieces.iter().all(|piece| piece.len() <= room), "each piece fits");
        session.say(target, &text);
    }
    session.tick(now);
    while let Some(out) = session.next_line(now) {
        let bytes = out.bytes();
        let (body, end) = bytes.split_at(bytes.len() - 2);
        assert!(bytes.len() <= LINE && end == b"\r\n", "{out:?}");
        assert!(!body.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{out:?}");
        assert!(std::str::from_utf8(body).is_ok(), "no character is cut: {out:?}");
    }
    let mut ended = false;
    while let Some(event) = session.next_event() {
        ended |= matches!(event, Event::Ended { .. });
    }
    ended
}

#[test]
fn five_hundred_hostile_lines_are_survived() {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for byte in 0..=255_u8 {
        lines.push(vec![byte; 3]);
        lines.push([&b":ann!a@h PRIVMSG #tea :quid: "[..], &[byte, b' ', byte], b" x"].concat());
    }
    let mebibyte = vec![b'a'; 1 << 20];
    lines.push(mebibyte.clone());
    lines.push([&b":ann!a@h PRIVMSG #tea :"[..], &mebibyte].concat());
    lines.push([&b"@"[..], &mebibyte, b" PING x"].concat());
    lines.push([&b"@a="[..], &vec![b';'; 10_000], b" :ann!a@h PRIVMSG #tea :tags"].concat());
    lines.push([&b"@a="[..], "é".repeat(5_000).as_bytes(), b" :ann!a@h PRIVMSG #tea :tags"].concat());
    lines.push([&b":ann!a@h PRIVMSG #tea :"[..], &"日本語".as_bytes()[..7]].concat());
    lines.push([&b":ann!a@h PRIVMSG #tea :"[..], &[0xf0, 0x9f, 0xa6]].concat());
    lines.push([&b":ann!a@h PRIVMSG #tea :"[..], "👨‍👩‍👧‍👦".repeat(200).as_bytes()].concat());
    lines.push([&b":ann!a@h PRIVMSG #tea :e"[..], "\u{301}".repeat(3_000).as_bytes()].concat());
    lines.push(b":s 005 quid ".iter().copied().chain(vec![b'='; 9_000]).collect());
    lines.push(b":s 353 quid = #tea :".iter().copied().chain(vec![b'@'; 9_000]).collect());
    lines.push(b":s MODE #tea +".iter().copied().chain(vec![b'o'; 9_000]).collect());
    assert!(lines.len() >= 500, "{}", lines.len());
    let (mut session, at) = ready();
    for (number, line) in lines.iter().enumerate() {
        let now = Duration::from_secs(30 * number as u64);
        assert!(!survives(&mut session, line, now, at), "none of these ends the connection: {line:?}");
    }
    assert!(session.is_ready() && session.channels() == ["#tea"]);
}

#[test]
fn damaged_lines_break_no_rule() {
    let most: usize = std::env::var("QUID_IRC_HOSTILE").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000);
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let (mut session, at) = ready();
    let mut ends = 0;
    for number in 0..most {
        let line = damaged(&mut chance);
        if survives(&mut session, &line, Duration::from_secs(number as u64), at) {
            // A server may end it; then we come back and know nothing of before.
            ends += 1;
            session = ready().0;
        }
        if let Ok(message) = Message::parse(&line) {
            assert!(!message.command.is_empty() && !message.command.contains(' '), "{line:?}");
        }
    }
    assert!(ends > 0, "the corpus has ERROR, so some must end");
    println!("{most} damaged lines, {ends} ended the connection");
}
