#!/usr/bin/env python3
"""What DuckDB finds in the Parquet files of a history, held against what Firsthand says of the same history.

    duckdb_accounts.py HISTORY ACCOUNTS EXPORT

HISTORY is the folder; ACCOUNTS comes from `firsthand accounts --json`, EXPORT from `firsthand export`. Needs DuckDB for
Python. The queries are those of docs/history.md.
"""

import json
import sys
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import duckdb

SHOWN_MAX = 5

# Rows that count: those of an account that no overlay has taken out.
ROWS = """
    CREATE VIEW rows AS
    SELECT * FROM read_parquet('{history}/segments/*.parquet',
                               union_by_name = true, filename = true, file_row_number = true) AS s
    WHERE NOT EXISTS (
        FROM {overlay} AS o
        WHERE o.row = s.file_row_number AND ends_with(s.filename, o.segment))
"""
ACCOUNTS = """
    SELECT account,
           count(DISTINCT person),
           count(*) FILTER (kind = 'event' AND NOT copy),
           epoch_us(min(time)),
           epoch_us(max(time) FILTER (kind = 'event'))
    FROM rows
    WHERE account <> ''
    GROUP BY account
"""


def connect(history):
    # Without rows that count no more there is no overlay.
    overlay = f"read_parquet('{history}/knowledge/overlay-*.parquet')"
    if not list(Path(history, "knowledge").glob("overlay-*.parquet")):
        overlay = "(SELECT '' AS segment, 0 AS row WHERE false)"
    duckdb.sql(ROWS.format(history=history, overlay=overlay))


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
    typed = duckdb.sql(f"SELECT {name}, count(*) FROM rows WHERE NOT copy AND {name} IS NOT NULL GROUP BY 1")
    found = Counter(dict(typed.fetchall()))
    path = "$." + ".".join(f'"{name}"' for name in column.split("."))
    rest = f"""
        SELECT json_extract(properties, $1), count(*) FROM rows
        WHERE NOT copy AND {name} IS NULL AND json_extract_string(properties, $1) IS NOT NULL GROUP BY 1
    """
    for text, count in duckdb.execute(rest, [path]).fetchall():
        found[json.loads(text, parse_int=Decimal, parse_float=Decimal)] += count
    return found


def main():
    history, accounts_json, export = sys.argv[1:]
    connect(history)
    problems = []

    ours, theirs = accounts(accounts_json), set(duckdb.sql(ACCOUNTS).fetchall())
    problems += [f"Firsthand only: {it}" for it in sorted(ours - theirs, key=str)[:SHOWN_MAX]]
    problems += [f"DuckDB only: {it}" for it in sorted(theirs - ours, key=str)[:SHOWN_MAX]]
    print(f"{len(theirs)} accounts with {sum(it[2] for it in theirs)} events; {len(ours & theirs)} told alike")

    names = [it[0] for it in duckdb.sql("DESCRIBE rows").fetchall()]
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

    [(moved,)] = duckdb.sql(f"SELECT count(*) FROM read_parquet('{history}/segments/*.parquet')").fetchall()
    [(counted,)] = duckdb.sql("SELECT count(*) FROM rows").fetchall()
    print(f"{moved} rows in the files, {counted} of them count")
    if moved == counted:
        problems.append("no row was left behind, so the overlay was not tried")

    for line in problems:
        print(f"differs: {line}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
