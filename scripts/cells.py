"""What a file says, held against what `firsthand export` gives back: cell by cell, nothing more and nothing less.

Used by the oracles beside it. Shares no code with Firsthand: the rules of docs/import.md are written down here a
second time, for files of the shapes at hand.
"""

import csv
import gzip
import io
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta

# A cell is a number if it could be written back to the letter, and has at most 15 digits.
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
DIGITS_MAX = 15
SHOWN_MAX = 5


class Number(str):
    """A number, by its digits: `1.50` is not `1.5`, and neither is the text `1.50`."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return isinstance(other, Number) and str.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    def __repr__(self):
        return str(self)


def from_json(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def rows(path, header=None):
    """The rows of a CSV file, each a dictionary of texts."""
    with gzip.open(path) as file:
        text = io.StringIO(file.read().decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, fieldnames=header))


def objects(path):
    """The objects of an NDJSON file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [from_json(line) for line in file]


def value(cell):
    if cell in ("TRUE", "True", "true"):
        return True
    if cell in ("FALSE", "False", "false"):
        return False
    is_number = NUMBER.fullmatch(cell) and sum(it.isdigit() for it in cell) <= DIGITS_MAX
    return Number(cell) if is_number else cell


def properties(row, *taken, rename=()):
    """Every cell that is not empty and has no other meaning."""
    names = dict(rename)
    return {names.get(name, name): value(cell) for name, cell in row.items() if cell != "" and name not in taken}


def instant(at):
    text = at.isoformat(timespec="microseconds" if at.microsecond else "seconds")
    return (text.rstrip("0") if at.microsecond else text) + "Z"


def day_first(text):
    return datetime.strptime(text, "%d-%m-%Y %H:%M" if ":" in text else "%d-%m-%Y")


def epoch_ms(milliseconds):
    return datetime(1970, 1, 1) + timedelta(milliseconds=int(milliseconds))


def fact(at, **members):
    """A fact in the export's own spelling; what is `None` is not there."""
    return {"time": instant(at), **{name: it for name, it in members.items() if it is not None}}


class Check:
    """Collects what differs."""

    def __init__(self, exported):
        self.problems = []
        self.by_source = defaultdict(list)
        with open(exported, encoding="utf-8") as file:
            for line in file:
                one = from_json(line)
                self.by_source[one.pop("source")].append(one)

    def same(self, what, expected, found):
        if expected != found:
            self.problems.append(f"{what}: expected {expected}, found {found}")

    def import_of(self, source, report, records, facts, rejects, notices, repeats=0, left_out=None):
        """The summary of an import: every record is accounted for, every problem told, and no other."""
        words = ", ".join(f"{it} {code}" for code, it in {**rejects, **notices, **(left_out or {})}.items())
        print(f"{source}: {records} records, {facts} facts added, {repeats} there already, {sum(rejects.values())} rejects"
              f"; to be told: {words or 'nothing'}")
        with open(report, encoding="utf-8") as file:
            told = json.load(file)
        added = {it["kind"]: it["facts"] for it in told["added"]}
        counted_once = {it["code"]: it["facts"] for it in told["repeats"]}
        [of_file] = told["files"]
        self.same(f"{source}: records", records, of_file["records"])
        self.same(f"{source}: rejects", sum(rejects.values()), of_file["rejects"])
        self.same(f"{source}: facts", facts + repeats, of_file["facts"])
        self.same(f"{source}: facts added", facts, sum(added.values()))
        self.same(f"{source}: repeats", {"already_there": repeats, "repeated": 0, "replaced": 0}, counted_once)
        self.same(f"{source}: left out", left_out or {}, {it["code"]: it["facts"] for it in told["left_out"]})
        self.same(f"{source}: rejects by reason", rejects, {it["code"]: it["records"] for it in told["rejects"]})
        self.same(f"{source}: notices", notices, {it["code"]: it["records"] for it in told["notices"]})

    def facts_of(self, source, expected):
        """The facts of a source, each with every value; those without an id of their own, without it."""
        has_ids = all("id" in it for it in expected)
        found = self.by_source.pop(source, [])
        if not has_ids:
            found = [{name: it for name, it in one.items() if name != "id"} for one in found]
        expected, found = (Counter(map(spelt, them)) for them in (expected, found))
        for what, those in [("is missing", expected - found), ("is not in the file", found - expected)]:
            lines = [f"{source}: {what}: {it}" for it in sorted(those.elements())]
            self.problems += lines[:SHOWN_MAX]
            if len(lines) > SHOWN_MAX:
                self.problems.append(f"{source}: {what}: {len(lines) - SHOWN_MAX} more")

    def finish(self):
        """Tells what differs, and returns the exit status."""
        for source, facts in self.by_source.items():
            self.problems.append(f"{source}: {len(facts)} facts from nowhere")
        for line in self.problems:
            print(f"differs: {line}", file=sys.stderr)
        return 1 if self.problems else 0


def spelt(it):
    """One spelling for equal facts; numbers keep their digits, and are no texts."""
    if isinstance(it, dict):
        return "{" + ", ".join(f"{name}: {spelt(it[name])}" for name in sorted(it)) + "}"
    return repr(it)


def cells(expected):
    """How many cells were compared."""
    return sum(len(it.get("properties") or it.get("traits") or ()) for it in expected)
