#!/bin/sh
# Proves the backtest on real conversions, from the gzip files to the table: imports a public data set of an online
# school, replays a definition, and compares every figure with scripts/365_oracle.py.
#
#   scripts/365.sh [FOLDER]    FOLDER holds 365_student_info.csv.gz and its neighbours.
#
# FOLDER defaults to 365_learning_challenge in $FIRSTHAND_DATA, else in ../shared/data; the script is skipped, with its
# reason, where neither has it. $FIRSTHAND names a binary to use; without it the release build is, made if missing.
# Exit status: 0 all the same, or skipped; 1 something differs; 2 a folder was named that is not there.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
data=${1:-${FIRSTHAND_DATA:-$root/../shared/data}/365_learning_challenge}
if [ ! -f "$data/365_student_info.csv.gz" ]; then
    if [ $# -gt 0 ]; then
        echo "there is no 365_student_info.csv.gz in $data" >&2
        exit 2
    fi
    echo "skipped: no 365_learning_challenge here; name its folder, or set FIRSTHAND_DATA to its parent" >&2
    exit 0
fi

firsthand=${FIRSTHAND:-${CARGO_TARGET_DIR:-$root/target}/release/firsthand}
if [ ! -x "$firsthand" ]; then
    cargo build --release --locked --package firsthand --manifest-path "$root/Cargo.toml"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
project=$work/project
mkdir -p "$project/definitions"

# The files know days only: everything of a day happens at its first instant and is judged at once.
cat > "$project/firsthand.yaml" <<'YAML'
project: An online school
zone: UTC

start:
  event: '"Registered"'

outcomes:
  purchase:
    subject: person
    on: '"Purchased"'

import:
  registrations:
    event_name: Registered
    time: date_registered
    person: student_id
  lessons:
    event_name: Lesson watched
    time: date_watched
    person: student_id
  purchases:
    kind: record
    event_name: Purchased
    time: date_purchased
    person: student_id
    id: purchase_id
YAML

cat > "$project/definitions/engaged.yaml" <<'YAML'
definition: engaged
title: Watched half an hour of lessons before buying
track: product
subject: person
when: sum(minutes_watched, "Lesson watched") >= 30
unless: seen("Purchased")
YAML

run() {
    "$firsthand" "$@" --project "$project"
}

backtest() {
    run replay engaged --backtest --outcome purchase --within 14d \
        --cohort 2022-07-01..2022-10-06 --split 2022-08-15 "$@"
}

run check
run import "$data/365_student_info.csv.gz" --as registrations
run import "$data/365_student_learning.csv.gz" --as lessons
run import "$data/365_student_purchases.csv.gz" --as purchases

backtest
backtest --json > "$work/report.json"
python3 "$root/scripts/365_oracle.py" "$data" --check "$work/report.json"
