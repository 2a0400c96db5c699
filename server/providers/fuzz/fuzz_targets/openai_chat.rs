#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| providers_fuzz::decode(providers::catalog::Dialect::OpenaiChat, input));
