//! The values of OBO's lines: texts in quotation marks, escapes, comments and modifiers behind them.

use super::Wrong;

/// A text in quotation marks, and what stands behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    /// The text, its escapes undone.
    pub(super) text: String,
    /// The words before the brackets: a synonym's scope and type, a value's datatype.
    pub(super) words: Vec<String>,
    /// What stands in the brackets.
    pub(super) references: Vec<String>,
}

/// Reads `"text" WORDS [reference, reference "about it"] {modifiers} ! comment`.
pub(super) fn quoted(line: &str) -> Result<Quoted, Wrong> {
    let rest = line.trim().strip_prefix('"').ok_or(("no text in quotation marks", "\"text\""))?;
    let end = unescaped_at(rest, '"').ok_or(("a quotation mark that is not closed", "\"text\""))?;
    let text = unescaped(rest.get(..end).unwrap_or_default());
    let after = rest.get(end + 1..).unwrap_or_default();
    let (words, references) = match unescaped_at(after, '[') {
        None => (trimmed(after), Vec::new()),
        Some(open) => {
            let inside = after.get(open + 1..).unwrap_or_default();
            let close = unescaped_at(inside, ']').unwrap_or(inside.len());
            (after.get(..open).unwrap_or_default(), references(inside.get(..close).unwrap_or_default()))
        }
    };
    Ok(Quoted { text, words: words.split_whitespace().map(str::to_owned).collect(), references })
}

/// References between commas, without what is said about each.
fn references(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let end = unescaped_at(rest, ',').unwrap_or(rest.len());
        let one = rest.get(..end).unwrap_or_default();
        let name = one.split(" \"").next().unwrap_or(one).trim();
        if !name.is_empty() {
            found.push(unescaped(name));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    found
}

/// The first place of a mark that no backslash escapes.
fn unescaped_at(text: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let found = c == mark && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

/// A value without its modifiers and its comment.
pub(super) fn trimmed(text: &str) -> &str {
    let text = text.find(" ! ").map_or(text, |at| text.get(..at).unwrap_or(text)).trim();
    let text = text.strip_suffix(" !").unwrap_or(text).trim();
    match text.strip_suffix('}').and_then(|rest| rest.rfind(" {")) {
        Some(open) => text.get(..open).unwrap_or(text).trim(),
        None => text,
    }
}

/// A text with its escapes undone.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('W') => out.push(' '),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_texts_are_taken_apart() {
        for (line, text, words, references) in [
            (
                r#""a \"b\" c\n" EXACT [url:http\://x, Y:1 "about it"] {a="b"} ! note"#,
                "a \"b\" c\n",
                "EXACT",
                "url:http://x|Y:1",
            ),
            (r#""x" []"#, "x", "", ""),
            (r#""x" EXACT TYPE [] ! c"#, "x", "EXACT TYPE", ""),
            (r#""2" xsd:integer"#, "2", "xsd:integer", ""),
            (r#""open [""#, "open [", "", ""),
            (r#""x" EXACT [A:1"#, "x", "EXACT", "A:1"),
        ] {
            let found = quoted(line).expect(line);
            assert_eq!(
                (found.text.as_str(), found.words.join(" ").as_str(), found.references.join("|").as_str()),
                (text, words, references),
                "{line}"
            );
        }
        for line in ["", "x", "\"x", "\"x\\\""] {
            assert!(quoted(line).is_err(), "{line}");
        }
    }

    #[test]
    fn comments_and_modifiers_are_no_part_of_a_value() {
        for (text, expected) in [
            ("DOID:162 ! cancer", "DOID:162"),
            ("DOID:162 {source=\"x\"} ! cancer", "DOID:162"),
            ("part_of X:1", "part_of X:1"),
            ("hello!", "hello!"),
            ("{x}", "{x}"),
        ] {
            assert_eq!(trimmed(text), expected, "{text}");
        }
    }
}
