//! Finds the columns of a table by what they are called.
//!
//! The names are data (`data/brains/columns.tsv`): a table of factoids from anywhere is read when its header says
//! what is what.

use std::collections::HashMap;

const NAMES: &str = include_str!("../../../../data/brains/columns.tsv");

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Key,
    Value,
    Verb,
    Author,
    Time,
    Place,
    Count,
}

impl Role {
    const ALL: [(&'static str, Self); 7] = [
        ("key", Self::Key),
        ("value", Self::Value),
        ("verb", Self::Verb),
        ("author", Self::Author),
        ("time", Self::Time),
        ("place", Self::Place),
        ("count", Self::Count),
    ];
}

/// The place of the column for each role, when there is one.
pub(super) fn roles(columns: &[String]) -> HashMap<Role, usize> {
    let mut found: HashMap<Role, usize> = HashMap::new();
    for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let Some(role) = fields.next().and_then(|name| Role::ALL.iter().find(|(known, _)| *known == name)) else {
            continue;
        };
        for name in fields {
            let at = columns.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
            // A column has one role: the first that claims it.
            if let Some(at) = at.filter(|at| !found.values().any(|taken| taken == at)) {
                found.entry(role.1).or_insert(at);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_role_their_name_says() {
        let columns = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (header, key, value, author) in [
            ("key value", Some(0), Some(1), None),
            ("fact name who", Some(1), Some(0), Some(2)),
            ("id Trigger Response submitted_by", Some(1), Some(2), Some(3)),
            ("a b", None, None, None),
        ] {
            let found = roles(&columns(header));
            let got = [Role::Key, Role::Value, Role::Author].map(|role| found.get(&role).copied());
            assert_eq!(got, [key, value, author], "{header}");
        }
    }

    #[test]
    fn every_line_of_the_data_is_a_role() {
        for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split('\t').next().unwrap_or_default();
            assert!(Role::ALL.iter().any(|(known, _)| *known == name), "{line}");
        }
    }
}
