#!/usr/bin/env bash
# Another engine reads our segments: the demo's history, asked by DuckDB, must tell the same
# counts as `firsthand accounts`. Installs DuckDB for Python where it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=python3
if ! python3 -c 'import duckdb' 2>/dev/null; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" --quiet --disable-pip-version-check install 'duckdb>=1.1,<2'
  python="$work/venv/bin/python"
fi
cargo build --quiet --release --locked
target/release/firsthand demo "$work/demo" >/dev/null 2>&1
target/release/firsthand accounts --project "$work/demo" --limit 1000000 --json >"$work/accounts.json"
"$python" scripts/duckdb_accounts.py "$work/demo" "$work/accounts.json"
