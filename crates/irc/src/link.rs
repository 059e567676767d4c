//! One network, kept: connects, speaks through a session, and comes back when it is cut off.
//!
//! Every wait has an end here, and every buffer a size. Coming back takes longer each time, with some chance in
//! it, so that a thousand bots do not return in the same second to a server that has just got up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quid_core::Time;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::message::{LINE, TAGS};
use crate::session::{Event, Session};
use crate::settings::Settings;
use crate::{ConfigError, Network, Spoken, tls};

/// How long connecting and the TLS hand-shake may take.
const CONNECTING: Duration = Duration::from_secs(30);
/// How long a line may take to be sent.
const SENDING: Duration = Duration::from_secs(30);
/// How long after our QUIT the connection is held.
const LEAVING: Duration = Duration::from_secs(2);
/// The first wait before coming back, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(5));
/// A server that let us in before it went away is worth trying again sooner: it counts as this many failures at most.
const MOST_WHEN_LET_IN: u32 = 4;
/// A connection that lasted this long was a good one.
const GOOD: Duration = Duration::from_mins(1);
/// What a server may send without ending a line.
const MOST_UNENDED: usize = TAGS + LINE;

/// What a network is asked to do.
#[derive(Clone, Debug)]
pub enum Order {
    /// Say this to a channel or a person.
    Say {
        /// To whom.
        target: String,
        /// What.
        text: String,
    },
    /// Do this (`/me`).
    Act {
        /// To whom.
        target: String,
        /// What.
        deed: String,
    },
    /// Other settings, without leaving.
    Reload(Box<Settings>),
    /// Take leave and end.
    Quit(String),
}

/// What happened on which network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The network's name.
    pub network: Arc<str>,
    /// What.
    pub event: Event,
}

/// The clock and the chance that the program lends us.
#[derive(Clone, Copy, Debug)]
pub struct Outside {
    /// The time of day.
    pub now: fn() -> Time,
    /// A number from 0 up to 1.
    pub chance: fn() -> f64,
}

enum End {
    /// Cut off, or of no use any more.
    Lost,
    /// Coming back would end the same way.
    ForGood,
    /// We wanted to.
    Quit,
}

/// Stays on a network until told to quit. What happens goes to `reports`; when nobody takes it fast enough, what
/// people said is dropped, and that is told.
///
/// # Errors
/// [`ConfigError`] when TLS cannot be set up; nothing was connected then.
pub async fn keep<R: From<Report>>(
    network: Network,
    outside: Outside,
    reports: Sender<R>,
    mut orders: Receiver<Order>,
) -> Result<(), ConfigError> {
    let tls = match &network.trust {
        None => None,
        Some(trust) => {
            let certificate = network.certificate.as_ref().map(|(chain, key)| (chain.as_path(), key.as_path()));
            Some(TlsConnector::from(tls::client(trust, certificate)?))
        }
    };
    let mut link = Link {
        name: network.name.as_str().into(),
        session: Session::new(network.settings),
        start: Instant::now(),
        outside,
        reports,
        dropped: 0,
    };
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let mut let_in = false;
        let end = match timeout(CONNECTING, connect(&network.host, network.port, tls.as_ref())).await {
            Err(_) => {
                link.tell(format!("no connection within {} s", CONNECTING.as_secs()));
                End::Lost
            }
            Ok(Err(why)) => {
                link.tell(format!("no connection: {why}"));
                End::Lost
            }
            Ok(Ok(stream)) => {
                let end = link.talk(stream, &mut orders).await;
                let_in = link.session.was_let_in();
                end
            }
        };
        match end {
            End::Quit => return Ok(()),
            End::ForGood => {
                link.tell("not coming back by itself; change the configuration and reload".to_owned());
                match link.until_reloaded(&mut orders).await {
                    End::Quit => return Ok(()),
                    _ => failures = 0,
                }
                continue;
            }
            End::Lost => {}
        }
        failures = if began.elapsed() >= GOOD { 0 } else { failures + 1 };
        if let_in {
            failures = failures.min(MOST_WHEN_LET_IN);
        }
        let pause = back_off(failures, (outside.chance)());
        link.tell(format!("coming back in {:.0} s", pause.as_secs_f64()));
        if let End::Quit = link.rest(pause, &mut orders).await {
            return Ok(());
        }
    }
}

/// How long to wait after so many failures in a row: doubled each time up to the longest, a quarter more or less.
fn back_off(failures: u32, chance: f64) -> Duration {
    let (first, longest) = BACK_OFF;
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(longest);
    doubled.mul_f64(0.75 + 0.5 * chance.clamp(0.0, 1.0))
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn connect(host: &str, port: u16, tls: Option<&TlsConnector>) -> std::io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    Ok(Box::new(tls.connect(name, stream).await?))
}

struct Link<R> {
    name: Arc<str>,
    session: Session,
    start: Instant,
    outside: Outside,
    reports: Sender<R>,
    /// Lines dropped since that was last told.
    dropped: u64,
}

impl<R: From<Report>> Link<R> {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn tell(&mut self, notice: String) {
        self.report(Event::Notice(notice));
    }

    fn report(&mut self, event: Event) {
        match self.reports.try_send(Report { network: self.name.clone(), event }.into()) {
            Err(TrySendError::Full(_)) => self.dropped += 1,
            // Closed: the program is going.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
        }
    }

    /// Gives on what happened; says how the connection should end, if it should.
    fn pass_on(&mut self) -> Option<End> {
        let mut end = None;
        while let Some(event) = self.session.next_event() {
            if let Event::Ended { for_good, .. } = &event {
                end = Some(if *for_good { End::ForGood } else { End::Lost });
            }
            self.report(event);
        }
        if self.dropped > 0 && self.reports.capacity() > 0 {
            let dropped = std::mem::take(&mut self.dropped);
            self.tell(format!("{dropped} lines were dropped: too many at once"));
        }
        end
    }

    /// Speaks over a connection until it ends.
    async fn talk(&mut self, stream: Box<dyn Stream>, orders: &mut Receiver<Order>) -> End {
        let (mut reader, mut writer) = tokio::io::split(stream);
        self.session.opened(self.now());
        let mut unended: Vec<u8> = Vec::new();
        let mut piece = [0; 8192];
        loop {
            // What there is to send is sent first: an answer to PING may be among it.
            while let Some(line) = self.session.next_line(self.now()) {
                tracing::trace!(network = %self.name, "> {line:?}");
                match timeout(SENDING, writer.write_all(&line.bytes())).await {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => return self.lost(format!("cannot send: {why}")),
                    Err(_) => return self.lost("the server takes nothing any more".to_owned()),
                }
            }
            if let Ok(Err(why)) = timeout(SENDING, writer.flush()).await {
                return self.lost(format!("cannot send: {why}"));
            }
            if let Some(end) = self.pass_on() {
                return end;
            }
            let wait = self.session.wait(self.now());
            tokio::select! {
                read = reader.read(&mut piece) => match read {
                    Ok(0) => return self.lost("the server closed the connection".to_owned()),
                    Ok(count) => {
                        unended.extend_from_slice(piece.get(..count).unwrap_or_default());
                        self.take_lines(&mut unended);
                        if unended.len() > MOST_UNENDED {
                            return self.lost(format!("{} bytes without an end of line", unended.len()));
                        }
                    }
                    Err(why) => return self.lost(format!("cannot read: {why}")),
                },
                order = orders.recv() => match order {
                    Some(Order::Quit(words)) => {
                        self.session.quit(&words);
                        return self.leave(&mut writer, &mut reader).await;
                    }
                    Some(order) => self.obey(order),
                    None => return End::Quit,
                },
                () = sleep(wait) => self.session.tick(self.now()),
            }
        }
    }

    fn take_lines(&mut self, unended: &mut Vec<u8>) {
        let mut from = 0;
        while let Some(end) = unended.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n')) {
            let line = unended.get(from..from + end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.session.received(line, self.start.elapsed(), (self.outside.now)());
            from += end + 1;
        }
        unended.drain(..from);
    }

    fn lost(&mut self, why: String) -> End {
        let _ = self.pass_on();
        self.report(Event::Ended { why, for_good: false });
        End::Lost
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Say { target, text } => match self.session.say(&target, &text) {
                Spoken::All => {}
                Spoken::Partly(rest) => self.report(Event::Held { target, rest }),
                Spoken::Refused => self.tell(format!("an answer to {target} was not said: too many wait")),
            },
            Order::Act { target, deed } => {
                self.session.act(&target, &deed);
            }
            Order::Reload(settings) => self.session.reload(*settings),
            Order::Quit(words) => self.session.quit(&words),
        }
    }

    /// Says goodbye and lets the server close.
    async fn leave(&mut self, writer: &mut (impl AsyncWrite + Unpin), reader: &mut (impl AsyncRead + Unpin)) -> End {
        let goodbye = async {
            while let Some(line) = self.session.next_line(self.start.elapsed()) {
                writer.write_all(&line.bytes()).await?;
            }
            writer.flush().await?;
            let mut rest = [0; 4096];
            while reader.read(&mut rest).await? > 0 {}
            std::io::Result::Ok(())
        };
        let _ = timeout(LEAVING, goodbye).await;
        End::Quit
    }

    /// Waits before coming back; orders are obeyed meanwhile.
    async fn rest(&mut self, pause: Duration, orders: &mut Receiver<Order>) -> End {
        let over = sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return End::Lost,
                order = orders.recv() => match order {
                    Some(Order::Quit(_)) | None => return End::Quit,
                    Some(Order::Reload(settings)) => self.session.reload(*settings),
                    // Nobody is there to hear it.
                    Some(Order::Say { .. } | Order::Act { .. }) => {}
                },
            }
        }
    }

    /// Waits for other settings.
    async fn until_reloaded(&mut self, orders: &mut Receiver<Order>) -> End {
        loop {
            match orders.recv().await {
                Some(Order::Quit(_)) | None => return End::Quit,
                Some(Order::Reload(settings)) => {
                    self.session.reload(*settings);
                    return End::Lost;
                }
                Some(Order::Say { .. } | Order::Act { .. }) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_makes_the_next_wait_longer_up_to_a_bound() {
        let seconds = |failures, chance| back_off(failures, chance).as_secs_f64();
        for (failures, expected) in [(0, 2.0), (1, 2.0), (2, 4.0), (5, 32.0), (9, 300.0), (1000, 300.0)] {
            assert!((seconds(failures, 0.5) - expected).abs() < 1e-9, "{failures}");
            assert!(seconds(failures, 0.0) >= expected * 0.75 && seconds(failures, 1.0) <= expected * 1.25);
        }
    }
}
