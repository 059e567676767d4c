//! Everything the program can be asked to do on the command line, declared once.
//!
//! Help, man page and shell completions are all made from this declaration; each command shows an example,
//! and a test runs the examples.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use quid_core::Regime;

use crate::commands::{flops, model, train};
use crate::eval;

/// A bot that learns in plain words and answers honestly: what it proved, what it was told, what it guesses,
/// and what it does not know are four different answers.
#[derive(Debug, Parser)]
#[command(
    name = "quid",
    version,
    max_term_width = 100,
    after_help = "\
Without a command: the chat; reads lines when its input is piped.
Exit codes: 0 answered, 1 \"I don't know\", 2 error.

Example:
  echo 'hello' | quid"
)]
pub struct Arguments {
    /// Where everything learned lives (default: $QUID_HOME, else quidnunc in the XDG data directory)
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,

    /// Files that replace or join the built-in patterns, phrases and rules (default: $QUID_DATA)
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// A SPARQL 1.1 server as the knowledge base (default: $QUID_STORE, else the home's own store)
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,

    /// The bot's own name
    #[arg(long, global = true, value_name = "NICK", default_value = "quid", hide = true)]
    pub me: String,

    /// One JSON object a line instead of words
    #[arg(long, global = true)]
    pub json: bool,

    /// What to do; the chat when absent
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands, in the order the help lists them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Chat; with --json one object a line in, one reply a line out
    #[command(after_help = "\
With --json, only \"text\" is needed of:
  {\"nick\":\"ann\",\"where\":\"#tea\",\"addressed\":true,\"account\":\"ann\",\"rights\":\"everyone\",
   \"passive\":false,\"text\":\"coffee is a drink\",\"at\":\"2026-01-02T03:04:05Z\"}
`where` is a channel, `global`, or `private`, the default; `rights` is one of ignored, everyone,
trusted, operator, owner.

Example:
  echo '{\"text\":\"coffee is a drink\"}' | quid chat --json")]
    Chat,

    /// Ask one question
    #[command(after_help = "Example:\n  quid ask 'what is coffee?'")]
    Ask(Words),

    /// Teach one thing
    #[command(after_help = "Example:\n  quid learn 'coffee is a drink'")]
    Learn(Words),

    /// Show why the last answer holds, or the answer to a given question
    #[command(after_help = "Example:\n  quid why 'is coffee a drink?'")]
    Why {
        /// A question; the last one asked when absent
        question: Vec<String>,
        #[command(flatten)]
        shown: ProofShown,
    },

    /// Answer a question in logic over everything known
    #[command(after_help = "\
The language is Prolog's without function symbols: conjunction, `;`, `\\+`, comparison, arithmetic, text, dates,
findall, count, sum, min, max, limit, offset, order_by. Rules and facts come from `quid load prolog FILE`, from
ontologies/*.pl, and from what was taught.

Example:
  quid prove '?- X is 6 * 7.' --why")]
    Prove(Prove),

    /// Show what was ever known of a name: who taught, corrected, forgot it, and when
    #[command(after_help = "Example:\n  quid history coffee")]
    History(Words),

    /// Take back the last change, or the last COUNT
    #[command(after_help = "Example:\n  quid undo")]
    Undo {
        /// How many changes
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        count: u32,
    },

    /// Run a read-only SPARQL query over everything you may see, or at another server
    #[command(after_help = "\
With --entailment, what follows from the axioms of the loaded ontologies is answered too: `rdf`, `rdfs`,
`owl-rl`, `owl-rl-same` (where owl:sameAs makes two names one), `rules` (rdfs and the rules in force).

With --endpoint another SPARQL server is asked. $QUID_ENDPOINT_TOKEN may hold a bearer token for it, or
$QUID_ENDPOINT_LOGIN a name and password as name:password.

Example:
  quid query 'SELECT * WHERE { ?thing ?relation ?value } LIMIT 3'")]
    Query {
        /// The query, or `-` to read it from the input
        #[arg(required_unless_present = "file", value_name = "SPARQL")]
        text: Option<String>,
        /// Read the query from this file
        #[arg(long, value_name = "PATH", conflicts_with = "text")]
        file: Option<PathBuf>,
        /// At most so many rows
        #[arg(long, default_value_t = 1000)]
        limit: usize,
        /// What counts as true beside what is stored
        #[arg(long, value_name = "REGIME", default_value = "none", value_parser = regimes())]
        entailment: Regime,
        /// Ask this server in the place of what is stored here
        #[arg(long, value_name = "URL", conflicts_with = "entailment")]
        endpoint: Option<String>,
        /// How long another server may take, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "endpoint",
              value_parser = clap::value_parser!(u64).range(1..))]
        timeout: u64,
    },

    /// Find stored texts by their words and their meaning
    #[command(after_help = "Example:\n  quid search hot drink")]
    Search {
        /// The words
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many
        #[arg(long, default_value_t = 10)]
        limit: usize,
    },

    /// Find the word for a description: "a person who studies stars"
    #[command(after_help = "Example:\n  quid word a drink")]
    Word {
        /// The description
        #[arg(required = true)]
        description: Vec<String>,
        /// At most so many
        #[arg(long, default_value_t = 10)]
        limit: usize,
    },

    /// Talk on IRC
    #[command(after_help = "\
While it runs, other commands and a second chat reach the same knowledge through it.
SIGHUP reads the configuration again without leaving; SIGTERM takes leave.

Example:
  quid irc --example-config > quid.toml")]
    Irc {
        /// The configuration
        #[arg(long, value_name = "PATH", default_value = "quid.toml")]
        config: PathBuf,
        /// Print a configuration with a comment for everything in it, and end
        #[arg(long)]
        example_config: bool,
    },

    /// Serve programs and browsers over HTTP: SPARQL, questions, MCP, chat completions, a page
    #[command(after_help = "\
Without a configuration it answers on the loopback address, read-only. $QUID_SERVE_TOKEN may hold a token that
allows everything; the part [serve] of the configuration has more. While it runs, other commands and a second chat
reach the same knowledge through it. SIGTERM lets running answers finish.

Example:
  quid serve --http 127.0.0.1:7878")]
    Serve {
        /// Where to listen
        #[arg(long, value_name = "ADDRESS:PORT")]
        http: Option<std::net::SocketAddr>,
        /// The configuration; `quid irc --example-config` prints one
        #[arg(long, value_name = "PATH")]
        config: Option<PathBuf>,
        /// Talk on the configuration's IRC networks too
        #[arg(long)]
        irc: bool,
    },

    /// Be the memory of a language model: the Model Context Protocol over standard input and output
    #[command(after_help = "\
For the configuration of the program that runs the model; several may run at once on one home. What the model learns
is told as its program's, and it never has an operator's rights. Over HTTP the same is at /mcp of `quid serve`.

Example:
  quid mcp < /dev/null")]
    Mcp,

    /// Load a knowledge base
    #[command(subcommand, arg_required_else_help = true)]
    Load(Load),

    /// List what is loaded
    #[command(after_help = "Example:\n  quid sources")]
    Sources,

    /// Remove something loaded
    #[command(after_help = "Example:\n  quid unload wordnet-3.0")]
    Unload {
        /// Its name, as `quid sources` lists it
        name: String,
    },

    /// Write a source out: a loaded one, or `said` for all that people taught
    #[command(after_help = "\
N-Quads, unless it is ConceptNet or another bot's brain: these are given back in their own format.

Example:
  quid export said")]
    Export {
        /// Its name, as `quid sources` lists it
        name: String,
        /// In which format; `tsv` is a table of factoids
        #[arg(long, value_enum)]
        format: Option<ExportFormat>,
        /// Into this file instead of the output
        #[arg(long, short, value_name = "PATH")]
        output: Option<PathBuf>,
    },

    /// Language models: list, add, check, use
    #[command(subcommand, arg_required_else_help = true, after_help = "Example:\n  quid model list")]
    Model(model::Asked),

    /// Ask a file of questions, and measure how good the answers are
    #[command(after_help = "\
A line is {\"question\": \"…\", \"answers\": [\"…\"]}, where [] says that there is no answer; or the question, a tab,
and the answers with | between them. Answers are compared as sets, by name or number. Nothing is written.
A share stands with its 95% interval (Wilson); AURC is the mean risk of a wrong reply over all coverages.

Example:
  printf 'is coffee a drink?\\tyes\\n' > questions.tsv; quid eval questions.tsv --plot risk.svg")]
    Eval(eval::Asked),

    /// Train the small models on the relations of this home
    #[command(subcommand, arg_required_else_help = true, after_help = "Example:\n  quid train generator --help")]
    Train(train::Asked),

    /// Explain what an answer of a language model costs, in floating-point operations
    #[command(after_help = "\
A symbolic answer costs 0. Every answer of a model says what it took; this explains the figure.

Example:
  quid flops llama-3.1-8b --prompt 1000 --generated 100")]
    Flops(flops::Asked),

    /// Examine the home: journal, store, text index, sources, rights
    #[command(after_help = "Example:\n  quid doctor")]
    Doctor,

    /// Rebuild what was taught from the journal, and the text index from the store
    #[command(after_help = "Example:\n  quid repair")]
    Repair,

    /// Show where everything lies
    #[command(after_help = "Example:\n  quid paths")]
    Paths,

    /// Print a shell's completion script
    #[command(after_help = "Example:\n  quid completions bash")]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },

    /// Print the manual page
    #[command(after_help = "Example:\n  quid man")]
    Man,

    /// Measure starting and answering over what is loaded
    #[command(hide = true)]
    Bench {
        /// How many questions
        #[arg(long, default_value_t = 1000)]
        questions: usize,
        /// How many things to teach, each acknowledged before the next
        #[arg(long, default_value_t = 0)]
        teach: usize,
    },
}

/// A line of chat as arguments: quoted or not.
#[derive(Args, Debug)]
pub struct Words {
    /// The words, as in chat
    #[arg(required = true)]
    pub words: Vec<String>,
}

/// How a source is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    /// Every quad as it is stored
    Nquads,
    /// As it was before it was loaded
    Own,
    /// Another bot's factoids as a table: key, verb, value, author, time, channel, how often asked
    Tsv,
}

/// What can be loaded.
#[derive(Debug, Subcommand)]
pub enum Load {
    /// A WordNet: its WNDB files, or any language's in WN-LMF
    #[command(after_help = "\
Replaces an earlier load. Without a path: where Debian's wordnet-base and wordnet-sense-index put WordNet 3.0.
Other editions (3.1, Open English WordNet) are told by their first lines and stand beside it.

Example:
  quid load wordnet")]
    Wordnet {
        /// The folder with data.noun, index.noun, index.sense …, or a lexicon in WN-LMF (.xml, .xml.gz)
        path: Option<PathBuf>,
        #[command(flatten)]
        named: Named,
    },

    /// ConceptNet 5 from its file of assertions, plain or compressed
    #[command(
        name = "conceptnet",
        after_help = "\
Each of its datasets becomes a source of its own, conceptnet/wiktionary/en and so on, in the place of what an
earlier load brought. A load that is interrupted keeps what it had stored: --resume goes on from there.

Example:
  quid load conceptnet conceptnet-assertions-5.7.0.csv.gz --languages en --min-weight 1"
    )]
    Conceptnet(LoadConceptNet),

    /// RDF in any serialisation, an ontology in OWL or OBO, a SKOS thesaurus
    #[command(visible_aliases = ["owl", "obo", "skos"], after_help = "\
Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD, N3 and OBO are told apart by their content; gzip, bzip2 and
zstd are unpacked. Labels, synonyms and definitions are known to the chat at once. The first 64 named graphs become
sources of their own, NAME/GRAPH; what stands in further ones goes into NAME itself, and reifiers (quid:graph) say
where it stood.

Example:
  quid load rdf pizza.owl --title 'the pizza ontology'")]
    Rdf {
        /// The files, or `-` for the standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What relative IRIs are relative to
        #[arg(long, value_name = "IRI", default_value = "")]
        base: String,
        #[command(flatten)]
        named: Named,
    },

    /// Facts and rules written as Prolog
    #[command(after_help = "\
Facts of any width become known at once, rules with them; `quid unload NAME` removes both. Several files are one
program.

Example:
  quid load prolog family.pl --name family")]
    Prolog {
        /// The files, or `-` for the standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        named: Named,
    },

    /// The brain of another bot: infobot, blootbot, rbot, Limnoria, Bucket, Ibid, pbot, an MCP memory, a table
    #[command(after_help = "\
Which bot's it is, is told by what stands in the file. `quid export NAME` gives it back as it was.

Example:
  quid load brain infobot.fact")]
    Brain {
        /// Its file
        file: PathBuf,
        #[command(flatten)]
        named: Named,
    },
}

/// How a proof is shown.
#[derive(Args, Clone, Debug, Default)]
pub struct ProofShown {
    /// Show the proof as an indented tree
    #[arg(long)]
    pub tree: bool,
    /// Print the proof as a Graphviz graph, or write it to a file
    #[arg(long, value_name = "PATH", num_args = 0..=1, default_missing_value = "-")]
    pub dot: Option<PathBuf>,
    /// Write the proof as a picture
    #[arg(long, value_name = "PATH")]
    pub svg: Option<PathBuf>,
}

/// A question in logic, and how its answers are shown.
#[derive(Args, Clone, Debug)]
pub struct Prove {
    /// The question: `?- goal.`
    #[arg(required = true, value_name = "GOAL")]
    pub goal: Vec<String>,
    /// Tell why each solution holds, or what is missing when there is none
    #[arg(long)]
    pub why: bool,
    /// At most so many solutions
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    #[command(flatten)]
    pub shown: ProofShown,
}

/// Which of ConceptNet's assertions, and how.
#[derive(Args, Debug)]
pub struct LoadConceptNet {
    /// The file, or `-` for the standard input
    pub path: PathBuf,
    /// Only assertions about words of these languages
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub languages: Vec<String>,
    /// Only assertions that weigh at least this
    #[arg(long, value_name = "WEIGHT")]
    pub min_weight: Option<f64>,
    /// Only these relations (`IsA,UsedFor`)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub relations: Vec<String>,
    /// The name of the sources
    #[arg(long, value_name = "NAME", default_value = "conceptnet")]
    pub name: String,
    /// Go on where an interrupted load of the same file stopped
    #[arg(long)]
    pub resume: bool,
    /// Quads between two places from which an interrupted load can go on
    #[arg(long, value_name = "QUADS", default_value_t = 8_000_000, hide = true)]
    pub mark_every: u64,
    /// Stop at the first bad line, and load nothing
    #[arg(long)]
    pub strict: bool,
}

/// How something loaded is to be called, and how strictly it is read.
#[derive(Args, Debug)]
pub struct Named {
    /// The name of the source; the file's when absent
    #[arg(long)]
    pub name: Option<String>,
    /// As people call it, said wherever the source is named
    #[arg(long, default_value = "")]
    pub title: String,
    /// Under which licence it is given
    #[arg(long, default_value = "")]
    pub licence: String,
    /// Stop at the first bad line, and load nothing
    #[arg(long)]
    pub strict: bool,
}

fn regimes() -> impl TypedValueParser<Value = Regime> {
    let names = PossibleValuesParser::new(Regime::NAMED.map(|(name, _)| name));
    names.map(|name| Regime::named(&name).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_declaration_is_consistent() {
        Arguments::command().debug_assert();
    }
}
