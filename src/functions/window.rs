//! Window functions that are no aggregates.

use super::{Function, Lowering, Signature};

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CUME_DIST",
        aliases: &[],
        signatures: &[Signature {
            text: "() -> float!",
            lowering: Lowering::Aggregate("cume_dist"),
        }],
        summary: "The share of the rows of the window that come before the row or are equal to it.",
        examples: &[("CUME_DIST() OVER (ORDER BY 1)", "1")],
    },
    Function {
        name: "DENSE_RANK",
        aliases: &[],
        signatures: &[Signature {
            text: "() -> NUMBER(18,0)!",
            lowering: Lowering::Aggregate("dense_rank"),
        }],
        summary: "The rank within the window, without gaps.",
        examples: &[("DENSE_RANK() OVER (ORDER BY 1)", "1")],
    },
    Function {
        name: "FIRST_VALUE",
        aliases: &[],
        signatures: &[Signature {
            text: "(any) -> same?",
            lowering: Lowering::Aggregate("first_value"),
        }],
        summary: "The value in the first row of the frame.",
        examples: &[("FIRST_VALUE(7) OVER (ORDER BY 1)", "7")],
    },
    Function {
        name: "LAG",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(any, integer?) -> same?",
                lowering: Lowering::Aggregate("lag"),
            },
            Signature {
                text: "(T, integer, T) -> T?",
                lowering: Lowering::Aggregate("lag"),
            },
        ],
        summary: "The value in a row before the row: one before, if the call does not say how many.",
        examples: &[("LAG(7, 1, 0) OVER (ORDER BY 1)", "0")],
    },
    Function {
        name: "LAST_VALUE",
        aliases: &[],
        signatures: &[Signature {
            text: "(any) -> same?",
            lowering: Lowering::Aggregate("last_value"),
        }],
        summary: "The value in the last row of the frame.",
        examples: &[("LAST_VALUE(7) OVER (ORDER BY 1)", "7")],
    },
    Function {
        name: "LEAD",
        aliases: &[],
        signatures: &[
            Signature {
                text: "(any, integer?) -> same?",
                lowering: Lowering::Aggregate("lead"),
            },
            Signature {
                text: "(T, integer, T) -> T?",
                lowering: Lowering::Aggregate("lead"),
            },
        ],
        summary: "The value in a row after the row: one after, if the call does not say how many.",
        examples: &[("LEAD(7, 1, 0) OVER (ORDER BY 1)", "0")],
    },
    Function {
        name: "NTH_VALUE",
        aliases: &[],
        signatures: &[Signature {
            text: "(any, integer) -> same?",
            lowering: Lowering::Aggregate("nth_value"),
        }],
        summary: "The value in the n-th row of the frame.",
        examples: &[("NTH_VALUE(7, 1) OVER (ORDER BY 1)", "7")],
    },
    Function {
        name: "NTILE",
        aliases: &[],
        signatures: &[Signature {
            text: "(integer) -> NUMBER(18,0)!",
            lowering: Lowering::Aggregate("ntile"),
        }],
        summary: "The number of the row's bucket, where the window is divided into this many equal ones.",
        examples: &[("NTILE(4) OVER (ORDER BY 1)", "1")],
    },
    Function {
        name: "PERCENT_RANK",
        aliases: &[],
        signatures: &[Signature {
            text: "() -> float!",
            lowering: Lowering::Aggregate("percent_rank"),
        }],
        summary: "The rank within the window, from 0 to 1.",
        examples: &[("PERCENT_RANK() OVER (ORDER BY 1)", "0")],
    },
    Function {
        name: "RANK",
        aliases: &[],
        signatures: &[Signature {
            text: "() -> NUMBER(18,0)!",
            lowering: Lowering::Aggregate("rank"),
        }],
        summary: "The rank within the window, with gaps.",
        examples: &[("RANK() OVER (ORDER BY 1)", "1")],
    },
    Function {
        name: "ROW_NUMBER",
        aliases: &[],
        signatures: &[Signature {
            text: "() -> NUMBER(18,0)!",
            lowering: Lowering::Aggregate("row_number"),
        }],
        summary: "The number of the row within the window.",
        examples: &[("ROW_NUMBER() OVER (ORDER BY 1)", "1")],
    },
];
