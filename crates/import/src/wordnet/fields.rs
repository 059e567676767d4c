//! Fields of a line, between single spaces, with numbers of known width.
//!
//! All files of WordNet share this shape; reading it in one place makes every complaint name the field.

use crate::problem::Damage;

/// The fields of a line not yet read.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self { rest: Some(line) }
    }

    /// The next field, which must be there and not be empty.
    pub(crate) fn word(&mut self, what: &str) -> Result<&'a str, Damage> {
        let rest = self.rest.ok_or_else(|| Damage::new(format!("the line ends before {what}"), what))?;
        let (field, rest) = match rest.split_once(' ') {
            Some((field, rest)) => (field, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        if field.is_empty() {
            return Err(Damage::new(format!("an empty field where {what} should be"), what));
        }
        Ok(field)
    }

    /// A decimal number; with `width` it must have exactly so many digits.
    pub(crate) fn decimal(&mut self, width: Option<usize>, what: &str) -> Result<u32, Damage> {
        number(self.word(what)?, 10, width, what)
    }

    /// A hexadecimal number of exactly `width` digits.
    pub(crate) fn hex(&mut self, width: usize, what: &str) -> Result<u32, Damage> {
        number(self.word(what)?, 16, Some(width), what)
    }

    /// What is left, unread.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest.unwrap_or("")
    }

    /// Nothing may be left but spaces.
    pub(crate) fn end(&self) -> Result<(), Damage> {
        if self.rest().trim_matches(' ').is_empty() {
            return Ok(());
        }
        Err(Damage::new(format!("`{}` after the last field", shown(self.rest())), "the end of the line"))
    }
}

/// Digits only (no sign, which `from_str_radix` would allow), of the given width.
pub(crate) fn number(field: &str, radix: u32, width: Option<usize>, what: &str) -> Result<u32, Damage> {
    let fits = width.is_none_or(|width| field.len() == width) && field.chars().all(|c| c.is_digit(radix));
    let value = if fits { u32::from_str_radix(field, radix).ok() } else { None };
    value.ok_or_else(|| {
        let digits = width.map_or_else(String::new, |width| format!("{width} "));
        let kind = if radix == 16 { "hexadecimal" } else { "decimal" };
        Damage::new(format!("`{}` is not {what}", shown(field)), format!("{digits}{kind} digits"))
    })
}

/// A piece of a file as an error message may show it: short and printable.
pub(crate) fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_width() {
        for (field, radix, width, value) in [
            ("02084071", 10, Some(8), Some(2_084_071)),
            ("2084071", 10, Some(8), None),
            ("+2084071", 10, Some(8), None),
            ("0a", 16, Some(2), Some(10)),
            ("0g", 16, Some(2), None),
            ("99999999999", 10, None, None),
            ("", 10, None, None),
            ("٣", 10, None, None),
        ] {
            assert_eq!(number(field, radix, width, "x").ok(), value, "{field}");
        }
    }

    #[test]
    fn every_field_is_between_single_spaces() {
        let mut fields = Fields::new("dog n  1");
        assert_eq!(fields.word("a").ok(), Some("dog"));
        assert_eq!(fields.word("b").ok(), Some("n"));
        assert!(fields.word("c").is_err());
        assert_eq!(fields.decimal(None, "d").ok(), Some(1));
        assert!(fields.word("e").is_err());
        assert!(fields.end().is_ok());
    }
}
