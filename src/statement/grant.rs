//! GRANT and REVOKE: privileges on objects, on all and on future objects of a container, ownership, and roles. They are
//! recorded and shown; nothing is enforced yet, and [`may`] is what would have to be asked.
//!
//! A grant is an object in the object that it is on, so that it ends and comes back with it; ownership is the owner of an
//! object, which there is always one of.
//!
//! Sources: Snowflake, "GRANT <privileges>", "GRANT OWNERSHIP", "REVOKE <privileges>"; the listings of a live account.

use std::sync::Arc;

use sqlparser::tokenizer::Token;

use super::context::status;
use super::{Context, Parsed, Statement, StatementKind, privileges};
use crate::catalog::{
    Container, Detail, Draft, Grant, Lookup, NewObject, Object, ObjectId, ObjectKind, Snapshot,
};
use crate::error::{Error, Result};
use crate::objects;
use crate::result::ResultSet;
use crate::sql::{Cursor, ObjectName, StatementText};

const OWNERSHIP: &str = "OWNERSHIP";

struct GrantStatement {
    /// GRANT; otherwise REVOKE.
    gives: bool,
    what: What,
    grantee: Grantee,
}

enum What {
    Privileges {
        /// In capitals; none for ALL.
        names: Vec<String>,
        on: On,
        /// WITH GRANT OPTION, and GRANT OPTION FOR.
        grant_option: bool,
    },
    Ownership {
        on: On,
        current: CurrentGrants,
    },
    /// Roles (`ROLE`) or database roles.
    Roles(ObjectKind, Vec<ObjectName>),
}

/// What happens to the grants that are on an object when its owner changes.
#[derive(Clone, Copy, PartialEq)]
enum CurrentGrants {
    Refuse,
    Revoke,
    Copy,
}

/// What the privileges are on.
enum On {
    Account,
    /// Without a kind: a table or whatever else FROM can name.
    Object(Option<ObjectKind>, ObjectName),
    All(ObjectKind, ObjectKind, ObjectName),
    Future(ObjectKind, ObjectKind, ObjectName),
}

/// A role, database role or user.
pub(super) struct Grantee {
    pub kind: ObjectKind,
    pub name: ObjectName,
}

/// `GRANT … TO …`
pub(super) fn parse_grant<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(cursor, true)
}

/// `REVOKE … FROM …`
pub(super) fn parse_revoke<'a>(_: StatementText<'a>, cursor: &mut Cursor<'a>) -> Parsed<'a> {
    parse(cursor, false)
}

fn parse<'a>(cursor: &mut Cursor<'a>, gives: bool) -> Parsed<'a> {
    let option_for = !gives && cursor.take_words("GRANT OPTION FOR");
    for (words, kind) in [
        ("ROLE", ObjectKind::Role),
        ("DATABASE ROLE", ObjectKind::DatabaseRole),
    ] {
        if !option_for && cursor.take_words(words) {
            let mut names = vec![cursor.object_name()?];
            while cursor.take(&Token::Comma) {
                names.push(cursor.object_name()?);
            }
            let grantee = to_or_from(cursor, gives)?;
            end(cursor, gives)?;
            return Ok(Box::new(GrantStatement {
                gives,
                what: What::Roles(kind, names),
                grantee,
            }));
        }
    }
    let names = privilege_names(cursor)?;
    let on = on(cursor)?;
    let grantee = to_or_from(cursor, gives)?;
    let what = if names == [OWNERSHIP] && gives {
        let current = if cursor.take_words("REVOKE CURRENT GRANTS") {
            CurrentGrants::Revoke
        } else if cursor.take_words("COPY CURRENT GRANTS") {
            CurrentGrants::Copy
        } else {
            CurrentGrants::Refuse
        };
        What::Ownership { on, current }
    } else {
        let grant_option = option_for || (gives && cursor.take_words("WITH GRANT OPTION"));
        What::Privileges {
            names,
            on,
            grant_option,
        }
    };
    end(cursor, gives)?;
    Ok(Box::new(GrantStatement {
        gives,
        what,
        grantee,
    }))
}

fn end(cursor: &mut Cursor<'_>, gives: bool) -> Result<()> {
    // Which grants hang on others is not followed, so both words mean the same.
    let _ = !gives && (cursor.take_word("RESTRICT") || cursor.take_word("CASCADE"));
    cursor.end()
}

/// `ALL [PRIVILEGES]` (then nothing), or `privilege, …`; a privilege is several words.
fn privilege_names(cursor: &mut Cursor<'_>) -> Result<Vec<String>> {
    if cursor.take_word("ALL") {
        cursor.take_word("PRIVILEGES");
        cursor.expect_word("ON")?;
        return Ok(vec![]);
    }
    let mut names = Vec::new();
    loop {
        let unknown = cursor.unexpected();
        let mut words = Vec::new();
        while cursor.peek_word().is_some_and(|word| word != "ON") {
            words.push(cursor.word()?);
        }
        let name = words.join(" ");
        if !privileges::is_known(&name) {
            return Err(unknown);
        }
        names.push(name);
        if !cursor.take(&Token::Comma) {
            break;
        }
    }
    cursor.expect_word("ON")?;
    Ok(names)
}

fn on(cursor: &mut Cursor<'_>) -> Result<On> {
    if cursor.take_word("ACCOUNT") {
        return Ok(On::Account);
    }
    let all = cursor.take_word("ALL");
    if all || cursor.take_word("FUTURE") {
        let kind = take_plural(cursor)?;
        cursor.expect_word("IN")?;
        let container = match cursor.word()?.as_str() {
            "DATABASE" => ObjectKind::Database,
            "SCHEMA" => ObjectKind::Schema,
            _ => return Err(cursor.unexpected()),
        };
        let name = cursor.object_name()?;
        return Ok(match all {
            true => On::All(kind, container, name),
            false => On::Future(kind, container, name),
        });
    }
    object(cursor)
}

/// `[kind] name [(types)]`
pub(super) fn on_object(cursor: &mut Cursor<'_>) -> Result<(Option<ObjectKind>, ObjectName)> {
    match object(cursor)? {
        On::Object(kind, name) => Ok((kind, name)),
        _ => Err(cursor.unexpected()),
    }
}

fn object(cursor: &mut Cursor<'_>) -> Result<On> {
    let kind = take_keyword(cursor);
    let mut name = cursor.object_name()?;
    if matches!(kind, Some(ObjectKind::Function | ObjectKind::Procedure))
        && let Some(last) = name.parts.last_mut()
    {
        last.push_str(&objects::parse_signature(cursor)?);
    }
    Ok(On::Object(kind, name))
}

/// Takes the keyword of any kind that privileges can be on.
fn take_keyword(cursor: &mut Cursor<'_>) -> Option<ObjectKind> {
    let kind = ObjectKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.container() != Container::Object)
        .filter(|kind| cursor.clone().take_words(kind.keyword()))
        .max_by_key(|kind| kind.keyword().len())?;
    // A table may have the name of a kind: `ON role TO …`.
    let mut ahead = cursor.clone();
    ahead.take_words(kind.keyword());
    if matches!(ahead.peek_word().as_deref(), Some("TO" | "FROM")) {
        return None;
    }
    *cursor = ahead;
    Some(kind)
}

fn take_plural(cursor: &mut Cursor<'_>) -> Result<ObjectKind> {
    let found = ObjectKind::ALL
        .iter()
        .copied()
        .filter(|kind| cursor.clone().take_words(&kind.plural()))
        .max_by_key(|kind| kind.keyword().len());
    let kind = found.ok_or_else(|| cursor.unexpected())?;
    cursor.take_words(&kind.plural());
    Ok(kind)
}

fn to_or_from(cursor: &mut Cursor<'_>, gives: bool) -> Result<Grantee> {
    cursor.expect_word(if gives { "TO" } else { "FROM" })?;
    grantee(cursor)
}

/// `[ROLE] name`, `DATABASE ROLE name`, `USER name`
pub(super) fn grantee(cursor: &mut Cursor<'_>) -> Result<Grantee> {
    for other in ["SHARE", "APPLICATION", "SERVICE"] {
        if cursor.peek_word().as_deref() == Some(other) {
            return Err(Error::unsupported(format!("grants to {other}")));
        }
    }
    let kind = if cursor.take_words("DATABASE ROLE") {
        ObjectKind::DatabaseRole
    } else if cursor.take_word("USER") {
        ObjectKind::User
    } else {
        cursor.take_word("ROLE");
        ObjectKind::Role
    };
    let name = cursor.object_name()?;
    Ok(Grantee { kind, name })
}

impl Grantee {
    pub fn find<'l>(&self, lookup: &'l Lookup) -> Result<&'l Arc<Object>> {
        find(lookup, self.kind, &self.name)
    }
}

/// The object of this kind and name; a missing one is named.
pub(super) fn find<'l>(
    lookup: &'l Lookup,
    kind: ObjectKind,
    name: &ObjectName,
) -> Result<&'l Arc<Object>> {
    let parent = lookup.parent(kind, &name.parts, "GRANT")?;
    match (
        lookup.find_in(parent, kind, name.last()),
        objects::kind_of(kind),
    ) {
        (Some(object), _) => Ok(object),
        // A table or view is named as it was written, a function without its types.
        (None, _) if kind.is_relation() => Err(Error::object_does_not_exist(kind.title(), name)),
        (None, Some(row)) => {
            let mut name = name.clone();
            if let Some(last) = name.parts.last_mut() {
                let shown = last.split('(').next().unwrap_or_default();
                *last = shown.to_owned();
            }
            Err(row.missing(lookup, &name))
        }
        (None, None) => {
            let schema = lookup.snapshot.get(parent);
            let place = schema.map_or_else(String::new, |schema| lookup.full_name(schema));
            let name = format!("{place}.{}", name.last());
            Err(Error::object_does_not_exist(kind.title(), name))
        }
    }
}

impl On {
    /// The objects that the grant is on: of a future grant the container.
    fn objects(&self, lookup: &Lookup) -> Result<Vec<Arc<Object>>> {
        let snapshot = &lookup.snapshot;
        match self {
            On::Account => Ok(snapshot.get(lookup.account).into_iter().cloned().collect()),
            On::Object(None, name) => {
                find(lookup, ObjectKind::Table, name).map(|o| vec![o.clone()])
            }
            On::Object(Some(kind), name) => {
                let object = find(lookup, *kind, name)?;
                let found = object.detail.kind();
                // TABLE and VIEW both mean whatever FROM can name.
                if found != *kind && !kind.is_relation() {
                    return Err(Error::other_object_kind(found, kind));
                }
                Ok(vec![object.clone()])
            }
            On::Future(_, container, name) => {
                find(lookup, *container, name).map(|object| vec![object.clone()])
            }
            On::All(kind, container, name) => {
                let container = find(lookup, *container, name)?;
                let mut within = vec![container.clone()];
                if container.detail.kind() == ObjectKind::Database
                    && kind.container() == Container::Schema
                {
                    let schemas = snapshot.children(container.id);
                    within = schemas
                        .filter(|child| child.detail.kind() == ObjectKind::Schema)
                        .cloned()
                        .collect();
                }
                let children = within
                    .iter()
                    .flat_map(|container| snapshot.children(container.id));
                Ok(children
                    .filter(|child| child.detail.kind() == *kind && child.session.is_none())
                    .cloned()
                    .collect())
            }
        }
    }

    fn future(&self) -> Option<ObjectKind> {
        match self {
            On::Future(kind, ..) => Some(*kind),
            _ => None,
        }
    }
}

impl Statement for GrantStatement {
    fn kind(&self) -> StatementKind {
        StatementKind::Ddl
    }

    fn execute(&self, context: &mut Context<'_>) -> Result<ResultSet> {
        let lookup = context.lookup();
        // What the grant is on is looked for first.
        match &self.what {
            What::Privileges { on, .. } | What::Ownership { on, .. } => {
                on.objects(&lookup)?;
            }
            What::Roles(..) => {}
        }
        let grantee = self.grantee.find(&lookup)?.clone();
        let role = context.owner();
        let affected = match &self.what {
            What::Roles(kind, names) => {
                let roles = names
                    .iter()
                    .map(|name| find(&lookup, *kind, name).map(|role| role.id))
                    .collect::<Result<Vec<_>>>()?;
                change(context, |draft| {
                    for id in &roles {
                        if self.gives {
                            check_no_cycle(draft.snapshot(), *id, &grantee)?;
                            give_role(draft, *id, grantee.id, &role)?;
                        } else {
                            take(draft, *id, |grant| grant.grantee == grantee.id)?;
                        }
                    }
                    Ok(())
                })?;
                None
            }
            What::Ownership { on, current } => {
                let objects = on.objects(&lookup)?;
                if grantee.detail.kind() != ObjectKind::Role {
                    return Err(Error::unsupported("OWNERSHIP of a database role"));
                }
                change(context, |draft| {
                    for object in &objects {
                        match on.future() {
                            Some(kind) => {
                                let grant = Grant {
                                    privilege: OWNERSHIP.to_owned(),
                                    grantee: grantee.id,
                                    grant_option: true,
                                    granted_by: role.clone(),
                                    future: Some(kind),
                                };
                                // There is one owner.
                                take(draft, object.id, |there| {
                                    there.privilege == OWNERSHIP && there.future == Some(kind)
                                })?;
                                give(draft, object.id, grant)?;
                            }
                            None => transfer(draft, &lookup, object, &grantee.name, *current)?,
                        }
                    }
                    Ok(())
                })?;
                matches!(on, On::All(..)).then_some(objects.len())
            }
            What::Privileges {
                names,
                on,
                grant_option,
            } => {
                let objects = on.objects(&lookup)?;
                for object in &objects {
                    let kind = on.future().unwrap_or_else(|| object.detail.kind());
                    check_privileges(names, kind)?;
                }
                change(context, |draft| {
                    for object in &objects {
                        self.privileges(draft, object, names, on, *grant_option, &grantee, &role)?;
                    }
                    Ok(())
                })?;
                matches!(on, On::All(..)).then_some(objects.len())
            }
        };
        match affected {
            Some(count) => status(format!(
                "Statement executed successfully. {count} objects affected."
            )),
            None => status("Statement executed successfully."),
        }
    }
}

impl GrantStatement {
    /// Gives or takes privileges on one object.
    #[allow(clippy::too_many_arguments)]
    fn privileges(
        &self,
        draft: &mut Draft<'_>,
        object: &Object,
        names: &[String],
        on: &On,
        grant_option: bool,
        grantee: &Object,
        role: &str,
    ) -> Result<()> {
        let future = on.future();
        let kind = future.unwrap_or_else(|| object.detail.kind());
        if self.gives {
            let all = names.is_empty();
            let names: Vec<_> = match all {
                true => privileges::of(kind)
                    .iter()
                    .map(|p| (*p).to_owned())
                    .collect(),
                false => names.to_vec(),
            };
            for privilege in names {
                // Only the grants of shared databases.
                if all && privilege == "IMPORTED PRIVILEGES" {
                    continue;
                }
                let by = if object.owner.is_empty() {
                    role
                } else {
                    &object.owner
                };
                let grant = Grant {
                    privilege,
                    grantee: grantee.id,
                    grant_option,
                    granted_by: by.to_owned(),
                    future,
                };
                give(draft, object.id, grant)?;
            }
            return Ok(());
        }
        let concerns = |grant: &Grant| {
            grant.grantee == grantee.id
                && grant.future == future
                && (names.is_empty() || names.contains(&grant.privilege))
        };
        match grant_option {
            true => change_grants(draft, object.id, concerns, |grant| {
                grant.grant_option = false
            }),
            false => take(draft, object.id, concerns),
        }
    }
}

fn change(
    context: &mut Context<'_>,
    change: impl FnOnce(&mut Draft<'_>) -> Result<()>,
) -> Result<()> {
    context.change_catalog(&[], |_| Ok(()), change)
}

fn check_privileges(names: &[String], kind: ObjectKind) -> Result<()> {
    let wrong = names
        .iter()
        .find(|name| *name != OWNERSHIP && !privileges::of(kind).contains(&name.as_str()));
    match wrong {
        Some(name) => Err(Error::privilege_of_other_kind(kind, name)),
        None => Ok(()),
    }
}

/// Gives an object to another role.
fn transfer(
    draft: &mut Draft<'_>,
    lookup: &Lookup,
    object: &Object,
    owner: &str,
    current: CurrentGrants,
) -> Result<()> {
    match current {
        CurrentGrants::Refuse => {
            let others = grants_on(draft.snapshot(), object.id);
            let other = others.into_iter().find(|(_, grant)| grant.future.is_none());
            if let Some((_, grant)) = other {
                let holder = draft.snapshot().get(grant.grantee);
                return Err(Error::dependent_grant(
                    &grant.privilege,
                    lookup.full_name(object),
                    holder.map_or("", |holder| &holder.name),
                ));
            }
        }
        CurrentGrants::Revoke => take(draft, object.id, |grant| grant.future.is_none())?,
        CurrentGrants::Copy => change_grants(
            draft,
            object.id,
            |grant| grant.future.is_none(),
            |grant| owner.clone_into(&mut grant.granted_by),
        )?,
    }
    draft.alter(object.id, |object| owner.clone_into(&mut object.owner))
}

/// The grants on an object, those on future objects in it too.
pub(super) fn grants_on(snapshot: &Snapshot, id: ObjectId) -> Vec<(Arc<Object>, Grant)> {
    let grants = snapshot
        .children(id)
        .filter_map(|child| match &child.detail {
            Detail::Grant(grant) => Some((child.clone(), grant.clone())),
            _ => None,
        });
    grants.collect()
}

/// Puts a grant on an object. One that is there already may gain the grant option.
fn give(draft: &mut Draft<'_>, object: ObjectId, grant: Grant) -> Result<()> {
    let name = name(&grant);
    let holder = draft.snapshot().get(object);
    let session = holder.ok_or_else(Error::object_or_operation)?.session;
    let there = draft
        .snapshot()
        .find_seen_by(object, ObjectKind::Grant, &name, session)
        .cloned();
    if let Some(there) = there {
        return match &there.detail {
            Detail::Grant(old) if grant.grant_option && !old.grant_option => {
                draft.replace_detail(there.id, Detail::Grant(grant))
            }
            _ => Ok(()),
        };
    }
    draft.create(NewObject {
        parent: object,
        session,
        name,
        owner: String::new(),
        comment: None,
        detail: Detail::Grant(grant),
    })?;
    Ok(())
}

fn take(draft: &mut Draft<'_>, object: ObjectId, concerns: impl Fn(&Grant) -> bool) -> Result<()> {
    for (object, grant) in grants_on(draft.snapshot(), object) {
        if concerns(&grant) {
            draft.drop(object.id)?;
        }
    }
    Ok(())
}

fn change_grants(
    draft: &mut Draft<'_>,
    object: ObjectId,
    concerns: impl Fn(&Grant) -> bool,
    change: impl Fn(&mut Grant),
) -> Result<()> {
    for (object, mut grant) in grants_on(draft.snapshot(), object) {
        if concerns(&grant) {
            change(&mut grant);
            draft.replace_detail(object.id, Detail::Grant(grant))?;
        }
    }
    Ok(())
}

/// Gives a role to another role or to a user. Nothing happens if the grantee has it already.
pub(super) fn give_role(
    draft: &mut Draft<'_>,
    role: ObjectId,
    grantee: ObjectId,
    granted_by: &str,
) -> Result<()> {
    let grant = Grant {
        privilege: "USAGE".to_owned(),
        grantee,
        grant_option: false,
        granted_by: granted_by.to_owned(),
        future: None,
    };
    give(draft, role, grant)
}

/// Refuses a grant that would make a role inherit itself.
fn check_no_cycle(snapshot: &Snapshot, role: ObjectId, grantee: &Object) -> Result<()> {
    if grantee.detail.kind() == ObjectKind::User {
        return Ok(());
    }
    let inherited = inherited_roles(snapshot, role);
    match inherited.contains(&grantee.id) {
        true => {
            let role = snapshot.get(role).map_or("", |role| &role.name);
            Err(Error::role_cycle(role, &grantee.name))
        }
        false => Ok(()),
    }
}

/// A role and all roles that it inherits.
fn inherited_roles(snapshot: &Snapshot, role: ObjectId) -> Vec<ObjectId> {
    let mut roles = vec![role];
    let mut next = 0;
    while let Some(holder) = roles.get(next).copied() {
        next += 1;
        for grant in snapshot.about(holder) {
            let granted = snapshot
                .get(grant)
                .and_then(|grant| snapshot.get(grant.parent));
            let Some(granted) = granted else { continue };
            let is_role = matches!(
                granted.detail.kind(),
                ObjectKind::Role | ObjectKind::DatabaseRole
            );
            if is_role && !roles.contains(&granted.id) {
                roles.push(granted.id);
            }
        }
    }
    roles
}

/// What a role owned belongs to `heir` (a role by name) from now on.
pub(super) fn give_away(draft: &mut Draft<'_>, role: &Object, heir: &str) -> Result<()> {
    let owned: Vec<_> = draft
        .snapshot()
        .objects()
        .filter(|object| object.account == role.account && object.owner == role.name)
        .map(|object| object.id)
        .collect();
    for id in owned {
        draft.alter(id, |object| heir.clone_into(&mut object.owner))?;
    }
    let given: Vec<_> = draft
        .snapshot()
        .objects()
        .filter(|object| object.account == role.account)
        .filter_map(|object| match &object.detail {
            Detail::Grant(grant) if grant.granted_by == role.name => {
                Some((object.id, grant.clone()))
            }
            _ => None,
        })
        .collect();
    for (id, grant) in given {
        let grant = Grant {
            granted_by: heir.to_owned(),
            ..grant
        };
        draft.replace_detail(id, Detail::Grant(grant))?;
    }
    Ok(())
}

/// Gives a new object what future grants of its schema say, or else those of its database.
pub(super) fn apply_future(draft: &mut Draft<'_>, id: ObjectId) -> Result<()> {
    let snapshot = draft.snapshot();
    let object = snapshot.get(id).ok_or_else(Error::object_or_operation)?;
    if object.session.is_some() || object.detail.kind().container() == Container::Account {
        return Ok(());
    }
    let (kind, parent) = (object.detail.kind(), object.parent);
    let of_kind = |id: ObjectId| -> Vec<Grant> {
        let grants = grants_on(snapshot, id).into_iter().map(|(_, grant)| grant);
        grants.filter(|grant| grant.future == Some(kind)).collect()
    };
    let mut grants = of_kind(parent);
    if grants.is_empty()
        && let Some(schema) = snapshot.get(parent)
        && schema.detail.kind() == ObjectKind::Schema
    {
        grants = of_kind(schema.parent);
    }
    for grant in grants {
        if grant.privilege == OWNERSHIP {
            let owner = draft
                .snapshot()
                .get(grant.grantee)
                .map(|role| role.name.clone());
            if let Some(owner) = owner {
                draft.alter(id, |object| object.owner = owner)?;
            }
        } else {
            let grant = Grant {
                future: None,
                ..grant
            };
            give(draft, id, grant)?;
        }
    }
    Ok(())
}

/// COPY GRANTS: the grants of one object on another.
pub(super) fn copy(draft: &mut Draft<'_>, grants: Vec<Grant>, to: ObjectId) -> Result<()> {
    for grant in grants {
        if grant.future.is_none() {
            give(draft, to, grant)?;
        }
    }
    Ok(())
}

/// The name of a grant within the object that it is on.
fn name(grant: &Grant) -> String {
    let future = grant.future.map_or("", ObjectKind::keyword);
    format!("{}/{future}/{}", grant.privilege, grant.grantee.0)
}
