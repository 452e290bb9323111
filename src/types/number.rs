//! Snowflake's precision and scale arithmetic for NUMBER.
//!
//! Source: Snowflake, "Arithmetic operators" (leading digits L = p - s, scale S, precision P = min(38, L + S)).

use super::{LogicalType, MAX_PRECISION, MAX_SCALE};

/// Precision and scale of a NUMBER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub precision: u8,
    pub scale: u8,
}

impl Number {
    pub const fn new(precision: u8, scale: u8) -> Self {
        Number { precision, scale }
    }

    /// NUMBER(min(38, leading + scale), scale).
    fn from_digits(leading: u8, scale: u8) -> Self {
        Number {
            precision: (leading + scale).clamp(1, MAX_PRECISION),
            scale,
        }
    }

    fn leading(self) -> u8 {
        self.precision - self.scale
    }

    /// `a + b`, `a - b`
    pub fn plus(self, other: Self) -> Self {
        Self::from_digits(
            self.leading().max(other.leading()) + 1,
            self.scale.max(other.scale),
        )
    }

    /// `a * b`
    pub fn times(self, other: Self) -> Self {
        let scale = (self.scale + other.scale).min(self.scale.max(other.scale).max(12));
        Self::from_digits(self.leading() + other.leading(), scale)
    }

    /// `a / b`
    pub fn divided_by(self, other: Self) -> Self {
        let scale = self.scale.max((self.scale + 6).min(12));
        Self::from_digits(self.leading() + other.scale, scale)
    }

    /// `a % b`, and the type that CASE, COALESCE, UNION and comparisons bring both sides to.
    pub fn unify(self, other: Self) -> Self {
        Self::from_digits(
            self.leading().max(other.leading()),
            self.scale.max(other.scale),
        )
    }

    /// `SUM(a)`: twelve digits more, as recorded from a live account.
    pub fn sum(self) -> Self {
        Number {
            precision: (self.precision + 12).min(MAX_PRECISION),
            scale: self.scale,
        }
    }

    /// `AVG(a)`: the scale of a division, and as many digits more as that adds to those of the sum.
    pub fn average(self) -> Self {
        let scale = self.scale.max((self.scale + 6).min(12));
        Number {
            precision: (self.precision + 12 + scale - self.scale).min(MAX_PRECISION),
            scale,
        }
    }

    /// `MEDIAN(a)` and what else lies between two values: three digits more after the point, where there is room.
    pub fn between(self) -> Option<Self> {
        (self.scale + 3 <= MAX_SCALE).then(|| Number {
            precision: (self.precision + 3).min(MAX_PRECISION),
            scale: self.scale + 3,
        })
    }

    /// `AVG(a) OVER (…)` of a whole partition or an explicit frame.
    pub fn window_average(self) -> Option<Self> {
        self.between().map(|between| Number {
            precision: (self.precision + 15).min(MAX_PRECISION),
            scale: between.scale,
        })
    }

    /// `VARIANCE(a)`
    pub fn variance(self) -> Self {
        Number {
            precision: MAX_PRECISION,
            scale: self.scale.max((2 * self.scale + 6).min(12)),
        }
    }
}

impl From<Number> for LogicalType {
    fn from(number: Number) -> Self {
        LogicalType::Number {
            precision: number.precision,
            scale: number.scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_documented_precision_and_scale() {
        let n = Number::new;
        assert_eq!(n(1, 0).plus(n(1, 0)), n(2, 0));
        assert_eq!(n(38, 0).plus(n(1, 0)), n(38, 0));
        assert_eq!(n(10, 2).plus(n(5, 4)), n(13, 4));
        assert_eq!(n(10, 2).times(n(5, 1)), n(15, 3));
        assert_eq!(n(38, 10).times(n(38, 10)), n(38, 12));
        assert_eq!(n(1, 0).divided_by(n(1, 0)), n(7, 6));
        assert_eq!(n(10, 2).divided_by(n(5, 1)), n(17, 8));
        assert_eq!(n(20, 14).divided_by(n(1, 0)), n(20, 14));
        assert_eq!(n(38, 0).average(), n(38, 6));
        assert_eq!(n(20, 10).average(), n(34, 12));
        assert_eq!(n(15, 15).average(), n(27, 15));
        assert_eq!(n(10, 2).sum(), n(22, 2));
        assert_eq!(n(26, 20).between(), Some(n(29, 23)));
        assert_eq!(n(38, 37).between(), None);
        assert_eq!(n(10, 2).window_average(), Some(n(25, 5)));
        assert_eq!(n(10, 2).variance(), n(38, 10));
        assert_eq!(n(3, 2).unify(n(5, 0)), n(7, 2));
    }
}
