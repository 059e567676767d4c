//! The bot on a network with accounts: who it is, who others are, and the behaviour cases as channel traffic.
//!
//! The server is inspircd with anope's services; without them these tests say "skipped". `QUID_IRC_CASES` is how
//! many of the behaviour cases are played through the server (all of them take minutes).

#![allow(clippy::unwrap_used, clippy::similar_names)] // a test that unwraps says by failing what went wrong

#[path = "support/inspircd.rs"]
mod inspircd;
#[path = "support/irc.rs"]
mod irc;
#[path = "support.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use irc::{Person, Process, wait_for};
use serde_json::Value;
use support::quid;

const PASSWORD: &str = "opensesame";

fn bot(home: &Path, port: u16, network: &str, channel: &str, rights: &str) -> Process {
    fs::create_dir_all(home).unwrap();
    let secret = home.join("secret");
    fs::write(&secret, PASSWORD).unwrap();
    fs::write(home.join("wrong"), "not this").unwrap();
    for name in ["secret", "wrong"] {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(home.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let config = home.join("quid.toml");
    let text = format!(
        "[rights]\n{rights}\n[limits]\nburst = 1000\n\
         [[network]]\nname = \"test\"\nserver = \"127.0.0.1:{port}\"\ntls = false\nburst = 1000\nper_second = 1000.0\n\
         most_lines = 20\n{network}\n[[network.channel]]\n{channel}\n"
    );
    fs::write(&config, text).unwrap();
    let log = fs::File::create(home.join("log")).unwrap();
    let child = quid(&home.join("home"))
        .args(["irc", "--config"])
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    Process(child)
}

fn log(home: &Path) -> String {
    fs::read_to_string(home.join("log")).unwrap_or_default()
}

fn sasl(password: &str, required: bool) -> String {
    format!(
        "[network.sasl]\nmechanism = \"plain\"\naccount = \"quid\"\npassword = {{ file = \"{password}\" }}\nrequired = {required}"
    )
}

fn register(port: u16, nick: &str) {
    let mut person = Person::join(port, nick, "#lobby");
    person.say("NickServ", &format!("REGISTER {PASSWORD} {nick}@test.invalid"));
    person.expect("registered with the services", |line| line.contains("NOTICE") && line.contains("registered"));
    person.send("QUIT");
}

fn logged_in(port: u16, nick: &str, channel: &str) -> Person {
    let mut person = Person::join(port, nick, channel);
    person.say("NickServ", &format!("IDENTIFY {PASSWORD}"));
    person.expect("logged in", |line| line.split(' ').nth(1) == Some("900"));
    person
}

#[test]
fn accounts_decide() {
    let folder = tempfile::tempdir().unwrap();
    let Some(network) = inspircd::start(folder.path()) else { return };
    for nick in ["quid", "ann"] {
        register(network.port, nick);
    }
    let rights = "owner = [\"ann\"]";
    let tea = "name = \"#tea\"";

    // The right password, a wrong one that is not needed, and a wrong one that is.
    for (name, network_text, ready, told) in [
        ("right", sasl("secret", true), true, "logged in"),
        ("going-on", sasl("wrong", false), true, "going on without an account"),
        ("staying-away", sasl("wrong", true), false, "could not log in"),
    ] {
        let home = folder.path().join(name);
        let bot = bot(&home, network.port, &network_text, tea, rights);
        wait_for(|| log(&home).contains(told), told);
        if ready {
            wait_for(|| log(&home).contains("in #tea"), "in the channel");
        } else {
            wait_for(|| log(&home).contains("not coming back"), "given up, and not tried for ever");
            assert!(!log(&home).contains("in #tea"));
        }
        assert_eq!(bot.terminate(), Some(0), "{}", log(&home));
    }

    // Rights hang on the account, whoever wears the nick.
    let home = folder.path().join("rights");
    let _bot = bot(&home, network.port, &sasl("secret", true), tea, rights);
    wait_for(|| log(&home).contains("in #tea"), "in the channel");
    let mut mallory = Person::join(network.port, "mallory", "#tea");
    let mut ann = logged_in(network.port, "ann", "#tea");
    mallory.say("#tea", "quid: coffee is a drink");
    mallory.hear_of("quid", "");
    ann.hear("quid");
    ann.say("#tea", "quid: lock coffee");
    let locked = ann.hear("quid").to_lowercase();
    mallory.hear("quid");
    mallory.say("#tea", "quid: no, coffee is mud");
    let refused = mallory.hear("quid").to_lowercase();
    assert!(refused.contains("lock"), "{locked} / {refused}");
    mallory.say("#tea", "quid: unlock coffee");
    let refused = mallory.hear("quid").to_lowercase();
    assert!(!refused.contains("okay"), "{refused}");
    ann.send("QUIT");
    std::thread::sleep(Duration::from_millis(300));
    mallory.send("NICK ann");
    mallory.say("#tea", "quid: unlock coffee");
    let refused = mallory.hear("quid").to_lowercase();
    assert!(!refused.contains("okay"), "a nick gives no rights: {refused}");
}

#[test]
fn operators_settle_how_their_channels_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let Some(network) = inspircd::start(folder.path()) else { return };
    for nick in ["quid", "ann", "olga", "mallory"] {
        register(network.port, nick);
    }
    // Whoever is in a channel first is its operator.
    let mut olga = logged_in(network.port, "olga", "#milk");
    let home = folder.path().join("bot");
    let rights = "owner = [\"ann\"]";
    let channels = "name = \"#tea\"\n[[network.channel]]\nname = \"#milk\"";
    let start = || {
        let bot = bot(&home, network.port, &sasl("secret", true), channels, rights);
        wait_for(|| log(&home).contains("in #tea") && log(&home).contains("in #milk"), "in both channels");
        bot
    };
    let first = start();
    let mut ann = logged_in(network.port, "ann", "#tea");
    let mut mallory = logged_in(network.port, "mallory", "#tea");
    mallory.send("JOIN #milk");
    mallory.expect("joined", |line| line.split(' ').nth(1) == Some("366"));
    let ask = |person: &mut Person, place: &str, said: &str| {
        while person.line_within(Duration::from_millis(50)).is_some() {}
        person.say(place, &format!("quid: {said}"));
        person.hear("quid").to_lowercase()
    };

    // An operator of one channel settles that one, and nobody else does.
    assert!(ask(&mut mallory, "#milk", "set learn off").contains("operator"), "not for everybody");
    assert!(ask(&mut olga, "#milk", "set learn off").contains("learn is now off"));
    assert!(ask(&mut mallory, "#milk", "oolong is a tea").contains("off"), "refused there");
    assert!(ask(&mut mallory, "#tea", "oolong is a tea").contains("ok"), "and only there");
    assert!(ask(&mut olga, "#milk", "set language german").contains("possible: english"), "others are refused");
    assert!(ask(&mut olga, "#milk", "set language en").contains("language is now english"));
    let settings = ask(&mut olga, "#milk", "settings");
    assert!(settings.contains("learn is off") && settings.contains("passive"), "{settings}");

    // What was only overheard waits for somebody who confirms it.
    assert!(ask(&mut ann, "#tea", "set passive on").contains("passive is now on"));
    mallory.say("#tea", "ann: fstab is a text file, not a program");
    std::thread::sleep(Duration::from_millis(300));
    assert!(!ask(&mut ann, "#tea", "what is fstab?").contains("text file"));
    assert!(ask(&mut ann, "#tea", "quarantine").contains("fstab"));
    assert!(ask(&mut ann, "#tea", "confirm fstab").contains("text file"));

    // All of that is kept.
    assert_eq!(first.terminate(), Some(0));
    let second = start();
    assert!(ask(&mut mallory, "#milk", "chai is a tea").contains("off"), "still");
    assert!(ask(&mut olga, "#milk", "set learn everyone").contains("everyone"));
    assert!(ask(&mut mallory, "#milk", "chai is a tea").contains("ok"));

    // Somebody may be left alone, heard again, and all of theirs taken back.
    assert!(ask(&mut ann, "#tea", "ignore mallory").contains("not listen"));
    while mallory.line_within(Duration::from_millis(200)).is_some() {}
    mallory.say("#tea", "quid: what is oolong?");
    assert!(mallory.hear_all("quid", Duration::from_millis(500)).is_empty(), "ignored");
    assert!(ask(&mut ann, "#tea", "unignore mallory").contains("again"));
    assert!(ask(&mut mallory, "#tea", "what is oolong?").contains("tea"));
    ask(&mut ann, "#tea", "revert mallory");
    assert!(!ask(&mut ann, "#tea", "what is chai?").contains("chai is a tea"), "taken back");
    let journal = fs::read_to_string(home.join("home/journal.jsonl")).unwrap();
    for act in ["setting", "overhear", "confirm", "undo"] {
        assert!(journal.contains(&format!("\"{act}\"")), "the journal has {act}");
    }

    // The configuration is read again without leaving: by a signal, and by the owner's word.
    let config = fs::read_to_string(home.join("quid.toml")).unwrap();
    let joined = |channel: &str| wait_for(|| log(&home).contains(&format!("in {channel}")), channel);
    fs::write(home.join("quid.toml"), format!("{config}\n[[network.channel]]\nname = \"#cocoa\"\n")).unwrap();
    let hang_up = std::process::Command::new("kill").args(["-HUP", &second.0.id().to_string()]).status();
    assert!(hang_up.unwrap().success());
    joined("#cocoa");
    fs::write(home.join("quid.toml"), format!("{config}\n[[network.channel]]\nname = \"#mate\"\n")).unwrap();
    assert!(ask(&mut mallory, "#tea", "reload").contains("owner"), "not for everybody");
    assert!(ask(&mut ann, "#tea", "reload").contains("read the configuration again"));
    joined("#mate");
    fs::write(home.join("quid.toml"), "[[network]]\nnaem = 1\n").unwrap();
    assert!(ask(&mut ann, "#tea", "reload").contains("quid.toml:2"), "a mistake is told, and nothing changes");
    assert!(ask(&mut ann, "#tea", "what is fstab?").contains("text file"));
    assert!(!log(&home).contains("disconnected"), "{}", log(&home));
    assert_eq!(second.terminate(), Some(0));
}

/// Whether the parts of an expectation that a machine can check hold of what was said; `None` for silence.
fn holds(expected: &str, said: Option<&str>) -> bool {
    expected.split(" && ").all(|part| match part.strip_prefix("re:") {
        Some(pattern) => {
            let pattern = regex(pattern);
            said.is_some_and(|said| pattern.is_none_or(|pattern| pattern.is_match(said)))
        }
        None if part == "none" => said.is_none(),
        None => true,
    })
}

/// A pattern of the cases; the few that this library does not read are for a reader.
fn regex(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(pattern).dot_matches_new_line(true).build().ok()
}

#[test]
fn the_behaviour_cases_hold_through_a_server() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/infobot.jsonl");
    let Ok(cases) = fs::read_to_string(cases) else {
        println!("skipped: no behaviour cases are at hand");
        return;
    };
    let most: usize = std::env::var("QUID_IRC_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    // One case by its name, for whoever mends it.
    let only = std::env::var("QUID_IRC_CASE").unwrap_or_default();
    let folder = tempfile::tempdir().unwrap();
    let Some(network) = inspircd::start(folder.path()) else { return };
    let all: Vec<Value> = cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let playable: Vec<&Value> = (all.iter())
        .filter(|case| case["must"] == "yes" && case["category"] != "irc")
        .filter(|case| text(&case["id"]).contains(&only))
        .filter(|case| {
            case["turns"].as_array().unwrap().iter().all(|turn| {
                let (nick, said) = (text(&turn["nick"]), text(&turn["text"]));
                // A person cannot send these; they are tried at the other doors.
                nick.chars().all(|c| c.is_ascii_alphanumeric())
                    && nick != "server"
                    // On a network nobody has the nick of somebody who is there.
                    && !nick.eq_ignore_ascii_case("quid")
                    // Nor can anybody there speak from the owner's console.
                    && turn["where"] != "global"
                    && !said.trim().is_empty()
                    && said.len() < 380
                    && !said.contains(['\r', '\n', '\0'])
                    && !(said.starts_with('(') && said.ends_with(')'))
            })
        })
        .collect();
    // Spread over the file, so that a few are of all kinds.
    let step = playable.len().div_ceil(most.max(1)).max(1);
    let chosen: Vec<&&Value> = playable.iter().step_by(step).collect();
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    let mut failed = Vec::new();
    for (number, case) in chosen.iter().enumerate() {
        let turns = case["turns"].as_array().unwrap();
        let channel = case["where"].as_str().unwrap_or("#test").to_owned();
        let expects_passive = turns.iter().any(|turn| text(&turn["expect"]).contains("passive mode on"));
        let passive = case["passive"] == true || expects_passive;
        let home = folder.path().join(format!("case{number}"));
        // A case may be played in several channels, and the bot hears only those it is in.
        let mut channels = vec![channel.clone()];
        for place in turns.iter().filter_map(|turn| turn["where"].as_str()).filter(|place| place.starts_with('#')) {
            if !channels.iter().any(|known| known == place) {
                channels.push(place.to_owned());
            }
        }
        let joined: Vec<String> =
            channels.iter().map(|channel| format!("name = \"{channel}\"\npassive = {passive}")).collect();
        let bot =
            bot(&home, network.port, "", &joined.join("\n[[network.channel]]\n"), "operator = [\"op\", \"owner\"]");
        wait_for(|| channels.iter().all(|channel| log(&home).contains(&format!("in {channel}"))), "the bot is there");
        for turn in turns {
            let nick = text(&turn["nick"]);
            let place = turn["where"].as_str().unwrap_or(&channel).to_owned();
            let person = people.entry(nick.clone()).or_insert_with(|| {
                register(network.port, &nick);
                logged_in(network.port, &nick, &channel)
            });
            if place.starts_with('#') {
                person.send(&format!("JOIN {place}"));
            }
            while person.line_within(Duration::from_millis(20)).is_some() {}
            let said = text(&turn["text"]);
            if place == "private" || !place.starts_with('#') {
                person.say("quid", &said);
            } else if turn["addressed"] == true {
                person.say(&place, &format!("quid: {said}"));
            } else {
                person.say(&place, &said);
            }
            let expected = text(&turn["expect"]);
            let patience = if expected.contains("none") { 400 } else { 1200 };
            let mut lines = Vec::new();
            let mut wait = Duration::from_millis(patience);
            while let Some(line) = person.line_within(wait) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if line.starts_with(":quid!") && line.contains(" PRIVMSG ") {
                    lines.push(line.split_once(" :").map(|(_, text)| text.to_owned()).unwrap_or_default());
                    wait = Duration::from_millis(150);
                }
            }
            let reply = (!lines.is_empty()).then(|| lines.join(" "));
            if !holds(&expected, reply.as_deref()) {
                failed.push(format!("{}: {said:?} -> {reply:?}, wanted {expected}", case["id"]));
            }
        }
        drop(bot);
        // Whoever has nothing to say for a while must still answer the server.
        people.values_mut().for_each(Person::catch_up);
        // The nick must be free for the next bot.
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("{} of {} cases through the server", chosen.len() - failed.len().min(chosen.len()), chosen.len());
    assert!(failed.is_empty(), "{failed:#?}");
}
