//! A real Chromium without a window, driven over the DevTools protocol.
//!
//! The protocol is JSON over a WebSocket (RFC 6455) on the loopback address; the little of it that a test needs is
//! here, so that the tests need no driver of a browser. <https://chromedevtools.github.io/devtools-protocol/>

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The longest anything in the page may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with one page.
pub struct Browser {
    child: Child,
    stream: BufReader<TcpStream>,
    session: Option<String>,
    id: u64,
    profile: tempfile::TempDir,
    /// What the page asked for, what it complained of, which dialogs it opened.
    pub requests: Vec<String>,
    pub complaints: Vec<String>,
    pub dialogs: Vec<String>,
}

fn program() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.exists()))
}

impl Browser {
    /// Starts one; `None` when none is installed.
    pub fn start() -> Option<Self> {
        let profile = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(program()?)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--no-first-run", "--disable-background-networking", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let line =
            lines.find_map(|line| line.ok().filter(|line| line.contains("ws://"))).expect("it says where it listens");
        let (address, path) = line.split("ws://").nth(1).and_then(|rest| rest.split_once('/')).expect("an address");
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let mut stream = BufReader::new(stream);
        let hello = format!(
            "GET /{path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.get_mut().write_all(hello.as_bytes()).expect("it reads");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).expect("it answers") > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        std::thread::spawn(move || lines.for_each(drop));
        let (requests, complaints, dialogs) = (Vec::new(), Vec::new(), Vec::new());
        let mut browser = Self { child, stream, session: None, id: 0, profile, requests, complaints, dialogs };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = browser.call("Target.attachToTarget", &json!({ "targetId": page["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Calls a method and waits for its result; what happens meanwhile is noted.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.id += 1;
        let id = self.id;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        self.send(message.to_string().as_bytes());
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    /// The size of the window in CSS pixels, and whether the system is dark.
    pub fn look(&mut self, width: u32, height: u32, dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": scheme }));
    }

    /// Goes to an address and waits until its scripts have run.
    pub fn open(&mut self, address: &str) {
        self.call("Page.navigate", &json!({ "url": address }));
        self.until("document.readyState === 'complete'");
    }

    /// What an expression is in the page; promises are waited for.
    pub fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &asked);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// The text of an expression.
    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until something is so.
    pub fn until(&mut self, expression: &str) {
        let start = Instant::now();
        while self.value(&format!("Boolean({expression})")) != true {
            assert!(start.elapsed() < PATIENCE, "never so: {expression}\n{:?}", self.complaints);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses and releases a key, as a keyboard does: `Tab`, `Enter`, `ArrowDown`.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            "ArrowUp" => (38, ""),
            "ArrowDown" => (40, ""),
            "ArrowRight" => (39, ""),
            other => panic!("no such key: {other}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Takes a picture; kept where `QUID_SCREENSHOTS` names a folder. Gives the size of the PNG in bytes.
    pub fn picture(&mut self, name: &str) -> usize {
        let taken = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let bytes = base64(taken["data"].as_str().expect("a picture"));
        assert!(bytes.starts_with(b"\x89PNG"));
        if let Some(folder) = std::env::var_os("QUID_SCREENSHOTS") {
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(PathBuf::from(folder).join(format!("{name}.png")), &bytes).expect("it can be written");
        }
        bytes.len()
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                self.requests.extend(parameters["request"]["url"].as_str().map(str::to_owned));
            }
            "Log.entryAdded" => self.complaints.push(parameters["entry"]["text"].to_string()),
            "Runtime.exceptionThrown" => self.complaints.push(parameters["exceptionDetails"].to_string()),
            "Page.javascriptDialogOpening" => {
                self.dialogs.push(parameters["message"].to_string());
            }
            _ => {}
        }
    }

    /// Sends one text frame, masked as clients must (RFC 6455, 5.3); the mask may be zero.
    fn send(&mut self, text: &[u8]) {
        let mut frame = vec![0x81];
        match text.len() {
            length @ 0..126 => frame.push(0x80 | u8::try_from(length).expect("below 126")),
            length @ 126..65_536 => {
                frame.push(0x80 | 0x7e);
                frame.extend(u16::try_from(length).expect("below 65,536").to_be_bytes());
            }
            length => {
                frame.push(0x80 | 0x7f);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        self.stream.get_mut().write_all(&frame).expect("the browser reads");
    }

    fn receive(&mut self) -> Value {
        let mut message = Vec::new();
        loop {
            let mut head = [0; 2];
            self.stream.read_exact(&mut head).expect("the browser answers");
            let length = match head[1] & 0x7f {
                126 => {
                    let mut bytes = [0; 2];
                    self.stream.read_exact(&mut bytes).expect("a length");
                    u64::from(u16::from_be_bytes(bytes))
                }
                127 => {
                    let mut bytes = [0; 8];
                    self.stream.read_exact(&mut bytes).expect("a length");
                    u64::from_be_bytes(bytes)
                }
                length => u64::from(length),
            };
            let from = message.len();
            message.resize(from + usize::try_from(length).expect("it fits"), 0);
            self.stream.read_exact(&mut message[from..]).expect("a message");
            match head[0] & 0x0f {
                // Text, or the rest of one.
                0 | 1 if head[0] & 0x80 != 0 => break,
                0 | 1 => {}
                // A ping or the like has nothing for us.
                _ => message.truncate(from),
            }
        }
        serde_json::from_slice(&message).expect("JSON")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.profile.path();
    }
}

fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes().take_while(|letter| *letter != b'=') {
        let six = LETTERS.iter().position(|known| *known == letter).expect("a letter of base64");
        held = (held << 6 | u32::try_from(six).expect("below 64")) & 0xfff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).expect("a byte"));
        }
    }
    bytes
}
