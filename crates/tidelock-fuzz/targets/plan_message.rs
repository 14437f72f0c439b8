#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tidelock_fuzz::plan_message(bytes));
