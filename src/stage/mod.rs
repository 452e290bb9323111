//! The files of internal stages: below one folder of the data directory, a folder for each stage.
//!
//! A file's path in its stage never becomes a path on the disk: its bytes are in a file with a name of our own, and the
//! stage's index says which path that is. So no path can climb out, names may have any length and any characters, and
//! `a` and `a/b` can both be files. A file is in its stage when it is complete, and not before; one that is overwritten is
//! replaced at once.
//!
//! The room knows bytes and paths, neither SQL nor the catalog.

mod area;
mod path;

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use parking_lot::Mutex;

pub use area::{Area, StagedFile, Upload};
pub use path::{Pattern, checked_path, join};

use crate::error::{Error, Result};

/// Which stage. Its text is the name of its folder, and stands in URLs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StageKey {
    /// A stage with a name: the object's id.
    Named(u64),
    /// The stage of a table: the table's id.
    Table(u64),
    /// A user's stage: the account's id and the user's name.
    User(u64, String),
}

impl fmt::Display for StageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StageKey::Named(id) => write!(f, "s{id}"),
            StageKey::Table(id) => write!(f, "t{id}"),
            StageKey::User(account, user) => {
                write!(f, "u{account}-")?;
                user.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

impl FromStr for StageKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let id = |text: &str| text.parse::<u64>().map_err(|_| ());
        let key = match text.split_at_checked(1).ok_or(())? {
            ("s", rest) => StageKey::Named(id(rest)?),
            ("t", rest) => StageKey::Table(id(rest)?),
            ("u", rest) => {
                let (account, user) = rest.split_once('-').ok_or(())?;
                let digits = user.as_bytes().chunks(2);
                let bytes = digits.map(|pair| {
                    let pair = std::str::from_utf8(pair).map_err(|_| ())?;
                    u8::from_str_radix(pair, 16).map_err(|_| ())
                });
                let user = bytes.collect::<Result<Vec<_>, ()>>()?;
                StageKey::User(id(account)?, String::from_utf8(user).map_err(|_| ())?)
            }
            _ => return Err(()),
        };
        // One text for each key: a folder of another name is not ours.
        (key.to_string() == text).then_some(key).ok_or(())
    }
}

/// All internal stages of a data directory.
#[derive(Debug)]
pub struct Stages {
    directory: PathBuf,
    /// Whether files have to outlive a crash of the machine.
    durable: bool,
    open: Mutex<HashMap<StageKey, Arc<Area>>>,
}

impl Stages {
    /// The stages below a folder, which is made where it is missing.
    pub fn open(directory: &Path, durable: bool) -> Result<Self> {
        fs::create_dir_all(directory).map_err(Error::internal)?;
        Ok(Stages {
            directory: directory.to_owned(),
            durable,
            open: Mutex::default(),
        })
    }

    /// The files of a stage; of one that nothing was put into yet, none.
    pub fn area(&self, key: &StageKey) -> Result<Arc<Area>> {
        let mut open = self.open.lock();
        if let Some(area) = open.get(key) {
            return Ok(Arc::clone(area));
        }
        let area = Area::open(self.directory.join(key.to_string()), self.durable)?;
        let area = Arc::new(area);
        open.insert(key.clone(), Arc::clone(&area));
        Ok(area)
    }

    /// Removes a stage's files, all of them.
    pub fn remove(&self, key: &StageKey) -> Result<()> {
        let area = self.area(key)?;
        area.close()?;
        self.open.lock().remove(key);
        Ok(())
    }

    /// The stages that have a folder. Whoever asks which of them still exist must look after this call.
    pub fn with_files(&self) -> Vec<StageKey> {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return Vec::new();
        };
        let names = entries.flatten().map(|entry| entry.file_name());
        names
            .filter_map(|name| name.to_str()?.parse().ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_one_text_each() {
        let user = StageKey::User(1, "a.b/ü".to_owned());
        for key in [StageKey::Named(7), StageKey::Table(8), user] {
            assert_eq!(key.to_string().parse(), Ok(key.clone()));
        }
        for text in [
            "", "s", "s+7", "s07", "x7", "..", "u1", "u1-zz", "u1-4", "ü",
        ] {
            assert_eq!(text.parse::<StageKey>(), Err(()), "{text}");
        }
    }
}
