#!/bin/sh
# Opens every page of a running server in a real Chromium: at desktop and phone width, light and dark, with JavaScript
# on and off. No page may log an error, be wider than its window, or break a rule of axe-core; and with the keyboard
# alone, or without JavaScript, people must be able to do their work: sign in, accept, reject and snooze a lead, find out
# why an account is not qualified, send again what was given up, make a key. A lead that comes in must be told without moving what is on the page.
#
#   scripts/pages.sh [FOLDER]     writes screenshots of every page into FOLDER [default: target/pages]
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. It needs Node 20; playwright-core
# and axe-core are installed for the time of the run, in the versions of scripts/pages. $CHROMIUM names a Chromium;
# without it the installed one is used, and Debian's is installed where there is none.
# Exit status: 0 all is well; 1 something is not.
set -eu
. "$(dirname "$0")/setting.sh"
program

screens=${1:-$root/target/pages}
mkdir -p "$screens"
screens=$(cd "$screens" && pwd)

a_browser

cp -R "$root/scripts/pages" "$work/pages"
(cd "$work/pages" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)

# A company whose last day was yesterday: what qualifies there qualifies now.
"$firsthand" simulate --companies 400 --from "$(date -u -d '-120 days' +%F)" --days 120 --into "$project" 2> "$work/simulate.log"
printf '\nsources:\n  web: { key: wk_web_0123456789 }\n' >> "$project/firsthand.yaml"
# What goes to this system is given up at once: its address leads into one's own network.
secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
sed -i "s|^channels:|channels:\n  crm:\n    webhook: { url: \"https://localhost:9/hook\", secret: $secret }|" "$project/firsthand.yaml"

: > "$work/server.log"
"$firsthand" serve --apply-to-existing --listen 127.0.0.1:0 --project "$project" 2> "$work/server.log" &
server=$!
trap 'kill "$server" 2> "$work/kill.log" || true; rm -rf "$work"' EXIT
link=
until [ -n "$link" ]; do
    if ! kill -0 "$server" 2> "$work/kill.log"; then
        cat "$work/server.log" >&2
        exit 1
    fi
    link=$(sed -n 's|.*The first admin begins at ||p' "$work/server.log")
    sleep 0.1
done
address=${link%/join/*}
until curl -fsS "$address/health/ready" > "$work/ready" 2>&1; do
    kill -0 "$server"
    sleep 0.2
done

node "$work/pages/pages.mjs" "$link" "$screens"
