//! Functions in SQL, scalar and table. Their bodies are bound anew in every call (`bind/udf.rs`). Functions in other languages
//! are named as unsupported.
//!
//! The catalog's name of a function has its argument types with it, `F(NUMBER, VARCHAR)`, so that overloads differ.

use sqlparser::tokenizer::Token;

use super::{Kind, Spec, TEMPORARY};
use crate::bind;
use crate::catalog::{
    Detail, Function, FunctionArgument, FunctionReturns, Lookup, NewObject, Object, ObjectId,
    ObjectKind,
};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::{Column, ResultSet};
use crate::sql::Cursor;
use crate::types::LogicalType;

pub(super) const KIND: Kind = Kind {
    modifiers: &["SECURE", "TEMP", "TEMPORARY", "VOLATILE"],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    starts_with: false,
    limit: false,
    ..Kind::recorded(ObjectKind::Function, "functions", &[])
};

/// `CREATE FUNCTION name (arguments) RETURNS … [options] AS 'body'`
pub struct FunctionSpec {
    pub temporary: bool,
    /// COPY GRANTS
    pub copy_grants: bool,
    pub function: Function,
    pub comment: Option<String>,
}

fn parse(_: &'static Kind, cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    let secure = modifiers.iter().position(|word| *word == "SECURE");
    let temporary = modifiers.iter().position(|word| TEMPORARY.contains(word));
    if let (Some(secure), Some(temporary)) = (secure, temporary)
        && secure < temporary
    {
        return Err(cursor.unexpected());
    }
    let arguments = arguments(cursor)?;
    cursor.expect_word("RETURNS")?;
    let returns = returns(cursor)?;
    let mut function = Function {
        arguments,
        returns,
        body: String::new(),
        secure: secure.is_some(),
        strict: false,
        immutable: false,
        memoizable: false,
    };
    let mut comment = None;
    let mut copy_grants = false;
    loop {
        if cursor.take_word("LANGUAGE") {
            let language = cursor.word()?;
            if language != "SQL" {
                return Err(Error::unsupported(format!("LANGUAGE {language}")));
            }
        } else if cursor.take_words("CALLED ON NULL INPUT") || cursor.take_words("NOT NULL") {
            // As it is without saying.
        } else if cursor.take_words("RETURNS NULL ON NULL INPUT") || cursor.take_word("STRICT") {
            function.strict = true;
        } else if cursor.take_word("IMMUTABLE") {
            function.immutable = true;
        } else if cursor.take_word("VOLATILE") {
            function.immutable = false;
        } else if cursor.take_word("MEMOIZABLE") {
            function.memoizable = true;
        } else if cursor.take_words("COPY GRANTS") {
            copy_grants = true;
        } else if cursor.peek_word().as_deref() == Some("COMMENT") {
            comment = super::schema::comment(cursor)?;
        } else {
            break;
        }
    }
    if let Some(word) = cursor.peek_word()
        && word != "AS"
    {
        return Err(Error::unsupported(format!("function option {word}")));
    }
    cursor.expect_word("AS")?;
    function.body = cursor.string()?;
    cursor.end()?;
    Ok(Spec::Function(Box::new(FunctionSpec {
        temporary: temporary.is_some(),
        copy_grants,
        function,
        comment,
    })))
}

/// `(name type [DEFAULT expression], …)`
fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<FunctionArgument>> {
    cursor.expect(&Token::LParen)?;
    let mut arguments = Vec::new();
    if cursor.take(&Token::RParen) {
        return Ok(arguments);
    }
    loop {
        let name = cursor.identifier()?;
        let logical = bind::data_type(&cursor.data_type()?)?;
        let default = if cursor.take_word("DEFAULT") {
            Some(cursor.expression_text()?)
        } else {
            None
        };
        arguments.push(FunctionArgument {
            name,
            logical,
            default,
        });
        if !cursor.take(&Token::Comma) {
            break;
        }
    }
    cursor.expect(&Token::RParen)?;
    Ok(arguments)
}

/// A type, or `TABLE (name type, …)`.
fn returns(cursor: &mut Cursor<'_>) -> Result<FunctionReturns> {
    if !cursor.take_word("TABLE") {
        return Ok(FunctionReturns::Scalar(bind::data_type(
            &cursor.data_type()?,
        )?));
    }
    cursor.expect(&Token::LParen)?;
    let mut columns = Vec::new();
    loop {
        let name = cursor.identifier()?;
        columns.push((name, bind::data_type(&cursor.data_type()?)?));
        if !cursor.take(&Token::Comma) {
            break;
        }
    }
    cursor.expect(&Token::RParen)?;
    Ok(FunctionReturns::Table(columns))
}

/// The argument types in a statement that names a function: `(NUMBER, VARCHAR)`.
pub fn parse_signature(cursor: &mut Cursor<'_>) -> Result<String> {
    cursor.expect(&Token::LParen)?;
    let mut types = Vec::new();
    if !cursor.take(&Token::RParen) {
        loop {
            types.push(bind::data_type(&cursor.data_type()?)?);
            if !cursor.take(&Token::Comma) {
                break;
            }
        }
        cursor.expect(&Token::RParen)?;
    }
    Ok(signature(types.iter()))
}

fn signature<'t>(types: impl Iterator<Item = &'t LogicalType>) -> String {
    let types: Vec<_> = types.map(LogicalType::family).collect();
    format!("({})", types.join(", "))
}

impl FunctionSpec {
    pub fn signature(&self) -> String {
        signature(self.function.arguments.iter().map(|a| &a.logical))
    }

    pub fn object(
        &self,
        schema: ObjectId,
        session: Option<u64>,
        name: &str,
        owner: &str,
    ) -> NewObject {
        NewObject {
            parent: schema,
            session,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::Function(self.function.clone()),
        }
    }
}

/// Properties and their values.
fn describe(_: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    let Detail::Function(function) = &object.detail else {
        return Err(Error::object_does_not_exist("Function", &object.name));
    };
    let named = |name: &str, logical: &LogicalType| format!("{name} {}", logical.family());
    let arguments: Vec<_> = function
        .arguments
        .iter()
        .map(|argument| named(&argument.name, &argument.logical))
        .collect();
    let returns = match &function.returns {
        FunctionReturns::Scalar(logical) => logical.to_string(),
        FunctionReturns::Table(columns) => {
            let columns: Vec<_> = columns.iter().map(|(name, ty)| named(name, ty)).collect();
            format!("TABLE ({})", columns.join(", "))
        }
    };
    let rows = [
        ("signature", format!("({})", arguments.join(", "))),
        ("returns", returns),
        ("language", "SQL".to_owned()),
        ("body", function.body.clone()),
    ];
    let columns = vec![
        Column::new("property", LogicalType::TEXT),
        Column::new("value", LogicalType::TEXT),
    ];
    let rows = rows
        .into_iter()
        .map(|(property, value)| vec![Some(property.to_owned()), Some(value)])
        .collect();
    ResultSet::from_text_rows(columns, rows)
}
