//! Where a statement ends when it is, or has, a block of Snowflake Scripting: at the semicolon after the block's END.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::cursor::word;

/// The words after BEGIN that make it the beginning of a transaction.
const TRANSACTION: &[&str] = &["NAME", "TRANSACTION", "WORK"];

/// Words that open, at the beginning of a statement, what an END closes.
const OPENERS: &[&str] = &["FOR", "IF", "LOOP", "REPEAT", "WHILE"];

/// Words after which a statement may begin.
const LEADERS: &[&str] = &["BEGIN", "DO", "ELSE", "LOOP", "REPEAT", "THEN"];

/// The number of tokens of the statement that `tokens` begin with, without its semicolon.
pub(super) fn statement_length(tokens: &[TokenWithSpan]) -> usize {
    let plain = tokens
        .iter()
        .position(|token| token.token == Token::SemiColon)
        .unwrap_or(tokens.len());
    let Some(block) = block_in(&tokens[..plain]) else {
        return plain;
    };
    length_from(tokens, block)
}

/// As `statement_length`, of a statement in a block, which may be an IF, a loop or a CASE.
pub(super) fn inner_length(tokens: &[TokenWithSpan]) -> usize {
    let opens = match tokens.first().and_then(word).as_deref() {
        Some("CASE") => true,
        Some(first) => OPENERS.contains(&first) && !calls(tokens),
        None => false,
    };
    if opens {
        length_from(tokens, 0)
    } else {
        statement_length(tokens)
    }
}

/// As `statement_length`, where what begins at `start` has an END of its own.
fn length_from(tokens: &[TokenWithSpan], start: usize) -> usize {
    let Some(end) = end_of_block(&tokens[start..]) else {
        return tokens.len();
    };
    let end = start + end;
    let rest = tokens[end..]
        .iter()
        .position(|token| token.token == Token::SemiColon);
    rest.map_or(tokens.len(), |rest| end + rest)
}

/// Whether a statement is a block: `BEGIN` that begins no transaction, or `DECLARE`.
pub(super) fn is_block(tokens: &[TokenWithSpan]) -> bool {
    match tokens.first().and_then(word).as_deref() {
        Some("DECLARE") => true,
        Some("BEGIN") => begins_block(tokens),
        _ => false,
    }
}

/// Where the block of a statement begins: at once, or as the body of what it creates.
fn block_in(statement: &[TokenWithSpan]) -> Option<usize> {
    if is_block(statement) {
        return Some(0);
    }
    if statement.first().and_then(word).as_deref() != Some("CREATE") {
        return None;
    }
    let body = statement
        .iter()
        .position(|token| word(token).as_deref() == Some("AS"))?
        + 1;
    is_block(&statement[body..]).then_some(body)
}

/// Of tokens that start with BEGIN: whether that is a block's.
fn begins_block(tokens: &[TokenWithSpan]) -> bool {
    match tokens.get(1) {
        None => false,
        Some(next) if next.token == Token::SemiColon => false,
        Some(next) => !word(next).is_some_and(|next| TRANSACTION.contains(&next.as_str())),
    }
}

/// The number of tokens up to and with the END that closes the block they begin with.
fn end_of_block(tokens: &[TokenWithSpan]) -> Option<usize> {
    let mut depth = 0;
    let mut may_begin = true;
    // The CASEs of a DECLARE end before the block does.
    let mut begun = tokens.first().and_then(word).as_deref() != Some("DECLARE");
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_member = at > 0 && tokens[at - 1].token == Token::Period;
        let word = word(token).filter(|_| !is_member);
        match word.as_deref() {
            Some("BEGIN") if may_begin && begins_block(&tokens[at..]) => {
                depth += 1;
                begun = true;
            }
            Some("CASE") => depth += 1,
            Some(opener) if may_begin && OPENERS.contains(&opener) && !calls(&tokens[at..]) => {
                depth += 1;
            }
            Some("END") => {
                depth -= 1;
                if depth == 0 && begun {
                    return Some(at + 1);
                }
                let kind = tokens.get(at + 1).and_then(self::word);
                if kind.is_some_and(|kind| kind == "CASE" || OPENERS.contains(&kind.as_str())) {
                    at += 1;
                }
            }
            _ => {}
        }
        may_begin = token.token == Token::SemiColon
            || word.is_some_and(|word| LEADERS.contains(&word.as_str()));
        at += 1;
    }
    None
}

/// Whether they begin with a call of the function REPEAT.
fn calls(tokens: &[TokenWithSpan]) -> bool {
    let opens = tokens
        .get(1)
        .is_some_and(|next| next.token == Token::LParen);
    opens && word(&tokens[0]).as_deref() == Some("REPEAT")
}

#[cfg(test)]
mod tests {
    use super::super::Source;

    fn split(text: &str) -> Vec<String> {
        let source = Source::tokenize(text).unwrap();
        let statements = source.statements();
        statements.iter().map(|s| s.text().to_owned()).collect()
    }

    #[test]
    fn a_block_is_one_statement() {
        let block = "begin select 1; begin select case when true then 2 end; end; end";
        assert_eq!(split(&format!("{block}; select 3")), [block, "select 3"]);
        let block = "declare x int default case when true then 1 end; begin if (x = 1) then return 2; end if;
            for i in 1 to 3 loop select repeat('a', i); end loop; while (x < 2) do x := 3; end while; end";
        assert_eq!(split(&format!("{block};")), [block]);
        let task = "create task t as begin insert into t values (1); commit; end";
        assert_eq!(split(&format!("{task}; select 1;")), [task, "select 1"]);
    }

    #[test]
    fn a_transaction_is_several() {
        assert_eq!(split("begin; select 1; end"), ["begin", "select 1", "end"]);
        let transaction = "begin transaction; select 1; commit";
        assert_eq!(split(transaction).len(), 3);
        assert_eq!(
            split("begin begin transaction; select 1; commit; end").len(),
            1
        );
    }

    #[test]
    fn a_block_without_its_end_is_all_the_rest() {
        assert_eq!(split("begin select 1; select 2").len(), 1);
    }
}
