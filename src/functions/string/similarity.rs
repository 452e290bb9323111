//! How alike two texts are, and how they sound.

use super::super::{Function, INTEGER, Lowering, Signature, TEXT, native};
use crate::engine::native::ScalarNative;
use crate::error::Error;
use crate::types::PhysicalType;

pub(in super::super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "EDITDISTANCE",
        aliases: &[],
        signatures: &[
            Signature::new("(text, text) -> NUMBER(9,0)", Lowering::Native(&DISTANCE)),
            Signature::new(
                "(text, text, integer) -> NUMBER(9,0)",
                Lowering::Native(&DISTANCE_WITHIN),
            ),
        ],
        summary: "The least number of single-character changes that turn one text into the other, at most a number.",
        examples: &[
            ("EDITDISTANCE('future', 'past')", "6"),
            ("EDITDISTANCE('Snowflake', 'Oracle', 2)", "2"),
            ("EDITDISTANCE('', 'abc')", "3"),
            ("EDITDISTANCE('abc', 'xyz', -1)", "0"),
        ],
    },
    Function {
        name: "JAROWINKLER_SIMILARITY",
        aliases: &[],
        signatures: &[Signature::new(
            "(text, text) -> NUMBER(18,0)",
            Lowering::Native(&JAROWINKLER),
        )],
        summary: "The Jaro-Winkler similarity, from 0 to 100, without regard to case.",
        examples: &[
            ("JAROWINKLER_SIMILARITY('abc', 'ABC')", "100"),
            ("JAROWINKLER_SIMILARITY('ab', 'ac')", "66"),
            ("JAROWINKLER_SIMILARITY('Martha', 'Marhta')", "96"),
            ("JAROWINKLER_SIMILARITY('', 'a')", "0"),
        ],
    },
    Function {
        name: "SOUNDEX",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> text(7)",
            Lowering::Native(&SOUNDEX),
        )],
        summary: "The American Soundex code: how an English word sounds.",
        examples: &[
            ("SOUNDEX('Pfister')", "P236"),
            ("SOUNDEX('Ashcraft')", "A261"),
            ("SOUNDEX('robert')", "r163"),
            ("SOUNDEX('')", "0000"),
            ("SOUNDEX(123)", "1000"),
        ],
    },
    Function {
        name: "SOUNDEX_P123",
        aliases: &[],
        signatures: &[Signature::new(
            "(text) -> text(7)",
            Lowering::Native(&SOUNDEX_P123),
        )],
        summary: "The Soundex code in which a second letter that sounds as the first one counts.",
        examples: &[
            ("SOUNDEX_P123('Pfister')", "P123"),
            ("SOUNDEX_P123('Lloyd')", "L430"),
        ],
    },
];

static DISTANCE: ScalarNative = native(
    "sf_editdistance",
    &[TEXT, TEXT],
    PhysicalType::BigInt,
    |arguments, output| arguments.binary(output, |a: &str, b: &str| Ok(distance(a, b))),
);

static DISTANCE_WITHIN: ScalarNative = native(
    "sf_editdistance",
    &[TEXT, TEXT, INTEGER],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.ternary(output, |a: &str, b: &str, most: i64| {
            if i32::try_from(most).is_err() {
                return Err(Error::number_out_of_range(most));
            }
            Ok(distance(a, b).min(most.max(0)))
        })
    },
);

/// Levenshtein's distance, a row of the table at a time.
fn distance(a: &str, b: &str) -> i64 {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, left) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (index, right) in b.iter().enumerate() {
            let change = diagonal + usize::from(left != *right);
            diagonal = row[index + 1];
            row[index + 1] = change.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row.last().map_or(0, |last| *last as i64)
}

static JAROWINKLER: ScalarNative = native(
    "sf_jarowinkler",
    &[TEXT, TEXT],
    PhysicalType::BigInt,
    |arguments, output| {
        arguments.binary(output, |a: &str, b: &str| {
            let lower = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
            Ok((jaro_winkler(&lower(a), &lower(b)) * 100.0) as i64)
        })
    },
);

fn jaro_winkler(a: &[char], b: &[char]) -> f64 {
    const FROM: f64 = 0.7;
    const BONUS: f64 = 0.1;
    let jaro = jaro(a, b);
    if jaro < FROM {
        return jaro;
    }
    let shared = a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count();
    jaro + shared as f64 * BONUS * (1.0 - jaro)
}

fn jaro(a: &[char], b: &[char]) -> f64 {
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut paired = Vec::new();
    for (index, character) in a.iter().enumerate() {
        let (first, last) = (
            index.saturating_sub(reach),
            (index + reach + 1).min(b.len()),
        );
        if let Some(place) = (first..last).find(|place| !taken[*place] && b[*place] == *character) {
            taken[place] = true;
            paired.push(*character);
        }
    }
    if paired.is_empty() {
        return 0.0;
    }
    let others = b
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| **taken)
        .map(|(character, _)| character);
    let transposed = paired.iter().zip(others).filter(|(a, b)| a != b).count() / 2;
    let matches = paired.len() as f64;
    (matches / a.len() as f64 + matches / b.len() as f64 + (matches - transposed as f64) / matches)
        / 3.0
}

static SOUNDEX: ScalarNative = native(
    "sf_soundex",
    &[TEXT],
    PhysicalType::Varchar,
    |arguments, output| arguments.unary(output, |text: &str| Ok(soundex(text, true))),
);

static SOUNDEX_P123: ScalarNative = native(
    "sf_soundex_p123",
    &[TEXT],
    PhysicalType::Varchar,
    |arguments, output| arguments.unary(output, |text: &str| Ok(soundex(text, false))),
);

/// The first character as it is, then the codes of letters that differ from the one before.
fn soundex(text: &str, first_counts: bool) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else {
        return "0000".to_owned();
    };
    let mut result = String::from(first);
    let mut last = first_counts.then(|| code(first)).flatten();
    let mut digits = 0;
    for character in characters {
        match code(character) {
            Some('0') => last = None,
            Some(code) if last != Some(code) => {
                last = Some(code);
                result.push(code);
                digits += 1;
                if digits == 3 {
                    break;
                }
            }
            _ => {}
        }
    }
    result.extend(std::iter::repeat_n('0', 3 - digits));
    result
}

/// A letter's digit; 0 of a vowel, which separates equal codes. H, W and others are passed over.
fn code(letter: char) -> Option<char> {
    Some(match letter.to_ascii_uppercase() {
        'B' | 'F' | 'P' | 'V' => '1',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => '2',
        'D' | 'T' => '3',
        'L' => '4',
        'M' | 'N' => '5',
        'R' => '6',
        'A' | 'E' | 'I' | 'O' | 'U' | 'Y' => '0',
        _ => return None,
    })
}
