//! One line of an assertions file: five columns between tabs.
//!
//! The first column says again what the next three say, so it is checked and only kept where it differs.

use quid_core::oxrdf::{NamedNode, Triple};

use super::uri::{self, BadUri};

/// The columns as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns<'a> {
    pub(crate) uri: &'a str,
    pub(crate) relation: &'a str,
    pub(crate) start: &'a str,
    pub(crate) end: &'a str,
    pub(crate) json: &'a str,
}

/// What is wrong: the byte of the line (from 1), what is there, what should be.
pub(crate) type Wrong = (usize, String, &'static str);

const SHAPE: &str = "five columns between tabs: URI, relation, start, end, JSON";

impl<'a> Columns<'a> {
    /// Splits a line.
    pub(crate) fn of(line: &'a str) -> Result<Self, Wrong> {
        let mut parts = line.split('\t');
        let mut next = || parts.next();
        let (Some(uri), Some(relation), Some(start), Some(end), Some(json)) = (next(), next(), next(), next(), next())
        else {
            let count = line.split('\t').count();
            return Err((line.len() + 1, format!("{count} of five columns"), SHAPE));
        };
        if let Some(more) = parts.next() {
            // A tab within JSON is an error of its own, but a sixth column is what it looks like.
            let at = line.len() - more.len() - parts.map(|part| part.len() + 1).sum::<usize>();
            return Err((at, "more than five columns".to_owned(), SHAPE));
        }
        Ok(Self { uri, relation, start, end, json })
    }

    /// Where a column begins in its line, from 1.
    pub(crate) fn place(&self, column: usize) -> usize {
        let before = [self.uri, self.relation, self.start, self.end];
        before.iter().take(column).map(|text| text.len() + 1).sum::<usize>() + 1
    }

    /// The triple; and whether its IRIs give both ends back as they stand here.
    pub(crate) fn triple(&self) -> Result<(Triple, bool), Wrong> {
        let wrong = |column: usize| {
            move |BadUri { at, message, expected }: BadUri| (self.place(column) + at, message, expected)
        };
        if !(self.uri.starts_with("/a/[") && self.uri.ends_with(']')) {
            let message = format!("`{}` is no assertion", uri::shown(self.uri));
            return Err((1, message, "an assertion (/a/[RELATION,START,END])"));
        }
        let relation = uri::relation(self.relation).map_err(wrong(1))?;
        let (start, start_same) = uri::end(self.start).map_err(wrong(2))?;
        let (end, end_same) = uri::end(self.end).map_err(wrong(3))?;
        Ok((Triple::new(start, relation, end), start_same && end_same))
    }

    /// Whether the first column says what the next three say.
    pub(crate) fn is_canonical(&self) -> bool {
        let Some(mut rest) = self.uri.strip_prefix("/a/[").and_then(|rest| rest.strip_suffix(']')) else {
            return false;
        };
        for (at, part) in [self.relation, self.start, self.end].into_iter().enumerate() {
            let inner = part.trim_matches('/');
            let after = rest
                .strip_prefix(if at == 0 { "/" } else { ",/" })
                .and_then(|rest| rest.strip_prefix(inner))
                .and_then(|rest| rest.strip_prefix('/'));
            let Some(after) = after else { return false };
            rest = after;
        }
        rest.is_empty()
    }
}

/// The URI of an assertion, as ConceptNet makes it.
pub(crate) fn assertion(relation: &str, start: &str, end: &str) -> String {
    let [relation, start, end] = [relation, start, end].map(|part| part.trim_matches('/'));
    format!("/a/[/{relation}/,/{start}/,/{end}/]")
}

/// The language of a concept (`/c/en/dog` is English); `None` for anything else.
pub(crate) fn language(uri: &str) -> Option<&str> {
    uri.strip_prefix("/c/")?.split('/').next()
}

/// The name of a relation's IRI as people write it in a filter: with or without `/r/`.
pub(crate) fn is_relation(uri: &str, wanted: &str) -> bool {
    uri == wanted || uri.strip_prefix("/r/") == Some(wanted)
}

/// A node for one of ConceptNet's own URIs, when it can be one.
pub(crate) fn own(uri: &str) -> Option<NamedNode> {
    uri::own(uri).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "/a/[/r/IsA/,/c/en/dog/n/,/c/en/pet/]\t/r/IsA\t/c/en/dog/n\t/c/en/pet\t{}";

    #[test]
    fn a_line_has_five_columns() {
        let columns = Columns::of(GOOD).expect("good");
        assert_eq!((columns.relation, columns.end, columns.json), ("/r/IsA", "/c/en/pet", "{}"));
        assert!(columns.is_canonical());
        assert_eq!(assertion(columns.relation, columns.start, columns.end), columns.uri);
        assert_eq!(&GOOD[columns.place(2) - 1..][..4], "/c/e");
        for (line, at) in [("", 1), ("a\tb\tc", 6), ("a\tb\tc\td\te\tf", 10), ("a\tb\tc\td\te\tf\tg", 10)] {
            assert_eq!(Columns::of(line).expect_err(line).0, at, "{line:?}");
        }
    }

    #[test]
    fn columns_are_checked_in_their_places() {
        for (from, to, at) in [
            ("/a/[", "/b/[", 1),
            ("\t/r/IsA\t", "\tIsA\t", 38),
            ("\t/c/en/dog/n\t", "\t/c/en\t", 50),
            ("\t/c/en/pet\t", "\tpet\t", 57),
            ("\t/c/en/pet\t", "\t/c/en/a pet\t", 64),
        ] {
            let line = GOOD.replace(from, to);
            let wrong = Columns::of(&line).and_then(|columns| columns.triple()).expect_err(&line);
            assert_eq!(wrong.0, at, "{line:?} {wrong:?}");
        }
    }

    #[test]
    fn an_address_loses_its_outer_slashes_in_the_uri() {
        let address = "http://x.org/a/";
        let uri = assertion("/r/ExternalURL", "/c/en/a", address);
        assert_eq!(uri, "/a/[/r/ExternalURL/,/c/en/a/,/http://x.org/a/]");
        let columns = Columns { uri: &uri, relation: "/r/ExternalURL", start: "/c/en/a", end: address, json: "" };
        assert!(columns.is_canonical());
    }
}
