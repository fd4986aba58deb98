#!/bin/sh
# Sends messages through every channel to real counterparts on this machine, and holds what they received against what
# was to be sent: mails by aiosmtpd (headers, both bodies, the way out by one click), webhooks by the `standardwebhooks`
# library with each secret in force, the bodies for HubSpot and Slack by the vendors' own types (`tsc`), what HubSpot
# then holds and what is read back from it. The double of HubSpot is itself read and written by HubSpot's own client.
#
#   scripts/channels.sh
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. It needs Node 20 and Python 3.11;
# the counterparts are installed for the time of the run, from npm and PyPI, in the versions of scripts/channels.
# Exit status: 0 all as it should be; 1 something differs.
set -eu
. "$(dirname "$0")/setting.sh"
program

cp -R "$root/scripts/channels" "$work/channels"
cd "$work/channels"
npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts
python3 -m venv "$work/venv"
python=$work/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install --requirement requirements.txt

# Their standard input is a pipe that we hold: they end with us.
mkfifo "$work/hold"
"$python" receivers.py "$work/ports.json" "$work/received.ndjson" < "$work/hold" &
exec 3> "$work/hold"
server=
stop() {
    exec 3>&-
    [ -z "$server" ] || kill "$server" 2> "$work/kill.log" || true
    rm -rf "$work"
}
trap stop EXIT
until [ -s "$work/ports.json" ]; do sleep 0.1; done
port() {
    "$python" -c "import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])" "$work/ports.json" "$1"
}

mkdir -p "$project"
"$python" messages.py "$work/ports.json" > "$project/firsthand.yaml"
# The first command that needs it makes the store.
run key list > "$work/keys.txt"
"$python" enqueue.py "$project/data/store.db"
"$firsthand" serve --listen 127.0.0.1:0 --open-metrics --project "$project" 2> "$work/server.log" &
server=$!
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
"$python" wait.py "$address" || { cat "$work/server.log" >&2; failed=1; }
kill -TERM "$server"
wait "$server" || { cat "$work/server.log" >&2; failed=1; }
server=
run export > "$work/exported.ndjson"
"$python" check.py "$work/ports.json" "$work/received.ndjson" "$work/exported.ndjson" || failed=1
"$python" bodies.py "$work/received.ndjson" > bodies.ts || failed=1
npx tsc --noEmit --strict --module nodenext --target es2022 --skipLibCheck bodies.ts || failed=1
node portal.mjs "$(port hubspot)" || failed=1
exit "$failed"
