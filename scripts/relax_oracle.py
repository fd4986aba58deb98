#!/usr/bin/env python3
"""Who enters and leaves the definitions of scripts/relax.sh, and when, worked out a second time by other means.

    relax_oracle.py FOLDER REPLAY    compares REPLAY, of `firsthand replay --json`, entry by entry

FOLDER holds the gzip files of `relax_adoption`. Needs Python 3.9 and nothing else. Shares no code and no method with
Firsthand: for each subject it lists the instants at which anything can change, and at each counts everything anew.
"""

import csv
import gzip
import json
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

ADOPTED = 1602
DAY = timedelta(days=1)
SHOWN_MAX = 10


def read(folder, name, encoding):
    with gzip.open(Path(folder) / name, "rt", encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


class User:
    def __init__(self, row):
        self.id = row["object_id"]
        self.organisation = row["org_id"]
        self.source = row["creation_source"]
        self.created = datetime.strptime(row["creation_time"], "%d-%m-%Y %H:%M")
        self.logins = []
        self.adopted = []

    def member_from(self):
        # Days have no time, so that somebody who logs in on the day they sign up is seen from its first instant on.
        return min([self.created, *self.logins[:1]])

    def has_adopted(self, at):
        return any(entered <= at and (left is None or at < left) for entered, left in self.adopted)

    def logged_in(self, at, days):
        return bisect_right(self.logins, at) > bisect_right(self.logins, at - days * DAY)


def load(folder):
    users = {it["object_id"]: User(it) for it in read(folder, "takehome_users.csv.gz", "latin-1")}
    for row in read(folder, "takehome_user_engagement.csv.gz", "ascii"):
        users[row["user_id"]].logins.append(datetime.strptime(row["time_stamp"], "%Y-%m-%d"))
    for user in users.values():
        user.logins.sort()
    newest = max(it for user in users.values() for it in [user.created, *user.logins])
    return users, newest


def intervals(states):
    """Entries and exits of a condition, from its (instant, truth) in order."""
    found = []
    for at, holds in states:
        is_open = bool(found) and found[-1][1] is None
        if holds and not is_open:
            found.append((at, None))
        elif not holds and is_open:
            found[-1] = (found[-1][0], at)
    return found


def adopted(user, until):
    """3 distinct days of login among a day and the 6 before it."""
    days = sorted(set(user.logins))
    changes = sorted({*days, *(it + 7 * DAY for it in days)})
    return intervals(
        (at, bisect_right(days, at) - bisect_left(days, at - 6 * DAY) >= 3) for at in changes if at <= until
    )


def lasting(states, holds_for):
    """Entries once `holds` was true for so long; exits at once."""
    found, since = [], None
    for (at, holds), (after, _) in zip(states, states[1:]):
        since = (since or at) if holds else None
        found.append((at, holds and at - since >= holds_for))
        if holds and at < since + holds_for < after:
            found.append((since + holds_for, True))
    return intervals(found)


def gracious(states, grace):
    """States are (instant, when, stay). Entries at once; exits when neither held for so long."""
    found, idle = [], None
    for (at, when, stay), (after, *_) in zip(states, states[1:]):
        is_open = bool(found) and found[-1][1] is None
        if when and not is_open:
            found.append((at, None))
        if when or stay:
            idle = None
            continue
        idle = idle or at
        left = idle + grace
        if found and found[-1][1] is None and at <= left < after:
            found[-1] = (found[-1][0], left)
    return found


def organisation(members, until):
    """The three definitions on one organisation."""
    changes = set()
    for it in members:
        changes |= {it.created, it.member_from()}
        changes |= {at for interval in it.adopted for at in interval if at}
        changes |= {at + wait for at in it.logins for wait in (timedelta(0), 28 * DAY)}
    changes = sorted(at for at in changes if at <= until)
    teams, broad, busy = [], [], []
    for at in changes:
        here = [it for it in members if it.member_from() <= at]
        known = Counter(it.source for it in here if it.created <= at)
        able = sum(it.has_adopted(at) for it in here)
        active = sum(it.logged_in(at, 28) for it in here)
        teams.append((at, able >= 3 and known["GUEST_INVITE"] > 0, able >= 2))
        broad.append((at, len(here) >= 10 and 10 * able >= len(here)))
        quarter = len(here) >= 10 and 4 * active >= len(here)
        busy.append((at, quarter and known["PERSONAL_PROJECTS"] < 5))
    # What would happen after the end is not known: the last state is looked at up to it, the instant included.
    beyond = until + timedelta(microseconds=1)
    return {
        "adopting-team": gracious([*teams, (beyond, False, False)], 2 * DAY),
        "broad-adoption": intervals(broad),
        "busy-month": lasting([*busy, (beyond, False)], DAY / 2),
    }


def expected(folder):
    users, until = load(folder)
    found = set()
    organisations = defaultdict(list)
    for user in users.values():
        user.adopted = adopted(user, until)
        found |= {("adopted", "person", user.id, *interval) for interval in user.adopted}
        organisations[user.organisation].append(user)
    for name, members in organisations.items():
        for definition, entries in organisation(members, until).items():
            found |= {(definition, "account", name, *interval) for interval in entries}
    return found, users, organisations


def replayed(path):
    def instant(text):
        if text is None:
            return None
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).replace(tzinfo=None)

    with open(path, encoding="utf-8") as file:
        rows = json.load(file)
    late = sum(it["known_at"] != it["entered"] for it in rows)
    entries = [
        (it["definition"], it["kind"], it["subject"], instant(it["entered"]), instant(it["left"])) for it in rows
    ]
    return entries, late


def main():
    folder, replay = sys.argv[1:]
    wanted, users, organisations = expected(folder)
    entries, late = replayed(replay)
    found = set(entries)

    print(f"{len(users)} users in {len(organisations)} organisations, {len(organisations['0'])} of them in number 0.")
    for definition in sorted({it[0] for it in wanted | found}):
        ours = [it for it in wanted if it[0] == definition]
        theirs = [it for it in found if it[0] == definition]
        same = len(set(ours) & set(theirs))
        subjects, exits = len({it[2] for it in ours}), sum(it[4] is not None for it in ours)
        print(f"{definition}: {len(ours)} entries and {exits} exits of {subjects} subjects; {same} replayed alike")

    problems = []
    for text, those in [("missing", wanted - found), ("not expected", found - wanted)]:
        problems += [f"{text}: {' '.join(map(str, it))}" for it in sorted(those, key=str)[:SHOWN_MAX]]
        if len(those) > SHOWN_MAX:
            problems.append(f"{text}: {len(those) - SHOWN_MAX} more")
    if len(entries) != len(found):
        problems.append(f"{len(entries) - len(found)} entries stand there twice")
    if late:
        problems.append(f"{late} entries were known at another time than they happened, but nothing arrived late")
    count = len({it[2] for it in found if it[0] == "adopted"})
    if count != ADOPTED:
        problems.append(f"{count} users have adopted, but {ADOPTED} are known to")
    for line in problems:
        print(f"differs: {line}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
