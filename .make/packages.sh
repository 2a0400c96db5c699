# Sourced: installs packages of the distribution, as root or through sudo, all in one go.

needed_for=()
needed_packages=()

# need WHAT PACKAGE…: notes that WHAT is missing; add_needed installs it.
need() {
  needed_for+=("$1")
  needed_packages+=("${@:2}")
}

add_needed() {
  ((${#needed_packages[@]})) || return 0
  local what
  what=$(printf ', %s' "${needed_for[@]}")
  may_install || fail "missing: ${what:2}. Install these packages (neither root nor sudo is at hand to do it), and start again: ${needed_packages[*]}"
  refresh_index
  quietly "installing ${what:2}: ${needed_packages[*]}" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${needed_packages[@]}" || fail "apt could not install ${what:2}"
  needed_for=()
  needed_packages=()
}

# offered PACKAGE [VERSION]: whether the distribution has it, at VERSION or later.
offered() {
  have apt-get || return 1
  if may_install; then refresh_index; fi
  local found
  found=$(apt-cache policy "$1" | sed -n 's/^ *Candidate: //p')
  [[ -n $found && $found != '(none)' ]] && dpkg --compare-versions "$found" ge "${2:-0}"
}

# Asks for the password of sudo now, if it wants one, and not behind a line of progress.
may_install() { have apt-get && { ((EUID == 0)) || { have sudo && sudo -v; }; } 2>/dev/null; }

# as_root COMMAND…
as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

index_is_fresh=

refresh_index() {
  [[ -z $index_is_fresh ]] || return 0
  index_is_fresh=yes
  quietly "reading the index of packages" as_root apt-get update || say "it could not be read; going on with the old one"
}
