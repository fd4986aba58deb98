#!/bin/sh
# Proves that ugly files come in with every problem named and nothing changed: imports five tables with a byte-order
# mark, dates with the day first, ids that are used twice and usage dated before its subscription. Then compares the
# summaries, and every cell of what `export` gives back, with scripts/ravenstack_oracle.py.
#
#   scripts/ravenstack.sh [FOLDER]    FOLDER holds ravenstack_accounts.csv.gz and its neighbours.
#
# FOLDER defaults to ravenstack in $FIRSTHAND_DATA, else in ../shared/data; the script is skipped, with its reason,
# where neither has it. $FIRSTHAND names a binary to use; without it the release build is, made if missing.
# Exit status: 0 all the same, or skipped; 1 something differs; 2 a folder was named that is not there.
set -eu
. "$(dirname "$0")/setting.sh"
data_set ravenstack ravenstack_accounts.csv.gz "$@"
program
mkdir -p "$project"

# Usage names subscriptions only. A subscription is taken for a person who is a member of its account, so that
# its usage counts there; what else its row says has no place in a membership, and that is told. Where nothing says that the day comes first, that is concluded, and told.
settings() {
    cat <<'YAML'
project: Ugly files
zone: UTC

import:
  accounts:
    kind: traits
    time: signup_date
    account: account_id
    id: account_id
    rename: {account_name: name, plan_tier: plan}
  subscriptions:
    kind: record
    event_name: Subscription started
    time: start_date
    time_format: day first
    account: account_id
    id: subscription_id
  holders:
    kind: membership
    time: start_date
    time_format: day first
    person: subscription_id
    account: account_id
  usage:
    event: feature_name
    time: usage_date
    person: subscription_id
    id: usage_id
  every-usage:
    event: feature_name
    time: usage_date
    person: subscription_id
  tickets:
    wide: [submitted_at, closed_at]
    rename: {submitted_at: Ticket submitted, closed_at: Ticket closed}
    account: account_id
    id: ticket_id
  churn:
    kind: record
    event_name: Churned
    time: churn_date
    time_format: day first
    account: account_id
    id: churn_event_id

identity:
  membership_reach: REACH
YAML
}

take_in() {
    run import "$data/ravenstack_$1.csv.gz" --as "$2" --rejects "$work/${3:-$2}-rejects.ndjson" --json \
        > "$work/${3:-$2}.json"
}

settings | sed 's/REACH/90d/' > "$project/firsthand.yaml"
run check
take_in accounts accounts
take_in subscriptions subscriptions
take_in subscriptions holders
take_in feature_usage usage
take_in supports_ticket tickets
take_in churn_events churn
run accounts --json > "$work/accounts-90d.json"

# Nothing comes in twice, and other rules of identity take effect on what is there.
take_in feature_usage usage usage-again
settings | sed 's/REACH/3650d/' > "$project/firsthand.yaml"
run accounts --json > "$work/accounts-3650d.json"

# Without ids of their own, rows of the same id are all kept.
take_in feature_usage every-usage
run doctor
run export > "$work/export.ndjson"
python3 "$root/scripts/ravenstack_oracle.py" "$data" "$work"
