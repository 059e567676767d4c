//! Cuts a text into pieces that fit into a line.
//!
//! A line is counted in bytes, but cut bytes are not text: ngircd and inspircd cut within a character when they
//! are given too much. So pieces end after a space where there is one, else between characters as people see them
//! (grapheme clusters), and only where one of those is longer than a line, between code points.

use unicode_segmentation::UnicodeSegmentation as _;

/// The smallest room a piece may have: the longest character in UTF-8.
pub const SMALLEST: usize = 4;

/// Cuts `text` into pieces of at most `room` bytes; put together they are the text again.
///
/// ```
/// assert_eq!(quid_irc::split::pieces("tea is a drink", 10), ["tea is a ", "drink"]);
/// ```
#[must_use]
pub fn pieces(text: &str, room: usize) -> Vec<&str> {
    let room = room.max(SMALLEST);
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > room {
        let (piece, after) = rest.split_at(end_of_piece(rest, room));
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where the first piece of a text that is longer than `room` ends.
fn end_of_piece(text: &str, room: usize) -> usize {
    let mut end = room;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (head, tail) = text.split_at(end);
    if tail.starts_with(' ') {
        // The word just fits; the space begins the next piece.
        return head.len();
    }
    if let Some(space) = head.rfind(' ') {
        return space + 1;
    }
    // The last border between graphemes within the room. Only the text up to there and a little more is looked at.
    let mut window = (room * 2).min(text.len());
    while !text.is_char_boundary(window) {
        window -= 1;
    }
    let looked_at = text.get(..window).unwrap_or(text);
    let border = looked_at.grapheme_indices(true).map(|(at, _)| at).take_while(|&at| at <= room).last().unwrap_or(0);
    if border > 0 { border } else { end }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        let table: &[(&str, usize, &[&str])] = &[
            ("", 10, &[]),
            ("tea", 10, &["tea"]),
            ("one two three", 8, &["one two ", "three"]),
            ("one two three", 7, &["one two", " three"]),
            ("abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("ab cdefghij", 6, &["ab ", "cdefgh", "ij"]),
            ("üüü", 5, &["üü", "ü"]),
            ("e\u{301}e\u{301}", 5, &["e\u{301}", "e\u{301}"]),
        ];
        for (text, room, expected) in table {
            assert_eq!(pieces(text, *room), *expected, "{text} in {room}");
        }
        let family = "👨‍👩‍👧‍👦";
        assert!(pieces(&family.repeat(20), 60).iter().all(|piece| piece.len() % family.len() == 0));
        assert!(pieces(family, 10).len() > 1, "longer than a line: cut between code points");
    }

    proptest! {
        #[test]
        fn every_piece_fits_and_nothing_is_lost(text in "(?s).{0,400}", room in 0_usize..120) {
            let pieces = pieces(&text, room);
            prop_assert!(pieces.iter().all(|piece| piece.len() <= room.max(SMALLEST) && !piece.is_empty()));
            prop_assert_eq!(pieces.concat(), text);
        }
    }
}
