//! Feeds a session whatever a server might send, and says whatever people might have taught.
//!
//! Nothing panics, no line that goes out holds a line break or is too long, and cut texts are whole when put together.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use quid_core::Time;
use quid_irc::{LINE, Session, Settings, split};

fuzz_target!(|bytes: &[u8]| {
    let at = Time::parse("2026-01-02T03:04:05Z").expect("a date");
    let mut session = Session::new(Settings::default());
    let mut now = Duration::ZERO;
    session.opened(now);
    for line in [&b":s 001 quid :hello"[..], b":s 376 quid :end", b":quid!q@h JOIN #tea"] {
        session.received(line, now, at);
    }
    for line in bytes.split(|byte| *byte == b'\n') {
        session.received(line, now, at);
        let text = String::from_utf8_lossy(line);
        session.say("#tea", &text);
        let room = session.room("#tea");
        assert_eq!(split::pieces(&text, room).concat(), text);
        now += Duration::from_secs(30);
        session.tick(now);
        while let Some(line) = session.next_line(now) {
            let bytes = line.bytes();
            assert!(bytes.len() <= LINE && bytes.ends_with(b"\r\n"));
            assert!(!bytes[..bytes.len() - 2].iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
        }
        while session.next_event().is_some() {}
    }
});
