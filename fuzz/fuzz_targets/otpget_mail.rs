//! See `otpget_mail` in the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| numshop_fuzz::otpget_mail(data));
