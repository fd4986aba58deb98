#!/usr/bin/env python3
"""Times the best SQL that we know for a definition, over the Parquet segments of a history.

    run.py --history DIR --engine duckdb|chdb [--query definition|aggregate] [--threads 2] [--runs 3] [--out FILE]

DIR is the folder of the history, such as data/history. The query is the file beside this one that is named by query
and engine; `company.json` holds the names of the simulated company: its events, its meter, the limits of its plans.

Prints JSON: the seconds of each run and the best of them, without the start of the interpreter and of the engine; the
files are in memory after the first run. FILE gets the rows as CSV, sorted. Those of the definition are account,
entered and left, in microseconds; `left` is empty while it holds. Needs DuckDB or chdb for Python.
"""

import argparse
import csv
import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = {
    "definition": ["account", "entered", "left"],
    "plain": ["account", "entered", "left"],
    "aggregate": ["account", "facts", "newest", "people"],
}
WEEK = 7 * 24 * 3600 * 1_000_000
NEVER = 2**62


class Unfit(Exception):
    """The history cannot be read by the queries as they stand."""


class DuckDb:
    """DuckDB within this process."""

    def __init__(self, threads):
        import duckdb

        self.version = duckdb.__version__
        self.connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})

    @staticmethod
    def words(history, company):
        return {
            "facts": f"read_parquet({quoted(f'{history}/segments/*.parquet')})",
            "overlay": f"read_parquet({quoted(f'{history}/knowledge/overlay-*.parquet')})",
            "limits": ", ".join(f"({quoted(plan)}, {limit})" for plan, limit in company["limits"].items()),
            "amount": f'"p:{company["amount"]}"::BIGINT',
        }

    def rows(self, query):
        return self.connection.execute(query).fetchall()


class ClickHouse:
    """ClickHouse within this process."""

    def __init__(self, threads):
        import chdb
        from chdb.session import Session

        self.version = chdb.engine_version
        self.settings = f" SETTINGS max_threads = {threads}"
        self.session = Session()

    @staticmethod
    def words(history, company):
        return {
            "facts": f"file({quoted(f'{history}/segments/*.parquet')}, Parquet)",
            "overlay": f"file({quoted(f'{history}/knowledge/overlay-*.parquet')}, Parquet)",
            "plans": f"[{quoted_all(company['limits'])}]",
            "allowances": f"[{', '.join(f'toInt64({it})' for it in company['limits'].values())}]",
            "amount": f"`p:{company['amount']}`",
        }

    def rows(self, query):
        text = str(self.session.query(query + self.settings, "CSV"))
        return [tuple(cell(it) for it in row) for row in csv.reader(text.splitlines())]


ENGINES = {"duckdb": DuckDb, "chdb": ClickHouse}


def cell(text):
    if text == "\\N":
        return None
    return int(text) if text.isdigit() else text


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def quoted_all(texts):
    return ", ".join(quoted(it) for it in texts)


def newest(history, company):
    """The time of the newest fact, which is how far a replay decides; sees to it that the names have a column."""
    segments = json.loads((history / "catalogue.json").read_text(encoding="utf-8"))["segments"]
    if len(segments) != sum(1 for _ in (history / "segments").glob("*.parquet")):
        raise Unfit("there are files that are no part of the history; run `firsthand doctor --compact` first")
    if not all(any(column["path"] == company["amount"] for column in it["promoted"]) for it in segments):
        raise Unfit(f"`{company['amount']}` has no column of its own; run `firsthand doctor --compact` first")
    return max(it["last"] for it in segments)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--history", type=Path, required=True)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--query", choices=COLUMNS, default="definition")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()

    company = json.loads((HERE / "company.json").read_text(encoding="utf-8"))
    words = {it: quoted(company[it]) for it in ("add", "remove", "exports")}
    words |= {"core": quoted_all(company["core"]), "week": WEEK, "never": NEVER}
    engine = ENGINES[asked.engine](asked.threads)
    words |= {"until": newest(asked.history, company)} | engine.words(asked.history.resolve(), company)
    if engine.rows(f"SELECT count(*) FROM {words['overlay']}") != [(0,)]:
        raise Unfit("some rows of the segments count no more; run `firsthand doctor --compact` first")
    query = (HERE / f"{asked.query}.{asked.engine}.sql").read_text(encoding="utf-8").format(**words)

    seconds = []
    for _ in range(asked.runs):
        start = time.perf_counter()
        rows = engine.rows(query)
        seconds.append(time.perf_counter() - start)
    if asked.out:
        with open(asked.out, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[asked.query])
            writer.writerows(sorted(rows, key=lambda it: it[:2]))
    told = {"engine": asked.engine, "version": str(engine.version), "query": asked.query, "threads": asked.threads}
    told |= {"rows": len(rows), "best_seconds": round(min(seconds), 4), "seconds": [round(it, 4) for it in seconds]}
    print(json.dumps(told))


if __name__ == "__main__":
    try:
        main()
    except Unfit as problem:
        sys.exit(str(problem))
