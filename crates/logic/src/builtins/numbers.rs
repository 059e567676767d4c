//! Arithmetic. Integers are exact up to 127 bits, beyond that an operation has no value; angles are in radians.
//!
//! `/` of integers is exact where it can be (`4/2` is 2, `1/2` is 0.5), `//` cuts towards zero, `mod` has the sign of
//! the divisor and `rem` that of the dividend, as in ISO Prolog.

use quid_core::gather::Number;
use quid_core::oxrdf::Term;

use super::{BuiltIn, MOST, Open, Rows, function, goal, valued};

pub(super) const ALL: &[BuiltIn] = &[
    BuiltIn { name: "plus", goals: "plus", functions: "+", width: 3, complete: plus },
    function("minus", "-", 3, |open| {
        pair(open, |one, other| arithmetic(one, other, i128::checked_sub, |one, other| one - other))
    }),
    function("times", "*", 3, |open| {
        pair(open, |one, other| arithmetic(one, other, i128::checked_mul, |one, other| one * other))
    }),
    function("divided", "/", 3, |open| pair(open, divided)),
    function("divided_whole", "//", 3, |open| whole(open, i128::checked_div)),
    function("divided_down", "div", 3, |open| whole(open, floor_div)),
    function("modulo", "mod", 3, |open| {
        whole(open, |one, other| {
            floor_div(one, other).and_then(|quotient| one.checked_sub(quotient.checked_mul(other)?))
        })
    }),
    function("remainder", "rem", 3, |open| whole(open, i128::checked_rem)),
    function("least", "min", 3, |open| {
        pair(open, |one, other| Some(if one.compare(other).is_le() { one } else { other }))
    }),
    function("greatest", "max", 3, |open| {
        pair(open, |one, other| Some(if one.compare(other).is_ge() { one } else { other }))
    }),
    function("power", "** ^", 3, |open| pair(open, power)),
    function("common_divisor", "gcd", 3, |open| whole(open, common_divisor)),
    function("bits_and", "/\\", 3, |open| whole(open, |one, other| Some(one & other))),
    function("bits_or", "\\/", 3, |open| whole(open, |one, other| Some(one | other))),
    function("bits_xor", "xor", 3, |open| whole(open, |one, other| Some(one ^ other))),
    function("shifted_left", "<<", 3, |open| whole(open, shifted_left)),
    function("shifted_right", ">>", 3, |open| {
        whole(open, |one, other| {
            u32::try_from(other).ok().map(|bits| one.checked_shr(bits).unwrap_or(if one < 0 { -1 } else { 0 }))
        })
    }),
    function("arc_tangent_of", "atan2 atan", 3, |open| {
        pair(open, |one, other| finite(one.double().atan2(other.double())))
    }),
    function("logarithm_to", "log", 3, |open| pair(open, |base, number| finite(number.double().log(base.double())))),
    function("negative", "-", 2, |open| {
        one(open, |number| match number {
            Number::Integer(whole) => whole.checked_neg().map(Number::Integer),
            Number::Double(value) => Some(Number::Double(-value)),
        })
    }),
    BuiltIn { name: "number", goals: "", functions: "+", width: 2, complete: |open| one(open, Some) },
    function("absolute", "abs", 2, |open| {
        one(open, |number| match number {
            Number::Integer(whole) => whole.checked_abs().map(Number::Integer),
            Number::Double(value) => Some(Number::Double(value.abs())),
        })
    }),
    function("sign", "sign", 2, |open| {
        one(open, |number| {
            Some(match number {
                Number::Integer(whole) => Number::Integer(whole.signum()),
                Number::Double(value) => Number::Double(if value == 0.0 { 0.0 } else { value.signum() }),
            })
        })
    }),
    function("square_root", "sqrt", 2, |open| real(open, f64::sqrt)),
    function("exponential", "exp", 2, |open| real(open, f64::exp)),
    function("logarithm", "log", 2, |open| real(open, f64::ln)),
    function("logarithm_2", "log2", 2, |open| real(open, f64::log2)),
    function("sine", "sin", 2, |open| real(open, f64::sin)),
    function("cosine", "cos", 2, |open| real(open, f64::cos)),
    function("tangent", "tan", 2, |open| real(open, f64::tan)),
    function("arc_sine", "asin", 2, |open| real(open, f64::asin)),
    function("arc_cosine", "acos", 2, |open| real(open, f64::acos)),
    function("arc_tangent", "atan", 2, |open| real(open, f64::atan)),
    function("rounded", "round integer", 2, |open| to_whole(open, f64::round)),
    function("rounded_down", "floor", 2, |open| to_whole(open, f64::floor)),
    function("rounded_up", "ceiling", 2, |open| to_whole(open, f64::ceil)),
    function("cut", "truncate", 2, |open| to_whole(open, f64::trunc)),
    function("as_double", "float", 2, |open| real(open, |value| value)),
    function("circle_number", "pi", 1, |_| Some(vec![vec![Number::Double(std::f64::consts::PI).term()]])),
    function("growth_number", "e", 1, |_| Some(vec![vec![Number::Double(std::f64::consts::E).term()]])),
    goal("successor", "succ", 2, successor),
    goal("between", "between", 3, between),
];

fn finite(value: f64) -> Option<Number> {
    value.is_finite().then_some(Number::Double(value))
}

fn arithmetic(
    one: Number,
    other: Number,
    whole: fn(i128, i128) -> Option<i128>,
    real: fn(f64, f64) -> f64,
) -> Option<Number> {
    match (one, other) {
        (Number::Integer(one), Number::Integer(other)) => whole(one, other).map(Number::Integer),
        _ => finite(real(one.double(), other.double())),
    }
}

fn one(open: Open<'_>, value: impl Fn(Number) -> Option<Number>) -> Rows {
    valued(open, |inputs| value(Number::of(inputs.first()?)?).map(Number::term))
}

fn pair(open: Open<'_>, value: impl Fn(Number, Number) -> Option<Number>) -> Rows {
    valued(open, |inputs| match inputs {
        [one, other] => value(Number::of(one)?, Number::of(other)?).map(Number::term),
        _ => None,
    })
}

fn whole(open: Open<'_>, value: impl Fn(i128, i128) -> Option<i128>) -> Rows {
    pair(open, |one, other| match (one, other) {
        (Number::Integer(one), Number::Integer(other)) => value(one, other).map(Number::Integer),
        _ => None,
    })
}

fn real(open: Open<'_>, value: fn(f64) -> f64) -> Rows {
    one(open, |number| finite(value(number.double())))
}

/// The largest double that is a whole number of 127 bits.
const LARGEST: f64 = 1.7e38;

fn to_whole(open: Open<'_>, value: fn(f64) -> f64) -> Rows {
    one(open, |number| match number {
        Number::Integer(_) => Some(number),
        Number::Double(real) => {
            let real = value(real);
            #[expect(clippy::cast_possible_truncation, reason = "it is a whole number within the bounds of the type")]
            (real.abs() < LARGEST).then_some(Number::Integer(real as i128))
        }
    })
}

/// Any two of the three give the third.
fn plus(open: Open<'_>) -> Rows {
    let add = |one, other| arithmetic(one, other, i128::checked_add, |one, other| one + other);
    let take = |one, other| arithmetic(one, other, i128::checked_sub, |one, other| one - other);
    let made = |value: Option<Number>, row: fn(Term, &[Term]) -> Vec<Term>, known: &[Term]| {
        value.map(|value| row(value.term(), known)).into_iter().collect()
    };
    let numbers = |one: &Term, other: &Term| Some((Number::of(one)?, Number::of(other)?));
    Some(match open {
        [Some(one), Some(other), _] => {
            let sum = numbers(one, other).and_then(|(one, other)| add(one, other));
            made(sum, |sum, known| known.iter().cloned().chain([sum]).collect(), &[one.clone(), other.clone()])
        }
        [Some(one), None, Some(sum)] => {
            let rest = numbers(sum, one).and_then(|(sum, one)| take(sum, one));
            made(rest, |rest, known| vec![known[0].clone(), rest, known[1].clone()], &[one.clone(), sum.clone()])
        }
        [None, Some(other), Some(sum)] => {
            let rest = numbers(sum, other).and_then(|(sum, other)| take(sum, other));
            made(
                rest,
                |rest, known| [rest].into_iter().chain(known.iter().cloned()).collect(),
                &[other.clone(), sum.clone()],
            )
        }
        _ => return None,
    })
}

fn divided(one: Number, other: Number) -> Option<Number> {
    match (one, other) {
        (_, Number::Integer(0)) => None,
        (Number::Integer(one), Number::Integer(other)) if one.checked_rem(other) == Some(0) => {
            one.checked_div(other).map(Number::Integer)
        }
        _ => finite(one.double() / other.double()),
    }
}

fn floor_div(one: i128, other: i128) -> Option<i128> {
    let quotient = one.checked_div(other)?;
    let rest = one.checked_rem(other)?;
    if rest != 0 && (rest < 0) != (other < 0) { quotient.checked_sub(1) } else { Some(quotient) }
}

fn power(one: Number, other: Number) -> Option<Number> {
    match (one, other) {
        (Number::Integer(base), Number::Integer(exponent)) if exponent >= 0 => {
            // A base of 0, 1 or -1 has powers of any exponent; any other grows too large soon.
            let exponent = match base {
                0 | 1 => exponent.min(1),
                -1 => exponent % 2,
                _ => exponent,
            };
            base.checked_pow(u32::try_from(exponent).ok()?).map(Number::Integer)
        }
        _ => finite(one.double().powf(other.double())),
    }
}

fn common_divisor(one: i128, other: i128) -> Option<i128> {
    let (mut one, mut other) = (one.checked_abs()?, other.checked_abs()?);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    Some(one)
}

fn shifted_left(one: i128, other: i128) -> Option<i128> {
    let bits = u32::try_from(other).ok().filter(|bits| *bits < 127)?;
    one.checked_mul(1_i128.checked_shl(bits)?)
}

fn successor(open: Open<'_>) -> Rows {
    let natural = |term: &Term| match Number::of(term) {
        Some(Number::Integer(whole)) if whole >= 0 => Some(whole),
        _ => None,
    };
    let rows = |row: Option<(i128, i128)>| {
        row.map(|(one, next)| vec![Number::Integer(one).term(), Number::Integer(next).term()]).into_iter().collect()
    };
    match open {
        [Some(one), _] => Some(rows(natural(one).and_then(|one| Some((one, one.checked_add(1)?))))),
        [None, Some(next)] => Some(rows(natural(next).filter(|next| *next > 0).map(|next| (next - 1, next)))),
        _ => None,
    }
}

/// `between(Low, High, X)`; at most so many values are listed, a test has no such bound.
fn between(open: Open<'_>) -> Rows {
    let [Some(low), Some(high), value] = open else { return None };
    let (Some(Number::Integer(least)), Some(top)) = (Number::of(low), Number::of(high)) else {
        return Some(Vec::new());
    };
    let row = |value: Term| vec![low.clone(), high.clone(), value];
    if let Some(value) = value {
        let Some(Number::Integer(whole)) = Number::of(value) else { return Some(Vec::new()) };
        let fits = least <= whole && Number::Integer(whole).compare(top).is_le();
        return Some(if fits { vec![row(value.clone())] } else { Vec::new() });
    }
    let Number::Integer(most) = top else { return None };
    let count = most.checked_sub(least)?;
    if count < 0 {
        return Some(Vec::new());
    }
    if usize::try_from(count).ok()? >= MOST {
        return None;
    }
    Some((least..=most).map(|whole| row(Number::Integer(whole).term())).collect())
}
