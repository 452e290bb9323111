//! A block of Snowflake Scripting without variables: `BEGIN statement; … END`, also nested. What else may stand in a block
//! is known by name and not supported.
//!
//! Source: Snowflake's documentation, "Understanding blocks"; column, types and errors as live accounts answered
//! (frostlake's AnonymousBlockResultTest, SelectIntoPlacementTest).

use super::{Context, Parsed, Statement, StatementKind};
use crate::error::{Error, Position, Result};
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, Folding, Source, StatementText};
use crate::types::LogicalType;

/// The column of a block's answer.
const COLUMN: &str = "anonymous block";

/// Words at the beginning of a statement that only a block can have.
const CONSTRUCTS: &[&str] = &[
    "ASYNC",
    "AWAIT",
    "BREAK",
    "CANCEL",
    "CASE",
    "CLOSE",
    "CONTINUE",
    "DECLARE",
    "EXCEPTION",
    "EXIT",
    "FETCH",
    "FOR",
    "IF",
    "ITERATE",
    "LET",
    "LOOP",
    "OPEN",
    "RAISE",
    "REPEAT",
    "WHILE",
];

/// The statements of a block.
struct Block(Vec<Step>);

struct Step {
    /// Where it stands in the text.
    at: Position,
    action: Action,
}

enum Action {
    /// A statement of its own.
    Run(String),
    Block(Block),
    /// `NULL`
    Nothing,
    /// `RETURN [expression]`: a query of the expression, which stands where it stood in the text.
    Return(Option<String>),
}

/// `BEGIN statement; … END`
pub(super) fn parse<'a>(text: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    if text.has_placeholder() {
        return Err(Error::unsupported("bind variables in a block"));
    }
    Ok(Box::new(Block::parse(text, cursor.folding())?))
}

impl Block {
    fn parse(text: StatementText<'_>, folding: Folding) -> Result<Self> {
        let statements = text.block_statements()?;
        let steps = statements
            .into_iter()
            .map(|text| Step::parse(text, folding));
        let steps = steps.collect::<Result<Vec<_>>>()?;
        if steps.is_empty() {
            return Err(text.unexpected_last());
        }
        Ok(Block(steps))
    }

    /// Runs its statements up to a RETURN; what that gives.
    fn run(&self, context: &mut Context<'_>) -> Result<Option<ResultSet>> {
        for step in &self.0 {
            match &step.action {
                Action::Nothing => {}
                Action::Run(text) => {
                    execute(context, text).map_err(|error| Error::uncaught(error, step.at))?;
                }
                Action::Block(block) => {
                    if let Some(returned) = block.run(context)? {
                        return Ok(Some(returned));
                    }
                }
                Action::Return(None) => return nothing().map(Some),
                Action::Return(Some(query)) => return execute(context, query).map(Some),
            }
        }
        Ok(None)
    }
}

impl Step {
    fn parse(text: StatementText<'_>, folding: Folding) -> Result<Self> {
        let mut cursor = Cursor::new(text, folding);
        let at = text.place().ok_or_else(|| cursor.unexpected())?;
        let word = cursor.peek_word().unwrap_or_default();
        if CONSTRUCTS.contains(&word.as_str()) {
            return Err(Error::unsupported(format!("{word} (Snowflake Scripting)")));
        }
        let action = match word.as_str() {
            "NULL" if text.tokens().len() == 1 => Action::Nothing,
            "RETURN" => {
                cursor.skip();
                Action::Return(returned(text, &mut cursor)?)
            }
            _ if cursor.is_assignment() => {
                return Err(Error::unsupported("assignment (Snowflake Scripting)"));
            }
            _ if text.is_block() => Action::Block(Block::parse(text, folding)?),
            _ => {
                super::parse(text, folding)?;
                Action::Run(text.text().to_owned())
            }
        };
        Ok(Step { at, action })
    }
}

/// What stands after RETURN, as a query.
fn returned(text: StatementText<'_>, cursor: &mut Cursor<'_>) -> Result<Option<String>> {
    if cursor.peek().is_none() {
        return Ok(None);
    }
    if cursor.peek_word().as_deref() == Some("TABLE") {
        return Err(Error::unsupported("RETURN TABLE (Snowflake Scripting)"));
    }
    cursor.expression()?;
    cursor.end()?;
    // Words of one length, so that errors name the right place.
    let query = text.text_in_place();
    let start = query.len() - text.text().len();
    let expression = query.get(start + "RETURN".len()..).unwrap_or_default();
    let before = query.get(..start).unwrap_or_default();
    Ok(Some(format!("{before}SELECT{expression} AS \"{COLUMN}\"")))
}

fn execute(context: &mut Context<'_>, text: &str) -> Result<ResultSet> {
    let source = Source::tokenize(text)?;
    let [statement] = source.statements()[..] else {
        return Err(Error::internal("a statement of a block is not one"));
    };
    Ok(super::execute(context, statement, false)?.result)
}

/// The answer of a block that returns nothing.
fn nothing() -> Result<ResultSet> {
    ResultSet::from_text_rows(
        vec![Column::new(COLUMN, LogicalType::TEXT)],
        vec![vec![None]],
    )
}

impl Statement for Block {
    fn kind(&self) -> StatementKind {
        StatementKind::Call
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        match self.run(context)? {
            Some(returned) => Ok(returned),
            None => nothing(),
        }
    }

    fn describe(&self, _: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(vec![Column::new(COLUMN, LogicalType::TEXT)])
    }
}
