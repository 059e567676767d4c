//! Which of many facts a question is about: those near the things it names.
//!
//! Personalised PageRank (Page et al. 1999; Haveliwala 2002) over the few hundred facts around the named things, and
//! several orders in one by reciprocal rank (Cormack et al. 2009).

/// The part of its weight that a walk hands on.
const ON: f64 = 0.85;
/// Steps after which hardly anything changes.
const STEPS: usize = 20;
/// How much the first places of an order are worth more than the next.
const FLAT: f64 = 60.0;

/// The weight of each of `nodes` things for walks that begin at `seeds`; `edges` are walked both ways.
pub(crate) fn page_rank(nodes: usize, edges: &[(usize, usize)], seeds: &[(usize, f64)]) -> Vec<f64> {
    let mut degree = vec![0.0_f64; nodes];
    for (one, other) in edges {
        for end in [one, other] {
            if let Some(degree) = degree.get_mut(*end) {
                *degree += 1.0;
            }
        }
    }
    let whole: f64 = seeds.iter().map(|(_, weight)| weight).sum();
    let mut start = vec![0.0; nodes];
    for (node, weight) in seeds {
        if let Some(start) = start.get_mut(*node) {
            *start += weight / whole.max(f64::MIN_POSITIVE);
        }
    }
    let mut rank = start.clone();
    for _ in 0..STEPS {
        let mut next: Vec<f64> = start.iter().map(|start| start * (1.0 - ON)).collect();
        let share = |node: usize| {
            let degree = degree.get(node).copied().unwrap_or(0.0);
            if degree > 0.0 { ON * rank.get(node).copied().unwrap_or(0.0) / degree } else { 0.0 }
        };
        for (one, other) in edges {
            for (from, to) in [(*one, *other), (*other, *one)] {
                if let Some(next) = next.get_mut(to) {
                    *next += share(from);
                }
            }
        }
        rank = next;
    }
    rank
}

/// One order of `count` things out of several, each with a weight and given best first.
pub(crate) fn fused(count: usize, orders: &[(f64, Vec<usize>)]) -> Vec<usize> {
    let mut score = vec![0.0_f64; count];
    for (weight, order) in orders {
        let mut place = 0.0;
        for item in order {
            if let Some(score) = score.get_mut(*item) {
                *score += weight / (FLAT + place);
            }
            place += 1.0;
        }
    }
    let mut all: Vec<usize> = (0..count).collect();
    let of = |item: &usize| score.get(*item).copied().unwrap_or(0.0);
    all.sort_by(|one, other| of(other).total_cmp(&of(one)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_the_seed_weighs_most_and_a_hub_spreads_its_weight() {
        // 0 - 1 - 2, and 1 is a hub of 3..=9; 10 is apart.
        let mut edges = vec![(0, 1), (1, 2)];
        edges.extend((3..10).map(|leaf| (1, leaf)));
        let rank = page_rank(11, &edges, &[(0, 1.0)]);
        assert!(rank[0] > rank[2] && rank[1] > rank[2] && rank[2] > 0.0 && rank[10] == 0.0, "{rank:?}");
        assert!((rank.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(page_rank(0, &[], &[]).is_empty());
    }

    #[test]
    fn what_several_orders_have_early_comes_first() {
        assert_eq!(fused(4, &[(1.0, vec![3, 1, 0]), (1.0, vec![1, 2])]), [1, 3, 2, 0]);
    }
}
