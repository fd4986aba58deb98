//! What is measured on: facts of the machine and of this process, as far as it tells them.

use std::fs;
use std::thread;

/// A machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What it runs, such as `linux x86_64`.
    pub system: String,
    /// The processor's name for itself.
    pub processor: Option<String>,
    /// Threads that it runs at once.
    pub cores: u64,
    /// Its memory in bytes.
    pub memory_bytes: Option<u64>,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        Self {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: field("/proc/cpuinfo", "model name"),
            cores: thread::available_parallelism().map_or(1, |it| it.get() as u64),
            memory_bytes: field("/proc/meminfo", "MemTotal").as_deref().and_then(bytes),
        }
    }
}

/// The most memory that this process has had, in bytes.
pub fn peak_bytes() -> Option<u64> {
    field("/proc/self/status", "VmHWM").as_deref().and_then(bytes)
}

/// The memory that this process has now, in bytes.
pub fn resident_bytes() -> Option<u64> {
    field("/proc/self/status", "VmRSS").as_deref().and_then(bytes)
}

/// The memory that another process of ours has now, in bytes.
pub fn resident_bytes_of(process: u32) -> Option<u64> {
    field(&format!("/proc/{process}/status"), "VmRSS").as_deref().and_then(bytes)
}

/// The first field of a name in one of Linux's files of `name: value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let fields = text.lines().filter_map(|it| it.split_once(':'));
    fields
        .map(|(key, value)| (key.trim(), value.trim()))
        .find(|(key, _)| *key == name)
        .map(|it| it.1.to_owned())
}

/// `1024 kB` in bytes.
fn bytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_linux_writes_them() {
        assert_eq!(bytes("24611372 kB"), Some(25_202_044_928));
        assert_eq!(bytes("many"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_has_never_had_less_memory_than_now() {
        let now = resident_bytes().unwrap();
        assert!(peak_bytes().unwrap() >= now);
    }
}
