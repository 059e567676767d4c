//! The bot on a real IRC server: it learns, answers, keeps within the line, and comes back.
//!
//! The server is ngircd, which ends connections that break the rules; without it these tests say "skipped".
//! `QUID_IRC_ROUNDS` makes the restarts as many as wanted.

#![allow(clippy::unwrap_used)] // a test that unwraps says by failing what went wrong

#[path = "support/irc.rs"]
mod irc;
#[path = "support.rs"]
mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use irc::{Person, Process, free_port, installed, ngircd, ngircd_with, wait_for};
use support::{errors, quid, run, text};

fn bot(home: &Path, port: u16, more: &str) -> Process {
    let config = home.join("quid.toml");
    // Everybody here comes from one host, which is what limits count.
    let text = format!(
        "[limits]\nburst = 1000\n[[network]]\nname = \"test\"\nserver = \"127.0.0.1:{port}\"\ntls = false\n{more}\n\
         [[network.channel]]\nname = \"#tea\"\n"
    );
    fs::create_dir_all(home).unwrap();
    fs::write(&config, text).unwrap();
    let log = fs::File::create(home.join("log")).unwrap();
    let child = quid(&home.join("home"))
        .arg("irc")
        .arg("--config")
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    Process(child)
}

fn in_channel(home: &Path) {
    wait_for(|| fs::read_to_string(home.join("log")).is_ok_and(|log| log.contains("in #tea")), "the bot is in #tea");
}

#[test]
fn people_teach_and_ask_in_a_channel() {
    let Some(program) = installed("ngircd") else { return };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = ngircd(&program, folder.path(), port);
    let home = folder.path().join("bot");
    let bot = bot(&home, port, "most_lines = 10\nper_second = 3.0");
    in_channel(&home);
    let mut ann = Person::join(port, "ann", "#tea");
    let mut bob = Person::join(port, "bob", "#tea");

    ann.say("#tea", "quid: coffee is a drink");
    assert!(ann.hear("quid").to_lowercase().contains("ok"));
    bob.say("#tea", "quid, what is coffee?");
    bob.hear_of("quid", "drink");
    bob.say("quid", "what is coffee?");
    bob.expect("an answer in private", |line| line.starts_with(":quid!") && line.contains(" PRIVMSG bob :"));
    ann.say("#tea", "it is raining here");
    ann.say("#tea", "lovely weather, is it not");
    let silence = bob.hear_all("quid", Duration::from_millis(800));
    let chatter: Vec<_> = silence.iter().filter(|line| String::from_utf8_lossy(line).contains("rain")).collect();
    assert!(chatter.is_empty(), "{chatter:?}");

    // Nothing that is taught becomes a command, and long texts keep whole characters within the line.
    for (name, value) in [
        ("one", "<reply>\u{1}VERSION\u{1}".to_owned()),
        ("two", "<reply>!kick bob".to_owned()),
        ("three", format!("<reply>{}", "ü".repeat(190))),
        ("four", format!("<reply>{}", "日本語".repeat(40))),
    ] {
        ann.say("#tea", &format!("quid: {name} is {value}"));
        ann.hear("quid");
        ann.say("#tea", &format!("quid: {name}?"));
        let lines = ann.hear_all("quid", Duration::from_millis(1500));
        assert!(!lines.is_empty(), "{name}");
        for line in lines {
            let line = String::from_utf8(line).expect("no cut character");
            assert!(line.len() <= 510 && !line.contains('\u{1}') && !line.contains(" :!"), "{line}");
        }
    }

    // Another console reaches the same knowledge while the bot runs.
    let shared = run(&home.join("home"), &["ask", "what is coffee?"], b"");
    assert!(shared.status.success() && text(&shared).contains("drink"), "{} {}", text(&shared), errors(&shared));
    let taught = run(&home.join("home"), &["learn", "milk is a liquid"], b"");
    assert!(taught.status.success(), "{}", errors(&taught));
    bob.say("#tea", "quid: what is milk?");
    bob.hear_of("quid", "liquid");

    assert_eq!(bot.terminate(), Some(0));
    bob.expect("a polite end", |line| line.starts_with(":quid!") && line.contains(" QUIT "));
}

#[test]
fn what_a_hostile_neighbour_sends_is_survived() {
    let Some(program) = installed("ngircd") else { return };
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = ngircd(&program, folder.path(), port);
    let home = folder.path().join("bot");
    let mut bot = bot(&home, port, "");
    in_channel(&home);
    let mut eve = Person::join(port, "eve", "#tea");
    for byte in (1..=255_u8).filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        let mut line = b"PRIVMSG #tea :quid: ".to_vec();
        line.extend_from_slice(&[byte, b' ', byte, byte]);
        line.extend_from_slice(b"\r\n");
        eve.send_bytes(&line);
        // The server slows down whoever talks too fast.
        if byte % 16 == 0 {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    let ann = Instant::now();
    let mut ann_person = Person::join(port, "ann", "#tea");
    while ann.elapsed() < Duration::from_mins(1) {
        ann_person.say("quid", "what is 2?");
        if !ann_person.hear_all("quid", Duration::from_millis(500)).is_empty() {
            break;
        }
    }
    assert!(bot.0.try_wait().unwrap().is_none(), "alive");
    let log = fs::read_to_string(home.join("log")).unwrap();
    assert!(!log.contains("disconnected"), "{log}");
}

/// Takes the bot in as a server would, and gives the connection.
fn take_in(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let mut accepted = None;
    wait_for(
        || {
            accepted = listener.accept().ok().map(|(stream, _)| stream);
            accepted.is_some()
        },
        "the bot connects",
    );
    let mut stream = accepted.unwrap();
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut heard = String::new();
    let mut piece = [0; 1024];
    while !heard.contains("USER ") {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the bot left: {heard}");
        heard.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    stream.write_all(b":s 001 quid :hello\r\n:s 376 quid :end\r\n:quid!q@h JOIN #tea\r\n").unwrap();
    stream
}

#[test]
fn a_server_without_manners_is_left_and_come_back_to() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("bot");
    let bot = bot(&home, port, "");
    let mut stream = take_in(&listener);
    in_channel(&home);
    // A line that breaks the rules is passed over, one that never ends is the end.
    for byte in 0..=255_u8 {
        let line = [&b":a!b@c PRIVMSG #tea :"[..], &[byte, byte, b'\n'], &[byte, b'\r', b'\n']].concat();
        stream.write_all(&line).unwrap();
    }
    stream.write_all(&[&b"@"[..], &[b'x'; 10_000], b" :a!b@c PRIVMSG #tea :tags\r\n"].concat()).unwrap();
    stream.write_all(b":a!b@c PRIVMSG quid :is anybody there?\r\n").unwrap();
    let mut piece = [0; 4096];
    let count = stream.read(&mut piece).unwrap();
    assert!(count > 0, "an answer after all that");
    // The bot may be gone before all of it is written.
    let _ = stream.write_all(&vec![b'x'; 1 << 20]);
    let log = || fs::read_to_string(home.join("log")).unwrap();
    wait_for(|| log().contains("bytes without an end of line"), "the bot leaves");
    drop(stream);
    let _again = take_in(&listener);
    wait_for(|| log().matches("in #tea").count() == 2, "the bot is back");
    assert_eq!(bot.terminate(), Some(0));
}

#[test]
fn a_server_that_dies_is_come_back_to_and_nothing_acknowledged_is_lost() {
    let Some(program) = installed("ngircd") else { return };
    let rounds: usize = std::env::var("QUID_IRC_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let home = folder.path().join("bot");
    let mut server = ngircd(&program, folder.path(), port);
    let bot = bot(&home, port, "");
    in_channel(&home);
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        let mut ann = Person::join(port, "ann", "#tea");
        let was_in = fs::read_to_string(home.join("log")).unwrap().matches("in #tea").count();
        for number in 0..5 {
            let name = format!("thing{round}x{number}");
            ann.say("#tea", &format!("quid: {name} is a gadget"));
            // The last one is under way when the server dies.
            if number < 4 {
                ann.hear("quid");
                acknowledged.push(name);
            }
        }
        server.kill();
        server = ngircd(&program, folder.path(), port);
        wait_for(
            || fs::read_to_string(home.join("log")).is_ok_and(|log| log.matches("in #tea").count() > was_in),
            "the bot is back",
        );
    }
    let mut bob = Person::join(port, "bob", "#tea");
    bob.say("#tea", "quid: what is thing0x0?");
    bob.hear_of("quid", "gadget");
    assert_eq!(bot.terminate(), Some(0));
    for name in &acknowledged {
        let asked = run(&home.join("home"), &["ask", &format!("what is {name}?")], b"");
        assert!(text(&asked).contains("gadget"), "{name}: {} {}", text(&asked), errors(&asked));
    }
    println!("{rounds} restarts, {} acknowledged, 0 lost", acknowledged.len());
}

/// Lines of real channels, a nick and a text each; none where they are not at hand.
fn overheard() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/chat");
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        for line in String::from_utf8_lossy(&fs::read(file).unwrap()).lines() {
            let said = line.split_once('<').and_then(|(_, rest)| rest.split_once("> "));
            if let Some((nick, text)) = said {
                lines.push((nick.trim().to_owned(), text.to_owned()));
            }
        }
    }
    lines
}

#[test]
fn a_busy_channel_is_listened_to_in_silence() {
    let Some(program) = installed("ngircd") else { return };
    let lines = overheard();
    if lines.is_empty() {
        println!("skipped: no real channel lines are at hand");
        return;
    }
    let most: usize = std::env::var("QUID_IRC_LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    // Neither the server's pace nor our own is what is measured here.
    let _server = ngircd_with(&program, folder.path(), port, "MaxPenaltyTime = 0", "");
    let home = folder.path().join("bot");
    let bot = bot(&home, port, "burst = 100\nper_second = 50.0");
    in_channel(&home);
    let mut people: Vec<Person> =
        (0..50).map(|number| Person::join(port, &format!("person{number}"), "#tea")).collect();
    let mut asker = Person::join(port, "asker", "#tea");
    // Many, since the same question over and over is taken for another bot's.
    let drinks: Vec<String> = (0..most.div_ceil(100).clamp(5, 150)).map(|number| format!("brew{number}x")).collect();
    for drink in &drinks {
        asker.say("#tea", &format!("quid: {drink} is a drink"));
        asker.hear("quid");
    }
    let memory = || {
        let status = fs::read_to_string(format!("/proc/{}/status", bot.0.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).map(str::to_owned).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    let before = memory();
    let (mut times, mut ours) = (Vec::new(), Vec::new());
    let start = Instant::now();
    for (at, (_, text)) in lines.iter().take(most).enumerate() {
        let person = at % people.len();
        // ngircd ends connections that send a line too long.
        let text: String = text.chars().filter(|c| !c.is_control()).take(300).collect();
        if text.trim().is_empty() || text.len() > 480 {
            continue;
        }
        people[person].say("#tea", &text);
        // What the others say piles up unread otherwise, and the server ends such connections.
        if at % 50 == 49 {
            people.iter_mut().for_each(Person::catch_up);
            asker.catch_up();
        }
        if at % 100 == 99 {
            asker.catch_up();
            let start_of_question = Instant::now();
            let drink = &drinks[times.len() % drinks.len()];
            // A word to oneself takes as long as the server and this test take; the rest is the bot's.
            asker.say("asker", "here");
            asker.say("quid", &format!("what is {drink}?"));
            asker.expect("one's own word", |line| line.contains(" PRIVMSG asker :here"));
            let by_server = start_of_question.elapsed();
            asker.expect("an answer", |line| line.contains(" PRIVMSG asker :") && line.contains(drink.as_str()));
            times.push(start_of_question.elapsed());
            ours.push(start_of_question.elapsed().saturating_sub(by_server));
        }
    }
    times.sort();
    ours.sort();
    let at = |of: &[Duration], hundredths: usize| of[(of.len() - 1) * hundredths / 100].as_secs_f64() * 1000.0;
    println!(
        "{} lines of 50 people in {:.0} s; answers p50 {:.1} ms, p99 {:.1} ms, of that the bot p50 {:.1} ms, p99 \
         {:.1} ms; memory {before} -> {} MiB",
        most.min(lines.len()),
        start.elapsed().as_secs_f64(),
        at(&times, 50),
        at(&times, 99),
        at(&ours, 50),
        at(&ours, 99),
        memory()
    );
    let log = fs::read_to_string(home.join("log")).unwrap();
    assert!(!log.contains("disconnected") && !log.contains("dropped"), "{log}");
    assert_eq!(bot.terminate(), Some(0));
    let query = "SELECT (COUNT(*) AS ?count) WHERE { ?thing <urn:quid:ns:is>|<urn:quid:ns:are> ?value }";
    let counted = run(&home.join("home"), &["query", query, "--json"], b"");
    let expected = format!("\\\"{}\\\"", drinks.len());
    assert!(text(&counted).contains(&expected), "only the asker taught: {}", text(&counted));
}

#[test]
fn a_certificate_is_verified() {
    let Some(program) = installed("ngircd") else { return };
    let Some(openssl) = installed("openssl") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
    let made = Command::new(&openssl)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout"])
        .args([key.as_os_str(), "-out".as_ref(), certificate.as_os_str()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told =
        Command::new(&openssl).args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]).arg(&certificate).output();
    let told = String::from_utf8(told.unwrap().stdout).unwrap();
    let fingerprint = told.trim().rsplit('=').next().unwrap().to_owned();
    let (plain, port) = (free_port(), free_port());
    let tls = format!("CertFile = {}\nKeyFile = {}\nPorts = {port}", certificate.display(), key.display());
    let _server = ngircd_with(&program, folder.path(), plain, "", &tls);
    if std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        println!("skipped: this ngircd has no TLS");
        return;
    }
    let wrong = fingerprint.replace(|c: char| c.is_ascii_hexdigit(), "0");
    for (name, trust, connects, told) in [
        ("unknown", String::new(), false, "no connection"),
        ("wrong", format!("fingerprint = \"{wrong}\""), false, "has the fingerprint"),
        ("pinned", format!("fingerprint = \"{fingerprint}\""), true, "in #tea"),
    ] {
        let home = folder.path().join(name);
        fs::create_dir_all(&home).unwrap();
        let text = format!(
            "[[network]]\nname = \"test\"\nserver = \"127.0.0.1:{port}\"\n{trust}\n[[network.channel]]\nname = \"#tea\"\n"
        );
        fs::write(home.join("quid.toml"), text).unwrap();
        let log = fs::File::create(home.join("log")).unwrap();
        let mut child = quid(&home.join("home"));
        child.args(["irc", "--config"]).arg(home.join("quid.toml"));
        let bot = Process(child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        wait_for(|| fs::read_to_string(home.join("log")).is_ok_and(|log| log.contains(told)), told);
        assert_eq!(bot.terminate(), Some(0));
        assert_eq!(fs::read_to_string(home.join("log")).unwrap().contains("connected as"), connects, "{name}");
    }
}

#[test]
fn a_wrong_configuration_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("quid.toml");
    let tell = |written: &str| {
        fs::write(&config, written).unwrap();
        let output = run(&folder.path().join("home"), &["irc", "--config", config.to_str().unwrap()], b"");
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        errors(&output)
    };
    assert!(tell("[[network]]\nname = \"x\"\nsever = \"y\"\n").contains("quid.toml:3: unknown field `sever`"));
    assert!(tell("").contains("names no network"));
    let example = run(folder.path(), &["irc", "--example-config"], b"");
    assert!(example.status.success());
    fs::write(&config, text(&example)).unwrap();
    fs::remove_file(&config).unwrap();
    let missing = run(&folder.path().join("home"), &["irc", "--config", config.to_str().unwrap()], b"");
    assert!(errors(&missing).contains("--example-config"), "{}", errors(&missing));
}
