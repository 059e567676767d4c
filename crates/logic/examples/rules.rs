//! Asks six questions about WordNet that are hard for rule engines, beside SWI-Prolog's tabling on the same facts.
//!
//! `cargo run --release -p quid-logic --example rules` reads the WNDB files that Debian's `wordnet-base` installs and
//! runs `swipl` when it is there. Times are processor time of a question asked anew, without any table of an earlier
//! one: short questions are asked thousands of times over, since the clock ticks in milliseconds, and the least mean of
//! several rounds counts; of long ones the least time. The answers of both are compared, and of ours a hundred proofs
//! are checked.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)] // a program, not the crate
#![allow(clippy::cast_possible_truncation, clippy::type_complexity)] // of the number of a variable

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::process::Command;

use quid_core::oxrdf::{NamedNode, NamedNodeRef, Term, Triple};
use quid_core::proof::NoBuiltIns;
use quid_core::{Argument, Budget, Fact, Facts, Fault, Feed, Goal, Literal, Query, Rule, Rulebook, columns};
use quid_logic::{Ground, Mirror, Program, ask};

const FOLDER: &str = "/usr/share/wordnet";

/// Facts found by any of their parts.
struct Shelf {
    facts: Vec<Fact>,
    by: [BTreeMap<(String, String), Vec<usize>>; 2],
    by_predicate: BTreeMap<String, Vec<usize>>,
}

impl Shelf {
    fn add(&mut self, subject: &str, predicate: &str, object: &str) {
        let node = |name: &str| NamedNode::new_unchecked(format!("http://wordnet-rdf.princeton.edu/wn30/{name}"));
        let predicate = columns::relation(predicate);
        let at = self.facts.len();
        for (by, end) in self.by.iter_mut().zip([subject, object]) {
            by.entry((predicate.as_str().to_owned(), node(end).into_string())).or_default().push(at);
        }
        self.by_predicate.entry(predicate.as_str().to_owned()).or_default().push(at);
        let graph = NamedNode::new_unchecked("urn:quid:dump:wordnet-3.0");
        self.facts.push(Fact { subject: node(subject).into(), predicate, object: node(object).into(), graph });
    }
}

impl Facts for Shelf {
    fn each(
        &self,
        subject: Option<&Term>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
        visit: &mut dyn FnMut(&Fact) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let predicate = predicate.map(|predicate| predicate.as_str().to_owned()).unwrap_or_default();
        let key = |term: &Term| match term {
            Term::NamedNode(node) => (predicate.clone(), node.as_str().to_owned()),
            other => (predicate.clone(), other.to_string()),
        };
        let found = match (subject, object) {
            (Some(subject), _) => self.by[0].get(&key(subject)),
            (None, Some(object)) => self.by[1].get(&key(object)),
            (None, None) => self.by_predicate.get(&predicate),
        };
        for &at in found.into_iter().flatten() {
            let fact = &self.facts[at];
            if object.is_none_or(|object| *object == fact.object) && visit(fact).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn feed(&self) -> Option<&dyn Feed> {
        Some(self)
    }
}

impl Feed for Shelf {
    fn keeper(&self) -> u64 {
        1
    }
    fn version(&self) -> u64 {
        1
    }
    fn since(&self, _: u64) -> Option<Vec<Triple>> {
        Some(Vec::new())
    }
    fn everybodys(&self) -> &dyn Facts {
        self
    }
    fn shows(&self, _: &NamedNode) -> bool {
        true
    }
}

/// Questions with more runs than this are short, and measured many at a time.
const LONG: u32 = 20;
/// Seconds of processor time that a round of a short question takes at least.
const ROUND: f64 = 0.3;

/// What is asked: a name, the rules, the question, and how often.
const QUESTIONS: [(&str, &str, &str, u32); 6] = [
    ("hypernyms of dog", "up(X,Y) :- hyp(X,Y).\nup(X,Z) :- hyp(X,Y), up(Y,Z).", "up('02084071-n',A)", 21),
    (
        "hyponyms of entity, with instances",
        "kind(X,Y) :- hyp(X,Y).\nkind(X,Y) :- inst(X,Y).\nbelow(X,Y) :- kind(X,Y).\nbelow(X,Z) :- kind(Y,Z), below(X,Y).",
        "below(A,'00001740-n')",
        5,
    ),
    (
        "lowest common hypernym of dog and cat",
        "up(X,Y) :- hyp(X,Y).\nup(X,Z) :- hyp(X,Y), up(Y,Z).\n\
         common(X) :- up('02084071-n',X), up('02121620-n',X).\nabove(X) :- common(Y), up(Y,X).\n\
         lowest(X) :- common(X), \\+ above(X).",
        "lowest(A)",
        21,
    ),
    ("all hypernyms of all", "up(X,Y) :- hyp(X,Y).\nup(X,Z) :- hyp(X,Y), up(Y,Z).", "up(A,B)", 3),
    (
        "all parts, inherited by kinds and instances",
        "kind(X,Y) :- hyp(X,Y).\nkind(X,Y) :- inst(X,Y).\nhas(X,P) :- part(X,P).\nhas(X,P) :- kind(X,Y), has(Y,P).",
        "has(A,B)",
        3,
    ),
    (
        "same generation as dog",
        "sg(X,Y) :- hyp(X,P), hyp(Y,P).\nsg(X,Y) :- hyp(X,P), sg(P,Q), hyp(Y,Q).",
        "sg('02084071-n',A)",
        5,
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut shelf = Shelf { facts: Vec::new(), by: Default::default(), by_predicate: BTreeMap::new() };
    let mut prolog = String::new();
    for (part, letter) in [("noun", 'n'), ("verb", 'v')] {
        let text = std::fs::read_to_string(format!("{FOLDER}/data.{part}"))?;
        for line in text.lines().filter(|line| !line.starts_with(' ')) {
            for (from, relation, to) in pointers(line, letter).ok_or("a line of another form")? {
                shelf.add(&from, relation, &to);
                writeln!(prolog, "{relation}('{from}','{to}').")?;
            }
        }
    }
    let only = std::env::args().nth(1);
    let mirror = Mirror::new(1 << 30);
    let before = processor_time();
    for relation in ["hyp", "inst", "part", "has_member", "substance", "entails", "cause"] {
        let open = Literal {
            predicate: columns::relation(relation),
            arguments: vec![Argument::Variable(0), Argument::Variable(1)],
        };
        let mut all = Query::asking(vec![Goal::Holds(open)]);
        all.limit = Some(1);
        let rules = Program::default();
        let budget = Budget::steps(u64::MAX);
        let ground = Ground { facts: &shelf, rules: &rules, builtins: &NoBuiltIns, mirror: Some(&mirror) };
        ask(&all, &ground, &budget)?;
    }
    let (terms, rows, dictionary) = mirror.measure();
    println!(
        "{} facts mirrored in {:.3} s; {terms} terms, {:.1} bytes each for relations, {:.1} for the dictionary",
        shelf.facts.len(),
        processor_time() - before,
        rows as f64 / terms as f64,
        dictionary as f64 / terms as f64
    );
    println!("{:<44} {:>8} {:>10} {:>10} {:>8}", "", "answers", "quid ms", "swipl ms", "ratio");
    for (name, rules, question, runs) in QUESTIONS {
        if only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let (count, least, sum) = ours(&shelf, &mirror, rules, question, runs)?;
        let theirs = theirs(&prolog, rules, question, runs)?;
        let (other, ratio) = match theirs {
            Some((their_count, their_sum, time)) => {
                if (their_count, their_sum) != (count, sum) {
                    return Err(
                        format!("{name}: swipl has {their_count} answers, sum {their_sum}; we {count}, {sum}").into()
                    );
                }
                (format!("{time:.3}"), format!("{:.1}", time / least))
            }
            None => ("skipped".to_owned(), String::new()),
        };
        println!("{name:<44} {count:>8} {least:>10.5} {other:>10} {ratio:>8}");
    }
    Ok(())
}

/// How many answers, the least milliseconds, and the sum of the numbers in the answers.
fn ours(
    shelf: &Shelf,
    mirror: &Mirror,
    rules: &str,
    question: &str,
    runs: u32,
) -> Result<(usize, f64, u64), Box<dyn Error>> {
    let rules: Vec<Rule> = rules
        .lines()
        .enumerate()
        .map(|(at, line)| rule(line, &format!("wordnet/{at}")))
        .collect::<Option<_>>()
        .ok_or("a rule")?;
    let program = Program::new(&Rulebook { rules });
    let query = Query::asking(vec![goal(question, &mut Vec::new()).ok_or("a goal")?]);
    let ground = Ground { facts: shelf, rules: &program, builtins: &NoBuiltIns, mirror: Some(mirror) };
    let (mut least, mut count, mut sum) = (f64::MAX, 0, 0);
    for run in 0..if runs > LONG { 5 } else { runs } {
        let (before, mut asked, mut spent) = (processor_time(), 0_u32, 0.0);
        // Answers hold the mirror as long as they live: while there are some, the next question would do without it.
        while runs > LONG && spent < ROUND {
            for _ in 0..100 {
                ask(&query, &ground, &Budget::steps(u64::MAX))?;
            }
            asked += 100;
            spent = processor_time() - before;
        }
        let budget = Budget::steps(u64::MAX);
        let found = ask(&query, &ground, &budget)?;
        asked += 1;
        spent = processor_time() - before;
        least = least.min(1000.0 * spent / f64::from(asked));
        if run == 0 {
            count = found.len();
            let step = (count / 100).max(1);
            for row in (0..count).step_by(step) {
                found.verified(row)?;
            }
            sum = (0..count).flat_map(|row| found.values(row)).map(|term| offset(&term.to_string())).sum();
        }
    }
    Ok((count, least, sum))
}

fn theirs(facts: &str, rules: &str, question: &str, runs: u32) -> Result<Option<(usize, u64, f64)>, Box<dyn Error>> {
    if Command::new("swipl").arg("--version").output().is_err() {
        return Ok(None);
    }
    let heads: std::collections::BTreeSet<&str> = rules.lines().filter_map(|line| line.split('(').next()).collect();
    let mut program = String::from(":- style_check(-discontiguous).\n:- dynamic hyp/2, inst/2, part/2.\n");
    for head in &heads {
        let width = if ["common", "above", "lowest"].contains(head) { 1 } else { 2 };
        writeln!(program, ":- table {head}/{width}.")?;
    }
    let columns = if question.contains(",B)") { "A,B" } else { "A" };
    writeln!(program, "{facts}\n{}", rules.replace("\\+ above(X)", "tnot(above(X))"))?;
    writeln!(program, "n(T,N) :- sub_atom(T,0,8,_,S), atom_number(S,N).")?;
    writeln!(program, "v(({columns}),N) :- maplist(n,[{columns}],L), sum_list(L,N).")?;
    writeln!(
        program,
        "one(T) :- abolish_all_tables, garbage_collect, statistics(cputime,T0), (({question}, fail) ; true), \
         statistics(cputime,T1), T is 1000*(T1-T0).\n\
         many(T) :- R = 2000, abolish_all_tables, statistics(cputime,T0), (between(1,R,_), abolish_all_tables, \
         (({question}, fail) ; true), fail ; true), statistics(cputime,T1), T is 1000*(T1-T0)/R.\n\
         main :- findall(({columns}),{question},L), length(L,C), aggregate_all(sum(N),(member(X,L),v(X,N)),S), \
         (({runs} > {LONG}) -> findall(T,(between(1,3,_), many(T)),Us) ; findall(T,(between(1,{runs},_), one(T)),Us)), \
         min_list(Us,M), format(\"~w ~w ~6f~n\",[C,S,M])."
    )?;
    let folder = std::env::temp_dir().join(format!("quid-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("rules.pl");
    std::fs::write(&file, program)?;
    let out = Command::new("swipl")
        .args(["--stack-limit=4g", "--table-space=4g", "-q", "-g", "main", "-t", "halt"])
        .arg(&file)
        .output()?;
    std::fs::remove_dir_all(&folder)?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let mut parts = text.split_whitespace();
    let mut next = || parts.next().ok_or_else(|| format!("swipl: {text}{}", String::from_utf8_lossy(&out.stderr)));
    Ok(Some((next()?.parse()?, next()?.parse()?, next()?.parse()?)))
}

/// The number in `…/02084071-n`.
fn offset(text: &str) -> u64 {
    text.trim_end_matches('>')
        .rsplit('/')
        .next()
        .and_then(|name| name.get(..8))
        .and_then(|name| name.parse().ok())
        .unwrap_or(0)
}

/// `head :- body.`, in the small part of the language that the questions above need.
fn rule(line: &str, name: &str) -> Option<Rule> {
    let (head, body) = line.trim_end_matches('.').split_once(" :- ")?;
    let mut variables = Vec::new();
    let Goal::Holds(head) = goal(head, &mut variables)? else { return None };
    let body = body.split("), ").map(|text| goal(&format!("{})", text.trim_end_matches(')')), &mut variables));
    Some(Rule { name: name.to_owned(), head, body: body.collect::<Option<_>>()?, says: String::new() })
}

fn goal(text: &str, variables: &mut Vec<String>) -> Option<Goal> {
    let denied = text.starts_with("\\+ ");
    let (relation, arguments) = text.trim_start_matches("\\+ ").trim_end_matches(')').split_once('(')?;
    let arguments = arguments.split(',').map(|argument| match argument.strip_prefix('\'') {
        Some(name) => {
            let name = name.trim_end_matches('\'');
            Argument::Term(NamedNode::new_unchecked(format!("http://wordnet-rdf.princeton.edu/wn30/{name}")).into())
        }
        None => {
            let at = variables.iter().position(|known| known == argument).unwrap_or_else(|| {
                variables.push(argument.to_owned());
                variables.len() - 1
            });
            Argument::Variable(at as u32)
        }
    });
    let literal = Literal { predicate: columns::relation(relation), arguments: arguments.collect() };
    Some(if denied { Goal::Not(literal) } else { Goal::Holds(literal) })
}

/// The pointers of a line of a data file that matter here.
fn pointers(line: &str, letter: char) -> Option<Vec<(String, &'static str, String)>> {
    let mut fields = line.split(' ');
    let own = format!("{}-{letter}", fields.next()?);
    let words = usize::from_str_radix(fields.nth(2)?, 16).ok()?;
    let mut fields = fields.skip(2 * words);
    let count: usize = fields.next()?.parse().ok()?;
    let mut found = Vec::new();
    for _ in 0..count {
        let (symbol, offset, part, ends) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let relation = match symbol {
            "@" => "hyp",
            "@i" => "inst",
            "%p" => "part",
            "%m" => "has_member",
            "%s" => "substance",
            "*" => "entails",
            ">" => "cause",
            _ => continue,
        };
        if ends == "0000" {
            found.push((own.clone(), relation, format!("{offset}-{part}")));
        }
    }
    Some(found)
}

/// The processor time that this process has used, in seconds.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
}
