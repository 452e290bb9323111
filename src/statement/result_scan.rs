//! RESULT_SCAN: before a statement is bound, the kept results that its text names are brought back into the engine, each as
//! a temporary table of the connection. They are gone when the statement ends.

use std::sync::Arc;

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{Context, query_history, select};
use crate::bind::{KeptResult, QUERY_HISTORY};
use crate::error::{Error, Result};
use crate::lower;
use crate::result::ResultSet;
use crate::session::QueryId;
use crate::sql::StatementText;

/// Brings the results back that `text` names. To be followed by [`discard`], however the statement ends.
pub(super) fn load(context: &mut Context<'_>, text: StatementText<'_>) -> Result<()> {
    for (at, token) in text.tokens().iter().enumerate() {
        if is_history(token) && !context.ready.results.contains_key(QUERY_HISTORY) {
            let listing = query_history::listing(context)?;
            let kept = bring_back(context, context.query_id, &listing)?;
            Arc::make_mut(&mut context.ready)
                .results
                .insert(QUERY_HISTORY.to_owned(), kept);
        }
        if !is_word(token, "RESULT_SCAN") {
            continue;
        }
        if let Some(id) = argument(context, &text.tokens()[at + 1..])? {
            let id = id
                .parse::<QueryId>()
                .map_err(|_| Error::statement_not_found(&id))?;
            let result = context.queries.result(context.session, id)?;
            let kept = bring_back(context, id, &result)?;
            Arc::make_mut(&mut context.ready)
                .results
                .insert(id.to_string(), kept);
        }
    }
    Ok(())
}

/// Removes what [`load`] has made.
pub(super) fn discard(context: &mut Context<'_>) {
    let ready = std::mem::take(&mut context.ready);
    for kept in ready.results.values() {
        // A transaction that has failed in the engine has undone it already.
        let _ = context
            .connection
            .execute(&lower::drop_temporary_table(&kept.physical_name));
    }
}

/// The id in `('…')`, `(LAST_QUERY_ID([n]))` or a bind variable. What else stands there is for the binder to refuse.
fn argument(context: &Context<'_>, tokens: &[TokenWithSpan]) -> Result<Option<String>> {
    let kinds: Vec<&Token> = tokens.iter().take(6).map(|token| &token.token).collect();
    let last = |place: i64| {
        let id = context.session.query_id(place);
        id.map(|id| Some(id.to_string()))
            .ok_or_else(|| Error::statement_not_found("NULL"))
    };
    Ok(match kinds[..] {
        [Token::LParen, Token::SingleQuotedString(id), ..] => Some(id.clone()),
        [Token::LParen, Token::Placeholder(_), ..] | [Token::LParen, Token::Colon, ..] => {
            let mut texts = context.variables.texts();
            texts
                .find(|text| text.parse::<QueryId>().is_ok())
                .map(str::to_owned)
        }
        [Token::LParen, Token::Word(_), Token::LParen, ..]
            if !is_word(&tokens[1], "LAST_QUERY_ID") =>
        {
            None
        }
        [
            Token::LParen,
            Token::Word(_),
            Token::LParen,
            Token::RParen,
            ..,
        ] => last(-1)?,
        [
            Token::LParen,
            Token::Word(_),
            Token::LParen,
            Token::Number(n, _),
            ..,
        ] => last(n.parse().unwrap_or(0))?,
        [
            Token::LParen,
            Token::Word(_),
            Token::LParen,
            Token::Minus,
            Token::Number(n, _),
            ..,
        ] => last(-n.parse().unwrap_or(0))?,
        _ => None,
    })
}

fn bring_back(context: &mut Context<'_>, id: QueryId, result: &ResultSet) -> Result<KeptResult> {
    let physical_name = format!("result_{id}");
    let physical = result.physical_forms()?;
    let sql = lower::create_temporary_table(&physical_name, &physical);
    context.connection.execute(&sql)?;
    let insert = lower::fill_temporary_table(&physical_name, physical.len());
    for chunk in 0..result.chunks().len() {
        context.cancellation.check()?;
        for batch in result.physical_batches(chunk, &physical)? {
            context.connection.execute_over(&insert, &batch)?;
        }
    }
    Ok(KeptResult {
        physical_name,
        columns: select::outputs(result.columns()),
        physical,
    })
}

fn is_word(token: &TokenWithSpan, expected: &str) -> bool {
    matches!(&token.token, Token::Word(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(expected))
}

/// Whether a word begins a call of QUERY_HISTORY or of its kin.
fn is_history(token: &TokenWithSpan) -> bool {
    matches!(&token.token, Token::Word(word) if word.value.to_ascii_uppercase().starts_with("QUERY_HISTORY"))
}
