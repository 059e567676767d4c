//! People with the clients they really use: WeeChat, and ii, talk with the bot through a real server.
//!
//! Our own test person speaks IRC as we understand it; these speak it as the world does. Without ngircd and one of
//! the clients a test says "skipped".

#![allow(clippy::unwrap_used)] // a test that unwraps says by failing what went wrong

#[path = "support/irc.rs"]
mod irc;
#[path = "support.rs"]
mod support;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use irc::{Process, free_port, installed, ngircd, wait_for};
use support::quid;

/// A server with the bot in #tea.
struct Table {
    _server: Process,
    bot: Process,
    port: u16,
    _folder: tempfile::TempDir,
    folder: PathBuf,
}

fn table() -> Option<Table> {
    let program = installed("ngircd")?;
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().to_owned();
    let port = free_port();
    let server = ngircd(&program, &folder, port);
    let config = folder.join("quid.toml");
    let text = format!(
        "[limits]\nburst = 1000\n[[network]]\nname = \"test\"\nserver = \"127.0.0.1:{port}\"\ntls = false\n\
         [[network.channel]]\nname = \"#tea\"\n"
    );
    fs::write(&config, text).unwrap();
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut bot = quid(&folder.join("home"));
    bot.args(["irc", "--config"]).arg(&config);
    let bot = Process(bot.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
    wait_for(|| read(&folder.join("log")).contains("in #tea"), "the bot is in #tea");
    Some(Table { _server: server, bot, port, _folder: temporary, folder })
}

fn read(file: &Path) -> String {
    fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Starts a client quietly.
fn client(command: &mut Command) -> Process {
    Process(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// What a person does at the client: types a line into a pipe.
fn type_into(pipe: &Path, line: &str) {
    let is_there = || fs::metadata(pipe).is_ok_and(|about| about.file_type().is_fifo());
    wait_for(is_there, "the client has a pipe to type into");
    let mut pipe = fs::OpenOptions::new().write(true).open(pipe).unwrap();
    // In one piece: a client that reads while half a line is there may drop it.
    pipe.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Teaches and asks; `say` types a line in the channel, `seen` is what the client shows of it.
fn converse(say: &dyn Fn(&str), seen: &dyn Fn() -> String) {
    say("quid: coffee is a drink");
    wait_for(|| seen().to_lowercase().contains("ok"), "the teaching is acknowledged");
    say("quid, what is coffee?");
    wait_for(|| seen().contains("coffee is a drink") && seen().matches("drink").count() > 1, "the answer is seen");
    say("quid: crème brûlée is a dessert — très bon");
    say("quid: crème brûlée?");
    wait_for(|| seen().matches("très bon").count() > 1, "letters beyond ASCII come back as they were");
    let shown = seen().matches("quid").count();
    say("it is raining");
    say("somebody said that tea is a lie");
    say("quid: tea?");
    wait_for(|| seen().matches("quid").count() > shown + 1, "the bot answers");
    let last = seen().lines().last().unwrap_or_default().to_owned();
    assert!(!last.contains("lie"), "overheard lines are not learned: {last}");
}

#[test]
fn weechat_talks_with_the_bot() {
    let Some(program) = installed("weechat-headless") else { return };
    let Some(table) = table() else { return };
    let home = table.folder.join("weechat");
    fs::create_dir_all(&home).unwrap();
    let mut weechat = Command::new(&program);
    weechat.arg("-d").arg(&home).arg("--stdout");
    for command in [
        "/set fifo.file.path ${weechat_data_dir}/pipe".to_owned(),
        "/fifo enable".to_owned(),
        "/set logger.file.flush_delay 0".to_owned(),
        "/set irc.server_default.sasl_mechanism plain".to_owned(),
        format!("/server add test 127.0.0.1/{} -notls -nossl -nicks=ann -autojoin=#tea", table.port),
        format!("/server add test 127.0.0.1/{} -nicks=ann -autojoin=#tea", table.port),
        "/set irc.server.test.tls off".to_owned(),
        "/set irc.server.test.ssl off".to_owned(),
        "/connect test".to_owned(),
    ] {
        weechat.args(["-r", &command]);
    }
    let _weechat = client(&mut weechat);
    let log = home.join("logs/irc.test.#tea.weechatlog");
    wait_for(|| log.exists(), "WeeChat is in the channel");
    let pipe = home.join("pipe");
    converse(&|line| type_into(&pipe, &format!("irc.test.#tea *{line}")), &|| read(&log));
    // What clients ask each other.
    type_into(&pipe, "irc.server.test */ctcp quid version");
    let server = home.join("logs/irc.server.test.weechatlog");
    wait_for(|| read(&server).contains("Quidnunc"), "the bot tells what it is");
    type_into(&pipe, "irc.server.test */quit");
    assert_eq!(table.bot.terminate(), Some(0));
}

#[test]
fn ii_talks_with_the_bot() {
    let Some(program) = installed("ii") else { return };
    let Some(table) = table() else { return };
    let home = table.folder.join("ii");
    fs::create_dir_all(&home).unwrap();
    let mut ii = Command::new(&program);
    ii.args(["-s", "127.0.0.1", "-p", &table.port.to_string(), "-n", "bob", "-i"]).arg(&home);
    let _ii = client(&mut ii);
    let server = home.join("127.0.0.1");
    wait_for(|| read(&server.join("out")).contains("hello"), "ii is on the server");
    type_into(&server.join("in"), "/j #tea");
    let channel = server.join("#tea");
    wait_for(|| channel.join("out").exists(), "ii is in the channel");
    // ii opens its pipe again after each line, and what is typed meanwhile may be lost.
    let say = |line: &str| {
        let said = || read(&channel.join("out")).matches(line).count();
        let before = said();
        type_into(&channel.join("in"), line);
        wait_for(|| said() > before, "ii has sent the line");
    };
    converse(&say, &|| read(&channel.join("out")));
    // In private the bot need not be named.
    type_into(&server.join("in"), "/j quid what is coffee?");
    wait_for(|| read(&server.join("quid/out")).contains("coffee is a drink"), "an answer in private");
    assert_eq!(table.bot.terminate(), Some(0));
}
