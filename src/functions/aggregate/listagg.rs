//! LISTAGG.

use super::super::expr::{call_template, is_null};
use super::super::{Function, Lowering, Signature};
use super::with_form;
use crate::error::{Error, Result};
use crate::tree::{Aggregate, Expr, Literal, Returns, SortKey};
use crate::types::{LogicalType, MAX_VARCHAR_LENGTH};

pub(in super::super) static FUNCTIONS: &[Function] = &[Function {
    name: "LISTAGG",
    aliases: &[],
    signatures: &[
        Signature::new("(any) -> tree", Lowering::AggregateTree(listagg)),
        Signature::new("(any, =text) -> tree", Lowering::AggregateTree(listagg)),
    ],
    summary: "The values that are not NULL as one text, with a separator between them; empty where there are none.",
    examples: &[
        (
            "LISTAGG(column1, '|') WITHIN GROUP (ORDER BY column1) FROM VALUES ('b'), ('a'), (NULL)",
            "a|b",
        ),
        (
            "LISTAGG(column1) WITHIN GROUP (ORDER BY column1 DESC) FROM VALUES (1), (2)",
            "21",
        ),
        (
            "LISTAGG(DISTINCT column1, ', ') WITHIN GROUP (ORDER BY column1) FROM VALUES (10), (9), (10)",
            "9, 10",
        ),
        (
            "LISTAGG(DISTINCT column1, ',') WITHIN GROUP (ORDER BY column1 DESC) FROM VALUES ('a'), ('b'), ('a')",
            "b,a",
        ),
        ("LISTAGG(column1, ',') FROM VALUES (NULL)", ""),
    ],
}];

fn listagg(mut aggregate: Aggregate) -> Result<Expr> {
    let text = LogicalType::Varchar {
        length: MAX_VARCHAR_LENGTH,
    };
    let arguments = std::mem::take(&mut aggregate.call.arguments);
    let is_refused = |argument: &Expr| {
        matches!(
            argument.ty,
            LogicalType::Binary { .. } | LogicalType::Object | LogicalType::Array
        )
    };
    if arguments.iter().any(is_refused) {
        let types: Vec<_> = arguments.iter().map(|a| a.ty.to_string()).collect();
        return Err(Error::invalid_argument_types("LISTAGG", types.join(", ")));
    }
    let mut arguments = arguments.into_iter();
    let value = arguments
        .next()
        .ok_or_else(|| Error::internal("LISTAGG without arguments"))?;
    let separator = arguments
        .next()
        .unwrap_or_else(|| Expr::literal(Literal::Text(String::new()), LogicalType::TEXT));
    let shown = value.clone().cast(text.clone());
    let joined = if aggregate.distinct && shown != value {
        // The engine orders different values by themselves alone: so they carry their texts along.
        let pair = call_template(
            "struct_pack(v := $1, t := $2)",
            vec![value.clone(), shown],
            LogicalType::TEXT,
        );
        let direction = aggregate
            .order_by
            .first()
            .map(|key| (key.descending, key.nulls_first));
        let (descending, nulls_first) = direction.unwrap_or((false, false));
        aggregate.filter = Some(is_null(value, true));
        aggregate.order_by = vec![SortKey {
            expr: pair.clone(),
            descending,
            nulls_first,
        }];
        let pairs = with_form(
            &aggregate,
            "list",
            vec![pair],
            Returns::Natural,
            LogicalType::TEXT,
        );
        call_template(
            "array_to_string(list_transform($1, lambda e: e.t), $2)",
            vec![pairs, separator],
            text.clone(),
        )
    } else {
        with_form(
            &aggregate,
            "string_agg",
            vec![shown, separator],
            Returns::Natural,
            text.clone(),
        )
    };
    let mut joined = call_template("coalesce($1, '')", vec![joined], text);
    joined.nullable = false;
    Ok(joined)
}
