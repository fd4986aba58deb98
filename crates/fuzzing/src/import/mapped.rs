//! Files of any shape, by a mapping.

use firsthand_collect::mapping;
use firsthand_model::config::ImportMapping;

use super::{input, read};

/// An input is a mapping, `key=value` a line as in `--map`, an empty line, and the file.
pub fn import_mapped(data: &[u8]) {
    let split = data.windows(2).position(|it| it == b"\n\n").unwrap_or(data.len());
    let (flags, file) = data.split_at(split);
    let file = file.strip_prefix(b"\n\n").unwrap_or_default();
    let mut map = ImportMapping::default();
    for flag in String::from_utf8_lossy(flags).lines() {
        if let Some((key, value)) = flag.split_once('=')
            && let Err(error) = mapping::set(&mut map, key, value)
        {
            assert!(!error.to_string().is_empty());
        }
    }
    let imported = read(input(file), Some(&map));
    if let Ok(imported) = imported {
        let records = imported.summary.records;
        let told = (imported.facts.len() + imported.rejects.len()) as u64 + imported.noticed();
        assert!(told >= records, "{records} records, {imported:?}");
    }
}
