//! Compiles anew when a migration is added: they are embedded (`migrate.rs`).

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
