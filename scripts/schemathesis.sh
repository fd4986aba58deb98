#!/bin/sh
# Asks every path of the API thousands of things, right and wrong, and holds each answer against the API's own
# description: no server error, no answer that is not described, nothing wrong accepted.
#
#   scripts/schemathesis.sh                 before the fake backend of the API's own tests
#   scripts/schemathesis.sh serve           before `firsthand serve` on the demonstration's project
#   scripts/schemathesis.sh URL TOKEN       a running server and a token with `admin`; it may change leads there
#
# Schemathesis is installed for the time of the
# run where it is missing. To refuse what fits the description and means nothing (a cursor of another list, a day that
# is past) is right: that one check is left out.
# The questions are the same in every run; $SEED asks others.
# Exit status: 0 nothing found; 1 something found.
set -eu
. "$(dirname "$0")/setting.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
python_with schemathesis 'schemathesis>=4.30,<5'

url=http://127.0.0.1:8187
examples=100
case ${1:-fake} in
fake)
    token=token-for-admin
    cargo build --locked --quiet -p firsthand-web --example fake
    "${CARGO_TARGET_DIR:-$root/target}/debug/examples/fake" 8187 2> "$work/server.log" &
    server=$!
    trap 'kill "$server"; rm -rf "$work"' EXIT
    ;;
serve)
    examples=25
    cargo build --locked --quiet -p firsthand
    firsthand=${CARGO_TARGET_DIR:-$root/target}/debug/firsthand
    "$firsthand" demo "$work/demo" --report > /dev/null 2>&1
    token=$("$firsthand" --project "$work/demo" key add schemathesis --scope admin 2> /dev/null)
    "$firsthand" --project "$work/demo" serve --listen 127.0.0.1:8187 2> "$work/server.log" &
    server=$!
    trap 'kill "$server"; rm -rf "$work"' EXIT
    # Until it is ready, the answers are described, but all alike.
    tries=0
    until curl --silent --fail "$url/health/ready" > /dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 120 ] || { cat "$work/server.log"; exit 1; }
        sleep 1
    done
    ;;
*)
    url=$1
    token=$2
    ;;
esac
# What is wrong and also too large is refused for its size. What is deleted goes by and by: 202, until then it is there.
cat > "$work/schemathesis.toml" <<'END'
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
END
"$python" -m schemathesis.cli --config-file "$work/schemathesis.toml" \
    run "$url/api/v1/openapi.json" --seed "${SEED:-1}" --header "Authorization: Bearer $token" \
    --wait-for-schema 20 --checks all --exclude-checks positive_data_acceptance,use_after_free --max-examples "$examples" --request-timeout 10
