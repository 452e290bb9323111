//! What a location of a statement means: a stage of this session's view, and a path in it.

use std::sync::Arc;

use super::{Context, Instance};
use crate::catalog::{self, Detail, Lookup, Object, ObjectKind, Stage};
use crate::error::{Error, Result};
use crate::files;
use crate::objects::{self, file_format};
use crate::sql::{ObjectName, StageLocation, StageName};
use crate::stage::{Area, Pattern, StageKey, StagedFile, Stages, checked_path};

/// A stage and a path in it.
pub(super) struct Location {
    pub key: StageKey,
    /// The beginning of paths, or a path; checked.
    pub path: String,
    /// The stage, where it is one with a name.
    object: Option<Arc<Object>>,
    /// The name of the table whose stage it is.
    table: Option<String>,
    area: Arc<Area>,
}

impl Context<'_> {
    /// The location that is written `@stage/path`. The stage must exist; `action` is what needs it.
    pub(super) fn location(&self, written: &str, action: &str) -> Result<Location> {
        let location = StageLocation::parse(written, self.folding())?;
        Location::find(
            &self.instance.stages,
            &self.lookup(),
            &self.session.user,
            &location,
            action,
        )
    }
}

impl Location {
    /// The location as this user sees it.
    pub fn find(
        stages: &Stages,
        lookup: &Lookup,
        user: &str,
        location: &StageLocation,
        action: &str,
    ) -> Result<Self> {
        let (key, object, table) = match &location.stage {
            StageName::User => (
                StageKey::User(lookup.account.0, user.to_owned()),
                None,
                None,
            ),
            StageName::Table(name) => {
                let table = find(lookup, ObjectKind::Table, name, action)?;
                (StageKey::Table(table.id.0), None, Some(table.name.clone()))
            }
            StageName::Named(name) => {
                let stage = find(lookup, ObjectKind::Stage, name, action)?;
                (StageKey::Named(stage.id.0), Some(stage), None)
            }
        };
        if let Some(Object {
            detail: Detail::Stage(stage),
            ..
        }) = object.as_deref()
            && stage.url.is_some()
        {
            return Err(Error::unsupported("files of an external stage"));
        }
        let area = stages.area(&key)?;
        Ok(Location {
            path: checked_path(&location.path)?,
            key,
            object,
            table,
            area,
        })
    }
}

impl Instance {
    /// Removes the files of a stage that was dropped or replaced: it cannot come back.
    pub(super) fn forget_files(&self, dropped: &Object) -> Result<()> {
        match &dropped.detail {
            Detail::Stage(_) => self.stages.remove(&StageKey::Named(dropped.id.0)),
            _ => Ok(()),
        }
    }
}

fn find(lookup: &Lookup, kind: ObjectKind, name: &ObjectName, action: &str) -> Result<Arc<Object>> {
    let kind = objects::kind(kind.keyword()).ok_or_else(|| Error::internal("no such kind"))?;
    kind.get(lookup, name, action).cloned()
}

impl Location {
    /// The files whose paths begin with this one, by path; those that `pattern` matches.
    pub fn files(&self, pattern: Option<&Pattern>) -> Vec<Arc<StagedFile>> {
        let mut files = self.area.list(&self.path);
        if let Some(pattern) = pattern {
            let stage = self.shown_stage();
            files.retain(|file| pattern.matches(stage.as_deref(), &file.path));
        }
        files
    }

    /// The stage's files, all of them.
    pub fn area(&self) -> &Arc<Area> {
        &self.area
    }

    /// A file as LIST and COPY name it: `mystage/a/b.csv`; in the stage of a table or user `a/b.csv`.
    pub fn name_of(&self, file: &StagedFile) -> String {
        match self.shown_stage() {
            Some(stage) => format!("{stage}/{}", file.path),
            None => file.path.clone(),
        }
    }

    /// A file as METADATA$FILENAME has it: its path, in the stage of a table `@T/path`.
    pub fn metadata_name(&self, file: &StagedFile) -> String {
        match &self.table {
            Some(table) => format!("@{}/{}", crate::sql::quote(table), file.path),
            None => file.path.clone(),
        }
    }

    fn shown_stage(&self) -> Option<String> {
        let object = self.object.as_ref()?;
        Some(object.name.to_lowercase())
    }

    /// The stage, where it is one with a name.
    pub fn stage(&self) -> Option<&Stage> {
        match &self.object.as_ref()?.detail {
            Detail::Stage(stage) => Some(stage),
            _ => None,
        }
    }

    /// The stage's file format: where it has none, CSV.
    pub fn format(&self, lookup: &Lookup) -> Result<files::FileFormat> {
        match self.stage() {
            Some(stage) => file_format(lookup, &stage.format),
            None => file_format(lookup, &catalog::StageFormat::default()),
        }
    }
}
