#!/usr/bin/env python3
"""What DuckDB finds in the Parquet files of a history, held against what Firsthand says of the same history.

    duckdb_accounts.py PAGE ACCOUNTS EXPORT

Runs in the folder of the project. PAGE is docs/history.md, whose queries are run as they stand there; ACCOUNTS comes
from `firsthand accounts --json`, EXPORT from `firsthand export`. Needs DuckDB for Python.
"""

import json
import sys
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import duckdb

SHOWN_MAX = 5

# What the second of the documented queries tells, with times that need no further module.
ACCOUNTS = "SELECT account, people, events, epoch_us(first), epoch_us(last_event) FROM ({query})"


def documented(page):
    """The two queries of the page: the view of all rows that count, and one of accounts."""
    text = Path(page).read_text(encoding="utf-8")
    view, query = (it.split("```")[0] for it in text.split("```sql\n")[1:])
    return view, query.rstrip().rstrip(";")


def micros(text):
    if text is None:
        return None
    at = datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (at.days * 86_400 + at.seconds) * 1_000_000 + at.microseconds


def accounts(path):
    with open(path, encoding="utf-8") as file:
        return {
            (it["account"], it["people"], it["events"], micros(it["first"]), micros(it["last_event"]))
            for it in json.load(file)
        }


def at_path(value, path):
    """The value of a property; nested ones have dots in their paths."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def exported(path, column):
    """Every value of a property, with how often it is there."""
    found = Counter()
    with open(path, encoding="utf-8") as file:
        for line in file:
            fact = json.loads(line, parse_int=Decimal, parse_float=Decimal)
            value = at_path(fact.get("properties", {}), column)
            if value is not None:
                found[value] += 1
    return found


def column_values(column):
    """The same by DuckDB: from the typed column, and from the JSON where a value is of another type."""
    name = f'"p:{column}"'
    typed = duckdb.sql(f"SELECT {name}, count(*) FROM facts WHERE NOT copy AND {name} IS NOT NULL GROUP BY 1")
    found = Counter(dict(typed.fetchall()))
    path = "$." + ".".join(f'"{name}"' for name in column.split("."))
    rest = f"""
        SELECT json_extract(properties, $1), count(*) FROM facts
        WHERE NOT copy AND {name} IS NULL AND json_extract_string(properties, $1) IS NOT NULL GROUP BY 1
    """
    for text, count in duckdb.execute(rest, [path]).fetchall():
        found[json.loads(text, parse_int=Decimal, parse_float=Decimal)] += count
    return found


def main():
    page, accounts_json, export = sys.argv[1:]
    view, query = documented(page)
    duckdb.sql(view)
    problems = []

    ours, theirs = accounts(accounts_json), set(duckdb.sql(ACCOUNTS.format(query=query)).fetchall())
    problems += [f"Firsthand only: {it}" for it in sorted(ours - theirs, key=str)[:SHOWN_MAX]]
    problems += [f"DuckDB only: {it}" for it in sorted(theirs - ours, key=str)[:SHOWN_MAX]]
    print(f"{len(theirs)} accounts with {sum(it[2] for it in theirs)} events; {len(ours & theirs)} told alike")

    names = [it[0] for it in duckdb.sql("DESCRIBE facts").fetchall()]
    columns = [it.removeprefix("p:") for it in names if it.startswith("p:")]
    if not columns:
        problems.append("no property has a column of its own, though definitions read some")
    for column in columns:
        wanted, found = exported(export, column), column_values(column)
        if wanted != found:
            problems.append(f"`{column}`: {len(wanted - found)} values are missing, {len(found - wanted)} are too many")
        numbers = [value * count for value, count in found.items() if isinstance(value, Decimal)]
        total = f", together {sum(numbers).normalize():f}" if numbers else ""
        print(f"column {column}: {sum(found.values())} values{total}")

    [(moved,)] = duckdb.sql("SELECT count(*) FROM read_parquet('data/history/segments/*.parquet')").fetchall()
    [(counted,)] = duckdb.sql("SELECT count(*) FROM facts").fetchall()
    print(f"{moved} rows in the files, {counted} of them count")
    if moved == counted:
        problems.append("no row was left behind, so the overlay was not tried")

    for line in problems:
        print(f"differs: {line}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
