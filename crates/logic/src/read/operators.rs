//! The operators and how strongly they bind: ISO Prolog's table, with what programs commonly add by `op/3`.
//!
//! A program's own operators change the copy that it is read with, nothing else.

use std::collections::BTreeMap;

/// How strongly an operator binds (1 strongest, 1200 weakest) and what may stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) priority: u32,
    /// The weakest that may stand on the left; 0 for a prefix operator.
    pub(super) left: u32,
    /// The weakest that may stand on the right.
    pub(super) right: u32,
}

/// The operators in force.
#[derive(Clone, Debug)]
pub(super) struct Operators {
    infix: BTreeMap<String, Operator>,
    prefix: BTreeMap<String, Operator>,
}

/// ISO/IEC 13211-1, 6.3.4.4, and the declarations of table, dynamic and the like as most systems have them.
const STANDARD: &[(u32, &str, &str)] = &[
    (1200, "xfx", ":- -->"),
    (1200, "fx", ":- ?-"),
    (1150, "fx", "dynamic discontiguous initialization multifile table public"),
    (1100, "xfy", "; |"),
    (1050, "xfy", "-> *->"),
    (1000, "xfy", ","),
    (900, "fy", "\\+"),
    (700, "xfx", "= \\= == \\== @< @> @=< @>= =.. is =:= =\\= < > =< >= as"),
    (500, "yfx", "+ - /\\ \\/ xor"),
    (400, "yfx", "* / // mod rem div << >>"),
    (200, "xfx", "**"),
    (200, "xfy", "^"),
    (200, "fy", "- + \\"),
];

impl Operators {
    /// The standard ones.
    pub(super) fn standard() -> Self {
        let mut all = Self { infix: BTreeMap::new(), prefix: BTreeMap::new() };
        for (priority, kind, names) in STANDARD {
            for name in names.split(' ') {
                all.add(*priority, kind, name);
            }
        }
        all
    }

    /// Declares one; false when the kind is unknown or too much is asked.
    pub(super) fn add(&mut self, priority: u32, kind: &str, name: &str) -> bool {
        let below = priority.saturating_sub(1);
        let operator = match kind {
            "xfx" => Operator { priority, left: below, right: below },
            "xfy" => Operator { priority, left: below, right: priority },
            "yfx" => Operator { priority, left: priority, right: below },
            "fx" => Operator { priority, left: 0, right: below },
            "fy" => Operator { priority, left: 0, right: priority },
            _ => return false,
        };
        let table = if kind.len() == 2 { &mut self.prefix } else { &mut self.infix };
        if priority == 0 {
            table.remove(name);
        } else {
            table.insert(name.to_owned(), operator);
        }
        priority <= 1200
    }

    pub(super) fn infix(&self, name: &str) -> Option<Operator> {
        self.infix.get(name).copied()
    }

    pub(super) fn prefix(&self, name: &str) -> Option<Operator> {
        self.prefix.get(name).copied()
    }
}
