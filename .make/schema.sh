# Sourced: a database with Souk's schema, and what it says about each query of server/store.

# schema: makes a database, applies all migrations, and prints its URL.
schema() {
  local url migration
  url=$(database "souk_schema_$$")
  for migration in migrations/*.sql; do
    psql "$url" -qX -v ON_ERROR_STOP=1 --single-transaction -f "$migration" >/dev/null
  done
  echo "$url"
}

# describe_queries DIR CARGO…: runs CARGO with every query of the store checked against DATABASE_URL, and written to DIR.
describe_queries() {
  local dir
  dir=$(realpath "$1")
  shift
  touch server/store/src/lib.rs # the macros write only when they run
  SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$dir "$@"
}

# Nullability is read from the query's plan, which may differ from one Postgres version to the next.
without_nullability() { sed '/"nullable": \[/,/\]/d' "$1" 2>/dev/null; }

# same_queries LEFT RIGHT: whether two folders describe the same queries in the same way; names what differs.
same_queries() {
  local name same=0
  for name in $( (ls "$1"; ls "$2") | sort -u); do
    if ! diff -q <(without_nullability "$1/$name") <(without_nullability "$2/$name") >/dev/null 2>&1; then
      say "  .sqlx/$name: $(sed -n 's/^ *"query": //p' "$1/$name" "$2/$name" 2>/dev/null | head -n 1 | cut -c 1-100)"
      same=1
    fi
  done
  return "$same"
}
