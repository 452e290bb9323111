//! Tags and policies on objects and columns: `SET TAG`, `UNSET TAG`, `TAG (…)` in a definition. Each is an object in the
//! catalog, in the object that carries it, so that it ends and comes back with it.

use super::Context;
use crate::catalog::{
    Detail, Draft, Lookup, NewObject, Object, ObjectId, ObjectKind, PropertyValue, Reference,
    Snapshot,
};
use crate::error::{Error, Result};
use crate::objects::attachment::{Attachment, AttachmentChange, PolicyUse};
use crate::objects::{self, ARGUMENT_TYPE};
use crate::sql::{ObjectName, quote};
use crate::types::LogicalType;

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

/// What a definition attaches to an object and its columns, found in the catalog.
#[derive(Default)]
pub(super) struct Attached {
    tags: Vec<(Option<u64>, TagValue)>,
    policies: Vec<Reference>,
}

impl Attached {
    /// Finds what one definition names; of a column, with its number and type.
    pub fn add(
        &mut self,
        lookup: &Lookup,
        column: Option<(u64, &LogicalType)>,
        tags: &[(ObjectName, String)],
        policies: &[PolicyUse],
    ) -> Result<()> {
        let number = column.map(|(number, _)| number);
        let found = find_tags(lookup, tags, "CREATE")?;
        self.tags.extend(found.into_iter().map(|tag| (number, tag)));
        for policy in policies {
            self.policies.push(find_policy(lookup, column, policy)?);
        }
        Ok(())
    }

    /// What is attached to an object already.
    pub fn of(snapshot: &Snapshot, object: ObjectId) -> Attached {
        let mut attached = Attached::default();
        for child in snapshot.children(object) {
            let Detail::Reference(reference) = &child.detail else {
                continue;
            };
            match &reference.value {
                Some(value) => {
                    let tag = TagValue {
                        tag: reference.target,
                        value: value.clone(),
                    };
                    attached.tags.push((reference.column, tag));
                }
                None => attached.policies.push(reference.clone()),
            }
        }
        attached
    }

    pub fn attach(self, draft: &mut Draft<'_>, object: ObjectId) -> Result<()> {
        for (column, tag) in self.tags {
            set_tags(draft, object, column, &[tag])?;
        }
        for reference in self.policies {
            set_policy(draft, object, reference, false)?;
        }
        Ok(())
    }
}

/// The policy that is named, as a reference to it. A masking policy must be for values of the column's type.
fn find_policy(
    lookup: &Lookup,
    column: Option<(u64, &LogicalType)>,
    policy: &PolicyUse,
) -> Result<Reference> {
    let found = find(lookup, policy.kind, &policy.name, "ALTER")?;
    if let Some((_, logical)) = column
        && policy.kind == ObjectKind::MaskingPolicy
    {
        let takes = objects::properties(found)?
            .get(ARGUMENT_TYPE)
            .and_then(PropertyValue::as_text)
            .unwrap_or_default();
        if takes != logical.family() {
            return Err(Error::masking_type_mismatch(logical, internal_name(takes)));
        }
    }
    Ok(Reference {
        target: found.id,
        column: column.map(|(number, _)| number),
        value: None,
        arguments: policy.arguments.clone(),
    })
}

/// Snowflake's internal word for a family of types.
fn internal_name(family: &str) -> String {
    match family {
        "VARCHAR" => "TEXT".to_owned(),
        "NUMBER" => "FIXED".to_owned(),
        "FLOAT" => "REAL".to_owned(),
        other => other.to_owned(),
    }
}

/// The number and the type of a column of a table or view.
fn column_of(object: &Object, name: &str) -> Option<(u64, LogicalType)> {
    match &object.detail {
        Detail::Table(table) => {
            let column = table.column(name)?;
            Some((column.number, column.logical.clone()))
        }
        Detail::View(view) => {
            let place = view.columns.iter().position(|column| column.name == name)?;
            Some((place as u64, view.columns[place].logical.clone()))
        }
        _ => None,
    }
}

/// ALTER of what is attached to an object and its columns.
pub(super) fn change(
    context: &mut Context<'_>,
    lookup: &Lookup,
    object: &Object,
    changes: &[Attachment],
) -> Result<()> {
    enum Found {
        Tags(Option<u64>, Vec<TagValue>),
        NoTags(Option<u64>, Vec<ObjectId>),
        Policy(Reference, bool),
        NoPolicy(Option<u64>, ObjectKind),
    }
    let mut found = Vec::new();
    for attachment in changes {
        let column = match &attachment.column {
            None => None,
            Some((name, place)) => {
                let missing = || {
                    let error = Error::invalid_identifier(quote(name));
                    match place {
                        Some(place) => error.at(*place),
                        None => error,
                    }
                };
                Some(column_of(object, name).ok_or_else(missing)?)
            }
        };
        let number = column.as_ref().map(|(number, _)| *number);
        found.push(match &attachment.change {
            AttachmentChange::SetTags(tags) => {
                Found::Tags(number, find_tags(lookup, tags, "ALTER")?)
            }
            AttachmentChange::UnsetTags(names) => {
                let tag = |name| find(lookup, ObjectKind::Tag, name, "ALTER").map(|tag| tag.id);
                let tags = names.iter().map(tag).collect::<Result<_>>()?;
                Found::NoTags(number, tags)
            }
            AttachmentChange::SetPolicy(policy, force) => {
                let column = column.as_ref().map(|(number, logical)| (*number, logical));
                Found::Policy(find_policy(lookup, column, policy)?, *force)
            }
            AttachmentChange::UnsetPolicy(kind, name) => {
                if let Some(name) = name {
                    find(lookup, *kind, name, "ALTER")?;
                }
                Found::NoPolicy(number, *kind)
            }
        });
    }
    context.change_catalog(
        &[],
        |_| Ok(()),
        |draft| {
            for change in found {
                match change {
                    Found::Tags(column, tags) => set_tags(draft, object.id, column, &tags)?,
                    Found::NoTags(column, tags) => unset_tags(draft, object.id, column, &tags)?,
                    Found::Policy(reference, force) => {
                        set_policy(draft, object.id, reference, force)?;
                    }
                    Found::NoPolicy(column, kind) => {
                        unset_policy(draft, object.id, kind, column)?;
                    }
                }
            }
            Ok(())
        },
    )
}
