# Sourced: knows what building and testing need. Looking takes milliseconds, so that nothing need be remembered.

source .make/packages.sh
source .make/rust.sh
source .make/postgres.sh

need_build_tools() {
  have cc || need "a C compiler" gcc libc6-dev
  # Cargo downloads over TLS.
  [[ -e /etc/ssl/certs/ca-certificates.crt ]] || ! have apt-get || need "certificates" ca-certificates
  need_rust
}

need_browser_tools() {
  if ! have node || ! have npm; then need "Node.js" nodejs npm; fi
  python3 -c 'import ensurepip, venv' 2>/dev/null || need "Python" python3 python3-venv
  [[ -n $(find_chromium) ]] || need "Chromium" chromium
}

find_chromium() { echo "${SOUK_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}"; }
