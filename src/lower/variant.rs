//! Casts to and from VARIANT, OBJECT and ARRAY, and what clients see of them.

use super::{Lowered, Sql, Writer};
use crate::engine::quote_text;
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::tree::{Expr, ExprKind, Literal, Query};
use crate::types::variant::number;
use crate::types::{LogicalType, PhysicalType, TimestampKind};

impl Writer<'_> {
    /// The cast, where one of the types is VARIANT, OBJECT or ARRAY.
    pub(super) fn semi_structured(
        &self,
        sql: &Sql,
        from: &LogicalType,
        to: &LogicalType,
    ) -> Option<Result<Sql>> {
        use LogicalType::{Array, Object, Variant};
        let call = |name: &str| {
            let text = format!("{name}({})", sql.text);
            Some(Ok(Sql::new(text, self.natural(to))))
        };
        match (from, to) {
            (Array | Object, Variant) => Some(Ok(sql.clone())),
            (Variant, Array) => call("sf_variant_to_array"),
            (Variant, Object) => call("sf_variant_to_object"),
            (Object, Array) => Some(Ok(Sql::new(
                format!("('[' || {} || ']')", sql.text),
                PhysicalType::Varchar,
            ))),
            (from, Array) if from != to => Some(
                self.to_variant(sql, from)
                    .map(|sql| Sql::new(format!("('[' || {} || ']')", sql.text), sql.physical)),
            ),
            (from, Variant) if from != to => Some(self.to_variant(sql, from)),
            (Variant, to) if from != to => Some(self.variant_to(sql, to)),
            (Array | Object, LogicalType::Varchar { .. }) => Some(self.variant_to(sql, to)),
            _ => None,
        }
    }

    fn to_variant(&self, sql: &Sql, from: &LogicalType) -> Result<Sql> {
        use LogicalType::{Binary, Boolean, Date, Float, Number, Time, Timestamp, Varchar};
        let name = match from {
            Number { scale: 0, .. } => {
                let text = format!("CAST({} AS VARCHAR)", sql.text);
                return Ok(Sql::new(text, PhysicalType::Varchar));
            }
            Number { .. } => "sf_number_to_variant",
            Float => "sf_float_to_variant",
            Varchar { .. } => "sf_text_to_variant",
            Boolean => {
                let text = format!(
                    "(CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END)",
                    sql.text
                );
                return Ok(Sql::new(text, PhysicalType::Varchar));
            }
            Date => "sf_date_to_variant",
            Time { .. } => "sf_time_to_variant",
            Timestamp { kind, .. } => match kind {
                TimestampKind::Ntz => "sf_timestamp_ntz_to_variant",
                TimestampKind::Ltz => "sf_timestamp_ltz_to_variant",
                TimestampKind::Tz => "sf_timestamp_tz_to_variant",
            },
            Binary { .. } => "sf_binary_to_variant",
            other => return Err(Error::unsupported(format!("cast from {other} to VARIANT"))),
        };
        let text = format!("{}({})", self.native(name), sql.text);
        Ok(Sql::new(text, PhysicalType::Varchar))
    }

    fn variant_to(&self, sql: &Sql, to: &LogicalType) -> Result<Sql> {
        use LogicalType::{Binary, Boolean, Date, Float, Number, Time, Timestamp, Varchar};
        let physical = self.natural(to);
        let value = &sql.text;
        Ok(match *to {
            Varchar { length } => {
                let formats = quote_text(&self.facts.variant_formats());
                let text = format!("sf_variant_to_text({value}, {formats})");
                super::cast::fit_text(
                    Sql::new(text, physical),
                    crate::types::MAX_VARCHAR_LENGTH,
                    length,
                )
            }
            Number { precision, scale } => super::cast::exact(
                format!("sf_variant_to_number_{scale}({value}, {precision}::BIGINT)"),
                to,
            ),
            Float => Sql::new(format!("sf_variant_to_float({value})"), physical),
            Boolean => Sql::new(format!("sf_variant_to_boolean({value})"), physical),
            Binary { .. } => Sql::new(format!("sf_variant_to_binary({value})"), physical),
            Date => {
                let format = quote_text(&self.facts.date_input_format);
                Sql::new(format!("sf_variant_to_date({value}, {format})"), physical)
            }
            Time { scale } => {
                let format = quote_text(&self.facts.time_input_format);
                let text = format!("sf_variant_to_time({value}, {format})");
                super::cast::time_of_scale(Sql::new(text, physical), scale)?
            }
            Timestamp { kind, scale } => {
                let name = match kind {
                    TimestampKind::Ntz => "sf_variant_to_timestamp_ntz",
                    TimestampKind::Ltz => "sf_variant_to_timestamp_ltz",
                    TimestampKind::Tz => "sf_variant_to_timestamp_tz",
                };
                let format = quote_text(&self.facts.timestamp_input_format);
                let zone = quote_text(&self.facts.timezone);
                let name = self.native(name);
                let text = format!("{name}({value}, {format}, {zone})");
                self.timestamp_of_scale(Sql::new(text, physical), scale)?
            }
            LogicalType::Variant | LogicalType::Array | LogicalType::Object => sql.clone(),
        })
    }
}

/// A constant as a VARIANT, where that is known already.
pub(super) fn constant(operand: &Expr) -> Option<Sql> {
    let mut out = String::new();
    match (&operand.kind, &operand.ty) {
        (ExprKind::Literal(Literal::Number(unscaled)), LogicalType::Number { scale, .. }) => {
            // `3.00` as written is a whole number, unlike one that a NUMBER(10,2) holds.
            number::push_exact(*unscaled, *scale, &mut out);
            out.truncate(number::shown(&out).len());
        }
        (ExprKind::Literal(Literal::Text(text)), _) => {
            crate::types::variant::write::push_string(text, &mut out);
        }
        _ => return None,
    }
    Some(Sql::new(quote_text(&out), PhysicalType::Varchar))
}

/// The query with its VARIANTs, OBJECTs and ARRAYs as clients read them: JSON text indented by JSON_INDENT.
pub(super) fn shown(query: &Query, lowered: Lowered, facts: &Facts) -> Lowered {
    let is_json = |ty: &LogicalType| {
        matches!(
            ty,
            LogicalType::Variant | LogicalType::Object | LogicalType::Array
        )
    };
    if !query.columns.iter().any(|column| is_json(&column.ty)) {
        return lowered;
    }
    let (indent, formats) = (facts.json_indent, quote_text(&facts.variant_formats()));
    let items: Vec<_> = query
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            if is_json(&column.ty) {
                format!(
                    "sf_variant_pretty(\"c{index}\", {indent}::BIGINT, {formats}) AS \"c{index}\""
                )
            } else {
                format!("\"c{index}\"")
            }
        })
        .collect();
    Lowered {
        sql: format!(
            "SELECT {} FROM ({}) AS \"s\"",
            items.join(", "),
            lowered.sql
        ),
        columns: lowered.columns,
    }
}
