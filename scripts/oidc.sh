#!/bin/sh
# Signs people in by a real OpenID provider (npm's oidc-provider, certified) in a real Chromium: as what their groups
# say, with and without JavaScript; and not with an address that nobody has verified, of another company, with an answer
# that was given before, or where they said no.
#
#   scripts/oidc.sh [FOLDER]     writes screenshots into FOLDER [default: target/pages]
#
# $FIRSTHAND names a binary to use; without it the release build is, made if missing. It needs Node 20; what it uses of npm
# is installed for the time of the run, in the versions of scripts/oidc.
# Exit status: 0 all is well; 1 something is not.
set -eu
. "$(dirname "$0")/setting.sh"
program
a_browser

screens=${1:-$root/target/pages}
mkdir -p "$screens"
screens=$(cd "$screens" && pwd)

cp -R "$root/scripts/oidc" "$work/oidc"
(cd "$work/oidc" && npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts)

# The provider has to know where to send people back to, so the server's port is chosen first.
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
address=http://127.0.0.1:$port
: > "$work/provider.log"
node "$work/oidc/provider.mjs" "$address/sign-in/oidc/back" > "$work/provider.log" 2> "$work/provider.err" &
provider=$!
trap 'kill "$provider" 2> "$work/kill.log" || true; rm -rf "$work"' EXIT
issuer=
until [ -n "$issuer" ]; do
    if ! kill -0 "$provider" 2> "$work/kill.log"; then
        cat "$work/provider.err" >&2
        exit 1
    fi
    issuer=$(sed -n 's|^\(http://.*\)$|\1|p' "$work/provider.log")
    sleep 0.1
done

mkdir -p "$project"
cat > "$project/firsthand.yaml" << END
project: Acme
url: $address
start: { event: '"Signed up"' }
sign_in:
  passwords: false
  oidc:
    title: Acme login
    issuer: $issuer
    client_id: firsthand
    client_secret: env:CLIENT_SECRET
    scopes: [groups]
    domains: [acme.example]
    roles: { ops: admin, sales: rep }
END
: > "$work/server.log"
CLIENT_SECRET='of the client' "$firsthand" serve --listen "127.0.0.1:$port" --project "$project" 2> "$work/server.log" &
server=$!
trap 'kill "$server" "$provider" 2> "$work/kill.log" || true; rm -rf "$work"' EXIT
until curl -fsS "$address/health/ready" > "$work/ready" 2>&1; do
    if ! kill -0 "$server" 2> "$work/kill.log"; then
        cat "$work/server.log" >&2
        exit 1
    fi
    sleep 0.2
done

node "$work/oidc/oidc.mjs" "$address" "$screens"
