# Sourced first by every script here: strict mode, where things are, and how to speak.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Cargo, npm and apt want a home to write to; a bare CI job may have none.
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}")
if [[ ! -w ${HOME:-} ]]; then HOME=$CARGO_TARGET_DIR/home; fi
mkdir -p "$CARGO_TARGET_DIR" "$HOME"
LEPTOS_SITE_ROOT=$(realpath -m "${LEPTOS_SITE_ROOT:-$CARGO_TARGET_DIR/site}")
export CARGO_TARGET_DIR HOME LEPTOS_SITE_ROOT

say() { printf 'souk: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# quietly WHAT COMMAND…: says WHAT, then runs COMMAND with its output kept back; tells every ten seconds that it still
# runs, and shows the end of its output when it fails.
quietly() {
  local what=$1 log status=0 started=$SECONDS due=10
  shift
  log=$(mktemp)
  say "$what"
  "$@" >"$log" 2>&1 </dev/null &
  local job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - started >= due)); then
      say "  still at it, $((SECONDS - started)) s: $(tail -n 1 "$log" | cut -c 1-100)"
      due=$((due + 10))
    fi
  done
  wait "$job" || status=$?
  if ((status)); then tail -n 30 "$log" >&2; fi
  rm -f "$log"
  return "$status"
}
