//! inspircd with anope's services on loopback ports: accounts, SASL and IRCv3 as large networks have them.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use super::irc::{Process, free_port, installed, wait_for};

/// The network, and the port for clients.
pub struct Network {
    pub port: u16,
    _server: Process,
    _services: Process,
}

/// Starts both; says "skipped" when one is not installed.
pub fn start(folder: &Path) -> Option<Network> {
    let (inspircd, anope) = (installed("inspircd")?, installed("anope")?);
    let (port, link) = (free_port(), free_port());
    let at = folder.display();
    fs::create_dir_all(folder.join("db")).expect("made");
    let modules = [
        "botmode",
        "cap",
        "chghost",
        "globops",
        "hidechans",
        "ircv3",
        "ircv3_accounttag",
        "ircv3_batch",
        "ircv3_capnotify",
        "ircv3_chghost",
        "ircv3_echomessage",
        "ircv3_servertime",
        "namesx",
        "rline",
        "sasl",
        "services_account",
        "spanningtree",
        "svshold",
        "topiclock",
        "cban",
    ];
    let modules: Vec<String> = modules.iter().map(|name| format!("<module name=\"{name}\">\n")).collect();
    let modules = modules.concat();
    let text = format!(
        "<config format=\"xml\">\n\
         <server name=\"irc.test.invalid\" description=\"test\" network=\"Test\">\n\
         <admin name=\"a\" nick=\"a\" email=\"a@test.invalid\">\n\
         <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n\
         <bind address=\"127.0.0.1\" port=\"{link}\" type=\"servers\">\n\
         <power diepass=\"unused1\" restartpass=\"unused2\">\n\
         <connect name=\"main\" allow=\"*\" timeout=\"60\" pingfreq=\"60\" localmax=\"200\" globalmax=\"200\"\n\
          maxchans=\"20\" threshold=\"1000\" commandrate=\"1000000\" fakelag=\"no\" softsendq=\"1048576\"\n\
          hardsendq=\"4194304\" recvq=\"65536\" useident=\"no\" resolvehostnames=\"no\">\n{modules}\
         <uline server=\"services.test.invalid\" silent=\"yes\">\n\
         <link name=\"services.test.invalid\" ipaddr=\"127.0.0.1\" port=\"{link}\" allowmask=\"127.0.0.1\"\n\
          sendpass=\"linkpass\" recvpass=\"linkpass\">\n\
         <sasl target=\"services.test.invalid\" requiressl=\"no\">\n\
         <pid file=\"{at}/inspircd.pid\">\n\
         <log method=\"file\" type=\"*\" level=\"default\" target=\"{at}/inspircd.log\">\n\
         <path configdir=\"{at}\" datadir=\"{at}/db\" logdir=\"{at}\" runtimedir=\"{at}\">\n"
    );
    fs::write(folder.join("inspircd.conf"), text).expect("written");
    let mut server = Command::new(inspircd);
    server.args(["--nofork", "--runasroot"]).arg(format!("--config={at}/inspircd.conf"));
    let server = Process(quiet(&mut server).spawn().expect("the server starts"));
    wait_for(|| TcpStream::connect(("127.0.0.1", port)).is_ok(), "the server listens");

    let nickserv = [
        "service\n{\n nick = \"NickServ\"\n user = \"services\"\n host = \"services.host\"\n gecos = \"Nick service\"\n}\n",
        "module\n{\n name = \"nickserv\"\n client = \"NickServ\"\n forceemail = no\n confirmemailchanges = no\n\
         \x20defaults = \"ns_secure\"\n regdelay = 0s\n expire = 21d\n secureadmins = yes\n}\n",
        "command { service = \"NickServ\"; name = \"REGISTER\"; command = \"nickserv/register\"; }\n",
        "command { service = \"NickServ\"; name = \"IDENTIFY\"; command = \"nickserv/identify\"; }\n",
        "module { name = \"ns_register\"; registration = \"none\"; }\n",
        "module { name = \"ns_identify\"; }\n",
    ];
    let services = format!(
        "uplink\n{{\n host = \"127.0.0.1\"\n ipv6 = no\n ssl = no\n port = {link}\n password = \"linkpass\"\n}}\n\
         serverinfo\n{{\n name = \"services.test.invalid\"\n description = \"services\"\n pid = \"{at}/services.pid\"\n\
         \x20motd = \"services.motd\"\n}}\n\
         module\n{{\n name = \"inspircd3\"\n use_server_side_mlock = yes\n use_server_side_topiclock = yes\n}}\n\
         networkinfo\n{{\n networkname = \"Test\"\n nicklen = 31\n userlen = 10\n hostlen = 64\n chanlen = 32\n\
         \x20modelistsize = 100\n vhost_chars = \"ABC\"\n allow_undotted_vhosts = false\n disallow_start_or_end = \".-\"\n}}\n\
         options\n{{\n casemap = \"rfc1459\"\n passlen = 32\n seed = 9866235\n readtimeout = 5s\n warningtimeout = 4h\n\
         \x20timeoutcheck = 3s\n retrywait = 5s\n}}\n\
         log\n{{\n target = \"services.log\"\n logage = 7\n servers = \"*\"\n other = \"*\"\n rawio = no\n debug = no\n}}\n\
         module\n{{\n name = \"enc_sha256\"\n}}\n\
         module\n{{\n name = \"db_flatfile\"\n database = \"anope.db\"\n keepbackups = 1\n fork = no\n}}\n\
         module\n{{\n name = \"m_sasl\"\n}}\n{}",
        nickserv.concat().replace("; ", "\n ").replace("{ ", "\n{\n ").replace(";}", "\n}")
    );
    fs::write(folder.join("services.conf"), services).expect("written");
    fs::write(folder.join("services.motd"), "hello\n").expect("written");
    let mut services = Command::new(anope);
    services.args(["--nofork", "--modulesdir=/usr/lib/anope", "--config=services.conf"]);
    services.arg(format!("--confdir={at}")).arg(format!("--dbdir={at}/db")).arg(format!("--logdir={at}"));
    let services = Process(quiet(&mut services).spawn().expect("the services start"));
    // What they say when they are linked; there is no port of theirs to look at.
    let linked = || {
        let logs = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut logs = logs.filter(|path| path.to_string_lossy().contains("services.log"));
        logs.any(|path| fs::read_to_string(path).is_ok_and(|log| log.contains("done syncing")))
    };
    wait_for(linked, "the services are linked");
    Some(Network { port, _server: server, _services: services })
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
