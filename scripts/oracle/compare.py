#!/usr/bin/env python3
"""What DuckDB finds in the Parquet files of a history, held against what `firsthand replay` finds.

    compare.py --names                     prints the names of the definitions that are compared
    compare.py PROJECT REPLAY              compares; REPLAY is what `firsthand replay --json` has printed of them

Every entry and exit of every subject must be the same to the microsecond; else the first differences of each definition
are told, and the exit status is 1. Needs DuckDB for Python.
"""

import json
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb

from algebra import Algebra
from definitions import all_definitions
from facts import Facts

PROJECT = Path(__file__).parent / "project"
SHOWN_MAX = 3
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)


def written():
    """The names in the project's files, in order; segments that others read are definitions too."""
    for file in sorted((PROJECT / "definitions").glob("*.yaml")):
        yield from re.findall(r"^definition: (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE)


def zone():
    [name] = re.findall(r"^zone: (\S+)$", (PROJECT / "firsthand.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    return name


def micros(text):
    return None if text is None else (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // MICROSECOND


def told(instant):
    return "..." if instant is None else (EPOCH + instant * MICROSECOND).isoformat()


def replayed(path):
    found = defaultdict(set)
    with open(path, encoding="utf-8") as file:
        for it in json.load(file):
            found[it["definition"]].add((it["subject"], micros(it["entered"]), micros(it["left"])))
    return found


def show(who, rows):
    for subject, entered, left in sorted(rows, key=lambda it: (it[1], it[0]))[:SHOWN_MAX]:
        print(f"    {who} only: {subject}  {told(entered)}  {told(left)}", file=sys.stderr)


def main():
    if sys.argv[1:] == ["--names"]:
        print(*written())
        return 0
    project, replay = sys.argv[1:]
    found = replayed(replay)
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{zone()}'")
    facts = Facts(Algebra(connection), f"{project}/data/history")

    compared, entries, differing, empty = set(), 0, 0, []
    for name, query in all_definitions(facts):
        rows = connection.execute(
            f"""SELECT subject, entered, CASE WHEN "left" <= {facts.until} THEN "left" END
                FROM ({query}) WHERE entered <= {facts.until}"""
        ).fetchall()
        expected, ours = set(rows), found[name]
        compared.add(name)
        entries += len(expected)
        if not expected:
            empty.append(name)
        if expected != ours:
            differing += 1
            print(f"{name}: {len(expected & ours)} alike of {len(expected)}", file=sys.stderr)
            show("DuckDB", expected - ours)
            show("Firsthand", ours - expected)

    missing = set(written()) ^ compared
    if missing:
        print(f"not on both sides: {', '.join(sorted(missing))}", file=sys.stderr)
    if empty:
        print(f"never entered: {', '.join(empty)}")
    print(f"{len(compared)} definitions, {entries} entries; {len(compared) - differing} definitions alike")
    return 1 if differing or missing else 0


if __name__ == "__main__":
    sys.exit(main())
