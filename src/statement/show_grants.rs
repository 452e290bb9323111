//! SHOW GRANTS and SHOW FUTURE GRANTS.
//!
//! Source of the columns: a live account, and Snowflake's "SHOW GRANTS".

use std::sync::Arc;

use super::grant::{self, Grantee};
use super::show::{Listing, instant};
use super::{Context, Parsed, Statement, StatementKind};
use crate::catalog::{Detail, Grant, Lookup, Object, ObjectKind, Snapshot};
use crate::error::Result;
use crate::result::{Column, ResultSet};
use crate::sql::{Cursor, ObjectName};
use crate::types::{LogicalType, TimestampKind};

struct ShowGrants {
    what: What,
    limit: Option<u64>,
}

enum What {
    /// To the session's user.
    Own,
    OnAccount,
    On(Option<ObjectKind>, ObjectName),
    To(Grantee),
    Of(Grantee),
    FutureIn(ObjectKind, ObjectName),
    FutureTo(Grantee),
}

/// `SHOW GRANTS [ON … | TO … | OF …] [LIMIT n]`
pub(super) fn parse<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let what = if cursor.take_word("ON") {
        if cursor.take_word("ACCOUNT") {
            What::OnAccount
        } else {
            let (kind, name) = grant::on_object(cursor)?;
            What::On(kind, name)
        }
    } else if cursor.take_word("TO") {
        What::To(grant::grantee(cursor)?)
    } else if cursor.take_word("OF") {
        What::Of(grant::grantee(cursor)?)
    } else {
        What::Own
    };
    finish(cursor, what)
}

/// `SHOW FUTURE GRANTS { IN { DATABASE | SCHEMA } name | TO … } [LIMIT n]`
pub(super) fn parse_future<'a>(cursor: &mut Cursor<'a>) -> Parsed<'a> {
    let what = if cursor.take_word("TO") {
        What::FutureTo(grant::grantee(cursor)?)
    } else {
        cursor.expect_word("IN")?;
        let kind = if cursor.take_word("DATABASE") {
            ObjectKind::Database
        } else {
            cursor.expect_word("SCHEMA")?;
            ObjectKind::Schema
        };
        What::FutureIn(kind, cursor.object_name()?)
    };
    finish(cursor, what)
}

fn finish<'a>(cursor: &mut Cursor<'a>, what: What) -> Parsed<'a> {
    let limit = if cursor.take_word("LIMIT") {
        Some(cursor.integer()?)
    } else {
        None
    };
    cursor.end()?;
    Ok(Box::new(ShowGrants { what, limit }))
}

impl Statement for ShowGrants {
    fn kind(&self) -> StatementKind {
        StatementKind::Show
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let mut listing = self.listing(context)?;
        if let Some(limit) = self.limit {
            listing
                .rows
                .truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        listing.result()
    }

    fn describe(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        ResultSet::describe(self.listing(context)?.columns)
    }
}

/// A grant as it is shown.
struct Row {
    created_on: i64,
    privilege: String,
    on: Arc<Object>,
    /// Of a future grant, the kind that it is for.
    future: Option<ObjectKind>,
    grantee: Option<Arc<Object>>,
    /// The owner, which has no grant.
    owner: Option<String>,
    grant_option: bool,
    granted_by: String,
}

impl Row {
    fn new(snapshot: &Snapshot, object: &Object, grant: &Grant) -> Option<Row> {
        Some(Row {
            created_on: object.created_on,
            privilege: grant.privilege.clone(),
            on: snapshot.get(object.parent)?.clone(),
            future: grant.future,
            grantee: snapshot.get(grant.grantee).cloned(),
            owner: None,
            grant_option: grant.grant_option,
            granted_by: grant.granted_by.clone(),
        })
    }

    fn ownership(object: &Arc<Object>) -> Option<Row> {
        (!object.owner.is_empty()).then(|| Row {
            created_on: object.created_on,
            privilege: "OWNERSHIP".to_owned(),
            on: object.clone(),
            future: None,
            grantee: None,
            owner: Some(object.owner.clone()),
            grant_option: true,
            granted_by: object.owner.clone(),
        })
    }

    /// The value of a column.
    fn cell(&self, lookup: &Lookup, column: &str) -> Option<String> {
        let underscored = |kind: ObjectKind| kind.keyword().replace(' ', "_");
        let on = self.on.detail.kind();
        let name = || match self.future {
            Some(kind) => format!("{}.<{kind}>", lookup.full_name(&self.on)),
            None => lookup.full_name(&self.on),
        };
        Some(match column {
            "created_on" => instant(self.created_on),
            "privilege" => self.privilege.clone(),
            "granted_on" => underscored(on),
            "grant_on" => underscored(self.future.unwrap_or(on)),
            "name" => name(),
            "role" => match on {
                ObjectKind::Role | ObjectKind::DatabaseRole => name(),
                _ => return None,
            },
            "granted_to" | "grant_to" => match &self.grantee {
                Some(grantee) => underscored(grantee.detail.kind()),
                None => "ROLE".to_owned(),
            },
            "grantee_name" => match &self.grantee {
                Some(grantee) => grantee.name.clone(),
                None => self.owner.clone()?,
            },
            "grant_option" => self.grant_option.to_string(),
            "granted_by" => self.granted_by.clone(),
            "granted_by_role_type" => match self.granted_by.is_empty() {
                true => String::new(),
                false => "ROLE".to_owned(),
            },
            _ => return None,
        })
    }
}

const ON: &[&str] = &[
    "created_on",
    "privilege",
    "granted_on",
    "name",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
    "granted_by_role_type",
];
const TO_ROLE: &[&str] = &[
    "created_on",
    "privilege",
    "granted_on",
    "name",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
];
const TO_USER: &[&str] = &[
    "created_on",
    "privilege",
    "granted_on",
    "name",
    "role",
    "granted_to",
    "grantee_name",
    "grant_option",
    "granted_by",
];
const OF: &[&str] = &[
    "created_on",
    "role",
    "granted_to",
    "grantee_name",
    "granted_by",
];
const FUTURE: &[&str] = &[
    "created_on",
    "privilege",
    "grant_on",
    "name",
    "grant_to",
    "grantee_name",
    "grant_option",
];

impl ShowGrants {
    fn listing(&self, context: &Context<'_>) -> Result<Listing> {
        let lookup = context.lookup();
        let snapshot = &lookup.snapshot;
        let held = |holder: &Object, future: bool| -> Vec<Row> {
            let grants = snapshot.about(holder.id).into_iter().filter_map(|id| {
                let object = snapshot.get(id)?;
                match &object.detail {
                    Detail::Grant(grant) if grant.future.is_some() == future => {
                        Row::new(snapshot, object, grant)
                    }
                    _ => None,
                }
            });
            grants.collect()
        };
        let on = |object: &Arc<Object>, future: bool| -> Vec<Row> {
            let grants = grant::grants_on(snapshot, object.id).into_iter();
            grants
                .filter(|(_, grant)| grant.future.is_some() == future)
                .filter_map(|(object, grant)| Row::new(snapshot, &object, &grant))
                .collect()
        };
        let (names, mut rows) = match &self.what {
            What::Own => {
                let user = &context.session.user;
                let user = snapshot.find(lookup.account, ObjectKind::User, user);
                (
                    TO_USER,
                    user.map_or_else(Vec::new, |user| held(user, false)),
                )
            }
            What::OnAccount => {
                let account = snapshot.get(lookup.account);
                (
                    ON,
                    account.map_or_else(Vec::new, |account| on(account, false)),
                )
            }
            What::On(kind, name) => {
                let object = grant::find(&lookup, kind.unwrap_or(ObjectKind::Table), name)?;
                let mut rows: Vec<_> = Row::ownership(object).into_iter().collect();
                // A role's grants are the roles and users that have it: SHOW GRANTS OF.
                if !matches!(
                    object.detail.kind(),
                    ObjectKind::Role | ObjectKind::DatabaseRole
                ) {
                    rows.extend(on(object, false));
                }
                (ON, rows)
            }
            What::To(grantee) => {
                let holder = grantee.find(&lookup)?;
                let mut rows = held(holder, false);
                if grantee.kind == ObjectKind::User {
                    (TO_USER, rows)
                } else {
                    if grantee.kind == ObjectKind::Role {
                        let owned = snapshot.objects().filter(|object| {
                            object.account == lookup.account
                                && object.owner == holder.name
                                && is_shown(&lookup, object)
                        });
                        rows.extend(owned.filter_map(Row::ownership));
                    }
                    (TO_ROLE, rows)
                }
            }
            What::Of(role) => (OF, on(role.find(&lookup)?, false)),
            What::FutureIn(kind, name) => (FUTURE, on(grant::find(&lookup, *kind, name)?, true)),
            What::FutureTo(grantee) => (FUTURE, held(grantee.find(&lookup)?, true)),
        };
        rows.sort_by_key(|row| {
            let grantee = row.cell(&lookup, "grantee_name");
            let kind = row.future.unwrap_or_else(|| row.on.detail.kind());
            (
                kind,
                lookup.full_name(&row.on),
                row.privilege.clone(),
                grantee,
            )
        });
        let columns = names.iter().map(|name| match *name {
            "created_on" => {
                let ltz = LogicalType::Timestamp {
                    kind: TimestampKind::Ltz,
                    scale: 3,
                };
                Column::new(*name, ltz)
            }
            name => Column::new(name, LogicalType::TEXT),
        });
        let rows = rows.iter().map(|row| {
            let cells = names.iter().map(|name| row.cell(&lookup, name));
            cells.collect()
        });
        Ok(Listing {
            columns: columns.collect(),
            rows: rows.collect(),
        })
    }
}

/// Whether an object can be named: what counts an identity column cannot.
fn is_shown(lookup: &Lookup, object: &Object) -> bool {
    let parent = lookup.snapshot.get(object.parent);
    let in_table = parent.is_some_and(|parent| parent.detail.kind().is_relation());
    let own = object
        .session
        .is_none_or(|session| session == lookup.session);
    own && !in_table
}
