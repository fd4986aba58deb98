#!/bin/sh
# Shows messages inside a product in a real Chromium: a page with a strict policy and hostile styles, of another site than
# the server, loads `/firsthand.js`. Each form is shown at the width of a desktop and of a phone, in light and in dark; the
# keyboard alone works it, its names are right, axe-core finds nothing, nothing leaks in or out; and what the
# person did is in the history afterwards, once.
#
#   scripts/inapp.sh [SCREENS]     keeps the screenshots in the folder SCREENS
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. It needs Node 20 and Python 3.
# playwright-core and axe-core are installed for the time of the run, in the versions of scripts/inapp. $CHROMIUM names a
# Chromium; without it the installed one is used, and Debian's is installed where there is none.
# Exit status: 0 all as it should be; 1 something is not.
set -eu
. "$(dirname "$0")/setting.sh"
program
screens=${1:-$work/screens}
mkdir -p "$screens"

a_browser

# Modules are looked for beside the scripts that ask for them.
cp -R "$root/scripts/inapp" "$work/inapp"
(cd "$work/inapp" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)

mkdir "$project"
cp "$work/inapp/firsthand.yaml" "$project/"
run key sign product --json > "$work/key.json"
run key add check --scope admin > "$work/token"
: > "$work/server.log"
"$firsthand" serve --listen 127.0.0.1:0 --project "$project" 2> "$work/server.log" &
server=$!
trap 'kill "$server" 2> "$work/kill.log" || true; rm -rf "$work"' EXIT
served "$server"

failed=0
python3 "$work/inapp/decide.py" "$project/data/store.db"
node "$work/inapp/pages.mjs" "http://$address" "$work/key.json" "$screens" || failed=1

# What was recorded is sealed into the history when the server stops.
kill -TERM "$server"
if ! wait "$server"; then
    echo "the server did not stop as it should:" >&2
    cat "$work/server.log" >&2
    failed=1
fi
run export --csv > "$work/exported.csv"
python3 "$work/inapp/recorded.py" "$work/exported.csv" || failed=1
exit "$failed"
