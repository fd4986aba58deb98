#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| firsthand_fuzzing::import_amplitude(data));
