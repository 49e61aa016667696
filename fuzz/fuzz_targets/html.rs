//! See `html` in the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| numshop_fuzz::html(data));
