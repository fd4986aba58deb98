#!/usr/bin/env python3
"""The figures of the 365 backtest, computed a second time by other means.

    365_oracle.py FOLDER                    prints the figures as JSON
    365_oracle.py FOLDER --check REPORT     compares them with a report of `firsthand replay --json` (`-` for stdin)

FOLDER holds the gzip files of `365_learning_challenge`. Needs Python 3.9 and nothing else. Everything is written for
likeness to the definitions in docs/backtest.md, not for speed, and shares no code with Firsthand: days are whole
numbers, subjects are looked at one by one, and the controls of each qualification are searched for among all students.
"""

import argparse
import csv
import gzip
import json
import math
import statistics
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

MINUTES = Decimal(30)
WITHIN_DAYS = 14
COHORT = ("2022-07-01", "2022-10-06")
SPLIT = "2022-08-15"
NEVER = 10**9
TOLERANCE = 1e-9


def day(text):
    return date.fromisoformat(text).toordinal()


def read(folder, name):
    with gzip.open(Path(folder) / f"365_{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Student:
    """Days of registration, first purchase and qualification, as they are known by the end of the day `last`."""

    def __init__(self, registered, purchases, minutes, last):
        self.start = registered
        self.bought = min((it for it in purchases if it <= last), default=NEVER)
        self.qualified = NEVER
        total = Decimal(0)
        for watched in sorted(it for it in minutes if it <= last):
            total += minutes[watched]
            if total >= MINUTES:
                # Judged at the end of the day: a purchase on it shuts the student out.
                if self.bought > watched:
                    self.qualified = watched
                break

    def buys_after(self, start):
        return start < self.bought <= start + WITHIN_DAYS

    def is_hit(self, last):
        return self.qualified + WITHIN_DAYS <= last and self.buys_after(self.qualified)


def load(folder):
    """Yields registration, purchases and minutes a day of each student; and all days of anything recorded."""
    purchases, minutes = defaultdict(list), defaultdict(lambda: defaultdict(Decimal))
    days = set()
    for row in read(folder, "student_purchases"):
        purchases[row["student_id"]].append(day(row["date_purchased"]))
    for row in read(folder, "student_learning"):
        minutes[row["student_id"]][day(row["date_watched"])] += Decimal(row["minutes_watched"])
    students = []
    for row in read(folder, "student_info"):
        student = row["student_id"]
        students.append((day(row["date_registered"]), purchases[student], minutes[student]))
    for registered, bought, watched in students:
        days.update([registered], bought, watched)
    return students, days


def rate(count, of):
    if of == 0:
        return {"count": count, "of": of, "rate": None, "low": None, "high": None}
    # Wilson's interval as the roots of (p - x)^2 = z^2 x (1 - x) / n.
    z, p = statistics.NormalDist().inv_cdf(0.975), count / of
    a, b, c = 1 + z * z / of, -(2 * p + z * z / of), p * p
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return {"count": count, "of": of, "rate": p, "low": (-b - root) / (2 * a), "high": (-b + root) / (2 * a)}


def lift(of, comparison):
    if not comparison or of["rate"] is None:
        return None
    return {"value": of["rate"] / comparison, "low": of["low"] / comparison, "high": of["high"] / comparison}


def age_band(age):
    """The first and the last age in days of the band: 0, 1, 2 to 3, 4 to 7, ..."""
    return (0, 0) if age == 0 else (2 ** (age.bit_length() - 1), 2 ** age.bit_length() - 1)


def controls(students, qualified):
    """Counts the unqualified of the same time and age, and those of them who buy in the same window."""
    now = qualified.qualified
    low, high = age_band(now - qualified.start)
    of = [
        it
        for it in students
        if low <= now - it.start <= high and it.start <= now and it.bought > now and it.qualified > now
    ]
    return len(of), sum(it.buys_after(now) for it in of)


def figures(students, last, watched_days):
    """Of students as they are known by the end of the day `last`, watched for so many days."""
    known = [it for it in students if it.qualified < NEVER]
    judged = [it for it in known if it.qualified + WITHIN_DAYS <= last]
    early = [it for it in known if it.qualified + WITHIN_DAYS > last]
    hits = [it for it in known if it.is_hit(last)]
    precision = rate(len(hits), len(judged))
    recall = rate(len(hits), sum(it.start < it.bought < NEVER for it in students))
    free = [it for it in students if it.bought > it.start and it.start + WITHIN_DAYS <= last]
    base = rate(sum(it.buys_after(it.start) for it in free), len(free))

    pairs = [(it, *controls(students, it)) for it in judged]
    pairs = [(it, count, buying) for it, count, buying in pairs if count]
    matched = rate(sum(it.is_hit(last) for it, _, _ in pairs), len(pairs))
    expected = math.fsum(buying / count for _, count, buying in pairs) / len(pairs) if pairs else None

    both = (precision["rate"] or 0) + (recall["rate"] or 0)
    return {
        "subjects": len(students),
        "qualified": len(judged),
        "per_week": len(known) / (watched_days / 7),
        "hits": len(hits),
        "precision": precision,
        "recall": recall,
        "recall_of_all": rate(len(hits), sum(it.bought < NEVER for it in students)),
        "f1": 2 * precision["rate"] * recall["rate"] / both if both else None,
        "base": base,
        "lift": lift(precision, base["rate"]),
        "matched": matched,
        "controls": expected,
        "matched_lift": lift(matched, expected),
        "controls_mean": sum(count for _, count, _ in pairs) / len(pairs) if pairs else None,
        "lead_days": statistics.median(it.bought - it.qualified for it in hits) if hits else None,
        "value_total": None,
        "value_mean": None,
        "too_early": len(early),
        "too_early_converted": sum(it.buys_after(it.qualified) for it in early),
        "too_late": 0,
        "lapsed": 0,
    }


def monday(it):
    return date.fromordinal(it - date.fromordinal(it).weekday()).isoformat()


def weeks(students, last):
    table = defaultdict(lambda: {"started": 0, "qualified": 0, "hits": 0, "known": 0})
    for it in students:
        week = table[monday(it.start)]
        week["started"] += 1
        if it.qualified < NEVER:
            week["qualified"] += 1
            week["hits"] += it.is_hit(last)
            table[monday(it.qualified)]["known"] += 1
    return [{"week": week, **table[week]} for week in sorted(table)]


def backtest(folder):
    rows, days = load(folder)
    first, last, split = min(days), max(days), day(SPLIT)
    cohort = [it for it in rows if day(COHORT[0]) <= it[0] <= day(COHORT[1])]
    now = [Student(*it, last) for it in cohort]
    then = [Student(*it, split - 1) for it in cohort if it[0] < split]
    seen_from = max(first, day(COHORT[0]))
    return {
        # The newest fact is dated at the first instant of the last day, so that day adds nothing;
        # what was known before the split reaches up to its first instant.
        "all": figures(now, last, last - seen_from),
        "split": {
            "at": SPLIT,
            "before": figures(then, split - 1, split - seen_from),
            "after": figures([it for it in now if it.start >= split], last, last - split),
        },
        "weeks": weeks(now, last),
    }


def differences(expected, found, path="", told=None):
    """Lists where `found` is not what is `expected`; it may hold more."""
    told = [] if told is None else told
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            differences(value, found.get(key, "nothing"), f"{path}.{key}", told)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, value in enumerate(expected):
            differences(value, found[index], f"{path}[{index}]", told)
    elif is_number(expected) and is_number(found):
        if not math.isclose(expected, found, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            told.append(f"{path}: expected {expected}, found {found}")
    elif expected != found:
        told.append(f"{path}: expected {expected}, found {found}")
    return told


def is_number(it):
    return isinstance(it, (int, float)) and not isinstance(it, bool)


def count_values(it):
    if isinstance(it, (dict, list)):
        return sum(count_values(value) for value in (it.values() if isinstance(it, dict) else it))
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--check", metavar="REPORT", help="JSON of `firsthand replay DEF --backtest --json`")
    asked = parser.parse_args()
    expected = backtest(asked.folder)
    if not asked.check:
        json.dump(expected, sys.stdout, indent=2)
        print()
        return 0
    text = sys.stdin.read() if asked.check == "-" else Path(asked.check).read_text(encoding="utf-8")
    report = json.loads(text)
    # One object for each definition that was replayed; here it is one.
    found = report[0] if isinstance(report, list) and len(report) == 1 else report
    told = differences(expected, found)
    for line in told:
        print(f"differs: {line}", file=sys.stderr)
    total = count_values(expected)
    print(f"{total - len(told)} of {total} figures are the same.", file=sys.stderr)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
