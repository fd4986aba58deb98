#!/usr/bin/env python3
"""What must come of the imports of scripts/ravenstack.sh, worked out a second time by other means.

    ravenstack_oracle.py FOLDER RESULTS    compares the summaries, the accounts and the export in RESULTS

FOLDER holds the gzip files of `ravenstack`. Needs Python 3.9 and nothing else.
"""

import json
import sys
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from cells import Check, cells, day_first, fact, instant, properties, rows

USAGE_BEFORE_START = 19_142
REPEATED_IDS = 21
MARK = {"byte_order_mark": 1}
MARK_AND_ORDER = {"byte_order_mark": 1, "day_order_guessed": 1}


def accounts(table):
    names = {"account_name": "name", "plan_tier": "plan"}
    return [
        fact(
            day_first(row["signup_date"]),
            id=row["account_id"],
            account=row["account_id"],
            of="account",
            traits=properties(row, "signup_date", "account_id", rename=names),
        )
        for row in table
    ]


def records(table, name, time, id):
    return [
        fact(
            day_first(row[time]),
            id=row[id],
            account=row["account_id"],
            record=name,
            properties=properties(row, time, id, "account_id"),
        )
        for row in table
    ]


def holders(table):
    return [
        fact(
            day_first(row["start_date"]),
            person=row["subscription_id"],
            account=row["account_id"],
            membership="joined",
        )
        for row in table
    ]


def usage(table, *taken, id=None):
    return [
        fact(
            day_first(row["usage_date"]),
            id=row[id] if id else None,
            person=row["subscription_id"],
            event=row["feature_name"],
            properties=properties(row, "usage_date", "subscription_id", "feature_name", *taken),
        )
        for row in table
    ]


def tickets(table):
    return [
        fact(
            day_first(row[time]),
            id=f"{row['ticket_id']}#{time}",
            account=row["account_id"],
            event=name,
            properties=properties(row, "ticket_id", "account_id", "submitted_at", "closed_at"),
        )
        for row in table
        for time, name in [("submitted_at", "Ticket submitted"), ("closed_at", "Ticket closed")]
    ]


def first_of_each_id(table):
    """Of rows with one id the first counts; the others are refused, with the number of their line."""
    first, refused = {}, {}
    for line, row in enumerate(table, start=2):
        if first.setdefault(row["usage_id"], row) is not row:
            refused[line] = row
    return list(first.values()), refused


def overview(tables, reach):
    """What `firsthand accounts` must list: usage counts for the account if its subscription began soon enough."""
    times, events, people = defaultdict(list), defaultdict(list), defaultdict(set)
    named = {row["account_id"]: row for row in tables["accounts"]}
    for row in tables["accounts"]:
        times[row["account_id"]].append(day_first(row["signup_date"]))
    for row in tables["churn"]:
        times[row["account_id"]].append(day_first(row["churn_date"]))
    for row in tables["tickets"]:
        events[row["account_id"]] += [day_first(row["submitted_at"]), day_first(row["closed_at"])]
    began = {}
    for row in tables["subscriptions"]:
        subscription, account = row["subscription_id"], row["account_id"]
        began[subscription] = (day_first(row["start_date"]), account)
        times[account].append(began[subscription][0])
        people[account].add(subscription)
    for row in first_of_each_id(tables["usage"])[0]:
        at, subscription = day_first(row["usage_date"]), row["subscription_id"]
        start, account = began[subscription]
        home = account if start - at <= reach else f"own:{subscription}"
        events[home].append(at)
        people[home].add(subscription)
    return {
        account: {
            "name": named[account]["account_name"] if account in named else None,
            "plan": named[account]["plan_tier"] if account in named else None,
            "people": len(people[account]),
            "events": len(events[account]),
            "first": instant(min(times[account] + events[account])),
            "last_event": instant(max(events[account])) if events[account] else None,
        }
        for account in {*times, *events}
    }


# What the files tell of an account; which definitions hold for it is another story.
TOLD = ("name", "plan", "people", "events", "first", "last_event")


def listed(path):
    with open(path, encoding="utf-8") as file:
        return {it["account"]: {key: it[key] for key in TOLD} for it in json.load(file)}


def main():
    data, results = map(Path, sys.argv[1:])
    files = {
        "accounts": "accounts",
        "subscriptions": "subscriptions",
        "usage": "feature_usage",
        "tickets": "supports_ticket",
        "churn": "churn_events",
    }
    tables = {name: rows(data / f"ravenstack_{file}.csv.gz") for name, file in files.items()}
    kept, refused = first_of_each_id(tables["usage"])
    expected = {
        "accounts": accounts(tables["accounts"]),
        "subscriptions": records(tables["subscriptions"], "Subscription started", "start_date", "subscription_id"),
        "holders": holders(tables["subscriptions"]),
        "usage": usage(kept, "usage_id", id="usage_id"),
        "tickets": tickets(tables["tickets"]),
        "churn": records(tables["churn"], "Churned", "churn_date", "churn_event_id"),
        "every-usage": usage(tables["usage"]),
    }
    check = Check(results / "export.ndjson")

    def told(name):
        return results / f"{name}.json"

    count = {name: len(table) for name, table in tables.items()}
    check.same("ids used twice", REPEATED_IDS, len(refused))
    reused = {"reused_id": REPEATED_IDS}
    check.import_of("accounts", told("accounts"), count["accounts"], count["accounts"], {}, MARK_AND_ORDER)
    for name, notices in [("subscriptions", MARK), ("holders", {**MARK, "columns_left_out": 1})]:
        check.import_of(name, told(name), count["subscriptions"], count["subscriptions"], {}, notices)
    check.import_of("usage", told("usage"), count["usage"], len(kept), reused, MARK_AND_ORDER)
    check.import_of("usage, again", told("usage-again"), count["usage"], 0, reused, MARK_AND_ORDER, repeats=len(kept))
    for name in ("usage", "usage-again"):
        with open(results / f"{name}-rejects.ndjson", encoding="utf-8") as file:
            rejects = {it["line"]: it["record"] for it in map(json.loads, file)}
        wanted = {line: ",".join(row.values()) for line, row in refused.items()}
        check.same(f"{name}: rows refused", wanted, rejects)
    check.import_of("every-usage", told("every-usage"), count["usage"], count["usage"], {}, MARK_AND_ORDER)
    check.import_of("tickets", told("tickets"), count["tickets"], 2 * count["tickets"], {}, MARK_AND_ORDER)
    check.import_of("churn", told("churn"), count["churn"], count["churn"], {}, MARK)

    began = {row["subscription_id"]: day_first(row["start_date"]) for row in tables["subscriptions"]}
    early = [it for it in check.by_source["every-usage"] if it["time"] < instant(began[it["person"]])]
    check.same("usage before its subscription", USAGE_BEFORE_START, len(early))
    total = sum(Decimal(it["properties"]["usage_duration_secs"]) for it in check.by_source["every-usage"])
    check.same("seconds of usage", sum(Decimal(row["usage_duration_secs"]) for row in tables["usage"]), total)

    for name, facts in expected.items():
        check.facts_of(name, facts)
    for days in (90, 3650):
        wanted, found = overview(tables, timedelta(days=days)), listed(results / f"accounts-{days}d.json")
        wrong = [it for it in {*wanted, *found} if wanted.get(it) != found.get(it)]
        for it in sorted(wrong)[:5]:
            check.same(f"account {it}, {days} days", wanted.get(it), found.get(it))
        check.same(f"accounts that differ, {days} days", 0, len(wrong))
        print(f"With a reach of {days} days {len(wanted)} accounts, each with the same people, events and times.")

    facts, compared = (sum(map(of, expected.values())) for of in (len, cells))
    print(f"{sum(count.values())} rows of 5 files became {facts} facts with {compared} cells, "
          f"each compared with its original.")
    print(f"{len(early)} rows of usage lie before their subscription, and stand as they came; "
          f"{REPEATED_IDS} ids are used twice: the first row counts, the other is refused.")
    return check.finish()


if __name__ == "__main__":
    sys.exit(main())
