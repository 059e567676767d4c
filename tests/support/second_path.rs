//! A second look at answers that differ from a table of expected ones: who is right is computed, not asserted.
//!
//! The table about geography was made from another database than the program that is loaded, and that one compares
//! numbers as texts ("979" above "6194") and counts rows twice that say the same twice. So an answer that differs
//! counts as right only where one of two things shows it: the same question over the same program with its numbers in
//! the order of their texts gives just what the table has, or SWI-Prolog finds the same answer as we do from a goal
//! that was written by hand for that kind of question.

use std::path::Path;
use std::process::Command;

/// The fields of a fact: quoted names, numbers, lists.
fn fields(fact: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let (mut quoted, mut depth) = (false, 0);
    for c in fact.chars() {
        match c {
            '\'' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            _ => {}
        }
        let last = found.last_mut().expect("there is always one");
        match c {
            ',' if !quoted && depth == 0 => found.push(String::new()),
            ' ' if !quoted => {}
            c => last.push(c),
        }
    }
    found
}

fn text_of(number: &str) -> String {
    number.parse::<f64>().expect("a number").to_string()
}

/// A program whose columns of numbers are in the order of their texts, and the texts in that order.
pub struct Altered {
    pub program: String,
    texts: Vec<String>,
}

impl Altered {
    /// `columns`: those of the named relation that are put in order, each column by itself and the first lowest.
    pub fn of(program: &str, relation: &str, columns: &[usize]) -> Self {
        let start = format!("{relation}(");
        let rows = || program.lines().filter_map(|line| line.strip_prefix(&start)?.strip_suffix(")."));
        let mut texts: Vec<String> = Vec::new();
        let mut bases = Vec::new();
        for &column in columns {
            bases.push(texts.len());
            let mut own: Vec<String> = rows().map(|row| text_of(&fields(row)[column])).collect();
            own.sort();
            own.dedup();
            texts.extend(own);
        }
        let lines = program.lines().map(|line| {
            let Some(row) = line.strip_prefix(&start).and_then(|rest| rest.strip_suffix(").")) else {
                return line.to_owned();
            };
            let mut fields = fields(row);
            for (&column, &base) in columns.iter().zip(&bases) {
                let text = text_of(&fields[column]);
                let at = texts[base..].iter().position(|other| *other == text).expect("it was taken from here");
                fields[column] = (base + at).to_string();
            }
            format!("{start}{}).", fields.join(","))
        });
        let program = lines.collect::<Vec<_>>().join("\n");
        Self { program, texts }
    }

    /// The same with another relation's columns in order too; what is asked for is a number of the first.
    pub fn and(&self, relation: &str, columns: &[usize]) -> Self {
        Self { program: Self::of(&self.program, relation, columns).program, texts: self.texts.clone() }
    }

    /// A number of the altered program as the text it stands for.
    pub fn back(&self, answer: &str) -> String {
        answer.parse().ok().and_then(|at: usize| self.texts.get(at).cloned()).unwrap_or_else(|| answer.to_owned())
    }
}

/// Goals for the kinds of questions that the two databases disagree on, by words that all occur in the question; `X`
/// is asked for. `NAME` is the name of a state or river in the question.
const GOALS: &[(&[&str], &str)] = &[
    (
        &["how many rivers", "states bordering", "NAME"],
        "aggregate_all(count, R, (border(NAME, _, A), member(T, A), river(R, _, L), member(T, L)), X)",
    ),
    (
        &["how many rivers", "highest point"],
        "aggregate_all(max(E, S), highlow(S, _, _, E, _, _), max(_, S)), aggregate_all(count, R, (river(R, _, L), member(S, L)), X)",
    ),
    (&["how many rivers", "called", "NAME"], "aggregate_all(count, river(NAME, _, _), X)"),
    (&["how many rivers", "NAME"], "aggregate_all(count, R, (river(R, _, L), member(NAME, L)), X)"),
    (&["how many states", "run through", "NAME"], "river(NAME, _, L), aggregate_all(count, S, member(S, L), X)"),
    (&["washington dc"], "city('district of columbia', dc, washington, X)"),
    (&["area", "usa"], "country(usa, _, X)"),
    (&["square kilometers", "us"], "country(usa, _, X)"),
    (&["highest mountain", "NAME"], "aggregate_all(max(H, N), mountain(NAME, _, N, H), max(_, X))"),
    (
        &["largest cities", "border the largest state"],
        "aggregate_all(max(A, S), state(S, _, _, _, A, _, _, _, _, _), max(_, S)), border(S, _, Around), member(T, Around), city(T, _, X, _)",
    ),
    (
        &["largest state", "lowest point"],
        "aggregate_all(min(E, S), highlow(S, _, _, _, _, E), min(_, S)), aggregate_all(max(A, T), (border(S, _, Around), member(T, Around), state(T, _, _, _, A, _, _, _, _, _)), max(_, X))",
    ),
    (
        &["smallest capital"],
        "aggregate_all(min(P, S), (state(S, _, C, _, _, _, _, _, _, _), city(S, _, C, P)), min(_, X))",
    ),
    (&["capitals", "not major cities"], "state(S, _, X, _, _, _, _, _, _, _), \\+ (city(S, _, X, P), P > 150000)"),
];

/// What SWI-Prolog finds for a question of a kind that has a goal here; `None` where it has none.
pub fn by_prolog(program: &Path, question: &str, names: &[String]) -> Option<Vec<String>> {
    let words = format!(" {question} ");
    let name = names.iter().filter(|name| words.contains(&format!(" {name} "))).max_by_key(|name| name.len());
    let fits = |word: &&str| match *word {
        "NAME" => name.is_some(),
        word => words.contains(&format!(" {word} ")),
    };
    let (_, goal) = GOALS.iter().find(|(words, _)| words.iter().all(&fits))?;
    let goal = goal.replace("NAME", &format!("'{}'", name.map_or("", String::as_str)));
    // Counts are of different ones: what is said twice is one river all the same.
    let goal = goal
        .replace("aggregate_all(count, R, ", "distinct_count(R, ")
        .replace("aggregate_all(count, S, ", "distinct_count(S, ");
    let text = format!(
        "distinct_count(T, G, N) :- findall(T, G, All), sort(All, Set), length(Set, N).\n\
         run :- findall(X, ({goal}), Found), sort(Found, Set), forall(member(One, Set), (write(One), nl)).\n"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("goal.pl");
    std::fs::write(&file, text).expect("written");
    let loads = format!("load_files(['{}', '{}'], [silent(true)]), run", program.display(), file.display());
    let out = Command::new("swipl").args(["-q", "-g", &loads, "-t", "halt"]).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout);
    Some(text.lines().map(str::to_owned).collect())
}

/// Whether SWI-Prolog is here.
pub fn has_prolog() -> bool {
    Command::new("swipl").arg("--version").output().is_ok()
}

/// The names of states and rivers of a program.
pub fn names(program: &str) -> Vec<String> {
    let of = |line: &str| {
        let row = line.strip_prefix("state(").or_else(|| line.strip_prefix("river("))?;
        Some(fields(row.strip_suffix(").")?)[0].trim_matches('\'').to_owned())
    };
    program.lines().filter_map(of).collect()
}
