//! `CREATE SCHEMA … CLONE` and `CREATE DATABASE … CLONE`: a change of the catalog alone. The tables share their physical
//! tables with the source's until one of the two is written; views, functions and defaults keep their text, which is bound
//! in their new schema; temporary objects stay with their sessions.
//!
//! Source: Snowflake, "CREATE <object> … CLONE", "Cloning considerations".

use super::create::Create;
use super::drop::lock_at_once;
use super::{Context, create_table};
use crate::catalog::{Catalog, Detail, Draft, NewObject, Object, ObjectId, ObjectKind};
use crate::error::{Error, Result};
use crate::session::locks::Held;
use crate::sql::ObjectName;

/// What is copied into the new database or schema.
pub(super) struct Source {
    id: ObjectId,
    /// So that nobody writes into its tables until they are shared.
    locks: Held,
    owner: String,
}

impl Create<'_> {
    /// The database or schema that CLONE names, its tables locked.
    pub(super) fn source(&self, context: &Context<'_>, name: &ObjectName) -> Result<Source> {
        let lookup = context.lookup();
        let id = self.kind.get(&lookup, name, "CLONE")?.id;
        let replaced = self.kind.find(&lookup, &self.name, "CREATE")?;
        if replaced.is_some_and(|replaced| replaced.id == id) {
            return Err(Error::unsupported("CLONE of what is replaced"));
        }
        let locks = context.instance.locks.owner(context.query_id);
        context.lock_all(&locks, id)?;
        context.instance.settle_sequences()?;
        let owner = context.owner();
        Ok(Source { id, locks, owner })
    }
}

impl Source {
    /// Copies all that is in the source into `target`.
    pub(super) fn copy(
        &self,
        draft: &mut Draft<'_>,
        catalog: &Catalog,
        target: ObjectId,
    ) -> Result<()> {
        // A table may have come since, and somebody be writing into it.
        if !lock_at_once(&self.locks, draft.snapshot(), self.id) {
            return Err(Error::object_or_operation());
        }
        let copies = Copies {
            catalog,
            owner: &self.owner,
            whole: self.id,
            from: place(draft, self.id),
            to: place(draft, target),
        };
        copies.children(draft, self.id, target)
    }
}

/// The names of a database or schema and what it is in, from the database on.
fn place(draft: &Draft<'_>, id: ObjectId) -> Vec<String> {
    let snapshot = draft.snapshot();
    let mut names = Vec::new();
    let mut next = Some(id);
    while let Some(object) = next.and_then(|id| snapshot.get(id)) {
        if object.detail.kind() == ObjectKind::Account {
            break;
        }
        names.push(object.name.clone());
        next = Some(object.parent);
    }
    names.reverse();
    names
}

struct Copies<'a> {
    catalog: &'a Catalog,
    owner: &'a str,
    /// The database or schema itself: its own privileges are not copied, those of what is in it are.
    whole: ObjectId,
    /// What is copied, and what it becomes: `[database]` or `[database, schema]`.
    from: Vec<String>,
    to: Vec<String>,
}

impl Copies<'_> {
    fn children(&self, draft: &mut Draft<'_>, source: ObjectId, target: ObjectId) -> Result<()> {
        let children: Vec<_> = draft.snapshot().children(source).cloned().collect();
        for child in children {
            let own_grant = source == self.whole && is_grant(&child);
            if child.session.is_none() && !own_grant {
                self.child(draft, &child, target)?;
            }
        }
        Ok(())
    }

    fn child(&self, draft: &mut Draft<'_>, source: &Object, parent: ObjectId) -> Result<()> {
        let copy = |detail: Detail| NewObject {
            parent,
            session: None,
            name: source.name.clone(),
            owner: match source.owner.is_empty() {
                true => String::new(),
                false => self.owner.to_owned(),
            },
            comment: source.comment.clone(),
            detail,
        };
        let Detail::Table(table) = &source.detail else {
            let id = draft.create(copy(source.detail.clone()))?;
            return self.children(draft, source.id, id);
        };
        let mut table = table.clone();
        let sequences =
            create_table::copy_sequences(self.catalog, draft.snapshot(), &mut table.columns, true);
        for constraint in &mut table.constraints {
            if let Some((name, _)) = &mut constraint.references
                && name.starts_with(&self.from)
            {
                name[..self.to.len()].clone_from_slice(&self.to);
            }
        }
        let id = draft.create(copy(Detail::Table(table)))?;
        create_table::create_sequences(draft, id, None, self.owner, &sequences)?;
        // Its sequences are there already; tags, policies and privileges are not.
        let attached: Vec<_> = draft.snapshot().children(source.id).cloned().collect();
        for child in attached {
            if child.session.is_none() && !matches!(child.detail, Detail::Sequence(_)) {
                self.child(draft, &child, id)?;
            }
        }
        Ok(())
    }
}

/// Whether it is a privilege on what is there, rather than on what is going to be.
fn is_grant(object: &Object) -> bool {
    matches!(&object.detail, Detail::Grant(grant) if grant.future.is_none())
}
