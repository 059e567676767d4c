//! Curves as a picture: SVG, in which both axes double from mark to mark.
//!
//! Costs and losses span many sizes, so only such axes show them all.

use std::fmt::Write as _;

/// A named curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it shows.
    pub name: String,
    /// Where it goes; numbers that are not above 0 are left out.
    pub points: Vec<(f64, f64)>,
}

/// What stands around the curves.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Above the picture.
    pub title: String,
    /// Below the axis that goes right.
    pub right: String,
    /// Beside the axis that goes up.
    pub up: String,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 86.0;
const BELOW: f64 = 56.0;
const ABOVE: f64 = 40.0;
const RIGHT: f64 = 170.0;
/// Told apart by dashes too, for those who see no colours.
const LINES: [(&str, &str); 4] = [("#1b4f72", ""), ("#b03a2e", "7 4"), ("#1e8449", "2 4"), ("#6c3483", "9 3 2 3")];

/// The picture. Empty where no point is above 0.
#[must_use]
pub fn svg(frame: &Frame, curves: &[Curve]) -> String {
    let shown = |&(x, y): &(f64, f64)| x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite();
    let points: Vec<(f64, f64)> = curves.iter().flat_map(|curve| &curve.points).copied().filter(shown).collect();
    let span = |of: fn(&(f64, f64)) -> f64| {
        let least = points.iter().map(of).fold(f64::INFINITY, f64::min).log2();
        let most = points.iter().map(of).fold(0.0, f64::max).log2();
        (least, if most - least < 1.0 { least + 1.0 } else { most })
    };
    if points.is_empty() {
        return String::new();
    }
    let ((x_least, x_most), (y_least, y_most)) = (span(|point| point.0), span(|point| point.1));
    let across = |x: f64| LEFT + (x.log2() - x_least) / (x_most - x_least) * (WIDTH - LEFT - RIGHT);
    let down = |y: f64| HEIGHT - BELOW - (y.log2() - y_least) / (y_most - y_least) * (HEIGHT - BELOW - ABOVE);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n<text x=\"{LEFT}\" y=\"22\" \
         font-size=\"15\">{}</text>\n",
        escaped(&frame.title)
    );
    let (bottom, end) = (HEIGHT - BELOW, WIDTH - RIGHT);
    for mark in marks(x_least, x_most) {
        let x = across(mark);
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {ABOVE}V{bottom}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{}</text>",
            bottom + 16.0,
            short(mark)
        );
    }
    for mark in marks(y_least, y_most) {
        let y = down(mark);
        let _ = writeln!(
            out,
            "<path d=\"M{LEFT} {y:.1}H{end}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" \
             text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            short(mark)
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n<text transform=\"translate(16 {}) rotate(-90)\" \
         text-anchor=\"middle\">{}</text>",
        f64::midpoint(LEFT, end),
        HEIGHT - 14.0,
        escaped(&frame.right),
        f64::midpoint(ABOVE, bottom),
        escaped(&frame.up)
    );
    for (at, (curve, (colour, dashes))) in curves.iter().zip(LINES.iter().cycle()).enumerate() {
        let path: Vec<String> = curve
            .points
            .iter()
            .filter(|point| shown(point))
            .map(|(x, y)| format!("{:.1} {:.1}", across(*x), down(*y)))
            .collect();
        let y = ABOVE + 14.0 + 20.0 * at as f64;
        let _ = writeln!(
            out,
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>\n\
             <path d=\"M{} {y}h24\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            path.join("L"),
            end + 12.0,
            end + 42.0,
            y + 4.0,
            escaped(&curve.name)
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Powers of two within a span, about eight of them.
fn marks(least: f64, most: f64) -> Vec<f64> {
    let step = ((most - least) / 8.0).ceil().max(1.0);
    let mut marks = Vec::new();
    let mut power = least.ceil();
    while power <= most + 1e-9 && marks.len() < 32 {
        marks.push(power.exp2());
        power += step;
    }
    marks
}

/// A number as people write it: `15.0 G`.
#[must_use]
pub fn short(number: f64) -> String {
    for (size, name) in [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number >= size {
            let rest = number / size;
            let digits = if rest < 10.0 { 2 } else { usize::from(rest < 100.0) };
            return format!("{rest:.digits$} {name}");
        }
    }
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.3}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_shows_every_curve_within_its_frame() {
        let curve = |name: &str, slope: f64| Curve {
            name: name.to_owned(),
            points: (0..10).map(|at| (f64::from(at), f64::from(at) * slope)).collect(),
        };
        let frame = Frame { title: "a < b".into(), right: "x".into(), up: "y".into() };
        let drawn = svg(&frame, &[curve("one", 1.0), curve("two", 1e9)]);
        assert!(drawn.contains("a &lt; b") && drawn.contains(">one<") && drawn.contains(">two<"));
        let numbers = drawn.split(|sign: char| !(sign.is_ascii_digit() || sign == '.' || sign == '-'));
        assert!(
            numbers.filter_map(|number| number.parse::<f64>().ok()).all(|number| (-91.0..=2000.0).contains(&number))
        );
        assert_eq!(svg(&frame, &[]), "");
    }

    #[test]
    fn numbers_are_short() {
        for (number, wanted) in
            [(7.0, "7"), (0.25, "0.250"), (1024.0, "1.02 k"), (15_009_316_864.0, "15.0 G"), (2.5e14, "250 T")]
        {
            assert_eq!(short(number), wanted);
        }
    }
}
