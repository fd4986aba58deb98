#!/bin/sh
# Points the vendors' own clients at the running server: Segment's, RudderStack's and PostHog's for Node, for Python,
# and for browsers in a Chromium. Each tells a story of more than 200 calls three times, through a proxy that breaks
# the first attempt of every call: by a 503, by a 429, or by losing the answer after the server has taken the call.
# What is then in the history must be what was sent: every event, trait, link and membership once, of the right person
# and account, at the right time, and nothing else.
#
#   scripts/clients.sh [--without-browser]
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. It needs Node 20 and Python 3.11.
# The clients are installed for the time of the run, from npm and PyPI, in the versions of scripts/clients. $CHROMIUM
# names a Chromium; without it the installed one is used, and Debian's is installed where there is none.
# scripts/clients/clients.py lists the clients, story.py says what they send and what it means.
# Exit status: 0 all the same; 1 something differs.
set -eu
. "$(dirname "$0")/setting.sh"

case ${1-} in
    --without-browser | '') ;;
    *) echo "there is no $1; see the head of $0" >&2; exit 2 ;;
esac
program

[ $# -gt 0 ] || a_browser

# Modules are looked for beside the scripts that ask for them.
cp -R "$root/scripts/clients" "$work/clients"
(cd "$work/clients" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet --disable-pip-version-check install --requirement "$work/clients/requirements.txt"
clients() {
    script=$1
    shift
    "$work/venv/bin/python" "$work/clients/$script.py" "$@"
}

mkdir "$project"
: > "$work/server.log"
clients clients --project > "$project/firsthand.yaml"
"$firsthand" serve --listen 127.0.0.1:0 --open-metrics --project "$project" 2> "$work/server.log" &
server=$!
trap 'kill "$server" 2> "$work/kill.log" || true; rm -rf "$work"' EXIT
address=
until [ -n "$address" ]; do
    if ! kill -0 "$server" 2> "$work/kill.log"; then
        cat "$work/server.log" >&2
        exit 1
    fi
    address=$(sed -n 's|^listening on http://||p' "$work/server.log")
    sleep 0.1
done

failed=0
names=$(clients clients --names ${1-})
# shellcheck disable=SC2086
clients run "$address" "$work/sent.ndjson" $names || failed=1

# What was accepted is sealed into the history when the server stops.
kill -TERM "$server"
if ! wait "$server"; then
    echo "the server did not stop as it should:" >&2
    cat "$work/server.log" >&2
    failed=1
fi
run export > "$work/exported.ndjson"
clients compare "$work/sent.ndjson" "$work/exported.ndjson" || failed=1
exit "$failed"
