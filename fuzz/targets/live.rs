#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| firsthand_fuzzing::live(data));
