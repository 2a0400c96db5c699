//! The catalog is embedded: a file added to it must rebuild this crate, which the compiler alone would not notice.

fn main() {
    println!("cargo:rerun-if-changed=../catalog");
}
