#!/bin/sh
# Proves that another engine can read the history: with the queries of docs/history.md as they stand there, DuckDB
# finds in the Parquet files of the demonstration the same people, events and times of every account as `firsthand
# accounts`, and in the typed columns the same values as `firsthand export`.
#
#   scripts/duckdb.sh
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. DuckDB for Python is installed
# for the time of the run where it is missing.
# Exit status: 0 all the same; 1 something differs.
set -eu
. "$(dirname "$0")/setting.sh"
program
python_with duckdb 'duckdb>=1.1,<2'

"$firsthand" demo "$project" --report > "$work/demo.txt"

# A membership that becomes known later moves an event from one account to another, which leaves a row behind that
# counts no more. Its values are of the kind that a typed column cannot give back to the letter.
late() {
    run import - --source late > "$work/late.txt"
}
late <<'JSON'
{"id":"1","time":"2026-08-01T09:00:00Z","event":"Report exported","person":"late","properties":{"amount":1.50,"contacts":"many"}}
JSON
late <<'JSON'
{"id":"2","time":"2026-08-02T09:00:00Z","membership":"joined","person":"late","account":"acme-bikes"}
JSON

run accounts --visitors --json > "$work/accounts.json"
run export > "$work/export.ndjson"
(cd "$project" &&
    "$python" "$root/scripts/duckdb_accounts.py" "$root/docs/history.md" "$work/accounts.json" "$work/export.ndjson")

# The same on a history that is made to be awkward; the test is left out where DuckDB is missing.
if [ -d "$work/venv" ]; then
    PATH=$work/venv/bin:$PATH
    export PATH
fi
cargo test --quiet --workspace --locked --manifest-path "$root/Cargo.toml" duckdb -- --ignored
