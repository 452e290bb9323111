//! Format models: `YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM`, compiled once into elements.
//!
//! Elements match in any case and greedily; text in double quotes and everything that is no element is literal. Reading
//! with a model is in `parse`, printing in `print`.
//!
//! Source: Snowflake, "Date and time input and output formats", "About the elements"; the rules for quotes, `MMM` and a
//! lone `TZM` (which is literal) as recorded from a live account.

/// A compiled format model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    pub(super) pieces: Box<[Piece]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(Box<str>),
    Element(Element),
}

/// Names are the models' own, except where several spellings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Yyyy,
    Uuuu,
    Yy,
    Y,
    Mm,
    Mo,
    Mon,
    Mmmm,
    Dd,
    D,
    Dy,
    Hh24,
    H24,
    Hh12,
    H12,
    /// AM and PM.
    Meridiem,
    /// A and P.
    MeridiemLetter,
    Mi,
    Me,
    Ss,
    S,
    /// FF0 to FF9, and FF for FF9.
    Ff(u8),
    TzhColonTzm,
    TzhTzm,
    Tzh,
    Tzd,
}

use Element::*;

/// Longest first, because the scan takes the first that matches.
const SPELLINGS: &[(&str, Element)] = &[
    ("TZH:TZM", TzhColonTzm),
    ("TZHTZM", TzhTzm),
    ("YYYY", Yyyy),
    ("UUUU", Uuuu),
    ("MMMM", Mmmm),
    ("HH24", Hh24),
    ("HH12", Hh12),
    ("TZH", Tzh),
    ("TZD", Tzd),
    ("MMM", Mon),
    ("MON", Mon),
    ("H24", H24),
    ("H12", H12),
    ("FF0", Ff(0)),
    ("FF1", Ff(1)),
    ("FF2", Ff(2)),
    ("FF3", Ff(3)),
    ("FF4", Ff(4)),
    ("FF5", Ff(5)),
    ("FF6", Ff(6)),
    ("FF7", Ff(7)),
    ("FF8", Ff(8)),
    ("FF9", Ff(9)),
    ("FF", Ff(9)),
    ("YY", Yy),
    ("MM", Mm),
    ("MO", Mo),
    ("MI", Mi),
    ("ME", Me),
    ("DD", Dd),
    ("DY", Dy),
    ("HH", Hh24),
    ("SS", Ss),
    ("AM", Meridiem),
    ("PM", Meridiem),
    ("Y", Y),
    ("D", D),
    ("H", H24),
    ("S", S),
    ("A", MeridiemLetter),
    ("P", MeridiemLetter),
];

impl Format {
    /// Every text is a model; at worst it is all literal.
    pub fn new(text: &str) -> Format {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(quoted) = rest.strip_prefix('"') {
                // Two quotes in a row, outside of quoted text, are one quote; an unclosed quote reaches to the end.
                if let Some(after) = quoted.strip_prefix('"') {
                    literal.push('"');
                    rest = after;
                } else {
                    let (inside, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                    literal.push_str(inside);
                    rest = after;
                }
            } else if let Some((length, element)) = element_at(rest) {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal).into()));
                }
                pieces.push(Piece::Element(element));
                rest = &rest[length..];
            } else {
                literal.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.into()));
        }
        Format {
            pieces: pieces.into(),
        }
    }

    /// Whether the model has an element at all.
    pub fn has_elements(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Element(_)))
    }
}

fn element_at(text: &str) -> Option<(usize, Element)> {
    SPELLINGS.iter().find_map(|&(spelling, element)| {
        let start = text.as_bytes().get(..spelling.len())?;
        start
            .eq_ignore_ascii_case(spelling.as_bytes())
            .then_some((spelling.len(), element))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(model: &str, expected: &str) {
        let pieces = Format::new(model).pieces;
        let shown: Vec<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => format!("'{text}'"),
                Piece::Element(element) => format!("{element:?}"),
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{model}");
    }

    #[test]
    fn elements_and_literals() {
        check("", "");
        check("yyyy-Mm-DD", "Yyyy '-' Mm '-' Dd");
        check(
            "YYYY-MM-DDTHH24:MI:SS.FF3TZH:TZM",
            "Yyyy '-' Mm '-' Dd 'T' Hh24 ':' Mi ':' Ss '.' Ff(3) TzhColonTzm",
        );
        check("HH12:MI AM", "Hh12 ':' Mi ' ' Meridiem");
        check("H12ME", "H12 Me");
        check("UUUU/MO/D", "Uuuu '/' Mo '/' D");
        check("FF", "Ff(9)");
    }

    /// Recorded.
    #[test]
    fn words_and_quotes() {
        check("DAY", "D MeridiemLetter Y");
        check("MONTH", "Mon 'T' H24");
        check("TZM", "'TZM'");
        check("\"YYYY\"", "'YYYY'");
        check("YYYY\"T", "Yyyy 'T'");
        check("YYYY\"\"MM", "Yyyy '\"' Mm");
        check("\"a\"\"b\"", "'ab'");
        check("é-DD", "'é-' Dd");
    }
}
