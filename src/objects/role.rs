//! Roles. They own objects and can be used; what they may do is not enforced.

use super::{Kind, Spec, database};
use crate::catalog::{Detail, Lookup, NewObject, Object, ObjectId, ObjectKind, Role};
use crate::error::Result;
use crate::functions::Facts;
use crate::result::ResultSet;
use crate::sql::Cursor;

pub(super) const KIND: Kind = Kind {
    kind: ObjectKind::Role,
    modifiers: &[],
    plural: "ROLES",
    view: "roles",
    parse,
    describe,
    drop_options: &[],
};

/// `CREATE ROLE name [COMMENT = '…']`
pub struct RoleSpec {
    pub comment: Option<String>,
}

fn parse(cursor: &mut Cursor<'_>, _: &[&'static str]) -> Result<Spec> {
    let comment = super::schema::comment(cursor)?;
    cursor.end()?;
    Ok(Spec::Role(RoleSpec { comment }))
}

impl RoleSpec {
    pub fn object(&self, account: ObjectId, name: &str, owner: &str) -> NewObject {
        NewObject {
            parent: account,
            session: None,
            name: name.to_owned(),
            owner: owner.to_owned(),
            comment: self.comment.clone(),
            detail: Detail::Role(Role {}),
        }
    }
}

fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    database::listing(lookup, object, ObjectKind::Role)
}
