//! What an import could not read, taken out again where it is about somebody who is erased.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use firsthand_model::Mentions;

/// Takes the records out that mention somebody; how many there were. None, where there is no such
/// file.
pub fn erase(path: &Path, mentions: &Mentions<'_>) -> io::Result<u64> {
    let rejects = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let temporary = path.with_extension("tmp");
    let mut left = BufWriter::new(File::create(&temporary)?);
    let mut erased = 0;
    for line in rejects.split(b'\n') {
        let line = line?;
        if mentions.in_bytes(&line) {
            erased += 1;
        } else {
            left.write_all(&line)?;
            left.write_all(b"\n")?;
        }
    }
    left.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&temporary, path)?;
    Ok(erased)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_that_mention_somebody_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.ndjson");
        let mentions = Mentions::of(["ana"]);
        assert_eq!(erase(&path, &mentions).unwrap(), 0);
        fs::write(&path, "{\"raw\":\"ana,1\"}\n{\"raw\":\"diana,2\"}\n").unwrap();
        assert_eq!(erase(&path, &mentions).unwrap(), 1);
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"raw\":\"diana,2\"}\n");
    }
}
