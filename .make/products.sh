# Sourced: builds the server, and what the browser loads: wasm, JavaScript and style sheet, with the files of public/ beside.

# build_site: fills LEPTOS_SITE_ROOT. Cargo rebuilds what changed; the bundler does nothing when its input did not.
build_site() {
  say "building the site"
  # Flags meant for the server's processor would not suit the browser. Relocations are what the splitter splits by.
  env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS \
    cargo rustc --package frontend --lib --target wasm32-unknown-unknown --profile wasm-release -- -Clink-args=--emit-relocs
  # Without --package: so it shares the dependencies of the tests, with the same features.
  cargo build --bin bundle
  mkdir -p "$LEPTOS_SITE_ROOT"
  cp -R public/. "$LEPTOS_SITE_ROOT"
  "$CARGO_TARGET_DIR/debug/bundle" "$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm-release/frontend.wasm" \
    style/main.css "$LEPTOS_SITE_ROOT/pkg" souk
}

build_server() {
  say "building the server"
  cargo build --release --package server
}
