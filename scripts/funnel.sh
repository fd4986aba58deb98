#!/bin/sh
# Proves the lifecycle report by other means: a simulated company's figures, as `firsthand funnel --json` tells them,
# worked out a second time by DuckDB in SQL from the Parquet files of the history, stages and time in them by a plain
# loop, intervals by solving the equation that defines them. Every count must be the same, every other figure to nine
# digits. What definitions hold for whom is taken from `firsthand replay`, which scripts/oracle.sh proves.
#
#   scripts/funnel.sh [COMPANIES [SEED]]     about how many companies, 400 if left out; SEED says which of them
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. DuckDB for Python is installed for
# the time of the run where it is missing.
# Exit status: 0 all the same; 1 something differs.
set -eu
. "$(dirname "$0")/setting.sh"
program
python_with duckdb 'duckdb>=1.1,<3'

"$firsthand" simulate --into "$project" --companies "${1:-400}" --seed "${2:-1}" 2> "$work/simulate.log"
run replay --json > "$work/replay.json"
for question in "" "--within 30d --outcome paid" "--by found --within 45d" "--cohort 2026-07-01..2026-07-31 --within 14d" \
    "--segment larger-firm --within 30d"; do
    # shellcheck disable=SC2086
    run funnel --json $question > "$work/funnel.json"
    run replay larger-firm --json > "$work/segment.json"
    "$python" "$root/scripts/funnel_oracle.py" "$project" "$work/replay.json" "$work/segment.json" "$work/funnel.json"
done
