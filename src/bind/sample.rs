//! SAMPLE and TABLESAMPLE.
//!
//! Source: Snowflake, "SAMPLE / TABLESAMPLE".

use crate::error::{Error, Result};
use crate::sql::ast;
use crate::tree::{Relation, Sample, SampleMethod};

/// Largest number of rows that a sample may ask for.
const MOST_ROWS: u64 = 1_000_000;

/// The relation, or a sample of it.
pub(super) fn sampled(
    relation: Relation,
    sample: Option<&ast::TableSampleKind>,
) -> Result<Relation> {
    let Some(
        ast::TableSampleKind::BeforeTableAlias(sample)
        | ast::TableSampleKind::AfterTableAlias(sample),
    ) = sample
    else {
        return Ok(relation);
    };
    if sample.bucket.is_some() || sample.offset.is_some() {
        return Err(Error::unsupported("a sample of another dialect"));
    }
    let quantity = sample.quantity.as_ref();
    let quantity = quantity.ok_or_else(|| Error::unsupported("a sample without a size"))?;
    let number = match &quantity.value {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::Number(digits, _) => digits.clone(),
            _ => return Err(Error::unsupported("SAMPLE with an expression")),
        },
        _ => return Err(Error::unsupported("SAMPLE with an expression")),
    };
    let invalid = || Error::invalid_parameter_value(&number, "sample size");
    let method = match (&quantity.unit, &sample.name) {
        (
            Some(ast::TableSampleUnit::Rows),
            Some(ast::TableSampleMethod::System | ast::TableSampleMethod::Block),
        ) => {
            return Err(Error::unsupported("SAMPLE BLOCK of a number of rows"));
        }
        (Some(ast::TableSampleUnit::Rows), _) => {
            let rows = number.parse().ok().filter(|rows| *rows <= MOST_ROWS);
            SampleMethod::Count(rows.ok_or_else(invalid)?)
        }
        (_, method) => {
            let percent: Option<f64> = number.parse().ok();
            let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
            let percent = percent.ok_or_else(invalid)?;
            match method {
                Some(ast::TableSampleMethod::System | ast::TableSampleMethod::Block) => {
                    SampleMethod::Blocks(percent)
                }
                Some(ast::TableSampleMethod::Bernoulli | ast::TableSampleMethod::Row) | None => {
                    SampleMethod::Rows(percent)
                }
            }
        }
    };
    let seed = match sample.seed.as_ref().map(|seed| &seed.value.value) {
        None => None,
        Some(ast::Value::Number(digits, _)) => {
            let seed = digits.parse::<u32>();
            Some(
                seed.map_err(|_| Error::invalid_parameter_value(digits, "seed"))?
                    .into(),
            )
        }
        Some(_) => return Err(Error::unsupported("SAMPLE with an expression")),
    };
    Ok(Relation::Sample(Box::new(Sample {
        relation,
        method,
        seed,
    })))
}
