//! A catalog change in the making.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::kind::ObjectKind;
use super::object::{Detail, NewObject, Object, ObjectId};
use super::{Catalog, Snapshot};
use crate::error::{Error, Result};

/// The newest state plus the changes made so far.
pub struct Draft<'a> {
    catalog: &'a Catalog,
    snapshot: Snapshot,
    version: u64,
    now: i64,
    changed: Vec<Arc<Object>>,
    /// Physical tables that lost their last user.
    released: Vec<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(catalog: &'a Catalog, snapshot: Snapshot) -> Self {
        let version = snapshot.version + 1;
        let now = Timestamp::now().as_microsecond();
        Draft {
            catalog,
            snapshot,
            version,
            now,
            changed: Vec::new(),
            released: Vec::new(),
        }
    }

    /// The new state, the new version of each changed object, and the physical tables that nothing refers to any more.
    pub(super) fn finish(mut self) -> (Snapshot, Vec<Arc<Object>>, Vec<String>) {
        let mut seen = HashSet::new();
        self.changed.reverse();
        self.changed.retain(|object| seen.insert(object.id));
        self.changed.reverse();
        let snapshot = self.snapshot;
        self.released.retain(|name| snapshot.users(name) == 0);
        (snapshot, self.changed, self.released)
    }

    /// The state with the changes made so far.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Adds an object. Its name must be free.
    pub fn create(&mut self, new: NewObject) -> Result<ObjectId> {
        let id = self.catalog.new_id();
        self.create_with_id(id, new)
    }

    /// As `create`, under an id that was drawn before.
    pub fn create_with_id(&mut self, id: ObjectId, new: NewObject) -> Result<ObjectId> {
        let kind = new.detail.kind();
        let (parent, account) = if kind == ObjectKind::Account {
            (id, id)
        } else {
            let parent = self.get(new.parent)?;
            (parent.id, parent.account)
        };
        let scope = if kind == ObjectKind::Account {
            super::snapshot::ROOT
        } else {
            parent
        };
        let taken = self
            .snapshot
            .find_seen_by(scope, kind, &new.name, new.session);
        if taken.is_some() {
            return Err(Error::object_already_exists(new.name));
        }
        self.apply(Object {
            id,
            version: self.version,
            account,
            parent,
            session: new.session,
            name: new.name,
            owner: new.owner,
            comment: new.comment,
            created_on: self.now,
            changed_on: self.now,
            dropped_on: None,
            detail: new.detail,
        });
        Ok(id)
    }

    /// Ends an object and all that is in it.
    pub fn drop(&mut self, id: ObjectId) -> Result<()> {
        let object = self.get(id)?;
        let children: Vec<_> = self.snapshot.children(id).map(|child| child.id).collect();
        // What is about the object elsewhere ends with it: a role's grants, a tag's values.
        let about = self.snapshot.about(id);
        for child in children.into_iter().chain(about) {
            // A grant on itself has gone as a child.
            if self.snapshot.get(child).is_some() {
                self.drop(child)?;
            }
        }
        let dropped = Object {
            version: self.version,
            dropped_on: Some(self.now),
            ..(*object).clone()
        };
        self.apply(dropped);
        Ok(())
    }

    /// A new version of an object's detail.
    pub fn replace_detail(&mut self, id: ObjectId, detail: Detail) -> Result<()> {
        self.alter(id, |object| object.detail = detail)
    }

    /// A new version of an object, of the same kind.
    pub fn alter(&mut self, id: ObjectId, change: impl FnOnce(&mut Object)) -> Result<()> {
        let mut object = (*self.get(id)?).clone();
        object.version = self.version;
        change(&mut object);
        self.apply(object);
        Ok(())
    }

    /// Gives an object another name, and another parent where it moves. `shown` is the new name as errors show it.
    pub fn rename(
        &mut self,
        id: ObjectId,
        parent: ObjectId,
        name: &str,
        shown: &str,
    ) -> Result<()> {
        let object = self.get(id)?;
        let kind = object.detail.kind();
        let taken = self
            .snapshot
            .find_seen_by(parent, kind, name, object.session);
        if taken.is_some() {
            return Err(Error::object_already_exists(shown));
        }
        self.alter(id, |object| {
            object.parent = parent;
            object.name = name.to_owned();
        })
    }

    /// Two objects exchange their names (and parents).
    pub fn swap(&mut self, one: ObjectId, other: ObjectId) -> Result<()> {
        let (a, b) = (self.get(one)?, self.get(other)?);
        let place = |from: &Object| (from.parent, from.name.clone());
        let ((a_parent, a_name), (b_parent, b_name)) = (place(&a), place(&b));
        self.alter(one, |object| {
            object.parent = b_parent;
            object.name = b_name;
        })?;
        self.alter(other, |object| {
            object.parent = a_parent;
            object.name = a_name;
        })
    }

    /// Brings a dropped object back, with all that was dropped together with it. Its name must be free.
    pub fn undrop(&mut self, dropped: &Object) -> Result<()> {
        let kind = dropped.detail.kind();
        if self
            .snapshot
            .find(dropped.parent, kind, &dropped.name)
            .is_some()
        {
            return Err(Error::object_already_exists(&dropped.name));
        }
        let children: Vec<_> = self
            .snapshot
            .dropped_children(dropped.id)
            .filter(|child| child.dropped_on == dropped.dropped_on)
            .cloned()
            .collect();
        self.apply(Object {
            version: self.version,
            dropped_on: None,
            ..dropped.clone()
        });
        for child in children {
            self.undrop(&child)?;
        }
        Ok(())
    }

    /// Ends the temporary objects of a session.
    pub fn drop_temporary(&mut self, session: u64) -> Result<()> {
        let own: Vec<_> = self
            .snapshot
            .objects()
            .filter(|object| object.session == Some(session))
            .map(|object| object.id)
            .collect();
        for id in own {
            // An identity column's sequence may have gone with its table.
            if self.snapshot.get(id).is_some() {
                self.drop(id)?;
            }
        }
        Ok(())
    }

    fn get(&self, id: ObjectId) -> Result<Arc<Object>> {
        // Another session dropped it since the statement looked.
        self.snapshot
            .get(id)
            .cloned()
            .ok_or_else(Error::object_or_operation)
    }

    fn apply(&mut self, object: Object) {
        let object = Arc::new(Object {
            changed_on: self.now,
            ..object
        });
        self.released.extend(self.snapshot.apply(object.clone()));
        self.changed.push(object);
    }
}
