//! Files that survive a crash: written whole under another name, synced, then renamed.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{HistoryError, Result};

/// A file that the catalogue names, with what proves that it is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRef {
    /// Its path inside the history's folder.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of its content, in hexadecimal.
    pub blake3: String,
}

impl FileRef {
    /// Describes a file that has been written.
    pub fn of(dir: &Path, file: String) -> Result<Self> {
        let path = dir.join(&file);
        let (bytes, blake3) = checksum(&path)?;
        Ok(Self { file, bytes, blake3 })
    }

    /// Reads the file and refuses it if it is not what was written.
    pub fn read(&self, dir: &Path) -> Result<Vec<u8>> {
        let path = dir.join(&self.file);
        let content = fs::read(&path).map_err(HistoryError::io("read", &path))?;
        if blake3::hash(&content).to_hex().as_str() != self.blake3 {
            return Err(HistoryError::damaged(&path, "its checksum is not the catalogue's"));
        }
        Ok(content)
    }
}

/// Writes a file and makes it durable before it gets its name.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let parent = path.parent().expect("a file of a history lies in a folder");
    let temporary = path.with_extension("tmp");
    let write = || -> io::Result<()> {
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(HistoryError::io("write", &temporary))?;
    fs::rename(&temporary, path).map_err(HistoryError::io("rename", &temporary))?;
    sync_dir(parent)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|it| it.sync_all()).map_err(HistoryError::io("sync", dir))
}

/// Size and BLAKE3 of a file.
pub(crate) fn checksum(path: &Path) -> Result<(u64, String)> {
    let read = || -> io::Result<(u64, String)> {
        let mut file = File::open(path)?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 20];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok((bytes, hasher.finalize().to_hex().to_string()));
            }
            hasher.update(&buffer[..count]);
            bytes += count as u64;
        }
    };
    read().map_err(HistoryError::io("read", path))
}

/// Makes a folder and all above it.
pub(crate) fn create_dir(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(HistoryError::io("create", dir))
}

/// Removes a file; one that is not there is no failure.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HistoryError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder and all in it; one that is not there is no failure.
pub(crate) fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(HistoryError::io("remove", dir)(error))
        }
        _ => Ok(()),
    }
}

/// The names of the files in a folder, in order; none if there is no such folder.
pub(crate) fn names_in(dir: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(HistoryError::io("list", dir)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(HistoryError::io("list", dir))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The right to write to a history, held by one process at a time and let go when dropped.
#[derive(Debug)]
pub(crate) struct WriteLock(File);

impl WriteLock {
    /// Takes the right, or says that another has it.
    pub fn take(dir: &Path) -> Result<Self> {
        let path: PathBuf = dir.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(HistoryError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(HistoryError::Busy(dir.to_owned())),
            Err(TryLockError::Error(error)) => Err(HistoryError::io("lock", &path)(error)),
        }
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a program being started elsewhere in this process holds
        // the same open file for a moment. What fails here ends with the process at the latest.
        _ = self.0.unlock();
    }
}
