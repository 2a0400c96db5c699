# Sourced: finds or installs PostgreSQL, and runs a throwaway cluster for tests.

need_postgres() {
  [[ -z $(postgres_bin) ]] || return 0
  need "PostgreSQL" postgresql
  # Debian would start a cluster of its own at once; only the programs are wanted.
  if may_install && [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
    as_root mkdir -p /etc/postgresql-common
    as_root tee /etc/postgresql-common/createcluster.conf <<<"create_main_cluster = false" >/dev/null
  fi
}

# The folder of the newest initdb, empty when there is none.
postgres_bin() {
  local found
  found=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)
  dirname "${found:-$(command -v initdb)}" 2>/dev/null | grep -v '^\.$' || true
}

# start_postgres: starts an empty cluster, listening on a socket alone, and exports DATABASE_URL. PostgreSQL refuses to
# run as root, so root lends it to the user postgres.
start_postgres() {
  cluster=$(mktemp -d /tmp/souk-test.XXXXXX) # not in TMPDIR: the path of a socket is at most 107 bytes long
  if ((EUID == 0)); then chown postgres "$cluster"; fi
  as_postgres initdb --pgdata "$cluster/data" --username souk --auth trust --encoding UTF8 --no-locale --no-sync >/dev/null
  # It need not survive a crash, so it need not wait for the disk.
  as_postgres pg_ctl start --pgdata "$cluster/data" --log "$cluster/log" --silent --wait -o \
    "-c listen_addresses='' -c unix_socket_directories='$cluster' -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" ||
    { tail "$cluster/log" >&2; return 1; }
  export DATABASE_URL="postgres://souk@localhost/postgres?host=$cluster"
}

# stop_postgres: ends what start_postgres began; nothing to do when it did not run.
stop_postgres() {
  [[ -n ${cluster:-} ]] || return 0
  as_postgres pg_ctl stop --pgdata "$cluster/data" --mode immediate --silent || true
  rm -rf "$cluster"
  cluster=
}

as_postgres() {
  local program=$1
  shift
  if ((EUID == 0)); then
    (cd / && runuser -u postgres -- "$(postgres_bin)/$program" "$@")
  else
    "$(postgres_bin)/$program" "$@"
  fi
}

# database NAME: makes an empty database beside that of DATABASE_URL and prints its URL.
database() {
  drop_database "$1"
  ask_postgres "create database $1"
  sed -E "s|^([a-z]+://[^/?]*)(/[^?]*)?|\1/$1|" <<<"$DATABASE_URL"
}

drop_database() { ask_postgres "drop database if exists $1 with (force)"; }

ask_postgres() { PGOPTIONS='-c client_min_messages=warning' psql "$DATABASE_URL" -qX -v ON_ERROR_STOP=1 -c "$1"; }
