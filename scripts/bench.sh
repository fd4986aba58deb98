#!/bin/sh
# Measures how fast the program is here, with the best SQL of DuckDB and ClickHouse beside it: docs/bench.md.
#
#   scripts/bench.sh [EVENTS [ARGUMENT ...]]     EVENTS is how many, 10M if left out; what follows goes to `firsthand
#                                                bench`, such as `replay --runs 5`
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. The engines are installed for the
# time of the run where $FIRSTHAND_PYTHON, or python3, does not have both.
# Exit status: 0 all was measured; 1 what must be the same is not.
set -eu
. "$(dirname "$0")/setting.sh"
program
: "${FIRSTHAND_PYTHON:=python3}"
if ! "$FIRSTHAND_PYTHON" -c 'import duckdb, chdb' 2>/dev/null; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" --quiet --disable-pip-version-check install 'duckdb>=1.1,<2' chdb
    FIRSTHAND_PYTHON=$work/venv/bin/python
fi
export FIRSTHAND_PYTHON

events=${1:-10M}
[ $# -eq 0 ] || shift
"$firsthand" bench --events "$events" "$@"
