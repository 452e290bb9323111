//! One committed state of the catalog, immutable. Copies share their structure, so that a draft costs nothing.

use std::sync::Arc;

use imbl::{HashMap, OrdMap, OrdSet};

use super::kind::{Container, ObjectKind};
use super::object::{Detail, Object, ObjectId};

/// The objects that are not dropped, by id and by name, and those that UNDROP can bring back.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Number of the last commit.
    pub version: u64,
    objects: HashMap<ObjectId, Arc<Object>>,
    names: OrdMap<Key, ObjectId>,
    /// The object that was dropped last of each name: at most one, so that CREATE OR REPLACE does not fill the disk.
    dropped: OrdMap<(ObjectId, ObjectKind, String), Arc<Object>>,
    /// How many objects (dropped ones that can come back too) use each physical table.
    physical: HashMap<String, usize>,
    /// What is about an object without being in it: the object, and the id of the grant or reference.
    about: OrdSet<(ObjectId, ObjectId)>,
    highest_id: u64,
}

/// Parent, the kind that stands for all that share their names, name, and the session of a temporary object (0: all see it).
type Key = (ObjectId, ObjectKind, String, u64);

/// Accounts have no parent; their names share this one.
pub(super) const ROOT: ObjectId = ObjectId(0);

impl Snapshot {
    pub fn get(&self, id: ObjectId) -> Option<&Arc<Object>> {
        self.objects.get(&id)
    }

    /// The object of this kind (or one that shares its names) and name in `parent`, temporary ones aside.
    pub fn find(&self, parent: ObjectId, kind: ObjectKind, name: &str) -> Option<&Arc<Object>> {
        self.find_seen_by(parent, kind, name, None)
    }

    /// As `find`, of the temporary objects of a session.
    pub fn find_seen_by(
        &self,
        parent: ObjectId,
        kind: ObjectKind,
        name: &str,
        session: Option<u64>,
    ) -> Option<&Arc<Object>> {
        let key = (
            parent,
            kind.namespace(),
            name.to_owned(),
            session.unwrap_or(0),
        );
        self.objects.get(self.names.get(&key)?)
    }

    /// The object of this kind and name that was dropped last, if it can come back.
    pub fn find_dropped(
        &self,
        parent: ObjectId,
        kind: ObjectKind,
        name: &str,
    ) -> Option<&Arc<Object>> {
        self.dropped.get(&(parent, kind, name.to_owned()))
    }

    /// What was in `parent` and was dropped, as far as it can come back.
    pub fn dropped_children(&self, parent: ObjectId) -> impl Iterator<Item = &Arc<Object>> {
        let first = (parent, ObjectKind::Account, String::new());
        let past = (ObjectId(parent.0 + 1), ObjectKind::Account, String::new());
        self.dropped.range(first..past).map(|(_, object)| object)
    }

    /// How many objects use a physical table, dropped ones that can come back too. Clones share one until they write.
    pub fn users(&self, physical_name: &str) -> usize {
        self.physical.get(physical_name).copied().unwrap_or(0)
    }

    /// The physical tables in use.
    pub fn physical_names(&self) -> impl Iterator<Item = &String> {
        self.physical.keys()
    }

    /// Whether an object is there, or can come back.
    pub fn keeps(&self, id: ObjectId) -> bool {
        self.objects.contains_key(&id) || self.dropped.values().any(|object| object.id == id)
    }

    /// Dropped objects that can come back.
    pub fn dropped(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.dropped.values()
    }

    pub fn account(&self, name: &str) -> Option<&Arc<Object>> {
        self.find(ROOT, ObjectKind::Account, name)
    }

    /// The objects in `parent`, whatever their kind.
    pub fn children(&self, parent: ObjectId) -> impl Iterator<Item = &Arc<Object>> {
        let first = (parent, ObjectKind::Account, String::new(), 0);
        let past = (
            ObjectId(parent.0 + 1),
            ObjectKind::Account,
            String::new(),
            0,
        );
        self.names
            .range(first..past)
            .filter_map(|(_, id)| self.objects.get(id))
    }

    /// What is about an object without being in it: the grants that a role has, the references of a tag or policy.
    pub fn about(&self, id: ObjectId) -> Vec<ObjectId> {
        let range = (id, ObjectId(0))..(ObjectId(id.0 + 1), ObjectId(0));
        self.about.range(range).map(|(_, about)| *about).collect()
    }

    /// The tables of an object: itself, or those in it.
    pub fn tables(&self, id: ObjectId) -> Vec<Arc<Object>> {
        let mut found = Vec::new();
        if let Some(object) = self.get(id)
            && matches!(object.detail, Detail::Table(_))
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

    /// How many objects the store has to know: those that are there, and those that can come back.
    pub(super) fn live_rows(&self) -> usize {
        self.objects.len() + self.dropped.len()
    }

    /// The highest id that any object or column ever had.
    pub(super) fn highest_id(&self) -> ObjectId {
        ObjectId(self.highest_id)
    }

    /// Takes in a newer version of an object (or its end). Returns physical tables that lost their last user on the way;
    /// one of them may have a new user by the end of the commit.
    pub(super) fn apply(&mut self, object: Arc<Object>) -> Vec<String> {
        let mut released = Vec::new();
        self.version = self.version.max(object.version);
        self.note_id(object.id.0);
        if let Detail::Table(table) = &object.detail {
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
            let key = key(&old);
            // In a swap the name already belongs to the other one.
            if self.names.get(&key) == Some(&old.id) {
                self.names.remove(&key);
            }
            if let Some(target) = old.detail.target() {
                self.about.remove(&(target, old.id));
            }
            self.release(&old, &mut released);
        } else if let Some(old) = self.dropped.get(&dropped_key(&object)).cloned()
            && old.id == object.id
        {
            self.dropped.remove(&dropped_key(&object));
            self.release(&old, &mut released);
        }
        if object.dropped_on.is_none() {
            self.hold(&object);
            if let Some(target) = object.detail.target() {
                self.about.insert((target, object.id));
            }
            self.names.insert(key(&object), object.id);
            self.objects.insert(object.id, object);
        } else if can_come_back(&object) {
            self.hold(&object);
            if let Some(older) = self.dropped.insert(dropped_key(&object), object) {
                self.forget(&older, &mut released);
            }
        }
        released
    }

    /// A dropped object that cannot come back any more, and what was in it.
    fn forget(&mut self, object: &Object, released: &mut Vec<String>) {
        self.release(object, released);
        let children: Vec<_> = self.dropped_children(object.id).cloned().collect();
        for child in children {
            self.dropped.remove(&dropped_key(&child));
            self.forget(&child, released);
        }
    }

    fn hold(&mut self, object: &Object) {
        if let Detail::Table(table) = &object.detail {
            *self
                .physical
                .entry(table.physical_name.clone())
                .or_default() += 1;
        }
    }

    fn release(&mut self, object: &Object, released: &mut Vec<String>) {
        if let Detail::Table(table) = &object.detail {
            match self.physical.get_mut(&table.physical_name) {
                Some(users) if *users > 1 => *users -= 1,
                _ => {
                    self.physical.remove(&table.physical_name);
                    released.push(table.physical_name.clone());
                }
            }
        }
    }

    fn note_id(&mut self, id: u64) {
        self.highest_id = self.highest_id.max(id);
    }
}

/// Temporary objects and tables without retention are gone when they are dropped.
fn can_come_back(object: &Object) -> bool {
    let retained = match &object.detail {
        Detail::Table(table) => table.retention_days != Some(0),
        Detail::Database(_)
        | Detail::Schema(_)
        | Detail::View(_)
        | Detail::Sequence(_)
        | Detail::Stage(_)
        | Detail::FileFormat(_)
        | Detail::Grant(_)
        | Detail::Reference(_) => true,
        // They come back with their database or schema. UNDROP TAG exists on its own.
        Detail::Recorded(recorded) => !matches!(
            recorded.kind.container(),
            Container::Root | Container::Account
        ),
        Detail::Function(_) => true,
        Detail::Account(_) => false,
    };
    retained && object.session.is_none()
}

fn key(object: &Object) -> Key {
    let kind = object.detail.kind();
    let parent = if kind == ObjectKind::Account {
        ROOT
    } else {
        object.parent
    };
    (
        parent,
        kind.namespace(),
        object.name.clone(),
        object.session.unwrap_or(0),
    )
}

fn dropped_key(object: &Object) -> (ObjectId, ObjectKind, String) {
    (object.parent, object.detail.kind(), object.name.clone())
}
