//! Tags and policies on objects and columns: `SET TAG`, `UNSET TAG`, `TAG (…)` in a definition. Each is an object in the
//! catalog, in the object that carries it, so that it ends and comes back with it.

use super::Context;
use crate::catalog::{Detail, Draft, Lookup, NewObject, Object, ObjectId, ObjectKind, Reference};
use crate::error::{Error, Result};
use crate::objects;
use crate::sql::ObjectName;

/// A tag that is there, and a value that it allows.
pub(super) struct TagValue {
    tag: ObjectId,
    value: String,
}

/// The tags of these names.
pub(super) fn find_tags(
    lookup: &Lookup,
    tags: &[(ObjectName, String)],
    action: &str,
) -> Result<Vec<TagValue>> {
    let find = |(name, value): &(ObjectName, String)| {
        let tag = find(lookup, ObjectKind::Tag, name, action)?;
        objects::tag::check_value(tag, value)?;
        Ok(TagValue {
            tag: tag.id,
            value: value.clone(),
        })
    };
    tags.iter().map(find).collect()
}

/// The tag or policy of this name.
pub(super) fn find<'l>(
    lookup: &'l Lookup,
    kind: ObjectKind,
    name: &ObjectName,
    action: &str,
) -> Result<&'l Object> {
    let row = objects::kind_of(kind).ok_or_else(|| Error::internal("a kind without a row"))?;
    match row.find(lookup, name, action)? {
        Some(found) => Ok(found),
        None => Err(row.missing(lookup, name)),
    }
}

/// The name of a reference within its object: there is one of each target (of a policy: of each kind) and column.
fn name(what: impl std::fmt::Display, column: Option<u64>) -> String {
    match column {
        Some(column) => format!("{what}/{column}"),
        None => format!("{what}/"),
    }
}

/// Puts tags on an object, or on a column of it; a value that is there already changes.
pub(super) fn set_tags(
    draft: &mut Draft<'_>,
    object: ObjectId,
    column: Option<u64>,
    tags: &[TagValue],
) -> Result<()> {
    for TagValue { tag, value } in tags {
        let reference = Reference {
            target: *tag,
            column,
            value: Some(value.clone()),
            arguments: vec![],
        };
        put(draft, object, name(tag.0, column), reference)?;
    }
    Ok(())
}

/// Takes tags from an object, or from a column of it.
pub(super) fn unset_tags(
    draft: &mut Draft<'_>,
    object: ObjectId,
    column: Option<u64>,
    tags: &[ObjectId],
) -> Result<()> {
    for tag in tags {
        remove(draft, object, &name(tag.0, column))?;
    }
    Ok(())
}

/// Puts a policy on an object or a column. One of its kind that is there already is only replaced by FORCE.
#[expect(dead_code, reason = "ALTER TABLE … SET MASKING POLICY comes next")]
pub(super) fn set_policy(
    draft: &mut Draft<'_>,
    object: ObjectId,
    reference: Reference,
    force: bool,
) -> Result<()> {
    let policy = draft.snapshot().get(reference.target);
    let kind = policy.ok_or_else(Error::object_or_operation)?.detail.kind();
    let name = name(kind, reference.column);
    let there = draft
        .snapshot()
        .find(object, ObjectKind::Reference, &name)
        .map(|there| there.detail.target());
    match there {
        Some(target) if target == Some(reference.target) => Ok(()),
        Some(_) if !force => Err(Error::policy_already_attached(kind.title().to_lowercase())),
        _ => put(draft, object, name, reference),
    }
}

/// Takes the policy of a kind from an object or a column.
#[expect(dead_code, reason = "ALTER TABLE … SET MASKING POLICY comes next")]
pub(super) fn unset_policy(
    draft: &mut Draft<'_>,
    object: ObjectId,
    kind: ObjectKind,
    column: Option<u64>,
) -> Result<()> {
    remove(draft, object, &name(kind, column))
}

fn put(draft: &mut Draft<'_>, object: ObjectId, name: String, reference: Reference) -> Result<()> {
    remove(draft, object, &name)?;
    let holder = draft.snapshot().get(object);
    let session = holder.ok_or_else(Error::object_or_operation)?.session;
    draft.create(NewObject {
        parent: object,
        session,
        name,
        owner: String::new(),
        comment: None,
        detail: Detail::Reference(reference),
    })?;
    Ok(())
}

fn remove(draft: &mut Draft<'_>, object: ObjectId, name: &str) -> Result<()> {
    let session = draft
        .snapshot()
        .get(object)
        .and_then(|object| object.session);
    let there = draft
        .snapshot()
        .find_seen_by(object, ObjectKind::Reference, name, session)
        .map(|there| there.id);
    there.map_or(Ok(()), |id| draft.drop(id))
}

/// Refuses to take away a policy that something carries.
pub(super) fn check_unused(context: &Context<'_>, object: &Object) -> Result<()> {
    let kind = object.detail.kind();
    let is_policy = kind.keyword().ends_with("POLICY") && kind != ObjectKind::NetworkPolicy;
    let snapshot = context.instance.catalog.snapshot();
    match is_policy && !snapshot.about(object.id).is_empty() {
        true => Err(Error::policy_in_use(&object.name)),
        false => Ok(()),
    }
}
