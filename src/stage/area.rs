//! The files of one stage: contents under names of our own, and an index that is only ever appended to.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use md5::{Digest, Md5};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::path::checked_path;
use crate::error::{Error, Result};

/// The index's name, and the name of a new one until it is complete.
const INDEX: &str = "index";
const NEW_INDEX: &str = "index.new";

/// A file in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedFile {
    /// From the stage's root, without a slash at its beginning.
    pub path: String,
    /// Bytes, as they are stored: compressed ones where the client compressed them.
    pub size: u64,
    /// MD5 of the bytes, in hexadecimal.
    pub md5: String,
    /// What the client said of the bytes: their SHA-256, Base64.
    #[serde(default)]
    pub digest: Option<String>,
    /// When it was complete: microseconds since 1970-01-01 UTC.
    pub modified_on: i64,
    /// The name of the file that has the bytes.
    content: Uuid,
}

/// A line of the index.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Put(Arc<StagedFile>),
    Remove(String),
}

/// A stage's files.
#[derive(Debug)]
pub struct Area {
    directory: PathBuf,
    durable: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Arc<StagedFile>>,
    /// Open since the first change.
    index: Option<File>,
    /// Lines of the index that a later one has made void.
    void: usize,
    /// The stage is gone.
    closed: bool,
}

impl Area {
    /// Reads the index. What an upload that never ended left behind is removed.
    pub(super) fn open(directory: PathBuf, durable: bool) -> Result<Self> {
        let mut state = State::default();
        match File::open(directory.join(INDEX)) {
            Ok(index) => state.read(BufReader::new(index)).map_err(Error::internal)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::internal(error)),
        }
        let area = Area {
            directory,
            durable,
            state: Mutex::new(state),
        };
        area.sweep();
        Ok(area)
    }

    /// The files whose paths begin with `prefix`, by path.
    pub fn list(&self, prefix: &str) -> Vec<Arc<StagedFile>> {
        let state = self.state.lock();
        let from = (Bound::Included(prefix), Bound::Unbounded);
        state
            .files
            .range::<str, _>(from)
            .take_while(|(path, _)| path.starts_with(prefix))
            .map(|(_, file)| Arc::clone(file))
            .collect()
    }

    /// The file of this very path.
    pub fn get(&self, path: &str) -> Option<Arc<StagedFile>> {
        self.state.lock().files.get(path).cloned()
    }

    /// The bytes of a file that is in the stage. It stays readable when it is overwritten or removed meanwhile.
    pub fn read(&self, path: &str) -> Result<Option<(Arc<StagedFile>, File)>> {
        loop {
            let Some(file) = self.get(path) else {
                return Ok(None);
            };
            match open_plain(&self.location(&file)) {
                Ok(content) => return Ok(Some((file, content))),
                // It was replaced between the two looks.
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound
                        && self.get(path).is_none_or(|now| now != file) => {}
                Err(error) => return Err(Error::internal(error)),
            }
        }
    }

    /// Where the bytes of a file are, for the engine's readers.
    pub fn location(&self, file: &StagedFile) -> PathBuf {
        self.content(&file.content)
    }

    /// Begins a file. It is in the stage when the upload is finished.
    pub fn upload(&self, path: &str) -> Result<Upload> {
        let path = checked_path(path)?;
        if path.is_empty() || path.ends_with('/') {
            return Err(Error::invalid_stage_path(&path));
        }
        if self.state.lock().closed {
            return Err(Error::object_or_operation());
        }
        fs::create_dir_all(&self.directory).map_err(Error::internal)?;
        let content = Uuid::new_v4();
        let location = self.content(&content);
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&location);
        Ok(Upload {
            path,
            content,
            file: created.map_err(Error::internal)?,
            location: Some(location),
            size: 0,
            md5: Md5::new(),
        })
    }

    /// Puts a complete file into the stage; `None` where one of its path is there and must stay. `digest` is the client's.
    pub fn finish(
        &self,
        mut upload: Upload,
        digest: Option<String>,
        overwrite: bool,
    ) -> Result<Option<Arc<StagedFile>>> {
        if self.durable {
            upload.file.sync_data().map_err(Error::internal)?;
        }
        let mut state = self.state.lock();
        if state.closed {
            return Err(Error::object_or_operation());
        }
        let old = state.files.get(&upload.path).cloned();
        if old.is_some() && !overwrite {
            return Ok(None);
        }
        let file = Arc::new(StagedFile {
            path: upload.path.clone(),
            size: upload.size,
            md5: hex(&upload.md5.clone().finalize()),
            digest,
            modified_on: Timestamp::now().as_microsecond(),
            content: upload.content,
        });
        self.append(&mut state, &[Change::Put(Arc::clone(&file))])?;
        upload.location = None;
        state.files.insert(file.path.clone(), Arc::clone(&file));
        if let Some(old) = old {
            state.void += 1;
            let _ = fs::remove_file(self.location(&old)); // else the next start does it
        }
        self.compact(&mut state);
        Ok(Some(file))
    }

    /// Removes files; those that are gone already are left out of the answer.
    pub fn remove(&self, paths: &[String]) -> Result<Vec<Arc<StagedFile>>> {
        let mut state = self.state.lock();
        let found = paths.iter().filter_map(|path| state.files.get(path));
        let found: Vec<_> = found.cloned().collect();
        let changes: Vec<_> = found
            .iter()
            .map(|file| Change::Remove(file.path.clone()))
            .collect();
        self.append(&mut state, &changes)?;
        for file in &found {
            state.files.remove(&file.path);
            state.void += 2;
            let _ = fs::remove_file(self.location(file)); // else the next start does it
        }
        self.compact(&mut state);
        Ok(found)
    }

    /// Ends the stage, with all its files.
    pub(super) fn close(&self) -> Result<()> {
        let mut state = self.state.lock();
        *state = State {
            closed: true,
            ..State::default()
        };
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::internal(error)),
            _ => Ok(()),
        }
    }

    fn content(&self, name: &Uuid) -> PathBuf {
        self.directory.join(name.simple().to_string())
    }

    /// Removes contents that no line of the index speaks of.
    fn sweep(&self) {
        let state = self.state.lock();
        let known: std::collections::HashSet<_> =
            state.files.values().map(|file| file.content).collect();
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return; // nothing was ever put into it
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let content = name.to_str().and_then(|name| Uuid::try_parse(name).ok());
            let orphan = content.is_some_and(|content| !known.contains(&content));
            if orphan || name == NEW_INDEX {
                let _ = fs::remove_file(entry.path()); // else the next start does it
            }
        }
    }

    fn append(&self, state: &mut State, changes: &[Change]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let text = lines(changes)?;
        let index = match &mut state.index {
            Some(index) => index,
            none => {
                let path = self.directory.join(INDEX);
                let opened = OpenOptions::new().create(true).append(true).open(path);
                none.insert(opened.map_err(Error::internal)?)
            }
        };
        index.write_all(&text).map_err(Error::internal)?;
        if self.durable {
            index.sync_data().map_err(Error::internal)?;
        }
        Ok(())
    }

    /// Writes the index anew when most of its lines are void.
    fn compact(&self, state: &mut State) {
        if state.void < 1000 || state.void < 2 * state.files.len() {
            return;
        }
        let changes: Vec<_> = state.files.values().cloned().map(Change::Put).collect();
        let path = self.directory.join(NEW_INDEX);
        let written = lines(&changes).and_then(|text| {
            let mut file = File::create(&path).map_err(Error::internal)?;
            file.write_all(&text).map_err(Error::internal)?;
            file.sync_data().map_err(Error::internal)?;
            fs::rename(&path, self.directory.join(INDEX)).map_err(Error::internal)
        });
        match written {
            Ok(()) => {
                state.index = None;
                state.void = 0;
            }
            Err(error) => tracing::warn!(%error, "a stage's index stays long for now"),
        }
    }
}

impl State {
    /// A line that a crash cut short is the last one, and counts as not written.
    fn read(&mut self, index: impl BufRead) -> io::Result<()> {
        for line in index.split(b'\n') {
            match serde_json::from_slice(&line?) {
                Ok(Change::Put(file)) => {
                    self.void += usize::from(self.files.insert(file.path.clone(), file).is_some());
                }
                Ok(Change::Remove(path)) => {
                    self.files.remove(&path);
                    self.void += 2;
                }
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// Each change in a line of its own. The first one begins with an end of line: the one before may have been cut short.
fn lines(changes: &[Change]) -> Result<Vec<u8>> {
    let mut text = vec![b'\n'];
    for change in changes {
        serde_json::to_writer(&mut text, change).map_err(Error::internal)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// Opens a file for reading, unless it is something else: a link could point anywhere.
fn open_plain(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("a staged file is not a plain file"));
    }
    File::open(path)
}

/// A file on its way into a stage; dropped before it is finished, it leaves nothing.
#[derive(Debug)]
pub struct Upload {
    path: String,
    content: Uuid,
    file: File,
    /// Where the bytes are, until the stage has them.
    location: Option<PathBuf>,
    size: u64,
    md5: Md5,
}

impl Upload {
    /// The bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.md5.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(location) = &self.location {
            let _ = fs::remove_file(location); // else the next start does it
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(area: &Area, path: &str, bytes: &[u8], overwrite: bool) -> Option<Arc<StagedFile>> {
        let mut upload = area.upload(path).unwrap();
        upload.write_all(bytes).unwrap();
        area.finish(upload, None, overwrite).unwrap()
    }

    fn text(area: &Area, path: &str) -> Option<String> {
        let (_, file) = area.read(path).unwrap()?;
        Some(io::read_to_string(file).unwrap())
    }

    fn paths(area: &Area, prefix: &str) -> Vec<String> {
        area.list(prefix)
            .iter()
            .map(|file| file.path.clone())
            .collect()
    }

    #[test]
    fn files_are_there_when_they_are_complete_and_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("s1");
        let area = Area::open(directory.clone(), true).unwrap();
        let mut unfinished = area.upload("b").unwrap();
        unfinished.write_all(b"half").unwrap();
        assert!(area.list("").is_empty());
        let file = put(&area, "a", b"hello", false).unwrap();
        assert_eq!(
            (file.size, file.md5.as_str()),
            (5, "5d41402abc4b2a76b9719d911017c592")
        );
        put(&area, "a/b c/ü", b"2", false).unwrap();
        assert_eq!(put(&area, "a", b"other", false), None);
        assert_eq!(text(&area, "a").unwrap(), "hello");
        put(&area, "a", b"other", true).unwrap();
        put(&area, "z", b"", false).unwrap();
        area.remove(&["z".to_owned(), "nothing".to_owned()])
            .unwrap();
        std::mem::forget(unfinished); // as a crash does
        drop(area);
        let area = Area::open(directory.clone(), true).unwrap();
        assert_eq!(paths(&area, ""), ["a", "a/b c/ü"]);
        assert_eq!(paths(&area, "a/"), ["a/b c/ü"]);
        assert_eq!(text(&area, "a").unwrap(), "other");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 3);
    }

    #[test]
    fn an_index_that_was_cut_short_loses_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("s1");
        let area = Area::open(directory.clone(), true).unwrap();
        put(&area, "a", b"1", false);
        put(&area, "b", b"2", false);
        let index = directory.join(INDEX);
        let length = fs::metadata(&index).unwrap().len();
        let file = OpenOptions::new().write(true).open(&index).unwrap();
        file.set_len(length - 10).unwrap();
        let area = Area::open(directory.clone(), true).unwrap();
        assert_eq!(paths(&area, ""), ["a"]);
        put(&area, "c", b"3", false);
        let area = Area::open(directory, true).unwrap();
        assert_eq!(paths(&area, ""), ["a", "c"]);
    }

    #[test]
    fn a_long_index_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("s1");
        let area = Area::open(directory.clone(), false).unwrap();
        for round in 0..1100 {
            put(&area, "a", round.to_string().as_bytes(), true).unwrap();
        }
        assert!(fs::metadata(directory.join(INDEX)).unwrap().len() < 50_000);
        let area = Area::open(directory, false).unwrap();
        assert_eq!(text(&area, "a").unwrap(), "1099");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let area = Area::open(folder.path().join("s1"), false).unwrap();
        let file = put(&area, "a", b"1", false).unwrap();
        let location = area.location(&file);
        fs::remove_file(&location).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &location).unwrap();
        assert!(area.read("a").is_err());
    }

    #[test]
    fn a_stage_that_is_gone_takes_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("s1");
        let area = Area::open(directory.clone(), false).unwrap();
        let upload = area.upload("a").unwrap();
        area.close().unwrap();
        assert!(area.finish(upload, None, true).is_err());
        assert!(area.upload("b").is_err());
        assert!(!directory.exists());
    }
}
