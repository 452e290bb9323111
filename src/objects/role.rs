//! Roles of the account and of databases. They own objects, hold grants (`statement/grant.rs`) and can be used; what they
//! may do is not enforced.

use super::{Kind, database};
use crate::catalog::{Lookup, Object, ObjectKind};
use crate::error::{Error, Result};
use crate::functions::Facts;
use crate::result::ResultSet;

pub(super) const KIND: Kind = Kind {
    terse: Some(&[
        "name",
        "is_default",
        "is_current",
        "is_inherited",
        "is_from_organization_user_group",
    ]),
    describe,
    or_alter: true,
    ..Kind::recorded(ObjectKind::Role, "roles", &[])
};

pub(super) const DATABASE_ROLE: Kind = Kind {
    describe,
    or_alter: true,
    ..Kind::recorded(ObjectKind::DatabaseRole, "database_roles", &[])
};

fn describe(lookup: &Lookup, object: &Object, _: &Facts) -> Result<ResultSet> {
    database::listing(lookup, object, ObjectKind::Role)
}

/// The roles that every account has, with their comments. Source: Snowflake, "Overview of Access Control"; a live account.
pub const SYSTEM_ROLES: &[(&str, &str)] = &[
    (
        "ACCOUNTADMIN",
        "Account administrator can manage all aspects of the account.",
    ),
    (
        "ORGADMIN",
        "Organization administrator can manage organization and account lifecycle.",
    ),
    (
        "PUBLIC",
        "Public role is automatically available to every user in the account.",
    ),
    (
        "SECURITYADMIN",
        "Security administrator can manage security aspects of the account.",
    ),
    (
        "SYSADMIN",
        "System administrator can create and manage databases and warehouses.",
    ),
    (
        "USERADMIN",
        "User administrator can create and manage users and roles",
    ),
];

/// Which system role has which: the second is granted to the first.
pub const SYSTEM_ROLE_GRANTS: &[(&str, &str)] = &[
    ("ACCOUNTADMIN", "SECURITYADMIN"),
    ("ACCOUNTADMIN", "SYSADMIN"),
    ("SECURITYADMIN", "USERADMIN"),
];

/// Refuses to drop or rename a role that the system needs.
pub fn check_not_system(kind: ObjectKind, name: &str) -> Result<()> {
    let is_system = SYSTEM_ROLES.iter().any(|(role, _)| *role == name);
    match kind == ObjectKind::Role && is_system {
        true => Err(Error::insufficient_privileges("role", name)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_the_system_stay() {
        assert!(check_not_system(ObjectKind::Role, "SYSADMIN").is_err());
        assert!(check_not_system(ObjectKind::Warehouse, "SYSADMIN").is_ok());
    }
}
