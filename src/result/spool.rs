//! The spool: a folder for the chunks of results that are too large for memory, one file a result, with a limit on all of
//! them together.
//!
//! The folder belongs to one process. It knows bytes and places, not what they mean.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorCode, Result};

const PREFIX: &str = "result-";
const SUFFIX: &str = ".arrow";

/// The folder of spool files. A clone is the same folder.
#[derive(Debug, Clone)]
pub struct Spool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    limit_bytes: u64,
    used_bytes: AtomicU64,
}

/// The spooled chunks of one result, deleted when this is dropped.
#[derive(Debug)]
pub(super) struct SpoolFile {
    spool: Spool,
    path: PathBuf,
    length: u64,
}

impl Spool {
    /// Opens the folder, makes it if need be, and removes what an earlier run left in it. All files together stay within
    /// `limit_bytes`.
    pub fn open(dir: impl AsRef<Path>, limit_bytes: u64) -> Result<Self> {
        let dir = dir.as_ref();
        fs::create_dir_all(dir).map_err(Error::internal)?;
        remove_leftovers(dir).map_err(Error::internal)?;
        Ok(Spool {
            shared: Arc::new(Shared {
                dir: dir.to_owned(),
                limit_bytes,
                used_bytes: AtomicU64::new(0),
            }),
        })
    }

    /// Bytes in all its files.
    pub fn used_bytes(&self) -> u64 {
        self.shared.used_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn create(&self) -> Result<SpoolFile> {
        let name = format!("{PREFIX}{}{SUFFIX}", uuid::Uuid::new_v4());
        let path = self.shared.dir.join(name);
        File::create_new(&path).map_err(Error::internal)?;
        Ok(SpoolFile {
            spool: self.clone(),
            path,
            length: 0,
        })
    }

    fn reserve(&self, bytes: u64) -> Result<()> {
        let Shared {
            limit_bytes,
            used_bytes,
            ..
        } = &*self.shared;
        let within_limit = |used: u64| used.checked_add(bytes).filter(|sum| sum <= limit_bytes);
        match used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within_limit) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::with_text(
                ErrorCode::Internal,
                format!(
                    "The results kept by this server would exceed its limit of {limit_bytes} bytes. Select fewer rows or \
                     columns, or raise the limit."
                ),
            )),
        }
    }

    fn release(&self, bytes: u64) {
        self.shared.used_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl SpoolFile {
    pub(super) fn len(&self) -> u64 {
        self.length
    }

    /// Appends what `write` writes, about `estimate` bytes, and says where it is: offset and length.
    pub(super) fn append(
        &mut self,
        estimate: u64,
        write: impl FnOnce(&mut File) -> Result<()>,
    ) -> Result<(u64, u64)> {
        let offset = self.length;
        self.spool.reserve(estimate)?;
        self.length += estimate; // released with the file if a step below fails
        let mut file = OpenOptions::new()
            .append(true)
            .open(&self.path)
            .map_err(Error::internal)?;
        write(&mut file)?;
        let end = file.seek(SeekFrom::End(0)).map_err(Error::internal)?;
        let written = end - offset;
        if written > estimate {
            self.spool.reserve(written - estimate)?;
        } else {
            self.spool.release(estimate - written);
        }
        self.length = end;
        Ok((offset, written))
    }

    pub(super) fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>> {
        self.read_at(offset, length).map_err(Error::internal)
    }

    /// Opens the file anew: kept results hold no file descriptors, and readers do not share a position.
    fn read_at(&self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
        file.take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        self.spool.release(self.length);
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a spool file could not be removed");
        }
    }
}

fn remove_leftovers(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn write(text: &'static [u8]) -> impl FnOnce(&mut File) -> Result<()> {
        move |file| file.write_all(text).map_err(Error::internal)
    }

    #[test]
    fn a_file_lives_as_long_as_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path(), 100).unwrap();
        let mut file = spool.create().unwrap();
        assert_eq!(file.append(50, write(b"abc")).unwrap(), (0, 3));
        assert_eq!(file.append(1, write(b"defg")).unwrap(), (3, 4));
        assert_eq!(file.read(3, 4).unwrap(), b"defg");
        assert!(file.read(3, 5).is_err());
        assert_eq!(spool.used_bytes(), 7);
        drop(file);
        assert_eq!(spool.used_bytes(), 0);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_limit_holds_for_all_files() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path(), 5).unwrap();
        let mut first = spool.create().unwrap();
        first.append(3, write(b"abc")).unwrap();
        let mut second = spool.create().unwrap();
        let error = second.append(3, write(b"abc")).unwrap_err();
        assert!(error.message().contains("limit of 5 bytes"), "{error}");
        drop(first);
        second.append(3, write(b"abc")).unwrap();
        assert!(second.append(1, write(b"abcdef")).is_err());
        drop(second);
        assert_eq!(spool.used_bytes(), 0);
    }

    #[test]
    fn leftovers_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("result-1.arrow"), "x").unwrap();
        fs::write(dir.path().join("other"), "x").unwrap();
        Spool::open(dir.path(), 5).unwrap();
        assert!(!dir.path().join("result-1.arrow").exists());
        assert!(dir.path().join("other").exists());
    }
}
