//! What is wrong with a program's text, and where, with the line itself and a mark under the place.
//!
//! A file is read to its end whatever is wrong in it, so every problem must say by itself what it is about.

/// What is wrong with a program's text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct RuleError {
    /// The file's name as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What was expected and what was there.
    pub problem: String,
    /// The line, or the part of a long one around the place.
    pub text: String,
    /// How many characters of `text` come before the place.
    pub before: usize,
}

/// The widest part of a line that is shown, in characters, on each side of the place.
const SHOWN: usize = 60;

impl RuleError {
    /// The problem, the line and a mark under the place: three lines.
    #[must_use]
    pub fn marked(&self) -> String {
        let margin = self.line.to_string();
        let blank = " ".repeat(margin.len());
        // Tabs stay tabs before the mark, so that it stands under its place however wide they are drawn.
        let lead: String =
            self.text.chars().take(self.before).map(|letter| if letter == '\t' { '\t' } else { ' ' }).collect();
        format!("{self}\n{margin} | {}\n{blank} | {lead}^", self.text)
    }
}

/// A text that is being read, and where its lines begin.
pub(super) struct Text {
    pub(super) file: String,
    whole: String,
    lines: Vec<usize>,
}

impl Text {
    pub(super) fn new(file: &str, text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { file: file.to_owned(), whole: text.to_owned(), lines: std::iter::once(0).chain(ends).collect() }
    }

    /// The problem at a byte of the text.
    pub(super) fn problem(&self, at: usize, problem: impl Into<String>) -> RuleError {
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let rest = self.whole.get(start..).unwrap_or_default();
        let line_here = rest.lines().next().unwrap_or_default();
        let before = line_here.char_indices().take_while(|(offset, _)| start + offset < at).count();
        let cut = before.saturating_sub(SHOWN);
        let text: String = line_here
            .chars()
            .skip(cut)
            .take(2 * SHOWN)
            .map(|letter| if letter.is_control() && letter != '\t' { '\u{fffd}' } else { letter })
            .collect();
        RuleError {
            file: self.file.clone(),
            line,
            column: before + 1,
            problem: problem.into(),
            text,
            before: before - cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_place() {
        let text = Text::new("f.pl", "a.\n\tböse(x y).\nlast");
        for (at, marked) in [
            (0, "f.pl:1:1: odd\n1 | a.\n  | ^"),
            (12, "f.pl:2:9: odd\n2 | \tböse(x y).\n  | \t       ^"),
            (16, "f.pl:3:1: odd\n3 | last\n  | ^"),
            (99, "f.pl:3:5: odd\n3 | last\n  |     ^"),
        ] {
            assert_eq!(text.problem(at, "odd").marked(), marked);
        }
        let long = Text::new("f", &"x".repeat(10_000));
        assert!(long.problem(5_000, "odd").text.len() <= 2 * SHOWN);
    }
}
