//! Splits a gloss into its definition and its quoted examples.
//!
//! A gloss is meant to read `definition; "example"; "example"`, but hands wrote 117,000 of them: there are
//! attributions after the quotes, quotes inside definitions, commas for semicolons and quotes left open. The
//! rule here is: a quotation that stands alone is an example, everything else is definition. Whenever the
//! pieces do not give the gloss back letter by letter, the gloss is kept beside them as it was.

/// A gloss in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gloss<'a> {
    /// What is not an example, pieces joined by "; "; may be empty.
    pub definition: String,
    /// The examples without their quotes; an attribution follows after " - ".
    pub examples: Vec<String>,
    /// The gloss itself, when definition and sorted examples do not [`rebuild`] it.
    pub verbatim: Option<&'a str>,
}

/// Splits `text`, of which white space at the ends is not a part.
#[must_use]
pub fn split(text: &str) -> Gloss<'_> {
    let text = text.trim_matches(' ');
    if !text.contains('"') {
        return Gloss { definition: text.to_owned(), ..Gloss::default() };
    }
    let mut gloss = Gloss::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = next_piece(rest);
        match piece {
            Piece::Example(example) => gloss.examples.push(example),
            Piece::Text(text) => {
                let text = text.trim_matches([' ', ';', ',', ':']);
                if !text.is_empty() && !gloss.definition.is_empty() {
                    gloss.definition.push_str("; ");
                }
                gloss.definition.push_str(text);
            }
        }
        rest = after.trim_start_matches([' ', ';', ',', ':']);
    }
    gloss.examples.retain(|example| !example.is_empty());
    let mut sorted = gloss.examples.clone();
    sorted.sort_unstable();
    if rebuild(&gloss.definition, &sorted) != text {
        gloss.verbatim = Some(text);
    }
    gloss
}

/// The gloss that these pieces make when it has the usual shape.
#[must_use]
pub fn rebuild(definition: &str, examples: &[String]) -> String {
    let mut out = definition.to_owned();
    for example in examples {
        if !out.is_empty() {
            out.push_str("; ");
        }
        out.push('"');
        out.push_str(example);
        out.push('"');
    }
    out
}

enum Piece<'a> {
    Example(String),
    Text(&'a str),
}

/// The piece that `rest` begins with, and what follows it.
fn next_piece(rest: &str) -> (Piece<'_>, &str) {
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = start_of_example(rest, &[';', ':', ',', ')']).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        return (Piece::Text(text), after);
    };
    let (inside, after) = closing_quote(quoted);
    let tail = after.split(['"', ';']).next().unwrap_or("");
    let following = after.get(tail.len()..).unwrap_or("");
    match tail.trim_matches([' ', ',', ':', '.']) {
        "" => (Piece::Example(inside.trim_matches(' ').to_owned()), after.trim_start_matches('.')),
        by if by.starts_with('-') => {
            // A name may be followed by more text after a semicolon, never by a quotation of its own.
            let by = by.trim_start_matches(['-', ' ']);
            (Piece::Example(format!("{} - {by}", inside.trim_matches(' '))), following)
        }
        note if note.starts_with('(') && note.ends_with(')') => {
            (Piece::Example(inside.trim_matches(' ').to_owned()), after)
        }
        // A quotation in the middle of a sentence ("dirty" is often used in combination) is no example.
        _ => {
            // Its sentence may quote once more after a comma, so that only a semicolon ends it.
            let end = start_of_example(after, &[';']).unwrap_or(after.len());
            let (text, after) = rest.split_at(rest.len() - after.len() + end);
            (Piece::Text(text), after)
        }
    }
}

/// Where an example begins: a quote right after one of these marks, outside of parentheses.
fn start_of_example(text: &str, marks: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '"' if quoted => quoted = false,
            '"' if depth == 0 && before.is_some_and(|mark| marks.contains(&mark)) => return Some(at),
            '"' => quoted = true,
            _ => {}
        }
        if c == ';' && depth == 0 {
            quoted = false;
        }
        if c != ' ' {
            before = Some(c);
        }
    }
    None
}

/// What stands before the closing quote, and what after it. A quote with a letter right behind it closes
/// nothing; if it comes after a semicolon, it opens the next example and this one was left open.
fn closing_quote(text: &str) -> (&str, &str) {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '"' {
            let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
            let letter = next.is_some_and(char::is_alphanumeric);
            let (inside, after) = text.split_at(at);
            if letter && before == ';' {
                return (inside.trim_end_matches([' ', ';']), after);
            }
            if !letter {
                return (inside, after.get(1..).unwrap_or(""));
            }
        }
        if c != ' ' {
            before = c;
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glosses_are_split() {
        // The gloss, its definition, its examples, whether the gloss must be kept beside them.
        let rows: &[(&str, &str, &[&str], bool)] = &[
            ("a red thing", "a red thing", &[], false),
            ("a red thing; or green", "a red thing; or green", &[], false),
            ("a thing; \"one thing\"", "a thing", &["one thing"], false),
            ("a thing; \"a\"; \"b\"", "a thing", &["a", "b"], false),
            ("a thing; \"b\"; \"a\"", "a thing", &["b", "a"], true),
            ("\"only this\"", "", &["only this"], false),
            ("a thing; \"so it goes\"- A. Writer", "a thing", &["so it goes - A. Writer"], true),
            ("a thing; \"so\" --A. Writer; \"it goes\"", "a thing", &["so - A. Writer", "it goes"], true),
            ("a thing:\"so\"", "a thing", &["so"], true),
            ("a thing, \"so\", \"it\"", "a thing", &["so", "it"], true),
            ("a thing; \"so\" \"it\"", "a thing", &["so", "it"], true),
            ("a thing; \"so\" ; \"to\"", "a thing", &["so", "to"], true),
            ("a thing; \"so\";", "a thing", &["so"], true),
            ("(of things) \"so it is\"", "(of things)", &["so it is"], true),
            ("a thing; \"so\" (rarely used)", "a thing; (rarely used)", &["so"], true),
            ("a thing (as in \"so; it goes\"); \"so\"", "a thing (as in \"so; it goes\")", &["so"], false),
            ("used as in \"so and so\"; \"it\"", "used as in \"so and so\"", &["it"], false),
            ("a thing; \"so\" is rare; \"it\"", "a thing; \"so\" is rare", &["it"], false),
            ("a thing; \"well,\" he said; \"it\"", "a thing; \"well,\" he said", &["it"], false),
            ("a thing; \"so,\" he said, \"be it\"; \"it\"", "a thing; \"so,\" he said, \"be it\"", &["it"], false),
            ("a thing; \"so it goes", "a thing", &["so it goes"], true),
            ("a thing; \"so it; \"goes on\"", "a thing", &["so it", "goes on"], true),
            ("a thing; \"I\"m so\"; \"it\"", "a thing", &["I\"m so", "it"], false),
            ("a thing; \"so; it goes\"", "a thing", &["so; it goes"], false),
            ("a thing; so it goes\"", "a thing; so it goes\"", &[], false),
            ("a thing; \"\"", "a thing", &[], true),
            ("", "", &[], false),
            ("\"", "", &[], true),
        ];
        for (text, definition, examples, kept) in rows {
            let gloss = split(text);
            assert_eq!(gloss.definition, *definition, "{text}");
            assert_eq!(gloss.examples, *examples, "{text}");
            assert_eq!(gloss.verbatim, kept.then_some(*text), "{text}");
        }
    }
}
