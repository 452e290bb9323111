//! One committed state of the catalog, immutable. Copies share their structure, so that a draft costs nothing.

use std::sync::Arc;

use imbl::{HashMap, OrdMap};

use super::object::{Object, ObjectId, ObjectKind};

/// The objects that are not dropped, by id and by name.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Number of the last commit.
    pub version: u64,
    objects: HashMap<ObjectId, Arc<Object>>,
    names: OrdMap<(ObjectId, Namespace, String), ObjectId>,
    highest_id: u64,
}

/// Names are unique within a parent and one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Namespace {
    Account,
    Database,
    Schema,
    /// Tables, views and everything else that FROM can name.
    Relation,
    Warehouse,
    Role,
}

impl From<ObjectKind> for Namespace {
    fn from(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Account => Namespace::Account,
            ObjectKind::Database => Namespace::Database,
            ObjectKind::Schema => Namespace::Schema,
            ObjectKind::Table => Namespace::Relation,
            ObjectKind::Warehouse => Namespace::Warehouse,
            ObjectKind::Role => Namespace::Role,
        }
    }
}

/// Accounts have no parent; their names share this one.
pub(super) const ROOT: ObjectId = ObjectId(0);

impl Snapshot {
    pub fn get(&self, id: ObjectId) -> Option<&Arc<Object>> {
        self.objects.get(&id)
    }

    /// The object of this kind (or one that shares its names) and name in `parent`.
    pub fn find(&self, parent: ObjectId, kind: ObjectKind, name: &str) -> Option<&Arc<Object>> {
        let id = self
            .names
            .get(&(parent, Namespace::from(kind), name.to_owned()))?;
        self.objects.get(id)
    }

    pub fn account(&self, name: &str) -> Option<&Arc<Object>> {
        self.find(ROOT, ObjectKind::Account, name)
    }

    /// The objects in `parent`, whatever their kind.
    pub fn children(&self, parent: ObjectId) -> impl Iterator<Item = &Arc<Object>> {
        let first = (parent, Namespace::Account, String::new());
        let past = (ObjectId(parent.0 + 1), Namespace::Account, String::new());
        self.names
            .range(first..past)
            .filter_map(|(_, id)| self.objects.get(id))
    }

    /// The tables of an object: itself, or those in it.
    pub fn tables(&self, id: ObjectId) -> Vec<Arc<Object>> {
        let mut found = Vec::new();
        if let Some(object) = self.get(id)
            && object.detail.kind() == ObjectKind::Table
        {
            found.push(Arc::clone(object));
        }
        for child in self.children(id) {
            found.extend(self.tables(child.id));
        }
        found
    }

    /// All objects that are not dropped.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    /// The highest id that any object or column ever had.
    pub(super) fn highest_id(&self) -> ObjectId {
        ObjectId(self.highest_id)
    }

    /// Takes in a newer version of an object (or its end).
    pub(super) fn apply(&mut self, object: Arc<Object>) {
        self.version = self.version.max(object.version);
        self.note_id(object.id.0);
        if let super::Detail::Table(table) = &object.detail {
            table
                .columns
                .iter()
                .for_each(|column| self.note_id(column.number));
            // A table that was rewritten has a name with an id of its own.
            if let Some((_, Ok(id))) = table
                .physical_name
                .rsplit_once('$')
                .map(|(name, id)| (name, id.parse()))
            {
                self.note_id(id);
            }
        }
        if let Some(old) = self.objects.remove(&object.id) {
            self.names.remove(&key(&old));
        }
        if object.dropped_on.is_none() {
            self.names.insert(key(&object), object.id);
            self.objects.insert(object.id, object);
        }
    }

    fn note_id(&mut self, id: u64) {
        self.highest_id = self.highest_id.max(id);
    }
}

fn key(object: &Object) -> (ObjectId, Namespace, String) {
    let kind = object.detail.kind();
    let parent = if kind == ObjectKind::Account {
        ROOT
    } else {
        object.parent
    };
    (parent, Namespace::from(kind), object.name.clone())
}
