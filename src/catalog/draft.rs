//! A catalog change in the making.

use std::sync::Arc;

use jiff::Timestamp;

use super::object::{Detail, NewObject, Object, ObjectId, ObjectKind};
use super::{Catalog, Snapshot};
use crate::error::{Error, Result};

/// The newest state plus the changes made so far.
pub struct Draft<'a> {
    catalog: &'a Catalog,
    snapshot: Snapshot,
    version: u64,
    now: i64,
    changed: Vec<Arc<Object>>,
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
        }
    }

    pub(super) fn finish(self) -> (Snapshot, Vec<Arc<Object>>) {
        (self.snapshot, self.changed)
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
        if self.snapshot.find(scope, kind, &new.name).is_some() {
            return Err(Error::object_already_exists(new.name));
        }
        self.apply(Object {
            id,
            version: self.version,
            account,
            parent,
            name: new.name,
            owner: new.owner,
            comment: new.comment,
            created_on: self.now,
            dropped_on: None,
            detail: new.detail,
        });
        Ok(id)
    }

    /// Ends an object and all that is in it.
    pub fn drop(&mut self, id: ObjectId) -> Result<()> {
        let object = self.get(id)?;
        let children: Vec<_> = self.snapshot.children(id).map(|child| child.id).collect();
        for child in children {
            self.drop(child)?;
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
        let object = self.get(id)?;
        self.apply(Object {
            version: self.version,
            detail,
            ..(*object).clone()
        });
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
        let object = Arc::new(object);
        self.snapshot.apply(object.clone());
        self.changed.push(object);
    }
}
