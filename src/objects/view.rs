//! Views.

use sqlparser::tokenizer::Token;

use super::attachment::{self, PolicyUse};
use super::{Kind, Spec, TEMPORARY, column, tag};
use crate::catalog::{Lookup, Materialized, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, ast};

pub(super) const KIND: Kind = Kind {
    modifiers: &[
        "GLOBAL",
        "LOCAL",
        "RECURSIVE",
        "SECURE",
        "TEMP",
        "TEMPORARY",
        "VOLATILE",
    ],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    ..Kind::recorded(ObjectKind::View, "views", &[])
};

pub(super) const MATERIALIZED: Kind = Kind {
    modifiers: &["SECURE"],
    parse,
    describe,
    drop_options: &["CASCADE", "RESTRICT"],
    ..Kind::recorded(ObjectKind::MaterializedView, "materialized_views", &[])
};

/// `CREATE VIEW name [(columns)] [options] AS query`
pub struct ViewSpec {
    pub temporary: bool,
    pub secure: bool,
    pub columns: Vec<ViewColumnSpec>,
    pub comment: Option<String>,
    pub change_tracking: bool,
    /// COPY GRANTS
    pub copy_grants: bool,
    pub tags: Vec<(ObjectName, String)>,
    pub policies: Vec<PolicyUse>,
    pub materialized: Option<Materialized>,
    pub query: Box<ast::Query>,
    /// The query as written.
    pub text: String,
}

pub struct ViewColumnSpec {
    pub name: String,
    pub comment: Option<String>,
    pub tags: Vec<(ObjectName, String)>,
    pub policies: Vec<PolicyUse>,
}

fn parse(kind: &'static Kind, cursor: &mut Cursor<'_>, modifiers: &[&'static str]) -> Result<Spec> {
    let secure = modifiers.iter().position(|word| *word == "SECURE");
    let temporary = modifiers.iter().position(|word| TEMPORARY.contains(word));
    if let (Some(secure), Some(temporary)) = (secure, temporary)
        && temporary < secure
    {
        return Err(cursor.unexpected());
    }
    let mut columns = Vec::new();
    if cursor.take(&Token::LParen) {
        loop {
            let name = cursor.identifier()?;
            let mut comment = None;
            let (mut tags, mut policies) = (vec![], vec![]);
            while let Some(word) = cursor.peek_word() {
                if tag::begins(cursor) {
                    tags.extend(tag::parse_with(cursor)?);
                    continue;
                }
                if let Some(policy) = attachment::parse_column_policy(cursor)? {
                    policies.push(policy);
                    continue;
                }
                match word.as_str() {
                    "COMMENT" => {
                        cursor.word()?;
                        comment = Some(cursor.string()?);
                    }
                    _ => return Err(Error::unsupported(format!("column option {word}"))),
                }
            }
            columns.push(ViewColumnSpec {
                name,
                comment,
                tags,
                policies,
            });
            if !cursor.take(&Token::Comma) {
                break;
            }
        }
        cursor.expect(&Token::RParen)?;
    }
    let mut comment = None;
    let mut change_tracking = false;
    let mut copy_grants = false;
    let (mut tags, mut policies) = (vec![], vec![]);
    let mut materialized = (kind.kind == ObjectKind::MaterializedView).then(Materialized::default);
    loop {
        if cursor.take_word("AS") {
            break;
        } else if cursor.peek_word().as_deref() == Some("COMMENT") {
            comment = super::schema::comment(cursor)?;
        } else if cursor.take_words("COPY GRANTS") {
            copy_grants = true;
        } else if cursor.take_word("CHANGE_TRACKING") {
            cursor.expect(&Token::Eq)?;
            change_tracking = super::table::boolean(cursor, "CHANGE_TRACKING")?;
        } else if tag::begins(cursor) {
            tags.extend(tag::parse_with(cursor)?);
        } else if let Some(policy) = attachment::parse_object_policy(cursor)? {
            policies.push(policy);
        } else if materialized.is_some() && cursor.take_words("CLUSTER BY") {
            let key = cursor.parenthesized()?.to_owned();
            materialized = Some(Materialized {
                cluster_by: Some(key),
                source: None,
            });
        } else {
            return Err(cursor.unexpected());
        }
    }
    let mark = cursor.mark();
    let query = cursor.query()?;
    let text = cursor.text_since(mark).to_owned();
    cursor.end()?;
    Ok(Spec::View(ViewSpec {
        temporary: temporary.is_some(),
        secure: secure.is_some(),
        columns,
        comment,
        change_tracking,
        copy_grants,
        tags,
        policies,
        materialized,
        query,
        text,
    }))
}

fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    column::columns_of(lookup, object)
}
