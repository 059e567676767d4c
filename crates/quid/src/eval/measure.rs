//! From what happened to each question to the figures: precision, unknowns recognised, risk by coverage, time.
//!
//! Shares come with Wilson's interval (Wilson 1927), which stays honest for few questions and near 0 and 1; the area
//! under the risk-coverage curve is that of Geifman & El-Yaniv (2017), over all questions.

use serde_json::{Value, json};

/// How precise the answers must be of which the coverage is told.
const PRECISE: f64 = 0.95;
/// Of a normal distribution, for an interval of 95%.
const DEVIATIONS: f64 = 1.959_963_984_540_054;

/// What happened to one question.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Whether there is an answer.
    pub answerable: bool,
    /// How sure the reply was, 1 for a proof or a quote; `None` when it gave no answer.
    pub sure: Option<f64>,
    /// Whether exactly the right answers were given.
    pub exact: bool,
    /// How long it took, in microseconds.
    pub micros: u64,
}

impl Outcome {
    /// Whether this was the best thing to say: the answer, or that it is not known when there is none.
    fn is_right(&self) -> bool {
        if self.sure.is_some() { self.exact } else { !self.answerable }
    }
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: usize,
    /// Of how many.
    pub whole: usize,
}

impl Share {
    /// In 0..=1; `None` of nothing.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }

    /// Wilson's interval of 95%; all of 0..=1 for nothing.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let Some(share) = self.value() else { return (0.0, 1.0) };
        let count = self.whole as f64;
        let square = DEVIATIONS * DEVIATIONS;
        let scale = 1.0 + square / count;
        let middle = (share + square / (2.0 * count)) / scale;
        let half = DEVIATIONS / scale * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt();
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }

    fn to_json(self) -> Value {
        let (low, high) = self.interval();
        json!({ "part": self.part, "whole": self.whole, "value": self.value(), "low": low, "high": high })
    }
}

/// The figures of a file.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Questions that were answered at all.
    pub answered: Share,
    /// Of all that have an answer, those answered exactly.
    pub exact: Share,
    /// Of those answered, those answered exactly.
    pub precision: Share,
    /// Of those without an answer, those left unanswered.
    pub unknown: Share,
    /// How many are answered when only answers as sure are given as are right in 95 of 100.
    pub coverage: Share,
    /// The mean share of wrong replies over all coverages.
    pub area: f64,
    /// Coverage and risk, by falling sureness; what was not answered comes last.
    pub curve: Vec<(f64, f64)>,
    /// Half of the questions took at most so many microseconds.
    pub median: u64,
    /// And 99 of 100 so many.
    pub slowest: u64,
}

impl Figures {
    /// The figures of these outcomes.
    #[must_use]
    pub fn of(outcomes: &[Outcome]) -> Self {
        let count = |wanted: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
        let all = outcomes.len();
        let answered = count(&|outcome| outcome.sure.is_some());
        let exact = count(&|outcome| outcome.sure.is_some() && outcome.exact);
        let answerable = count(&|outcome| outcome.answerable);
        let left = count(&|outcome| !outcome.answerable && outcome.sure.is_none());
        let mut times: Vec<u64> = outcomes.iter().map(|outcome| outcome.micros).collect();
        times.sort_unstable();
        let ranked = Ranked::of(outcomes);
        Self {
            answered: Share { part: answered, whole: all },
            exact: Share { part: exact, whole: answerable },
            precision: Share { part: exact, whole: answered },
            unknown: Share { part: left, whole: all - answerable },
            coverage: Share { part: ranked.precise, whole: all },
            area: ranked.curve.iter().map(|(_, risk)| risk).sum::<f64>() / (all.max(1) as f64),
            curve: ranked.curve,
            median: quantile(&times, 50),
            slowest: quantile(&times, 99),
        }
    }

    /// One JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "n": self.answered.whole, "answered": self.answered.to_json(), "exact": self.exact.to_json(),
            "precision": self.precision.to_json(), "unknown_recall": self.unknown.to_json(),
            "coverage_at_95": self.coverage.to_json(), "aurc": self.area,
            "p50_micros": self.median, "p99_micros": self.slowest,
        })
    }

    /// A table for a person.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines = vec![format!("{:24} {:>11} {:>8}  95% interval", "", "", "share")];
        for (name, share) in [
            ("answered", self.answered),
            ("exact", self.exact),
            ("precision", self.precision),
            ("recall of unknown", self.unknown),
            ("coverage at 95%", self.coverage),
        ] {
            let counts = format!("{}/{}", share.part, share.whole);
            lines.push(match share.value() {
                None => format!("{name:24} {counts:>11} {:>8}", "-"),
                Some(value) => {
                    let (low, high) = share.interval();
                    let (value, low, high) = (value * 100.0, low * 100.0, high * 100.0);
                    format!("{name:24} {counts:>11} {value:>7.1}%  {low:.1}%..{high:.1}%")
                }
            });
        }
        lines.push(format!("{:24} {:>11} {:>8.4}", "AURC", "", self.area));
        for (name, micros) in [("time p50", self.median), ("time p99", self.slowest)] {
            lines.push(format!("{name:24} {:>11} {:>8.1} ms", "", micros as f64 / 1000.0));
        }
        lines.join("\n")
    }
}

struct Ranked {
    curve: Vec<(f64, f64)>,
    precise: usize,
}

impl Ranked {
    /// Risk after each question, the surest first. Equally sure ones cannot be told apart by any threshold: among them
    /// the mistakes are spread evenly, and the coverage ends only behind all of them.
    fn of(outcomes: &[Outcome]) -> Self {
        let mut ranked: Vec<(f64, bool)> =
            outcomes.iter().map(|outcome| (outcome.sure.unwrap_or(-1.0), outcome.is_right())).collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
        let all = ranked.len() as f64;
        let (mut curve, mut precise) = (Vec::with_capacity(ranked.len()), 0);
        let (mut before, mut wrong) = (0_usize, 0_usize);
        for group in ranked.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
            let mistakes = group.iter().filter(|(_, right)| !right).count();
            for at in 1..=group.len() {
                let share = mistakes as f64 * at as f64 / group.len() as f64;
                let covered = (before + at) as f64;
                curve.push((covered / all, (wrong as f64 + share) / covered));
            }
            before += group.len();
            wrong += mistakes;
            let is_answered = group.first().is_some_and(|(sure, _)| *sure >= 0.0);
            if is_answered && (before - wrong) as f64 >= PRECISE * before as f64 {
                precise = before;
            }
        }
        Self { curve, precise }
    }
}

/// The smallest time that so many in a hundred do not exceed.
fn quantile(sorted: &[u64], share: usize) -> u64 {
    let rank = (sorted.len() * share).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(answerable: bool, sure: Option<f64>, exact: bool) -> Outcome {
        Outcome { answerable, sure, exact, micros: 1000 }
    }

    #[test]
    fn intervals_are_wilsons() {
        // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (part, whole, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let got = Share { part, whole }.interval();
            assert!((got.0 - low).abs() < 1e-4 && (got.1 - high).abs() < 1e-4, "{part}/{whole}: {got:?}");
        }
        assert_eq!(Share { part: 0, whole: 0 }.interval(), (0.0, 1.0));
        assert_eq!(Share { part: 0, whole: 0 }.value(), None);
    }

    #[test]
    fn figures_count_what_they_say() {
        let figures = Figures::of(&[
            outcome(true, Some(0.9), true),
            outcome(true, Some(0.5), false),
            outcome(true, None, false),
            outcome(false, None, false),
            outcome(false, Some(0.4), false),
        ]);
        let share = |part, whole| Share { part, whole };
        assert_eq!((figures.answered, figures.exact), (share(3, 5), share(1, 3)));
        assert_eq!((figures.precision, figures.unknown, figures.coverage), (share(1, 3), share(1, 2), share(1, 5)));
        // Risks 0, 1/2, 2/3; then the two unanswered, one of them rightly: 2.5/4, 3/5.
        let area = (0.0 + 0.5 + 2.0 / 3.0 + 2.5 / 4.0 + 3.0 / 5.0) / 5.0;
        assert!((figures.area - area).abs() < 1e-12, "{}", figures.area);
    }

    #[test]
    fn what_is_equally_sure_is_covered_together_whatever_its_order() {
        let mut outcomes = vec![outcome(true, Some(1.0), true); 18];
        outcomes.extend([outcome(true, Some(1.0), false), outcome(true, Some(1.0), false)]);
        let one = Figures::of(&outcomes);
        outcomes.reverse();
        let other = Figures::of(&outcomes);
        assert_eq!((one.coverage.part, other.coverage.part), (0, 0), "90% is not 95%");
        assert!((one.area - 0.1).abs() < 1e-12 && (one.area - other.area).abs() < 1e-12);
    }

    #[test]
    fn no_question_is_no_division_by_zero() {
        let figures = Figures::of(&[]);
        assert!(figures.area.abs() < 1e-12 && figures.table().contains("0/0"));
    }

    #[test]
    fn times_are_by_rank() {
        let times: Vec<u64> = (1..=200).collect();
        assert_eq!(
            (quantile(&times, 50), quantile(&times, 99), quantile(&[7], 99), quantile(&[], 50)),
            (100, 198, 7, 0)
        );
    }
}
