#!/bin/sh
# Takes the demo's guided tour in a real Chromium, as somebody would who has just come: signs in, waits for Acme Bikes to
# come in, stops at every page of the tour, at desktop and phone width, light and dark, and looks whether each has something
# to show. Those that the README shows lie in docs/screens
# under the names that they have here.
#
#   scripts/demo.sh [FOLDER]     writes screenshots into FOLDER [default: target/demo]
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. It needs Node 20; playwright-core
# and axe-core are installed for the time of the run, in the versions of scripts/pages. $CHROMIUM names a Chromium;
# without it the installed one is used, and Debian's is installed where there is none.
# Exit status: 0 all is well; 1 something is not.
set -eu
. "$(dirname "$0")/setting.sh"
program
a_browser

screens=${1:-$root/target/demo}
mkdir -p "$screens"
screens=$(cd "$screens" && pwd)

cp -R "$root/scripts/pages" "$work/pages"
cp "$root/scripts/demo/tour.mjs" "$work/pages/"
(cd "$work/pages" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)

"$firsthand" demo --listen 127.0.0.1:0 > "$work/told.txt" 2> "$work/server.log" &
server=$!
trap 'kill "$server" 2> "$work/kill.log" || true; rm -rf "$work"' EXIT
served "$server"
node "$work/pages/tour.mjs" "http://$address" "$work/told.txt" "$screens"

kill -TERM "$server"
wait "$server"
