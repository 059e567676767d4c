//! Draws a proof: as a Graphviz graph, and as an SVG with a layout of its own, so that no other program is needed.
//!
//! Layers from the stored facts (top) to the conclusion (bottom); all text is escaped, since people wrote it.

use std::fmt::Write as _;

/// A proof as boxes (claim, reason, whether it is a leaf) and arrows from premise to conclusion.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) boxes: Vec<(String, String, bool)>,
    pub(super) arrows: Vec<(usize, usize)>,
}

// Measures in pixels, for a 13-pixel sans-serif face of about 7 pixels a letter.
const LETTER: usize = 7;
const HIGH: usize = 44;
const GAP: usize = 24;
const LAYER: usize = 90;
/// The most letters on a line of a box; longer text ends in an ellipsis.
const WIDE: usize = 48;

/// The drawing in the DOT language.
pub(super) fn dot(drawing: &Drawing) -> String {
    let mut out = String::from("digraph proof {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for (at, (claim, reason, leaf)) in drawing.boxes.iter().enumerate() {
        let style = if *leaf { ", style=filled, fillcolor=\"#eef5ff\"" } else { "" };
        let _ = writeln!(out, "  s{at} [label=\"{}\\n{}\"{style}];", quoted(claim), quoted(reason));
    }
    for (from, to) in &drawing.arrows {
        let _ = writeln!(out, "  s{from} -> s{to};");
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}

/// The drawing as SVG.
pub(super) fn svg(drawing: &Drawing) -> String {
    let layers = layers(drawing);
    let widths: Vec<usize> = drawing
        .boxes
        .iter()
        .map(|(claim, reason, _)| {
            (short(claim).chars().count().max(short(reason).chars().count()) * LETTER + 24).max(80)
        })
        .collect();
    let width_of = |at: &usize| widths.get(*at).copied().unwrap_or(80);
    let row_width = |row: &Vec<usize>| row.iter().map(|at| width_of(at) + GAP).sum::<usize>();
    let whole = layers.iter().map(row_width).max().unwrap_or(0) + GAP;
    let mut places = vec![(0, 0); drawing.boxes.len()];
    for (depth, row) in layers.iter().enumerate() {
        let mut left = GAP + whole.saturating_sub(row_width(row) + GAP) / 2;
        for at in row {
            if let Some(place) = places.get_mut(*at) {
                *place = (left, GAP + depth * LAYER);
            }
            left += width_of(at) + GAP;
        }
    }
    let high = layers.len() * LAYER + GAP;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"{high}\" viewBox=\"0 0 {whole} {high}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"10\" refY=\"5\" \
         markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" fill=\"#556\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (from, to) in &drawing.arrows {
        if let (Some((x1, y1)), Some((x2, y2))) = (places.get(*from), places.get(*to)) {
            let (x1, y1, x2) = (x1 + width_of(from) / 2, y1 + HIGH, x2 + width_of(to) / 2);
            let half = usize::midpoint(y1, *y2);
            let _ = writeln!(
                out,
                "<path d=\"M{x1} {y1}C{x1} {half} {x2} {half} {x2} {y2}\" fill=\"none\" stroke=\"#556\" marker-end=\"url(#tip)\"/>"
            );
        }
    }
    for (at, (claim, reason, leaf)) in drawing.boxes.iter().enumerate() {
        let Some((x, y)) = places.get(at) else { continue };
        let fill = if *leaf { "#eef5ff" } else { "#f7f7f2" };
        let (middle, first, second) = (x + width_of(&at) / 2, y + 18, y + 35);
        let _ = writeln!(
            out,
            "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{HIGH}\" rx=\"6\" fill=\"{fill}\" stroke=\"#889\"/>\
             <text x=\"{middle}\" y=\"{first}\" text-anchor=\"middle\">{}</text>\
             <text x=\"{middle}\" y=\"{second}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#667\">{}</text></g>",
            escaped(claim),
            width_of(&at),
            escaped(&short(claim)),
            escaped(&short(reason)),
        );
    }
    out.push_str("</svg>\n");
    out
}

/// The boxes by layer: one below the lowest of its premises.
fn layers(drawing: &Drawing) -> Vec<Vec<usize>> {
    let mut depth = vec![0_usize; drawing.boxes.len()];
    // Premises come before what rests on them, so one pass in order of the conclusions is enough.
    let mut arrows = drawing.arrows.clone();
    arrows.sort_by_key(|(_, to)| *to);
    for (from, to) in arrows {
        let below = depth.get(from).map_or(0, |depth| depth + 1);
        if let Some(place) = depth.get_mut(to) {
            *place = below.max(*place);
        }
    }
    // A leaf stands right above the first step that uses it.
    for at in 0..depth.len() {
        let used =
            drawing.arrows.iter().filter(|(from, _)| *from == at).filter_map(|(_, to)| depth.get(*to)).min().copied();
        let is_leaf = !drawing.arrows.iter().any(|(_, to)| *to == at);
        if let (Some(used), true, Some(place)) = (used, is_leaf, depth.get_mut(at)) {
            *place = used.saturating_sub(1);
        }
    }
    let mut layers = vec![Vec::new(); depth.iter().max().map_or(0, |deepest| deepest + 1)];
    for (at, depth) in depth.into_iter().enumerate() {
        if let Some(layer) = layers.get_mut(depth) {
            layer.push(at);
        }
    }
    layers
}

fn short(text: &str) -> String {
    if text.chars().count() <= WIDE {
        return text.to_owned();
    }
    text.chars().take(WIDE - 1).chain(['…']).collect()
}

/// Text for SVG: the five characters of XML escaped, what XML 1.0 forbids left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
