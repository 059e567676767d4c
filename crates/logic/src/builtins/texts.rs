//! Text: of atoms, strings and numbers alike. Lengths and places count characters (Unicode scalar values).
//!
//! What is called `…atom…` makes atoms, what is called `…string…` strings, as in Prolog.

use quid_core::Key;
use quid_core::columns;
use quid_core::gather::Number;
use quid_core::oxrdf::{Literal, Term};

use super::{BuiltIn, LONGEST, Open, Rows, goal, tested, valued};
use crate::read::{list, list_items};

pub(super) const ALL: &[BuiltIn] = &[
    goal("text_length", "atom_length string_length", 2, |open| {
        one(open, |text| Some(Number::Integer(i128::try_from(text.chars().count()).ok()?).term()))
    }),
    goal("joined_atom", "atom_concat", 3, |open| concatenated(open, atom)),
    goal("joined_string", "string_concat text_concat", 3, |open| concatenated(open, string)),
    goal("part_of_atom", "sub_atom", 5, |open| part(open, atom)),
    goal("part_of_string", "sub_string", 5, |open| part(open, string)),
    goal("contains", "contains sub_text", 2, |open| both(open, |text, part| text.contains(part))),
    goal("starts_with", "starts_with", 2, |open| both(open, |text, part| text.starts_with(part))),
    goal("ends_with", "ends_with", 2, |open| both(open, |text, part| text.ends_with(part))),
    goal("upper_atom", "upcase_atom", 2, |open| one(open, |text| atom(&text.to_uppercase()))),
    goal("upper_string", "string_upper", 2, |open| one(open, |text| string(&text.to_uppercase()))),
    goal("lower_atom", "downcase_atom", 2, |open| one(open, |text| atom(&text.to_lowercase()))),
    goal("lower_string", "string_lower", 2, |open| one(open, |text| string(&text.to_lowercase()))),
    goal("trimmed", "trim", 2, |open| one(open, |text| string(text.trim()))),
    goal("split", "split", 3, split),
    goal("split_trimmed", "split_string", 4, split_trimmed),
    goal("replaced", "replace", 4, replaced),
    goal("joined_items", "atomic_list_concat", 2, |open| valued(open, |inputs| joined(inputs.first()?, ""))),
    goal("joined_items_with", "atomic_list_concat", 3, joined_with),
    goal("number_of_text", "atom_number number_string", 2, number_of_text),
    goal("string_of_atom", "atom_string term_string", 2, |open| converted(open, string, atom)),
    goal("letters_of_atom", "atom_chars string_chars", 2, |open| {
        one(open, |text| {
            text.chars()
                .map(|letter| atom(&letter.to_string()))
                .collect::<Option<Vec<_>>>()
                .map(|letters| list(&letters))
        })
    }),
    goal("code_of_letter", "char_code", 2, code_of_letter),
    goal("spelling", "spelling", 2, spelling),
    goal("name_of_atom", "atom_name", 2, name_of_atom),
];

/// The longest acronym that is also looked up in capitals, in letters.
const ACRONYM: usize = 5;
/// The longest text of which every part is listed, in characters.
const PARTED: usize = 400;

/// The text of a value: an atom's name, a string, a number as it is written.
fn text(term: &Term) -> Option<String> {
    match term {
        Term::NamedNode(node) => Some(columns::atom_text(node).unwrap_or_else(|| node.as_str().to_owned())),
        Term::Literal(literal) => Some(literal.value().to_owned()),
        Term::BlankNode(_) | Term::Triple(_) => None,
    }
}

fn atom(text: &str) -> Option<Term> {
    (text.len() <= LONGEST).then(|| columns::atom(text).into())
}

fn string(text: &str) -> Option<Term> {
    (text.len() <= LONGEST).then(|| Literal::new_simple_literal(text).into())
}

fn one(open: Open<'_>, value: impl Fn(&str) -> Option<Term>) -> Rows {
    valued(open, |inputs| value(&text(inputs.first()?)?))
}

fn both(open: Open<'_>, holds: impl Fn(&str, &str) -> bool) -> Rows {
    tested(open, |inputs| match inputs {
        [one, other] => matches!((text(one), text(other)), (Some(one), Some(other)) if holds(&one, &other)),
        _ => false,
    })
}

/// `atom_concat(One, Other, Both)`; every way to part `Both` when a part is open.
fn concatenated(open: Open<'_>, make: fn(&str) -> Option<Term>) -> Rows {
    match open {
        [Some(one), Some(other), _] => {
            let joined = text(one).zip(text(other)).and_then(|(start, end)| make(&format!("{start}{end}")));
            Some(joined.map(|joined| vec![one.clone(), other.clone(), joined]).into_iter().collect())
        }
        [one, other, Some(both)] => {
            let Some(whole) = text(both) else { return Some(Vec::new()) };
            let row = |start: &str, end: &str| Some(vec![make(start)?, make(end)?, both.clone()]);
            let known = |term: &Option<Term>| term.as_ref().and_then(text);
            Some(match (known(one), known(other)) {
                (Some(start), _) => whole
                    .strip_prefix(&start)
                    .and_then(|end| Some(vec![one.clone()?, make(end)?, both.clone()]))
                    .into_iter()
                    .collect(),
                (_, Some(end)) => whole
                    .strip_suffix(&end)
                    .and_then(|start| Some(vec![make(start)?, other.clone()?, both.clone()]))
                    .into_iter()
                    .collect(),
                _ => {
                    let places = whole.char_indices().map(|(at, _)| at).chain([whole.len()]).take(PARTED);
                    places
                        .filter_map(|at| whole.split_at_checked(at))
                        .filter_map(|(start, end)| row(start, end))
                        .collect()
                }
            })
        }
        _ => None,
    }
}

/// `sub_atom(Text, Before, Length, After, Part)`
fn part(open: Open<'_>, make: fn(&str) -> Option<Term>) -> Rows {
    let [Some(whole), before, length, after, wanted] = open else { return None };
    let Some(letters) = text(whole).map(|text| text.chars().collect::<Vec<char>>()) else { return Some(Vec::new()) };
    let number = |term: &Option<Term>| match term.as_ref().map(Number::of) {
        None => Some(None),
        Some(Some(Number::Integer(whole))) => usize::try_from(whole).ok().map(Some),
        Some(_) => None,
    };
    let (Some(before), Some(length), Some(after)) = (number(before), number(length), number(after)) else {
        return Some(Vec::new());
    };
    let total = letters.len();
    let row = |start: usize, length: usize| {
        let after = total.checked_sub(start.checked_add(length)?)?;
        let part: String = letters.get(start..start + length)?.iter().collect();
        let number = |count: usize| Some(Number::Integer(i128::try_from(count).ok()?).term());
        Some(vec![whole.clone(), number(start)?, number(length)?, number(after)?, make(&part)?])
    };
    if let Some(wanted) = wanted {
        let Some(wanted_text) = text(wanted) else { return Some(Vec::new()) };
        let part: Vec<char> = wanted_text.chars().collect();
        if part.is_empty() || part.len() > total {
            return Some(if part.is_empty() {
                (0..=total).take(PARTED).filter_map(|at| row(at, 0)).collect()
            } else {
                Vec::new()
            });
        }
        // What was asked for is given back as it came, atom or string.
        let rows = letters.windows(part.len()).enumerate().filter(|(_, found)| *found == part).filter_map(|(at, _)| {
            let mut row = row(at, part.len())?;
            row.pop();
            row.push(wanted.clone());
            Some(row)
        });
        return Some(rows.take(LONGEST).collect());
    }
    let fixed = match (before, length, after) {
        (Some(before), Some(length), _) => Some((before, length)),
        (Some(before), _, Some(after)) => {
            total.checked_sub(before).and_then(|rest| rest.checked_sub(after)).map(|length| (before, length))
        }
        (_, Some(length), Some(after)) => {
            total.checked_sub(length).and_then(|rest| rest.checked_sub(after)).map(|before| (before, length))
        }
        _ => None,
    };
    let known = usize::from(before.is_some()) + usize::from(length.is_some()) + usize::from(after.is_some());
    if known >= 2 {
        return Some(fixed.and_then(|(before, length)| row(before, length)).into_iter().collect());
    }
    if known == 0 && total > PARTED {
        return None;
    }
    let starts = match before {
        Some(before) => before..before.saturating_add(1),
        None => 0..total + 1,
    };
    let fits = |start: usize, long: usize| {
        length.is_none_or(|length| length == long) && after.is_none_or(|after| start + long + after == total)
    };
    let mut rows = Vec::new();
    for start in starts.take_while(|start| *start <= total) {
        let longest = total - start;
        let lengths = match (length, after) {
            (Some(length), _) => length..length.saturating_add(1),
            (_, Some(after)) => longest.saturating_sub(after)..longest.saturating_sub(after) + 1,
            _ => 0..longest + 1,
        };
        rows.extend(lengths.filter(|long| *long <= longest && fits(start, *long)).filter_map(|long| row(start, long)));
    }
    Some(rows)
}

/// `split(Text, Separator, Parts)`: parts are strings.
fn split(open: Open<'_>) -> Rows {
    valued(open, |inputs| match inputs {
        [whole, separator] => {
            let (whole, separator) = (text(whole)?, text(separator)?);
            if separator.is_empty() || whole.len() > LONGEST {
                return None;
            }
            whole.split(&separator).map(string).collect::<Option<Vec<_>>>().map(|parts| list(&parts))
        }
        _ => None,
    })
}

/// `split_string(Text, Separators, Pad, Parts)`: split at each of the separators, each part without padding.
fn split_trimmed(open: Open<'_>) -> Rows {
    valued(open, |inputs| match inputs {
        [whole, separators, pad] => {
            let (whole, separators, pad) = (text(whole)?, text(separators)?, text(pad)?);
            if whole.len() > LONGEST {
                return None;
            }
            let parts: Vec<&str> = if separators.is_empty() {
                vec![whole.as_str()]
            } else {
                whole.split(|letter| separators.contains(letter)).collect()
            };
            let trimmed = parts.into_iter().map(|part| string(part.trim_matches(|letter| pad.contains(letter))));
            trimmed.collect::<Option<Vec<_>>>().map(|parts| list(&parts))
        }
        _ => None,
    })
}

/// `replace(Text, Old, New, Result)`
fn replaced(open: Open<'_>) -> Rows {
    valued(open, |inputs| match inputs {
        [whole, old, new] => {
            let (whole, old, new) = (text(whole)?, text(old)?, text(new)?);
            if old.is_empty() || whole.matches(&old).count().checked_mul(new.len())? > LONGEST {
                return None;
            }
            string(&whole.replace(&old, &new))
        }
        _ => None,
    })
}

fn joined(items: &Term, separator: &str) -> Option<Term> {
    let items = list_items(items)?.iter().map(text).collect::<Option<Vec<_>>>()?;
    atom(&items.join(separator))
}

/// `atomic_list_concat(Items, Separator, Atom)`: joins, or splits when the items are open.
fn joined_with(open: Open<'_>) -> Rows {
    match open {
        [Some(items), Some(separator), _] => {
            let made = text(separator).and_then(|separator| joined(items, &separator));
            Some(made.map(|made| vec![items.clone(), separator.clone(), made]).into_iter().collect())
        }
        [None, Some(separator), Some(whole)] => {
            let (Some(parts_by), Some(text)) = (text(separator), text(whole)) else { return Some(Vec::new()) };
            if parts_by.is_empty() || text.len() > LONGEST {
                return Some(Vec::new());
            }
            let parts = text.split(&parts_by).map(atom).collect::<Option<Vec<_>>>();
            Some(parts.map(|parts| vec![list(&parts), separator.clone(), whole.clone()]).into_iter().collect())
        }
        _ => None,
    }
}

/// `atom_number(Text, Number)`
fn number_of_text(open: Open<'_>) -> Rows {
    match open {
        [Some(whole), _] => {
            let written = text(whole).unwrap_or_default();
            let written = written.trim();
            let number = written.parse().map(Number::Integer).ok().or_else(|| {
                let is_plain = written.starts_with(|first: char| first.is_ascii_digit() || first == '-')
                    && written.chars().all(|letter| letter.is_ascii_digit() || "+-.eE".contains(letter));
                written.parse().ok().filter(|value: &f64| is_plain && value.is_finite()).map(Number::Double)
            });
            Some(number.map(|number| vec![whole.clone(), number.term()]).into_iter().collect())
        }
        [None, Some(number)] => {
            let made = Number::of(number).and_then(|_| text(number)).and_then(|text| atom(&text));
            Some(made.map(|made| vec![made, number.clone()]).into_iter().collect())
        }
        _ => None,
    }
}

fn converted(open: Open<'_>, forth: fn(&str) -> Option<Term>, back: fn(&str) -> Option<Term>) -> Rows {
    let made = |term: &Term, make: fn(&str) -> Option<Term>| text(term).and_then(|text| make(&text));
    match open {
        [Some(one), _] => Some(made(one, forth).map(|other| vec![one.clone(), other]).into_iter().collect()),
        [None, Some(other)] => Some(made(other, back).map(|one| vec![one, other.clone()]).into_iter().collect()),
        _ => None,
    }
}

/// `atom_name(Atom, Text)`: as atom_string/2, of atoms only.
fn name_of_atom(open: Open<'_>) -> Rows {
    match open {
        [Some(Term::NamedNode(node)), wanted] => {
            let text = columns::atom_text(node).and_then(|text| string(&text));
            // A language beside the same text is no difference.
            let text = text.map(|text| match (wanted, &text) {
                (Some(Term::Literal(wanted)), Term::Literal(text)) if wanted.value() == text.value() => {
                    wanted.clone().into()
                }
                _ => text,
            });
            Some(text.map(|text| vec![node.clone().into(), text]).into_iter().collect())
        }
        [None, Some(Term::Literal(text))] => {
            Some(atom(text.value()).map(|atom| vec![atom, text.clone().into()]).into_iter().collect())
        }
        [None, None] => None,
        _ => Some(Vec::new()),
    }
}

/// `spelling(Word, Text)`: how a lexicon may write a word (as it is, Capitalised, In Title Case, as an ACRONYM), in
/// English; and which word a written one is.
fn spelling(open: Open<'_>) -> Rows {
    let key_of = |word: &Term| match word {
        Term::NamedNode(node) => columns::atom_text(node).map(|text| Key::of(&text)).filter(|key| !key.is_empty()),
        _ => None,
    };
    let english = |text: &str| Term::from(Literal::new_language_tagged_literal_unchecked(text, "en"));
    match open {
        [Some(word), Some(written)] => {
            let is_same =
                matches!((key_of(word), written), (Some(key), Term::Literal(text)) if Key::of(text.value()) == key);
            Some(if is_same { vec![vec![word.clone(), written.clone()]] } else { Vec::new() })
        }
        [Some(word), None] => {
            let Some(key) = key_of(word) else { return Some(Vec::new()) };
            let capital = |word: &str| {
                let mut letters = word.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
            };
            let title: Vec<String> = key.as_str().split(' ').map(capital).collect();
            let mut spellings = vec![key.as_str().to_owned(), capital(key.as_str()), title.join(" ")];
            if key.as_str().chars().count() <= ACRONYM {
                spellings.push(key.as_str().to_uppercase());
            }
            let mut rows: Vec<Vec<Term>> = Vec::new();
            for spelling in spellings {
                let row = vec![word.clone(), english(&spelling)];
                if Key::of(&spelling) == key && !rows.contains(&row) {
                    rows.push(row);
                }
            }
            Some(rows)
        }
        [None, Some(Term::Literal(text))] => {
            let key = Key::of(text.value());
            let row = || vec![key.thing().into(), Term::from(text.clone())];
            Some(if key.is_empty() { Vec::new() } else { vec![row()] })
        }
        [None, Some(_)] => Some(Vec::new()),
        _ => None,
    }
}

fn code_of_letter(open: Open<'_>) -> Rows {
    match open {
        [Some(letter), _] => {
            let text = text(letter).unwrap_or_default();
            let mut letters = text.chars();
            let code = letters.next().filter(|_| letters.next().is_none());
            let code = code.map(|code| Number::Integer(i128::from(u32::from(code))).term());
            Some(code.map(|code| vec![letter.clone(), code]).into_iter().collect())
        }
        [None, Some(code)] => {
            let letter = match Number::of(code) {
                Some(Number::Integer(code)) => u32::try_from(code).ok().and_then(char::from_u32),
                _ => None,
            };
            let made = letter.and_then(|letter| atom(&letter.to_string()));
            Some(made.map(|made| vec![made, code.clone()]).into_iter().collect())
        }
        _ => None,
    }
}
