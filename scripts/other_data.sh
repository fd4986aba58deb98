#!/bin/sh
# Proves the import on three more public data sets: a music service (NDJSON, epochs in milliseconds, rows that name
# nobody), a network of companies (no header row, ids with a decimal point) and a shop (rows that are equal to the
# letter). Compares the summaries, and every value of what `export` gives back, with scripts/other_data_oracle.py.
#
#   scripts/other_data.sh [FOLDER]    FOLDER holds sparkify_small, yammer and retentioneering_ecom.
#
# FOLDER defaults to $FIRSTHAND_DATA, else to ../shared/data; the script is skipped, with its reason, where neither has
# them. $FIRSTHAND names a binary to use; without it the release build is, made if missing.
# Exit status: 0 all the same, or skipped; 1 something differs; 2 a folder was named that is not there.
set -eu
. "$(dirname "$0")/setting.sh"
for needed in sparkify_small/events_2018-11.jsonl.gz yammer/yammer_users.csv.gz retentioneering_ecom/ecom.csv.gz; do
    data_set "" "$needed" "$@"
done
program
mkdir -p "$project"

cat > "$project/firsthand.yaml" <<'YAML'
project: Files of many shapes
zone: UTC

import:
  plays:
    event: page
    time: ts
    time_format: epoch ms
    person: userId
  users:
    header: [user_id, created_at, company_id, language, activated_at, state]
    wide: [created_at, activated_at]
    rename: {created_at: User created, activated_at: User activated}
    person: user_id
    account: company_id
    id: user_id
  mails:
    event: action
    time: occurred_at
    person: user_id
  clicks:
    event: event_name
    time: occurred_at
    person: user_id
  visits:
    event: event
    time: timestamp
    person: user_id
YAML

# Somebody has the id 0, which clients send where there is none: what they did is told as left out, until it is said
# that the id is real.
real() {
    printf '\nidentity:\n  real_ids: ["0"]\n' >> "$project/firsthand.yaml"
}

take_in() {
    run import "$data/$1" --as "$2" --rejects "$work/$2-rejects.ndjson" --json > "$work/$2.json"
}

run check
take_in sparkify_small/events_2018-11.jsonl.gz plays
take_in yammer/yammer_users.csv.gz users
take_in yammer/yammer_emails.csv.gz mails
take_in yammer/yammer_events_sample100.csv.gz clicks
take_in retentioneering_ecom/ecom.csv.gz visits
run doctor --json > "$work/doctor.json"
run accounts --visitors --json > "$work/accounts.json"
real
run doctor --json > "$work/doctor-real.json"
run accounts --visitors --json > "$work/accounts-real.json"
run export > "$work/export.ndjson"
python3 "$root/scripts/other_data_oracle.py" "$data" "$work"
