//! Numeric format models of TO_CHAR and TO_NUMBER: `$9,999.00`, `S999`, `9.99EEEE`, `XXXX`, `TM9`, ….
//!
//! A model is compiled once. Numbers come as their digits, so that a NUMBER is printed exactly and a FLOAT by its shortest
//! digits; texts are read into a plain numeral, which the caller turns into its type.
//!
//! Sources: Snowflake, "SQL format models"; what stands where in the output, and the refusals, as recorded from a live
//! account by the public test suite of `mlorek/frostlake`.

use std::fmt::Write;

/// A compiled model; for reading, alternatives separated by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberFormat {
    alternatives: Vec<Model>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Model {
    elements: Vec<Element>,
    /// Digit positions before and after the point.
    whole: usize,
    fraction: usize,
    hexadecimal: bool,
    exponent: Option<Exponent>,
    minimal: Option<Minimal>,
    percent: bool,
    /// B: a whole part of zero is blank.
    blank_zero: bool,
    has_sign: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    /// 9, or X: a digit or a blank.
    Nine,
    /// 0: a digit.
    Zero,
    Hex {
        upper: bool,
    },
    Group,
    Point,
    Dollar,
    Percent,
    Sign,
    Minus,
    Blank,
    Exponent,
    Minimal,
    Literal(String),
    FillMode,
    ExactMode,
    /// `_`
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exponent {
    upper: bool,
    /// Digits of the exponent; `None` is EE, which has as many as it needs.
    digits: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Minimal {
    /// TM9, perhaps with the most digits after the point and the size of groups.
    Positional {
        decimals: Option<usize>,
        group: usize,
    },
    Scientific {
        upper: bool,
    },
    Shorter {
        upper: bool,
    },
}

/// A number as its digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    negative: bool,
    /// Without leading zeros; empty for zero.
    digits: Vec<u8>,
    /// How many of the digits stand before the point; may lie outside of them.
    point: i32,
    /// Digits after the point that are printed even if they are zeros.
    scale: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exact,
    Float,
    /// Infinity or not a number.
    Special,
}

impl Digits {
    /// A NUMBER.
    pub fn exact(unscaled: i128, scale: u8) -> Digits {
        let text = unscaled.unsigned_abs().to_string();
        let digits: Vec<u8> = text.bytes().skip_while(|digit| *digit == b'0').collect();
        let point = digits.len() as i32 - i32::from(scale);
        Digits {
            negative: unscaled < 0,
            digits,
            point,
            scale: scale.into(),
            kind: Kind::Exact,
        }
    }

    /// A FLOAT, by the fewest digits that mean it.
    pub fn float(value: f64) -> Digits {
        let mut number = Digits {
            negative: value.is_sign_negative(),
            digits: vec![],
            point: 0,
            scale: 0,
            kind: Kind::Float,
        };
        if !value.is_finite() {
            number.kind = Kind::Special;
            return number;
        }
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        if digits != b"0" {
            number.point = exponent.parse().unwrap_or(0) + 1;
            number.scale = (digits.len() as i32 - number.point).max(0) as usize;
            number.digits = digits;
        }
        number
    }

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    fn times_hundred(mut self) -> Digits {
        self.point += 2;
        self.scale = self.scale.saturating_sub(2);
        self
    }

    /// With so many digits after the point, rounded half away from zero.
    fn rounded(mut self, decimals: i32) -> Digits {
        let keep = self.point + decimals;
        if keep < 0 {
            self.digits.clear();
        } else if (keep as usize) < self.digits.len() {
            let up = self.digits[keep as usize] >= b'5';
            self.digits.truncate(keep as usize);
            if up {
                self.increment();
            }
        }
        if self.digits.iter().all(|digit| *digit == b'0') {
            self.digits.clear();
            self.point = 0;
        }
        self
    }

    fn increment(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.digits.insert(0, b'1');
        self.point += 1;
    }

    /// The digits before the point, without leading zeros.
    fn whole(&self) -> Vec<u8> {
        if self.is_zero() || self.point <= 0 {
            return vec![];
        }
        (0..self.point as usize).map(|i| self.digit(i)).collect()
    }

    /// `count` digits after the point.
    fn fraction(&self, count: usize) -> Vec<u8> {
        (0..count as i32)
            .map(|i| {
                let place = self.point + i;
                if place < 0 {
                    b'0'
                } else {
                    self.digit(place as usize)
                }
            })
            .collect()
    }

    fn digit(&self, place: usize) -> u8 {
        self.digits.get(place).copied().unwrap_or(b'0')
    }
}

impl NumberFormat {
    /// Compiles a model, or says what is wrong with it, in Snowflake's words.
    pub fn new(text: &str) -> Result<NumberFormat, String> {
        let mut alternatives = Vec::new();
        for part in split_alternatives(text) {
            let model = if part.eq_ignore_ascii_case("AUTO") {
                Model::new("TM", "TM")?
            } else {
                Model::new(part, text)?
            };
            alternatives.push(model);
        }
        Ok(NumberFormat { alternatives })
    }

    /// The number as the (first) model prints it.
    pub fn print(&self, number: &Digits) -> String {
        self.alternatives
            .first()
            .map_or_else(String::new, |model| model.print(number.clone()))
    }

    /// The numeral that a text means: a sign, digits, a point, an exponent.
    pub fn parse(&self, text: &str) -> Option<String> {
        self.alternatives.iter().find_map(|model| model.parse(text))
    }
}

/// The parts between `|`, which may also stand in quotes.
fn split_alternatives(text: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut quoted) = (vec![], 0, false);
    for (place, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '|' if !quoted => {
                parts.push(&text[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

impl Model {
    fn new(text: &str, all: &str) -> Result<Model, String> {
        let mut model = Model {
            elements: vec![],
            whole: 0,
            fraction: 0,
            hexadecimal: false,
            exponent: None,
            minimal: None,
            percent: false,
            blank_zero: false,
            has_sign: false,
        };
        let mut rest = text;
        let mut seen: Vec<&'static str> = vec![];
        let mut decimal = false;
        let mut point = false;
        let mut numeric = false;
        let mut after_digit = false;
        while let Some(first) = rest.chars().next() {
            let (element, length) = element_at(rest, first, after_digit)?;
            let written = &rest[..length];
            let once = |seen: &mut Vec<&'static str>, name: &'static str| {
                if seen.contains(&name) {
                    return Err(format!("format element occurs more than once: '{written}'"));
                }
                seen.push(name);
                Ok(())
            };
            numeric |= !matches!(element, Element::Literal(_) | Element::Nothing);
            after_digit = match element {
                Element::Nine | Element::Zero | Element::Hex { .. } => true,
                Element::Group | Element::Point => after_digit,
                _ => false,
            };
            match &element {
                Element::Nine | Element::Zero | Element::Hex { .. } => {
                    match element {
                        Element::Hex { .. } => model.hexadecimal = true,
                        Element::Nine => decimal = true,
                        _ => {}
                    }
                    if point {
                        model.fraction += 1;
                    } else {
                        model.whole += 1;
                    }
                }
                Element::Point => {
                    once(&mut seen, ".")?;
                    point = true;
                }
                Element::Dollar => once(&mut seen, "$")?,
                Element::Percent => {
                    once(&mut seen, "%")?;
                    model.percent = true;
                }
                Element::Sign | Element::Minus => {
                    let (name, other) = match element {
                        Element::Sign => ("S", "MI"),
                        _ => ("MI", "S"),
                    };
                    once(&mut seen, name)?;
                    if seen.contains(&other) {
                        return Err(format!(
                            "format element conflicts with preceding element(s): '{written}'"
                        ));
                    }
                    model.has_sign = true;
                }
                Element::Blank => {
                    once(&mut seen, "B")?;
                    model.blank_zero = true;
                }
                Element::Exponent => {
                    once(&mut seen, "E")?;
                    model.exponent = Some(Exponent {
                        upper: first == 'E',
                        digits: (length > 2).then(|| length - 2),
                    });
                }
                Element::Minimal => {
                    once(&mut seen, "TM")?;
                    model.minimal = Some(minimal(written));
                }
                Element::Group
                | Element::Literal(_)
                | Element::FillMode
                | Element::ExactMode
                | Element::Nothing => {}
            }
            model.elements.push(element);
            rest = &rest[length..];
        }
        if model.hexadecimal && (decimal || point) {
            return Err(format!(
                "cannot mix hexadecimal and decimal format elements: '{all}'"
            ));
        }
        let has_digits = model.whole + model.fraction > 0;
        if model.minimal.is_some() && has_digits {
            return Err(format!(
                "cannot mix digit and text-minimal format elements: '{all}'"
            ));
        }
        if numeric && !has_digits && model.minimal.is_none() {
            return Err(format!(
                "no digit format elements in a numeric format: '{all}'"
            ));
        }
        Ok(model)
    }

    fn print(&self, number: Digits) -> String {
        let number = if self.percent {
            number.times_hundred()
        } else {
            number
        };
        if let Some(minimal) = self.minimal {
            return self.print_minimal(&number, minimal);
        }
        let negative = number.negative;
        let mut exponent = 0;
        let number = match self.exponent {
            Some(_) => {
                let (normal, power) = self.normalised(number);
                exponent = power;
                normal
            }
            None => number.rounded(self.fraction as i32),
        };
        let whole = if self.hexadecimal {
            self.hexadecimal_digits(&number)
        } else {
            Some(number.whole())
        };
        let overflow = number.kind == Kind::Special
            || whole.as_ref().is_none_or(|whole| whole.len() > self.whole);
        let whole = whole.unwrap_or_default();
        let negative = negative && !(number.is_zero() && number.kind == Kind::Exact);
        Printer {
            model: self,
            negative,
            whole,
            fraction: number.fraction(self.fraction),
            overflow,
            exponent,
            compact: false,
            out: String::new(),
            pending: !self.hexadecimal || self.has_sign,
            dollar: false,
            started: false,
        }
        .print()
    }

    /// The number with as many digits before the point as the model has, and the power of ten that is missing.
    fn normalised(&self, number: Digits) -> (Digits, i32) {
        if number.is_zero() {
            return (number, 0);
        }
        let wanted = self.whole.max(1) as i32;
        let shift = |mut number: Digits| {
            let power = number.point - wanted;
            number.point = wanted;
            (number, power)
        };
        let (number, power) = shift(number);
        let number = number.rounded(self.fraction as i32);
        // Rounding may have carried into a further digit.
        let (number, carried) = shift(number);
        (number, power + carried)
    }

    /// `None` where the positions are too few.
    fn hexadecimal_digits(&self, number: &Digits) -> Option<Vec<u8>> {
        let mut value: u128 = 0;
        for digit in number.whole() {
            value = value
                .checked_mul(10)?
                .checked_add(u128::from(digit - b'0'))?;
        }
        let bits = (self.whole * 4).min(128) as u32;
        if number.negative && !self.has_sign && value > 0 {
            let mask = if bits == 128 {
                u128::MAX
            } else {
                (1 << bits) - 1
            };
            value = value.wrapping_neg() & mask;
        }
        if value == 0 {
            return Some(vec![]);
        }
        Some(format!("{value:X}").into_bytes())
    }

    fn print_minimal(&self, number: &Digits, minimal: Minimal) -> String {
        let mut digits = String::new();
        let positional = |out: &mut String, decimals: Option<usize>, group: usize| {
            let number = match decimals {
                Some(decimals) if decimals < number.scale => {
                    let mut number = number.clone().rounded(decimals as i32);
                    number.scale = decimals;
                    number
                }
                _ => number.clone(),
            };
            let whole = number.whole();
            if whole.is_empty() {
                out.push('0');
            }
            for (index, digit) in whole.iter().enumerate() {
                if group > 0 && index > 0 && (whole.len() - index) % group == 0 {
                    out.push(',');
                }
                out.push(char::from(*digit));
            }
            if number.scale > 0 {
                out.push('.');
                out.extend(number.fraction(number.scale).into_iter().map(char::from));
            }
        };
        let scientific = |out: &mut String, upper: bool| {
            let significant = number
                .digits
                .iter()
                .rposition(|digit| *digit != b'0')
                .map_or(0, |last| last + 1);
            let digits = &number.digits[..significant];
            out.push(digits.first().map_or('0', |digit| char::from(*digit)));
            if digits.len() > 1 {
                out.push('.');
                out.extend(digits[1..].iter().map(|digit| char::from(*digit)));
            }
            let power = if digits.is_empty() {
                0
            } else {
                number.point - 1
            };
            let _ = write!(out, "{}{power}", if upper { 'E' } else { 'e' });
        };
        if number.kind == Kind::Special {
            digits.push('#');
        } else {
            match minimal {
                Minimal::Positional { decimals, group } => {
                    positional(&mut digits, decimals, group);
                }
                Minimal::Scientific { upper } => scientific(&mut digits, upper),
                Minimal::Shorter { upper } => {
                    positional(&mut digits, None, 0);
                    if number.kind == Kind::Float {
                        let mut other = String::new();
                        scientific(&mut other, upper);
                        if other.len() < digits.len() {
                            digits = other;
                        }
                    }
                }
            }
        }
        let mut out = String::new();
        let negative = number.negative && !number.is_zero();
        if negative && !self.has_sign {
            out.push('-');
        }
        for element in &self.elements {
            match element {
                Element::Minimal => out.push_str(&digits),
                Element::Dollar => out.push('$'),
                Element::Percent => out.push('%'),
                Element::Sign => out.push(if negative { '-' } else { '+' }),
                Element::Minus => out.push(if negative { '-' } else { ' ' }),
                Element::Literal(text) => out.push_str(text),
                _ => {}
            }
        }
        out
    }

    fn parse(&self, text: &str) -> Option<String> {
        let exact = self.elements.contains(&Element::ExactMode);
        if !exact {
            return Reader::new(self, text).read();
        }
        // An exact text is one that the model prints, with blanks or zeros at the places of a 9.
        let starts_exact = self.elements.first() == Some(&Element::ExactMode);
        let toggles = self
            .elements
            .iter()
            .filter(|element| **element == Element::ExactMode)
            .count();
        let blanks = [' ', '\t', '\n', '\r', '\x0b', '\x0c'];
        let mut text = text;
        if !starts_exact {
            text = text.trim_start_matches(blanks);
        }
        if toggles % 2 == 0 {
            text = text.trim_end_matches(blanks);
        }
        let numeral = Reader::new(self, text).read()?;
        let number = digits_of(&numeral)?;
        let plain = match text.trim_start_matches(' ').starts_with('+') && !self.has_sign {
            true => text.replacen('+', " ", 1),
            false => text.to_owned(),
        };
        if self.minimal.is_some() {
            let printed = self.print(number);
            return (plain == format!(" {printed}")
                || plain == printed && numeral.starts_with('-'))
            .then_some(numeral);
        }
        let variants = [(false, false), (true, false), (false, true), (true, true)];
        variants
            .into_iter()
            .any(|(whole, fraction)| {
                self.with_zeros(whole, fraction).print(number.clone()) == plain
            })
            .then_some(numeral)
    }

    /// The same model with 0 in place of 9.
    fn with_zeros(&self, whole: bool, fraction: bool) -> Model {
        let mut model = self.clone();
        let mut after_point = false;
        for element in &mut model.elements {
            match element {
                Element::Point => after_point = true,
                Element::Nine if (if after_point { fraction } else { whole }) => {
                    *element = Element::Zero;
                }
                _ => {}
            }
        }
        model
    }
}

/// The digits of a numeral that `Reader` has made.
fn digits_of(numeral: &str) -> Option<Digits> {
    let (mantissa, power) = numeral.split_once('e').unwrap_or((numeral, "0"));
    let negative = mantissa.starts_with('-');
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    let zeros = all.iter().take_while(|digit| **digit == b'0').count();
    let digits = all[zeros..].to_vec();
    let power: i32 = power.parse().ok()?;
    Some(Digits {
        negative,
        point: if digits.is_empty() {
            0
        } else {
            whole.len() as i32 - zeros as i32 + power
        },
        digits,
        scale: fraction.len(),
        kind: Kind::Exact,
    })
}

fn minimal(written: &str) -> Minimal {
    let upper = written.starts_with('T');
    let bytes = written.as_bytes();
    match bytes.get(2) {
        Some(b'9') => {
            let parameters = written
                .split_once('(')
                .map_or("", |(_, inside)| inside.trim_end_matches(')'));
            let (decimals, group) = parameters.split_once(',').unwrap_or((parameters, ""));
            Minimal::Positional {
                decimals: decimals.parse().ok(),
                group: group.parse().unwrap_or(0),
            }
        }
        Some(b'e' | b'E') => Minimal::Scientific { upper },
        _ => Minimal::Shorter { upper },
    }
}

/// The element at the start of a text, and its length.
fn element_at(rest: &str, first: char, after_digit: bool) -> Result<(Element, usize), String> {
    let is = |spelling: &str| {
        rest.get(..spelling.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(spelling))
    };
    let literal = |length: usize| (Element::Literal(rest[..length].to_owned()), length);
    Ok(match first.to_ascii_uppercase() {
        '9' => (Element::Nine, 1),
        '0' => (Element::Zero, 1),
        'X' => (
            Element::Hex {
                upper: first == 'X',
            },
            1,
        ),
        '.' if after_digit => (Element::Point, 1),
        'D' => (Element::Point, 1),
        ',' if after_digit => (Element::Group, 1),
        'G' => (Element::Group, 1),
        '$' => (Element::Dollar, 1),
        '%' => (Element::Percent, 1),
        'B' => (Element::Blank, 1),
        '_' => (Element::Nothing, 1),
        '"' => return quoted(rest),
        'F' if is("FM") => (Element::FillMode, 2),
        'F' if is("FX") => (Element::ExactMode, 2),
        'M' if is("MI") => (Element::Minus, 2),
        'S' => (Element::Sign, 1),
        'E' if is("EE") => {
            let count = rest
                .bytes()
                .take_while(|byte| byte.eq_ignore_ascii_case(&b'E'))
                .count();
            (Element::Exponent, count.min(7))
        }
        'T' if is("TM") => {
            let mut length = match rest.as_bytes().get(2) {
                Some(b'9' | b'e' | b'E') => 3,
                _ => 2,
            };
            if rest.as_bytes().get(2) == Some(&b'9')
                && rest[3..].starts_with('(')
                && let Some(end) = rest.find(')')
            {
                length = end + 1;
            }
            (Element::Minimal, length)
        }
        '.' | ',' | ';' | ':' | '-' | '=' | '/' | '(' | ')' | ' ' => literal(1),
        other if other.is_ascii_alphanumeric() => {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            return Err(format!(
                "invalid numeric format keyword: '{}'",
                &rest[..end]
            ));
        }
        _ => {
            return Err(format!("invalid character in the format string: '{first}'"));
        }
    })
}

/// `"text"`, in which two quotes are one.
fn quoted(rest: &str) -> Result<(Element, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((place, character)) = characters.next() {
        if character != '"' {
            text.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == '"') {
            characters.next();
            text.push('"');
        } else {
            return Ok((Element::Literal(text), place + 1));
        }
    }
    Ok((Element::Literal(text), rest.len()))
}

struct Printer<'a> {
    model: &'a Model,
    negative: bool,
    whole: Vec<u8>,
    fraction: Vec<u8>,
    overflow: bool,
    exponent: i32,
    compact: bool,
    out: String,
    /// The sign has still to be printed, before the first digit.
    pending: bool,
    /// A dollar goes with the sign.
    dollar: bool,
    /// A digit has been printed.
    started: bool,
}

impl Printer<'_> {
    fn print(mut self) -> String {
        let model = self.model;
        let elements = &model.elements;
        let is_digit = |element: &Element| {
            matches!(element, Element::Nine | Element::Zero | Element::Hex { .. })
        };
        let Some(first_digit) = elements.iter().position(is_digit) else {
            for element in elements {
                if let Element::Literal(text) = element {
                    self.out.push_str(text);
                }
            }
            return self.out;
        };
        let last_whole = elements
            .iter()
            .take_while(|element| **element != Element::Point)
            .enumerate()
            .filter(|(_, element)| is_digit(element))
            .map(|(index, _)| index)
            .last();
        // S and MI of their own place take the default sign's.
        let floating_sign = elements[..first_digit].contains(&Element::Sign);
        if model.has_sign && !floating_sign {
            self.pending = false;
        }
        self.dollar = elements[..first_digit].contains(&Element::Dollar);
        let forced = forced_fraction(elements);
        let significant = self
            .fraction
            .iter()
            .rposition(|digit| *digit != b'0')
            .map_or(0, |last| last + 1);
        let printed_fraction = significant.max(forced);
        let mut zeros = false;
        let (mut place, mut decimal) = (0, 0);
        let mut after_point = false;
        for (index, element) in elements.iter().enumerate() {
            match element {
                Element::Nine | Element::Zero | Element::Hex { .. } if after_point => {
                    if self.overflow {
                        self.out.push('#');
                    } else if decimal < printed_fraction {
                        self.out.push(char::from(self.fraction[decimal]));
                    } else {
                        self.blank();
                    }
                    decimal += 1;
                }
                Element::Nine | Element::Zero | Element::Hex { .. } => {
                    zeros |= *element == Element::Zero;
                    self.whole_digit(place, zeros, lower(elements, index));
                    place += 1;
                    if Some(index) == last_whole {
                        self.flush();
                    }
                }
                Element::Group if self.started => self.out.push(','),
                Element::Group => self.blank(),
                Element::Point => {
                    self.flush();
                    self.out.push('.');
                    after_point = true;
                }
                Element::Dollar if index > first_digit => self.out.push('$'),
                Element::Percent => self.out.push('%'),
                Element::Sign if index > first_digit => {
                    self.out.push(if self.negative { '-' } else { '+' });
                }
                Element::Minus if self.negative => self.out.push('-'),
                Element::Minus => self.blank(),
                Element::Exponent => self.print_exponent(),
                Element::Literal(text) => self.out.push_str(text),
                Element::FillMode => self.compact = !self.compact,
                Element::Dollar
                | Element::Sign
                | Element::Blank
                | Element::Minimal
                | Element::ExactMode
                | Element::Nothing => {}
            }
        }
        self.out
    }

    fn blank(&mut self) {
        if !self.compact {
            self.out.push(' ');
        }
    }

    /// Position `place`, counted from the left, of the digits before the point.
    fn whole_digit(&mut self, place: usize, zeros: bool, lower: bool) {
        if self.overflow {
            self.flush();
            self.started = true;
            return self.out.push('#');
        }
        let padding = self.model.whole - self.whole.len();
        let is_last = place + 1 == self.model.whole;
        let digit = if place >= padding {
            self.whole[place - padding]
        } else if zeros || self.started || is_last && !self.model.blank_zero {
            b'0'
        } else {
            return self.blank();
        };
        self.flush();
        self.started = true;
        let digit = char::from(digit);
        self.out.push(if lower {
            digit.to_ascii_lowercase()
        } else {
            digit
        });
    }

    /// The sign (and the dollar), before what is printed now.
    fn flush(&mut self) {
        if std::mem::take(&mut self.pending) {
            let explicit = self.model.has_sign;
            match (self.negative, explicit) {
                (true, _) => self.out.push('-'),
                (false, true) => self.out.push('+'),
                (false, false) => self.blank(),
            }
        }
        if std::mem::take(&mut self.dollar) {
            self.out.push('$');
        }
    }

    fn print_exponent(&mut self) {
        let Some(exponent) = self.model.exponent else {
            return;
        };
        let letter = if exponent.upper { 'E' } else { 'e' };
        match exponent.digits {
            None => {
                let start = self.out.len();
                let _ = write!(self.out, "{letter}{}", self.exponent);
                while !self.compact && self.out.len() < start + 5 {
                    self.out.push(' ');
                }
            }
            Some(digits) => {
                let sign = if self.exponent < 0 { '-' } else { '+' };
                let power = self.exponent.unsigned_abs().to_string();
                if power.len() > digits {
                    let _ = write!(self.out, "{letter}{sign}{}", "#".repeat(digits));
                } else {
                    let _ = write!(self.out, "{letter}{sign}{power:0>digits$}");
                }
            }
        }
    }
}

/// How many digits after the point are printed whatever they are: up to the last 0.
fn forced_fraction(elements: &[Element]) -> usize {
    let after_point = elements
        .iter()
        .skip_while(|element| **element != Element::Point)
        .filter(|element| matches!(element, Element::Nine | Element::Zero));
    after_point
        .enumerate()
        .filter(|(_, element)| **element == Element::Zero)
        .map(|(index, _)| index + 1)
        .last()
        .unwrap_or(0)
}

/// Whether the digit prints in lower case: the case of the next X.
fn lower(elements: &[Element], index: usize) -> bool {
    elements[index..]
        .iter()
        .find_map(|element| match element {
            Element::Hex { upper } => Some(!upper),
            _ => None,
        })
        .unwrap_or(false)
}

/// Reads a text in lax mode.
struct Reader<'a> {
    model: &'a Model,
    text: &'a [u8],
    at: usize,
    negative: bool,
}

impl<'a> Reader<'a> {
    fn new(model: &'a Model, text: &'a str) -> Self {
        Reader {
            model,
            text: text.as_bytes(),
            at: 0,
            negative: false,
        }
    }

    fn read(mut self) -> Option<String> {
        self.skip_white();
        let elements = &self.model.elements;
        let is_digit = |element: &Element| {
            matches!(
                element,
                Element::Nine | Element::Zero | Element::Hex { .. } | Element::Minimal
            )
        };
        let first = elements.iter().position(is_digit)?;
        let is_numeral = |element: &Element| {
            is_digit(element)
                || matches!(element, Element::Group | Element::Point | Element::Exponent)
        };
        let last = elements.iter().rposition(is_numeral)?;
        for element in &elements[..first] {
            self.affix(element)?;
        }
        // The sign and a dollar may stand before the digits in any order.
        self.skip_blanks();
        if !self.model.has_sign || elements[..first].contains(&Element::Sign) {
            self.sign();
        }
        self.skip_blanks();
        if elements[..first].contains(&Element::Dollar) {
            self.take(b'$');
            self.skip_blanks();
        }
        let numeral = match self.model.minimal {
            Some(minimal) => self.minimal(minimal)?,
            None if self.model.hexadecimal => self.hexadecimal()?,
            None => self.fixed(&elements[first..=last])?,
        };
        for element in &elements[last + 1..] {
            self.affix(element)?;
        }
        self.skip_white();
        if self.at < self.text.len() {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        if self.model.percent {
            let (mantissa, power) = numeral.split_once('e').unwrap_or((&numeral, "0"));
            let power: i32 = power.parse().ok()?;
            return Some(format!("{sign}{mantissa}e{}", power - 2));
        }
        Some(format!("{sign}{numeral}"))
    }

    /// What stands before or after the digits.
    fn affix(&mut self, element: &Element) -> Option<()> {
        match element {
            Element::Literal(text) => {
                for byte in text.bytes() {
                    if byte == b' ' {
                        self.skip_blanks();
                    } else if self.peek()?.eq_ignore_ascii_case(&byte) {
                        self.at += 1;
                    } else {
                        return None;
                    }
                }
            }
            Element::Dollar => {
                // Taken again with the sign, if it is not here.
                self.skip_blanks();
                self.take(b'$');
            }
            Element::Percent => {
                self.skip_blanks();
                if !self.take(b'%') {
                    return None;
                }
            }
            Element::Sign | Element::Minus => self.sign(),
            Element::Nothing => self.skip_blanks(),
            Element::Blank
            | Element::FillMode
            | Element::ExactMode
            | Element::Group
            | Element::Point
            | Element::Exponent
            | Element::Minimal
            | Element::Nine
            | Element::Zero
            | Element::Hex { .. } => {}
        }
        Some(())
    }

    fn fixed(&mut self, elements: &[Element]) -> Option<String> {
        let point = elements
            .iter()
            .position(|element| *element == Element::Point);
        let (whole, fraction) = elements.split_at(point.unwrap_or(elements.len()));
        let mut out = String::new();
        self.whole(whole, &mut out)?;
        let is_digit = |element: &&Element| matches!(element, Element::Nine | Element::Zero);
        let most = fraction.iter().filter(is_digit).count();
        let least = forced_fraction(fraction);
        let digits = if point.is_some() && self.take(b'.') {
            self.digits()
        } else {
            &[]
        };
        if digits.len() > most || digits.len() < least {
            return None;
        }
        if !digits.is_empty() {
            out.push('.');
            out.extend(digits.iter().map(|digit| char::from(*digit)));
        }
        // Blanks where the fraction has none: as printed.
        if digits.len() < most {
            let missing = most - digits.len();
            let blanks = self.text[self.at..]
                .iter()
                .take_while(|byte| **byte == b' ')
                .count();
            self.at += blanks.min(missing);
        }
        if self.model.exponent.is_some() {
            out.push_str(&self.power()?);
        }
        Some(out)
    }

    /// Digits before the point, grouped as the model groups them or not at all.
    fn whole(&mut self, elements: &[Element], out: &mut String) -> Option<()> {
        let mut places = Vec::new();
        let mut groups = Vec::new();
        let mut literals = false;
        for element in elements.iter().rev() {
            match element {
                Element::Nine | Element::Zero => places.push(*element == Element::Zero),
                Element::Group => groups.push(places.len()),
                Element::Literal(_) => literals = true,
                _ => {}
            }
        }
        let (mut digits, mut commas) = (Vec::new(), Vec::new());
        while let Some(byte) = self.peek() {
            match byte {
                b'0'..=b'9' => digits.push(byte),
                b',' if !groups.is_empty() => commas.push(digits.len()),
                b' ' if literals && self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) => {}
                _ => break,
            }
            self.at += 1;
        }
        let count = digits.len();
        if commas
            .iter()
            .any(|before| *before == 0 || !groups.contains(&(count - before)))
        {
            return None;
        }
        // With one separator, all of them that the digits reach.
        if !commas.is_empty() && groups.iter().filter(|at| **at < count).count() != commas.len() {
            return None;
        }
        let least = places
            .iter()
            .rposition(|is_zero| *is_zero)
            .map_or(0, |place| place + 1);
        let least = if self.model.blank_zero || places.is_empty() {
            least
        } else {
            least.max(1)
        };
        if count > places.len() || count < least {
            return None;
        }
        if digits.is_empty() {
            out.push('0');
        }
        out.extend(digits.into_iter().map(char::from));
        Some(())
    }

    fn power(&mut self) -> Option<String> {
        if !matches!(self.peek(), Some(b'e' | b'E')) {
            return None;
        }
        self.at += 1;
        let negative = self.take(b'-');
        if !negative {
            self.take(b'+');
        }
        let digits = self.digits();
        if !(1..=5).contains(&digits.len()) {
            return None;
        }
        let digits = std::str::from_utf8(digits).ok()?;
        let digits = digits.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        let text = format!("e{}{digits}", if negative { "-" } else { "" });
        // EE is padded when it is printed.
        self.skip_blanks();
        Some(text)
    }

    fn minimal(&mut self, minimal: Minimal) -> Option<String> {
        let mut out = String::new();
        let whole = self.digits();
        let fraction = if self.take(b'.') { self.digits() } else { &[] };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        out.push('0');
        out.extend(whole.iter().map(|digit| char::from(*digit)));
        if !fraction.is_empty() {
            out.push('.');
            out.extend(fraction.iter().map(|digit| char::from(*digit)));
        }
        let has_power = matches!(self.peek(), Some(b'e' | b'E'));
        match minimal {
            Minimal::Positional { .. } if has_power => return None,
            Minimal::Scientific { .. } if !has_power => return None,
            _ => {}
        }
        if has_power {
            out.push_str(&self.power()?);
        }
        Some(out)
    }

    fn hexadecimal(&mut self) -> Option<String> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).ok()?;
        if digits.is_empty() || digits.len() > self.model.whole {
            return None;
        }
        let value = u128::from_str_radix(digits, 16).ok()?;
        Some(value.to_string())
    }

    fn digits(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    fn sign(&mut self) {
        if self.take(b'-') {
            self.negative = true;
        } else {
            self.take(b'+');
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.take(b' ') {}
    }

    fn skip_white(&mut self) {
        while matches!(
            self.peek(),
            Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c')
        ) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Digits {
        let scale = text.split_once('.').map_or(0, |(_, digits)| digits.len());
        let unscaled = text.replace('.', "").parse().expect(text);
        Digits::exact(unscaled, scale as u8)
    }

    fn check(value: &str, model: &str, expected: &str) {
        let format = NumberFormat::new(model).expect(model);
        assert_eq!(format.print(&exact(value)), expected, "{value} {model}");
    }

    /// Recorded (ToCharNumericFormatModelTest, ToNumberExactModeTest).
    #[test]
    fn hexadecimal() {
        for (value, model, expected) in [
            ("255", "XX", "FF"),
            ("15", "XX", " F"),
            ("256", "XX", "##"),
            ("255", "xx", "ff"),
            ("255", "0XXX", "00FF"),
            ("10", "0x", "0a"),
            ("0", "XX", " 0"),
            ("255", "FMXXXX", "FF"),
            ("255.7", "XX", "##"),
            ("-1", "XX", "FF"),
            ("255", "SXX", "+FF"),
            ("-255", "SXX", "-FF"),
            ("255", "XXMI", "FF "),
            ("-255", "XXMI", "FF-"),
        ] {
            check(value, model, expected);
        }
    }

    #[test]
    fn exponents() {
        for (value, model, expected) in [
            ("1.5", "9.9EEEE", " 1.5E+00"),
            ("1.5", "9.9EE", " 1.5E0   "),
            ("1.5", "9.9EEE", " 1.5E+0"),
            ("-123.456", "9.99EEEE", "-1.23E+02"),
            ("0", "9.9EEEE", " 0. E+00"),
            ("0.00012", "9.9EEEE", " 1.2E-04"),
            ("1.5", "9.9eeee", " 1.5e+00"),
            ("12345", "99.9EEEE", " 12.3E+03"),
            ("1.5", "FM9.9EEEE", "1.5E+00"),
            ("1.5", "9EEEE", " 2E+00"),
            ("1.5", "S9.9EEEE", "+1.5E+00"),
            ("-1.5", "9.9EEEEMI", "1.5E+00-"),
            ("1000000000000000000000", "9EE", " 1E21  "),
            ("-0.001", "9EE", "-1E-3  "),
            ("1234", "9.9EEEEE", " 1.2E+003"),
            ("1234", "9d999EE", " 1.234E3   "),
        ] {
            check(value, model, expected);
        }
        let format = NumberFormat::new("9.9EEEE").expect("model");
        assert_eq!(format.print(&Digits::float(1e120)), " 1. E+##");
    }

    #[test]
    fn blanks_percent_and_literals() {
        for (value, model, expected) in [
            ("1", "B9", " 1"),
            ("0", "B9", "  "),
            ("0.5", "B9.9", "  .5"),
            ("-0.5", "B9.9", " -.5"),
            ("0", "B99.99", "   .  "),
            ("0", "FMB9", ""),
            ("5", "9B", " 5"),
            ("0", "B$9", "  $"),
            ("0.05", "99%", "  5%"),
            ("0.25", "TM9%", "25%"),
            ("0.5", "9.9%", " #.#%"),
            ("-0.05", "99%", " -5%"),
            ("1", "%99", "% ##"),
            ("0.05", "FM99%", "5%"),
            ("0.123", "99.9%", " 12.3%"),
            ("1", "FX\"x\"9", "x 1"),
            ("1", "\"x\"9", "x 1"),
            ("1", "9\"x\"", " 1x"),
            ("12", "9\"x\"9", " 1x2"),
            ("-1", "\"x\"9", "x-1"),
            ("1", "FM\"ab\"9", "ab1"),
            ("1", "9-9", " - 1"),
            ("-1", "9-9", " --1"),
            ("1", "(9)", "( 1)"),
            ("12", "9  9", " 1  2"),
            ("1", "FM9 9", " 1"),
            ("1", "_9", " 1"),
            ("1", ",", ","),
            ("1", "", ""),
            ("12", "\">\"99\"<\"", "> 12<"),
        ] {
            check(value, model, expected);
        }
    }

    #[test]
    fn minimal_forms() {
        for (value, model, expected) in [
            ("1", "FXTM9", "1"),
            ("1.5", "TM9", "1.5"),
            ("1.50", "TM9", "1.50"),
            ("-1.5", "TM", "-1.5"),
            ("1.5", "TME", "1.5E0"),
            ("12345", "TME", "1.2345E4"),
            ("100", "TME", "1E2"),
            ("0", "TME", "0E0"),
            ("0.1", "TME", "1E-1"),
            ("1.5", "tme", "1.5e0"),
            ("12.5", "$TM9", "$12.5"),
            ("1", "TM9\"x\"", "1x"),
            ("1234567.891", "TM9(2,3)", "1,234,567.89"),
            (
                "1000000000000000000000000000000",
                "TM",
                "1000000000000000000000000000000",
            ),
        ] {
            check(value, model, expected);
        }
        let format = NumberFormat::new("TM").expect("model");
        assert_eq!(format.print(&Digits::float(1e300)), "1E300");
        assert_eq!(format.print(&Digits::float(1.5)), "1.5");
    }

    #[test]
    fn signs_groups_and_dollars() {
        for (value, model, expected) in [
            ("12", "99", " 12"),
            ("-7", "99", " -7"),
            ("12", "S99", "+12"),
            ("-7", "S99", " -7"),
            ("12", "99S", "12+"),
            ("-7", "99S", " 7-"),
            ("12", "MI99", " 12"),
            ("-7", "MI99", "- 7"),
            ("12", "99MI", "12 "),
            ("-7", "99MI", " 7-"),
            ("12", "$99", " $12"),
            ("-7", "$99", " -$7"),
            ("12", "FM99", "12"),
            ("-7", "FM99", "-7"),
            ("-7", "FM$99", "-$7"),
            ("12", "99$", " 12$"),
            ("12", "9$9", " 1$2"),
            ("12", "9S9", "1+2"),
            ("-123", "99", "-##"),
            ("-123", "99MI", "##-"),
            ("-1234", "99,999", " -1,234"),
            ("12", "00,000", " 00,012"),
            ("-12", "0999", "-0012"),
            ("1.2", "999,999.999", "       1.2  "),
            ("1.2", "S000,000.000", "+000,001.200"),
            ("-123456.789", "999,999.999", "-123,456.789"),
            ("1234.56", "FM999,999.999", "1,234.56"),
            ("1.5", "FX9.99", " 1.5 "),
            ("1234.5", "$9,999.00", " $1,234.50"),
            ("1234.567", "FM9,999.00", "1,234.57"),
        ] {
            check(value, model, expected);
        }
    }

    #[test]
    fn models_that_are_none() {
        for (model, reason) in [
            ("9Q", "invalid numeric format keyword: 'Q'"),
            ("9PR", "invalid numeric format keyword: 'PR'"),
            ("9e9", "invalid numeric format keyword: 'e9'"),
            ("99SS", "format element occurs more than once: 'S'"),
            (
                "S9MI",
                "format element conflicts with preceding element(s): 'MI'",
            ),
            (
                "9X",
                "cannot mix hexadecimal and decimal format elements: '9X'",
            ),
            ("FM", "no digit format elements in a numeric format: 'FM'"),
            ("9+", "invalid character in the format string: '+'"),
        ] {
            assert_eq!(NumberFormat::new(model), Err(reason.to_owned()), "{model}");
        }
    }

    fn read(text: &str, model: &str) -> Option<String> {
        let format = NumberFormat::new(model).expect(model);
        format.parse(text).map(|numeral| {
            let value: f64 = numeral.parse().expect(&numeral);
            value.to_string()
        })
    }

    /// Documentation of the models, and recorded refusals.
    #[test]
    fn lax_texts() {
        for (text, model, expected) in [
            ("12,345.67", "999,999.99", "12345.67"),
            ("012,345.67", "999,999.99", "12345.67"),
            (" 12,345.67", "999,999.99", "12345.67"),
            ("012,345.67", "000,000.00", "12345.67"),
            ("12345.67", "999,999.99", "12345.67"),
            ("$1,234.56", "$9,999.99", "1234.56"),
            ("-101", "MI999|999MI", "-101"),
            ("102-", "MI999|999MI", "-102"),
            ("103", "MI999|999MI", "103"),
            ("FF", "XX", "255"),
            ("50%", "99%", "0.5"),
            ("1.5E+2", "9.9EEEE", "150"),
            ("-5", "99", "-5"),
            ("1.5", "TM9", "1.5"),
            ("1e3", "TME", "1000"),
        ] {
            assert_eq!(
                read(text, model).as_deref(),
                Some(expected),
                "{text} {model}"
            );
        }
        for (text, model) in [
            ("12,345.67", "000,000.00"),
            ("405.958", "9,999.99"),
            ("123", "99"),
            ("1,234", "9999"),
            ("12,34", "99,999"),
            ("", "99"),
            ("1e3", "TM9"),
            ("abc", "999"),
        ] {
            assert_eq!(read(text, model), None, "{text} {model}");
        }
    }

    /// Recorded (ToNumberExactModeTest).
    #[test]
    fn exact_texts() {
        for (text, model, expected) in [
            (" 1", "FX9", "1"),
            ("-1", "FX9", "-1"),
            ("+1", "FX9", "1"),
            (" 12", "FX99", "12"),
            ("  1", "FX99", "1"),
            (" 01", "FX99", "1"),
            ("-01", "FX99", "-1"),
            (" -1", "FX99", "-1"),
            (" 1.50", "FX9.99", "1.5"),
            (" 1.5 ", "FX9.99", "1.5"),
            (" 1.", "FX9.", "1"),
            (" 1,234", "FX9,999", "1234"),
            ("     1", "FX9,999", "1"),
            (" 01,234", "FX99,999", "1234"),
            ("+1", "FXS9", "1"),
            (" +1", "FXS99", "1"),
            ("1 ", "FX9MI", "1"),
            ("12-", "FX99MI", "-12"),
            ("  $1", "FX$99", "1"),
            ("$1", "FXFM$9", "1"),
            (" 50%", "FX99%", "0.5"),
            (" 1.0E+02", "FX9.9EEEE", "100"),
            ("FF", "FXXX", "255"),
            (" 1", "FXTM9", "1"),
            ("x 1", "FX\"x\"9", "1"),
            ("  1", "FX 9", "1"),
            ("1", "FXFM99", "1"),
            ("01", "FXFM99", "1"),
            ("1", "FMFX9", "1"),
            (" 1 ", "FX9FX", "1"),
        ] {
            assert_eq!(
                read(text, model).as_deref(),
                Some(expected),
                "{text:?} {model}"
            );
        }
        for (text, model) in [
            ("1", "FX9"),
            (" -1", "FX9"),
            ("12", "FX9"),
            (" 1 ", "FX9"),
            ("", "FX9"),
            ("12", "FX99"),
            (" 1", "FX99"),
            ("  1", "FX09"),
            (" 1.5", "FX9.99"),
            (" 1.", "FX9.9"),
            ("1,234", "FX9,999"),
            ("123,456.78", "FX999,999.99"),
            (" 1.5E+0", "FX9.9EEEE"),
            ("50%", "FX99%"),
            (" FF", "FXXX"),
            ("1", "FXTM9"),
            ("x1", "FX\"x\"9"),
            (" 1", "FXFM9"),
            ("1", "FX9FX"),
        ] {
            assert_eq!(read(text, model), None, "{text:?} {model}");
        }
    }
}
