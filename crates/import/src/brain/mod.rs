//! Reads the brains of other bots: years of factoids, each with its author, its time and its channel.
//!
//! A format is told by what stands in the file, never by its name. Everything is kept: the rows as they were, so
//! that `quid export` can give the brain back, and beside them each factoid as this program says it. Code that a
//! brain holds is text here and never run.
//!
//! | bot | what it keeps | recognised by |
//! |---|---|---|
//! | infobot | `key => value` or `key -> value` | the arrows |
//! | blootbot, later infobots | SQL, SQLite: `factoids(factoid_key, factoid_value, created_by …)` | the columns |
//! | rbot | `when \| who \| where \| fact` | the first line |
//! | Limnoria Factoids | SQLite: `keys`, `factoids`, `relations` | the columns |
//! | MoobotFactoids | SQLite: `factoids(key, fact, created_by, requested_count …)` | the columns |
//! | Bucket | SQL: `bucket_facts(fact, tidbit, verb …)` | the columns |
//! | Ibid | factpacks in JSON; its database | `[[[`; the columns |
//! | pbot | SQLite: `index1` (channel), `index2` (keyword), `action`, `owner` | the columns |
//! | MCP memory server | `memory.jsonl` | lines with a `type` |
//! | anything else | a table with a column for keys and one for values | `data/brains/columns.tsv` |
//!
//! | in the brain | in the graph of its source |
//! |---|---|
//! | a factoid | thing `quid:is` "value" (or `quid:are`, a verb; `owl:sameAs` for an alias), thing `rdfs:label` "Key" |
//! | its row | `urn:quid:row:NAME:7` `quid:row` all cells as `rdf:JSON`, `rdf:reifies` the factoid |
//! | who, when, where | row `prov:wasAttributedTo`, `prov:generatedAtTime`, `prov:atLocation` |
//! | how often asked | row `quid:asked` |
//! | the value in the other bot's words | row `prov:value`, where it differs |
//! | the tables | graph `quid:tables` as `rdf:JSON`, `quid:brain` the format |

use std::io::Read as _;
use std::path::{Path, PathBuf};

use quid_core::oxrdf::Quad;

use crate::Problem;
use crate::source::{About, Compression, Dump, FileRead, Gauge, Input, Progress};

mod columns;
mod formats;
mod graph;
mod json;
mod lines;
mod model;
mod sql;
mod sqlite;
mod time;
mod write;

pub use graph::{BRAIN, ROW, TABLES};
pub use model::{Cell, Factoid, Row, Table, VERBATIM, Verb};

/// The largest brain that is read: it is held in memory whole.
const LARGEST: u64 = 1 << 30;

/// Which bot's brain it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// infobot's text dumps.
    Infobot,
    /// blootbot and infobots that came after it.
    Blootbot,
    /// rbot's facts.
    Rbot,
    /// Limnoria's (and Supybot's) Factoids.
    Limnoria,
    /// Limnoria's MoobotFactoids.
    Moobot,
    /// xkcd's Bucket.
    Bucket,
    /// Ibid.
    Ibid,
    /// pbot.
    Pbot,
    /// The Model Context Protocol's memory server.
    Memory,
    /// A table of factoids from anywhere.
    Table,
}

impl Format {
    const ALL: [(&'static str, Self); 10] = [
        ("infobot", Self::Infobot),
        ("blootbot", Self::Blootbot),
        ("rbot", Self::Rbot),
        ("Limnoria Factoids", Self::Limnoria),
        ("MoobotFactoids", Self::Moobot),
        ("Bucket", Self::Bucket),
        ("Ibid", Self::Ibid),
        ("pbot", Self::Pbot),
        ("MCP memory", Self::Memory),
        ("table", Self::Table),
    ];

    /// As people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// What kind of file a brain was kept in, so that it can be given back as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// An SQLite file.
    Sqlite,
    /// An SQL dump, MySQL's or another's.
    Sql {
        /// Whether strings are escaped with backslashes.
        mysql: bool,
    },
    /// Lines as they are.
    Lines,
    /// rbot's fields.
    Bars,
    /// One JSON value.
    Json,
    /// A table.
    Table {
        /// What stands between the fields.
        separator: u8,
        /// Whether the first line names the columns.
        header: bool,
    },
}

/// A brain, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Brain {
    /// Which bot's.
    pub format: Format,
    /// In what kind of file.
    pub container: Container,
    /// Its tables.
    pub tables: Vec<Table>,
    /// All rows of all tables.
    pub rows: Vec<Row>,
    /// What somebody taught it.
    pub factoids: Vec<Factoid>,
}

/// So much of a file is looked at to see whether it is text, in bytes.
const HEAD: usize = 4096;

/// Something wrong at a place of the file; 0 where the place is not known.
#[derive(Debug)]
struct Fault {
    line: usize,
    column: usize,
    message: String,
    expected: String,
}

impl Fault {
    fn new(line: usize, column: usize, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line, column, message: message.into(), expected: expected.into() }
    }

    fn of(self, path: &Path) -> Problem {
        Problem::at(path, self.line, self.column, self.message, self.expected)
    }
}

/// What was skipped.
#[derive(Debug, Default)]
struct Skipped {
    faults: Vec<Fault>,
}

impl Skipped {
    fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }
}

/// Reads a brain and tells what had to be skipped.
///
/// # Errors
/// A [`Problem`] when the file cannot be read, or is no brain of a known kind.
pub fn read(mut input: Input) -> Result<(Brain, Vec<Problem>), Problem> {
    let path = input.path().to_owned();
    let start = input.peek().map(|start| start.starts_with(sqlite::HEAD));
    let is_sqlite = start.map_err(|error| input.failed(0, &error))?;
    let mut skipped = Skipped::default();
    let brain = if is_sqlite && input.compression() == Compression::Plain && path != Path::new("-") {
        of_sqlite(&path, &mut skipped).map_err(|fault| fault.of(&path))?
    } else {
        let mut bytes = Vec::new();
        let whole = input.by_ref().take(LARGEST + 1).read_to_end(&mut bytes);
        if let Err(error) = whole {
            // What came before a truncated end is worth having.
            let problem = input.failed(0, &error);
            if bytes.is_empty() || is_sqlite {
                return Err(problem);
            }
            skipped.add(Fault::new(0, 0, problem.message, problem.expected));
        }
        if bytes.len() as u64 > LARGEST {
            return Err(Problem::of_file(&path, "this is too large for a brain", format!("at most {LARGEST} bytes")));
        }
        if is_sqlite {
            let unpacked = Unpacked::write(&path, &bytes)?;
            of_sqlite(&unpacked.0, &mut skipped).map_err(|fault| fault.of(&path))?
        } else {
            of_bytes(&path, &bytes, &mut skipped).map_err(|fault| fault.of(&path))?
        }
    };
    Ok((brain, skipped.faults.into_iter().map(|fault| fault.of(&path)).collect()))
}

/// Reads a brain that is text; `path` is only looked at for its name.
///
/// # Errors
/// As [`read`].
pub fn read_text(path: &Path, bytes: &[u8]) -> Result<(Brain, Vec<Problem>), Problem> {
    let mut skipped = Skipped::default();
    let brain = of_bytes(path, bytes, &mut skipped).map_err(|fault| fault.of(path))?;
    Ok((brain, skipped.faults.into_iter().map(|fault| fault.of(path)).collect()))
}

fn unknown() -> Fault {
    let known: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
    Fault::new(0, 0, "no known bot keeps its brain like this", format!("the brain of one of: {}", known.join(", ")))
}

fn of_sqlite(path: &Path, skipped: &mut Skipped) -> Result<Brain, Fault> {
    let (tables, rows) = sqlite::read(path, skipped)?;
    of_tables(Container::Sqlite, tables, rows).ok_or_else(unknown)
}

fn of_tables(container: Container, tables: Vec<Table>, rows: Vec<Row>) -> Option<Brain> {
    let (format, factoids) = formats::factoids(&formats::Tables { tables: &tables, rows: &rows })?;
    Some(Brain { format, container, tables, rows, factoids })
}

fn of_bytes(path: &Path, bytes: &[u8], skipped: &mut Skipped) -> Result<Brain, Fault> {
    let made = |format, container, (tables, rows, factoids)| Brain { format, container, tables, rows, factoids };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::new(0, 0, "there is nothing in it", "a brain"));
    }
    if json::is_ibid(bytes) {
        return Ok(made(Format::Ibid, Container::Json, json::ibid(bytes, skipped)));
    }
    if json::is_memory(bytes) {
        return Ok(made(Format::Memory, Container::Lines, json::memory(bytes, skipped)));
    }
    if sql::recognise(bytes) {
        let (tables, rows) = sql::read(bytes, skipped);
        let container = Container::Sql { mysql: sql::is_mysql(bytes) };
        return of_tables(container, tables, rows).ok_or_else(unknown);
    }
    if let Some(separator) = lines::named_separator(bytes) {
        return table(bytes, separator, skipped);
    }
    if lines::is_rbot(bytes) {
        return Ok(made(Format::Rbot, Container::Bars, lines::rbot(bytes, skipped)));
    }
    if lines::is_infobot(bytes) {
        let plural = path.file_stem().is_some_and(|stem| stem.to_string_lossy().to_lowercase().ends_with("-are"));
        let verb = if plural { Verb::Are } else { Verb::Is };
        return Ok(made(Format::Infobot, Container::Lines, lines::infobot(bytes, &verb, skipped)));
    }
    // A comma stands in any noise; a table without a name for anything must at least be text. Colours and the like
    // of IRC are.
    let irc = [1, 2, 3, 0xf, 0x16, 0x1d, 0x1f];
    let is_noise = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r') && !irc.contains(byte);
    let Some(separator) = lines::separator(bytes).filter(|_| !bytes.iter().take(HEAD).any(is_noise)) else {
        return Err(unknown());
    };
    table(bytes, separator, skipped)
}

fn table(bytes: &[u8], separator: u8, skipped: &mut Skipped) -> Result<Brain, Fault> {
    let (tables, rows, header) = lines::table(bytes, separator, skipped);
    of_tables(Container::Table { separator, header }, tables, rows).ok_or_else(unknown)
}

/// An SQLite file that came compressed, unpacked for as long as it is read.
struct Unpacked(PathBuf);

impl Unpacked {
    fn write(from: &Path, bytes: &[u8]) -> Result<Self, Problem> {
        let name = format!("quid-{}-{}.sqlite3", std::process::id(), bytes.len());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).map_err(|error| {
            let message = format!("it cannot be unpacked to {}: {error}", path.display());
            Problem::of_file(from, message, "room for it, or the file unpacked")
        })?;
        Ok(Self(path))
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // It may never have been written; nothing depends on its going.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A brain as the loader wants it.
pub struct BrainDump {
    name: String,
    title: String,
    licence: String,
    factoids: usize,
    rows: usize,
    quads: std::vec::IntoIter<Quad>,
    problems: std::vec::IntoIter<Problem>,
    path: PathBuf,
    gauge: Gauge,
}

impl BrainDump {
    /// Reads the brain in this file, to be stored under this name; without a title it is called by its name and bot.
    ///
    /// # Errors
    /// As [`read`].
    pub fn open(path: &Path, name: &str, title: &str, licence: &str) -> Result<Self, Problem> {
        let input = Input::open(path)?;
        let gauge = input.gauge();
        let (brain, mut problems) = read(input)?;
        let quads = graph::quads(&brain, name, &mut |row, message, expected| {
            let message = format!("row {}: {message}", row + 1);
            problems.push(Problem::of_file(path, message, expected));
        });
        Ok(Self {
            name: name.to_owned(),
            title: if title.is_empty() { format!("{name} ({})", brain.format.name()) } else { title.to_owned() },
            licence: licence.to_owned(),
            factoids: brain.factoids.len(),
            rows: brain.rows.len(),
            quads: quads.into_iter(),
            problems: problems.into_iter(),
            path: path.to_owned(),
            gauge,
        })
    }
}

impl Dump for BrainDump {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn about(&self, source: &str) -> About {
        About { name: source.to_owned(), title: self.title.clone(), licence: self.licence.clone() }
    }

    fn next(&mut self) -> Option<Result<Quad, Problem>> {
        self.problems.next().map(Err).or_else(|| self.quads.next().map(Ok))
    }

    fn identity(&self) -> String {
        format!("brain {}", self.path.display())
    }

    fn summary(&self) -> Vec<(&'static str, u64)> {
        vec![("rows", self.rows as u64), ("factoids", self.factoids as u64)]
    }

    fn progress(&self) -> Progress {
        let whole = self.gauge.progress();
        Progress { done: whole.total, total: whole.total }
    }

    fn files(&self) -> Vec<FileRead> {
        vec![self.gauge.file()]
    }
}
