//! The tables WordNet's files leave out: pointer symbols with their relations, names of lexicographer files.
//!
//! They are data (`data/wordnet`), compiled in so that a dump can be read without looking for them.

use quid_core::oxrdf::NamedNode;
use quid_core::vocabulary::HYPERNYM;

use crate::problem::Damage;

const POINTERS: &str = include_str!("../../../../data/wordnet/pointers.tsv");
const LEXNAMES: &str = include_str!("../../../../data/wordnet/lexnames.tsv");

/// One pointer symbol.
#[derive(Debug)]
pub(crate) struct Relation {
    /// As the data files write it (`~i`).
    pub(crate) symbol: &'static str,
    /// The Global WordNet relation.
    pub(crate) property: NamedNode,
    /// The row of the symbol that must lead back, if one must.
    pub(crate) inverse: Option<usize>,
    /// The bit of the symbol as the index files write it: there `~i` and `~` are both `~`.
    pub(crate) index_bit: u64,
}

/// Both tables.
#[derive(Debug)]
pub(crate) struct Tables {
    /// In the file's order, at most 64.
    pub(crate) relations: Vec<Relation>,
    /// Lexicographer files by number.
    pub(crate) lexnames: Vec<&'static str>,
}

impl Tables {
    /// Reads both; fails only when the data files were edited wrongly, which a test would notice first.
    pub(crate) fn load() -> Result<Self, (&'static str, usize, Damage)> {
        let namespace = HYPERNYM.as_str().trim_end_matches("hypernym");
        let rows: Vec<(usize, [&str; 3])> = rows(POINTERS)
            .map(|(line, row)| {
                let mut fields = row.split('\t');
                match (fields.next(), fields.next(), fields.next(), fields.next()) {
                    (Some(symbol), Some(name), Some(back), None) => Ok((line, [symbol, name, back])),
                    _ => Err(("data/wordnet/pointers.tsv", line, Damage::new(row, "three fields between tabs"))),
                }
            })
            .collect::<Result<_, _>>()?;
        let mut relations = Vec::new();
        for (line, [symbol, name, back]) in &rows {
            let inverse = rows.iter().position(|(_, [other, ..])| other == back);
            if inverse.is_none() && *back != "-" || rows.len() > 64 {
                let damage = Damage::new(*back, "a symbol of this table or -, and 64 rows at most");
                return Err(("data/wordnet/pointers.tsv", *line, damage));
            }
            let property = NamedNode::new_unchecked(format!("{namespace}{name}"));
            let bit = rows.iter().position(|(_, [other, ..])| in_index(other) == in_index(symbol)).unwrap_or(0);
            relations.push(Relation { symbol, property, inverse, index_bit: 1 << bit });
        }
        let mut lexnames = Vec::new();
        for (line, row) in rows_of_lexnames() {
            match row.split_once('\t') {
                Some((number, name)) if number.parse() == Ok(lexnames.len()) => lexnames.push(name),
                _ => {
                    let damage = Damage::new(row, format!("file number {:02}, a tab, a name", lexnames.len()));
                    return Err(("data/wordnet/lexnames.tsv", line, damage));
                }
            }
        }
        Ok(Self { relations, lexnames })
    }

    /// The row of a symbol of the data files.
    pub(crate) fn relation(&self, symbol: &str) -> Option<usize> {
        self.relations.iter().position(|relation| relation.symbol == symbol)
    }

    /// The bit of a symbol of the index files.
    pub(crate) fn index_bit(&self, symbol: &str) -> Option<u64> {
        let relation = self.relations.iter().find(|relation| in_index(relation.symbol) == symbol)?;
        Some(relation.index_bit)
    }
}

/// A symbol as the index files write it: instances and the three kinds of domain are not told apart there.
fn in_index(symbol: &str) -> &str {
    if symbol.starts_with(['@', '~', ';', '-']) { symbol.get(..1).unwrap_or(symbol) } else { symbol }
}

fn rows(text: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.starts_with("# "))
}

fn rows_of_lexnames() -> impl Iterator<Item = (usize, &'static str)> {
    rows(LEXNAMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_load_and_lead_back() {
        let tables = Tables::load().map_err(|(file, line, damage)| format!("{file}:{line} {damage:?}")).unwrap();
        assert_eq!(tables.lexnames.len(), 45);
        for (symbol, name, bit_of) in [("@", "hypernym", "@i"), ("%p", "mero_part", "%p"), (";c", "domain_topic", ";u")]
        {
            let relation = &tables.relations[tables.relation(symbol).unwrap()];
            assert!(relation.property.as_str().ends_with(&format!("#{name}")), "{symbol}");
            assert_eq!(relation.index_bit, tables.relations[tables.relation(bit_of).unwrap()].index_bit);
        }
        for (row, relation) in tables.relations.iter().enumerate() {
            if let Some(inverse) = relation.inverse {
                assert_eq!(tables.relations[inverse].inverse, Some(row), "{}", relation.symbol);
            }
        }
    }
}
