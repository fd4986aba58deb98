#!/bin/sh
# Asks every path of the API thousands of things, right and wrong, and holds each answer against the API's own
# description: no server error, no answer that is not described, nothing wrong accepted.
#
#   scripts/schemathesis.sh [URL TOKEN]     a running server and a token with `admin`; it may change leads there
#
# Without a URL, the API stands before the fake backend of its own tests. Schemathesis is installed for the time of the
# run where it is missing. To refuse what fits the description and means nothing (a cursor of another list, a day that
# is past) is right: that one check is left out.
# Exit status: 0 nothing found; 1 something found.
set -eu
. "$(dirname "$0")/setting.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
python_with schemathesis 'schemathesis>=4.30,<5'

url=${1:-http://127.0.0.1:8187}
token=${2:-token-for-admin}
if [ $# -eq 0 ]; then
    cargo build --locked --quiet -p firsthand-web --example fake
    "${CARGO_TARGET_DIR:-$root/target}/debug/examples/fake" 8187 2> "$work/server.log" &
    server=$!
    trap 'kill "$server"; rm -rf "$work"' EXIT
fi
"$python" -m schemathesis.cli run "$url/api/v1/openapi.json" --header "Authorization: Bearer $token" \
    --wait-for-schema 20 --checks all --exclude-checks positive_data_acceptance --max-examples 100 --request-timeout 10
