//! The risk-coverage curve as SVG, both axes from 0 to 100%.
//!
//! A risk of 0 is the best there is, so the axes of costs and losses, which double from mark to mark, would hide it.

use std::fmt::Write as _;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const BELOW: f64 = 52.0;
const ABOVE: f64 = 40.0;
const RIGHT: f64 = 24.0;

/// The picture: solid as far as questions were answered, dashed behind that.
#[must_use]
pub fn svg(title: &str, curve: &[(f64, f64)], answered: usize) -> String {
    let across = |coverage: f64| LEFT + coverage * (WIDTH - LEFT - RIGHT);
    let down = |risk: f64| HEIGHT - BELOW - risk * (HEIGHT - BELOW - ABOVE);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n<text x=\"{LEFT}\" y=\"22\" \
         font-size=\"15\">{}</text>\n",
        escaped(title)
    );
    for fifth in 0..=5 {
        let share = f64::from(fifth) / 5.0;
        let (x, y, percent) = (across(share), down(share), fifth * 20);
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "<path d=\"M{x:.1} {:.1}V{:.1}M{:.1} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{percent}%</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{percent}%</text>",
            down(1.0),
            down(0.0),
            across(0.0),
            across(1.0),
            down(0.0) + 16.0,
            LEFT - 6.0,
            y + 4.0
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">coverage</text>\n<text transform=\"translate(16 {:.1}) \
         rotate(-90)\" text-anchor=\"middle\">risk</text>",
        across(0.5),
        HEIGHT - 14.0,
        down(0.5)
    );
    let answered = answered.min(curve.len());
    let solid = curve.get(..answered).unwrap_or_default();
    let rest = curve.get(answered.saturating_sub(1)..).unwrap_or_default();
    for (points, dashes) in [(solid, ""), (rest, "4 4")] {
        let path: Vec<String> =
            points.iter().map(|(coverage, risk)| format!("{:.1} {:.1}", across(*coverage), down(*risk))).collect();
        if !path.is_empty() {
            let _ = writeln!(
                out,
                "<path d=\"M{}\" fill=\"none\" stroke=\"#1b4f72\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>",
                path.join("L")
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_stays_within_its_frame_and_changes_where_answers_end() {
        let curve = [(0.25, 0.0), (0.5, 0.5), (0.75, 0.4), (1.0, 1.0)];
        let drawn = svg("a < b", &curve, 2);
        assert!(drawn.contains("a &lt; b") && drawn.ends_with("</svg>\n"));
        let paths: Vec<&str> = drawn.lines().filter(|line| line.contains("#1b4f72")).collect();
        assert_eq!(paths.len(), 2, "{drawn}");
        assert!(paths[0].contains("M179.0 348.0L298.0 194.0\""), "{}", paths[0]);
        assert!(paths[1].contains("M298.0 194.0L417.0 224.8L536.0 40.0\""), "{}", paths[1]);
        assert!(svg("", &[], 3).ends_with("</svg>\n"));
    }
}
