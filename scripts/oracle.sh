#!/bin/sh
# Proves the replay by another engine: definitions of the shapes of docs/language.md, section 10, replayed over a
# simulated company, and computed a second time by DuckDB in SQL from the Parquet files of the history. Every entry and
# every exit must be the same to the microsecond. scripts/oracle/project holds the definitions,
# scripts/oracle/definitions.py what they mean in SQL, scripts/oracle/algebra.py what that is made of.
#
#   scripts/oracle.sh [EVENTS [SEED]]     EVENTS is how many there are about, 60k if left out; SEED says which of them
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. DuckDB for Python is installed for
# the time of the run where it is missing.
# Exit status: 0 all the same; 1 something differs.
set -eu
. "$(dirname "$0")/setting.sh"
program
python_with duckdb 'duckdb>=1.1,<2'

"$firsthand" simulate --into "$project" --events "${1:-60k}" --seed "${2:-1}"
rm -R "$project/definitions"
cp -R "$root/scripts/oracle/project/." "$project"
run check

# A membership that becomes known later moves events from one account to another, which leaves rows behind that count no
# more. Names and texts compare without case; two facts of one instant are one step.
late() {
    run import - --source late > "$work/late.txt"
}
late <<'JSON'
{"id":"1","time":"2026-07-01T09:00:00Z","event":"Report exported","person":"late","properties":{"format":"pdf"}}
{"id":"2","time":"2026-07-01T09:00:00Z","event":"Report exported","person":"late","properties":{"format":"PDF"}}
{"id":"3","time":"2026-07-04T22:30:00.000001Z","event":"report exported","person":"late","properties":{"format":"csv"}}
{"id":"4","time":"2026-07-07T22:30:00Z","event":"Campaign sent","person":"late","properties":{"recipients":650.5}}
{"id":"5","time":"2026-07-08T09:00:00Z","event":"Report exported","person":"late","properties":{"format":"pdf"}}
JSON
late <<'JSON'
{"id":"6","time":"2026-07-20T09:00:00Z","membership":"joined","person":"late","account":"late-firm"}
JSON

names=$("$python" "$root/scripts/oracle/compare.py" --names)
# shellcheck disable=SC2086
run replay $names --json > "$work/replay.json"
"$python" "$root/scripts/oracle/compare.py" "$project" "$work/replay.json"
