//! Which nicks and channels are the same.
//!
//! Scandinavian keyboards made `{}|^` the small forms of `[]\~`; each server says by CASEMAPPING which of the three
//! readings it keeps (RFC 1459 section 2.2, ISUPPORT). Guessing wrong mixes two people up or misses one.

/// A server's way to fold names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseMapping {
    /// Letters only.
    Ascii,
    /// Letters, and `{}|^` are the small `[]\~`; what holds when a server says nothing.
    #[default]
    Rfc1459,
    /// The same without `^` and `~`.
    StrictRfc1459,
}

impl CaseMapping {
    /// Reads the value of CASEMAPPING; an unknown one is taken for ASCII, which never joins two people in one.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "rfc1459" => Self::Rfc1459,
            "strict-rfc1459" | "rfc1459-strict" => Self::StrictRfc1459,
            _ => Self::Ascii,
        }
    }

    /// The folded form of a name, the same for all its spellings.
    #[must_use]
    pub fn fold(self, name: &str) -> String {
        name.chars()
            .map(|c| match (self, c) {
                (Self::Rfc1459 | Self::StrictRfc1459, '[') => '{',
                (Self::Rfc1459 | Self::StrictRfc1459, ']') => '}',
                (Self::Rfc1459 | Self::StrictRfc1459, '\\') => '|',
                (Self::Rfc1459, '~') => '^',
                _ => c.to_ascii_lowercase(),
            })
            .collect()
    }

    /// Whether two names are one.
    #[must_use]
    pub fn same(self, one: &str, other: &str) -> bool {
        self.fold(one) == self.fold(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_folds_in_its_own_way() {
        for (mapping, one, other, same) in [
            ("ascii", "Nick", "nICK", true),
            ("ascii", "nick[x]", "NICK{X}", false),
            ("rfc1459", "nick[x]", "NICK{X}", true),
            ("rfc1459", "a~b\\c", "A^B|C", true),
            ("strict-rfc1459", "a~b", "a^b", false),
            ("strict-rfc1459", "a]", "A}", true),
            ("rfc7613", "a[", "a{", false),
            ("ascii", "Ü", "ü", false),
        ] {
            assert_eq!(CaseMapping::named(mapping).same(one, other), same, "{mapping} {one} {other}");
        }
    }
}
