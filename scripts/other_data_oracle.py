#!/usr/bin/env python3
"""What must come of the imports of scripts/other_data.sh, worked out a second time by other means.

    other_data_oracle.py FOLDER RESULTS    compares the summaries, the rejects and the export in RESULTS

FOLDER holds the folders of the data sets. Needs Python 3.9 and nothing else.
"""

import json
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from cells import Check, cells, epoch_ms, fact, objects, properties, rows

NAMELESS = 286
# What clients send where they have no id.
NOBODY = "0"


def plays(table):
    taken = {"page", "ts", "userId"}
    return [
        fact(
            epoch_ms(row["ts"]),
            person=row["userId"],
            event=row["page"],
            properties={name: it for name, it in row.items() if name not in taken},
        )
        for row in table
    ]


def users(table):
    return [
        fact(
            datetime.fromisoformat(row[time]),
            id=f"{row['user_id']}#{time}",
            person=row["user_id"],
            account=row["company_id"],
            event=name,
            properties=properties(row, "user_id", "company_id", "created_at", "activated_at"),
        )
        for row in table
        for time, name in [("created_at", "User created"), ("activated_at", "User activated")]
        if row[time]
    ]


def events(table, name, time):
    return [
        fact(
            datetime.fromisoformat(row[time]),
            person=row["user_id"],
            event=row[name],
            properties=properties(row, "user_id", name, time),
        )
        for row in table
    ]


def left_out(facts):
    """How many facts have an id that names nobody, and how many have no other."""
    junk = [it for it in facts if NOBODY in (it.get("person"), it.get("account"))]
    nobody = [it for it in junk if {it.get("person"), it.get("account")} <= {NOBODY, None}]
    return {code: len(them) for code, them in [("junk_id", junk), ("nobody", nobody)] if them}


def events_of(path):
    with open(path, encoding="utf-8") as file:
        return {it["account"]: it["events"] for it in json.load(file)}


def main():
    data, results = map(Path, sys.argv[1:])
    header = ["user_id", "created_at", "company_id", "language", "activated_at", "state"]
    songs = objects(data / "sparkify_small" / "events_2018-11.jsonl.gz")
    people = rows(data / "yammer" / "yammer_users.csv.gz", header)
    mails = rows(data / "yammer" / "yammer_emails.csv.gz")
    clicks = rows(data / "yammer" / "yammer_events_sample100.csv.gz")
    visits = rows(data / "retentioneering_ecom" / "ecom.csv.gz")
    named = [row for row in songs if row["userId"] != ""]
    mark = {"byte_order_mark": 1}

    # Of each: the records, the facts they must become, the rejects and the notices.
    sets = {
        "plays": (songs, plays(named), {"no_subject": NAMELESS}, {}),
        "users": (people, users(people), {}, mark),
        "mails": (mails, events(mails, "action", "occurred_at"), {}, mark),
        "clicks": (clicks, events(clicks, "event_name", "occurred_at"), {}, {"decimal_id": len(clicks)}),
        "visits": (visits, events(visits, "event", "timestamp"), {}, {}),
    }
    check = Check(results / "export.ndjson")
    for name, (records, facts, rejects, notices) in sets.items():
        report = results / f"{name}.json"
        check.import_of(name, report, len(records), len(facts), rejects, notices, left_out=left_out(facts))
        check.facts_of(name, facts)

    # The whole history tells the same as the imports did; nothing is left out once the id is real.
    all_left_out = sum((Counter(left_out(facts)) for _, facts, _, _ in sets.values()), Counter())
    for report, wanted in [("doctor", sorted(all_left_out.values())), ("doctor-real", [])]:
        with open(results / f"{report}.json", encoding="utf-8") as file:
            found = [it["found"] for it in json.load(file) if it["part"] == "ids"]
        counts = sorted(int(it.split(" ")[0].replace(",", "")) for it in found)
        check.same(f"{report}: facts left out", wanted, counts)
    before, after = (events_of(results / f"{name}.json") for name in ("accounts", "accounts-real"))
    added = {account: count - before.get(account, 0) for account, count in after.items()}
    check.same("accounts that lost events", set(before) - set(after), {it for it in added if added[it] < 0})
    check.same("events that count once the id is real", all_left_out["nobody"], sum(added.values()))
    print(f"{all_left_out['nobody']} mails of a person with the id {NOBODY}: told, and counted once the id was said to be "
          f"real, in {', '.join(it for it in added if added[it])}.")

    compared = sum(cells(facts) for _, facts, _, _ in sets.values())
    print(f"{compared} values in the export, each compared with its original.")

    with open(results / "plays-rejects.ndjson", encoding="utf-8") as file:
        refused = [json.loads(line) for line in file]
    lines = [number for number, row in enumerate(songs, start=1) if row["userId"] == ""]
    check.same("lines that name nobody", lines, [it["line"] for it in refused])
    check.same("reasons", {"no_subject": NAMELESS}, dict(Counter(it["code"] for it in refused)))
    return check.finish()


if __name__ == "__main__":
    sys.exit(main())
