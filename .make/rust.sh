# Sourced: finds or installs Rust that compiles for this machine and for the browser. Nothing is remembered: looking
# takes milliseconds.

rust_needed=1.94 # as in Cargo.toml
rust_installed=1.96.0 # what rustup is asked for, and what the code is kept free of warnings with

# need_rust: notes the packages to start from when there is no Rust at all.
need_rust() {
  if rust_is_ready || debian_rust_is_there || have rustup; then return; fi
  if offered rustup; then need "rustup" rustup; else need_debian_rust || true; fi
}

# use_rust: after it, the `cargo` in PATH is the right one.
use_rust() {
  if rust_is_ready || choose_installed_by_rustup; then return; fi
  if ! debian_rust_is_there; then
    if use_rustup; then return; fi
    if ! need_debian_rust; then
      fail "Rust $rust_needed with the target wasm32-unknown-unknown is missing, and neither rustup nor the packages of this system give it: install it as rustup.rs says, and start again"
    fi
    add_needed
  fi
  use_debian_rust
}

# === What is there ===

rust_is_ready() { rust_is_new && rust_has_tools && rust_has_wasm; }

rust_is_new() { have cargo && rust_version >/dev/null && printf '%s\n' "$rust_needed" "$(rust_version)" | sort -CV; }

rust_version() { rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p' | grep .; }

# Whether this Rust may warn of things that were no fault when the code was written.
rust_is_newer_than_ours() { ! printf '%s\n' "$(rust_version)" "$rust_installed" | sort -CV; }

rust_has_tools() { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1

rust_has_wasm() {
  local lib
  lib=$(rustc --print target-libdir --target wasm32-unknown-unknown) || return 1
  compgen -G "$lib/libstd-*.rlib" >/dev/null && has_linker
}

# The linker for wasm comes inside of rustup's toolchains, and beside those of Debian.
has_linker() { have rust-lld || compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/rust-lld" >/dev/null; }

# === By rustup ===

use_rustup() {
  have rustup || return 1
  # A toolchain that is new enough is completed, an old one left alone beside a new one.
  if rust_is_new && quietly "rustup: adding the browser target to Rust" rustup_within target add wasm32-unknown-unknown; then
    quietly "rustup: adding rustfmt and clippy" rustup_within component add rustfmt clippy && rust_is_ready && return
  fi
  quietly "rustup: installing Rust $rust_installed" rustup_within toolchain install "$rust_installed" --profile minimal \
    --component rustfmt --component clippy --target wasm32-unknown-unknown && choose_installed_by_rustup
}

choose_installed_by_rustup() {
  rustup toolchain list 2>/dev/null | grep -q "^$rust_installed" || return 1
  RUSTUP_TOOLCHAIN=$rust_installed rust_is_ready && export RUSTUP_TOOLCHAIN=$rust_installed
}

# Its server may be out of reach, and then it should not hold us up for long.
rustup_within() { RUSTUP_MAX_RETRIES=1 timeout 300 rustup "$@"; }

# === By Debian, which keeps a new Rust for its browsers ===

need_debian_rust() {
  offered rustc-web "$rust_needed" || return 1
  need "Rust" rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web "$(debian_linker)"
}

# The wasm linker is that of the LLVM which this Rust was built with: rust-lld is a link to it.
debian_linker() { apt-cache depends rust-web-llvm | sed -n 's/.* llvm-\([0-9]*\)$/lld-\1/p' | sort -V | tail -n 1; }

debian_rust_is_there() {
  [[ -x /usr/bin/rustc ]] && (
    PATH=/usr/bin:$PATH
    unset RUSTUP_TOOLCHAIN
    rust_is_new && rust_has_tools && { rust_has_wasm || { [[ -d $(rustc --print sysroot)/lib/rustlib/src/rust/library ]] && has_linker; }; }
  )
}

use_debian_rust() {
  local bin=$CARGO_TARGET_DIR/debian-rust
  mkdir -p "$bin"
  ln -sf /usr/bin/{cargo,cargo-clippy,cargo-fmt,clippy-driver,rustc,rustdoc,rustfmt} "$bin"
  # Cargo looks for `cargo clippy` in its own home first, where rustup's may be, unless that is in PATH.
  export PATH=$bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  rust_has_wasm || use_own_wasm_std
}

# Debian ships the standard library for wasm as source only. It is compiled once, into the target folder.
use_own_wasm_std() {
  local sysroot lib
  sysroot=$CARGO_TARGET_DIR/wasm-std-$(rust_version)
  lib=$sysroot/lib/rustlib/wasm32-unknown-unknown/lib
  if [[ ! -d $lib ]]; then
    quietly "compiling Rust's standard library for the browser (a minute, once)" compile_wasm_std "$lib" ||
      fail "that did not work: see above"
  fi
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--sysroot=$sysroot"
}

# compile_wasm_std LIB
compile_wasm_std() {
  local work
  work=$(mktemp -d)
  mkdir "$work/src" && touch "$work/src/lib.rs" && printf '[package]\nname = "sysroot"\n' >"$work/Cargo.toml" &&
    (cd "$work" && RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target cargo build --release \
      --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort,panic_unwind,proc_macro) &&
    mkdir -p "$1.new" && cp "$work"/target/wasm32-unknown-unknown/release/deps/*.rlib "$1.new" &&
    rm -rf "$1.new"/libsysroot-* "$work" && mv "$1.new" "$1"
}
