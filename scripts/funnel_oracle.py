#!/usr/bin/env python3
"""The lifecycle of a simulated company, worked out a second time by other means.

    funnel_oracle.py PROJECT REPLAY SEGMENT FUNNEL    compares FUNNEL, of `firsthand funnel --json`, figure by figure

PROJECT is the folder of `firsthand simulate`; REPLAY and SEGMENT are of `firsthand replay --json`, of the definitions
with a track and of the segment. Shares no code with Firsthand: groups and cohorts are SQL over the Parquet files, stages
a loop that looks at each account anew at each of its milestones, intervals the roots of the equation that defines them.
"""

import json
import math
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from statistics import NormalDist, median

import duckdb

DAY = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
Z = NormalDist().inv_cdf(0.975)
TRACKS = {"product": "pql", "marketing": "mql"}
RECORDS = {
    "deal created": "opportunity",
    "deal opened": "opportunity",
    "deal lost": "lead",
    "subscription cancelled": "former",
    "lead accepted": "sql",
    "lead won": "customer",
    "lead lost": "lead",
}
HEIGHT = {"former": 0, "lead": 1, "mql": 2, "pql": 3, "sql": 4, "opportunity": 5, "customer": 6}
STEPS = ["lead", "mql", "pql", "sql", "opportunity", "customer"]

TABLES = """
CREATE VIEW facts AS
SELECT * EXCLUDE (time), epoch_us(time) AS t
FROM read_parquet('{history}/segments/*.parquet',
                  union_by_name = true, filename = true, file_row_number = true) AS s
WHERE account <> '' AND NOT EXISTS (
    FROM read_parquet('{history}/knowledge/overlay-*.parquet') AS o
    WHERE o.row = s.file_row_number AND ends_with(s.filename, o.segment));

CREATE TABLE began AS
SELECT account, coalesce(
           min(t) FILTER (kind = 'event' AND lower(name) IN (
               'signed up', 'article viewed', 'whitepaper downloaded', 'webinar attended', 'cta clicked',
               'pricing page viewed')),
           min(t)) AS began
FROM facts WHERE NOT starts_with(account, 'own:anon:') AND NOT starts_with(account, 'anon:') GROUP BY account;

CREATE TABLE done AS
SELECT account, t, CASE WHEN lower(name) = 'plan upgraded' THEN 'upgraded' ELSE 'paid' END AS outcome
FROM facts WHERE kind IN ('event', 'record') AND NOT copy
    AND lower(name) IN ('subscription started', 'deal won', 'plan upgraded');

CREATE TABLE told AS
SELECT account, t, lower(name) AS name FROM facts
WHERE kind = 'record' AND NOT copy AND lower(name) IN {records};
"""

GROUPS = """
WITH first AS (
    SELECT account, min(known) AS known, arg_min(track, (known, track <> 'product')) AS track
    FROM found WHERE track <> 'expansion' GROUP BY account),
bought AS (SELECT account, min(t) AS t FROM done WHERE {outcome} GROUP BY account),
members AS (
    SELECT b.account, b.began, f.track AS name, f.known AS since
    FROM began b JOIN first f USING (account) LEFT JOIN bought p USING (account)
    WHERE p.t IS NULL OR f.known < p.t
    UNION ALL
    SELECT b.account, b.began, 'neither', b.began
    FROM began b LEFT JOIN first f USING (account) LEFT JOIN bought p USING (account)
    WHERE (p.t IS NULL OR b.began < p.t)
        AND (f.known IS NULL OR (p.t IS NOT NULL AND f.known >= p.t) OR f.known > b.began + {within})
    UNION ALL
    SELECT b.account, b.began, 'expansion', min(known) FROM began b JOIN found USING (account)
    WHERE track = 'expansion' GROUP BY b.account, b.began),
asked AS (SELECT * FROM members m WHERE {in_cohort} AND {in_segment}),
outcomes AS (
    SELECT a.account, a.name, a.since,
        (SELECT min(t) FROM done d WHERE d.account = a.account AND {outcome} AND d.t > a.since) AS t,
        (SELECT min(t) FROM told d WHERE d.account = a.account AND d.t >= a.since
            AND d.name IN ('deal created', 'deal opened')) AS deal
    FROM asked a)
SELECT name, count(*), count(*) FILTER (since + {within} > {last}),
    count(*) FILTER (since + {within} > {last} AND t <= since + {within}),
    count(*) FILTER (since + {within} <= {last} AND t <= since + {within}),
    count(*) FILTER (since + {within} <= {last} AND deal <= since + {within}),
    list((t - since) / {day}) FILTER (since + {within} <= {last} AND t <= since + {within})
FROM outcomes GROUP BY name
"""

ALIKE = """
WITH first AS (
    SELECT account, min(known) AS known, arg_min(track, (known, track <> 'product')) AS track
    FROM found WHERE track <> 'expansion' GROUP BY account),
bought AS (SELECT account, min(t) AS t FROM done WHERE {outcome} GROUP BY account),
one AS (
    SELECT b.account, b.began, f.known AS since, p.t
    FROM began b JOIN first f USING (account) LEFT JOIN bought p USING (account)
    WHERE f.track = '{track}' AND (p.t IS NULL OR f.known < p.t) AND f.known + {within} <= {last}),
asked AS (SELECT * FROM one m WHERE {in_cohort} AND {in_segment}),
pairs AS (
    SELECT a.account, avg((p.t IS NOT NULL AND p.t <= a.since + {within})::INT) AS share
    FROM asked a JOIN began c ON c.began <= a.since
    LEFT JOIN first f ON f.account = c.account LEFT JOIN bought p ON p.account = c.account
    WHERE (p.t IS NULL OR p.t > a.since) AND (f.known IS NULL OR f.known > a.since)
        AND band(a.since - a.began) = band(a.since - c.began)
    GROUP BY a.account)
SELECT avg(share) FROM pairs
"""


def micros(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1)


def midnight(text):
    return micros(f"{text}T00:00:00Z")


def root(f, low, high):
    """Where f changes its sign, by halving."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (f(middle) > 0) == (f(low) > 0) else (low, middle)
    return (low + high) / 2


def interval(count, of):
    """The shares that lie no further from the one seen than chance explains: Wilson's, by its definition."""
    p = count / of
    far = lambda q: (p - q) ** 2 - Z * Z * q * (1 - q) / of
    return (0.0 if count == 0 else root(far, 0.0, p)), (1.0 if count == of else root(far, p, 1.0))


def path(began, milestones, until):
    """The stages of an account: at each milestone the highest since the last new beginning."""
    milestones = [it for it in milestones if it[0] <= until]
    began = min([began] + [t for t, _ in milestones])
    stays = [("lead", began)]
    for now in sorted({t for t, _ in milestones}):
        seen = [it for it in milestones if it[0] <= now]
        anew = max((t for t, stage in seen if stage in ("lead", "former")), default=None)
        since = [s for t, s in seen if s not in ("lead", "former") and (anew is None or t > anew)]
        if since:
            stage = max(since, key=HEIGHT.get)
        else:
            stage = next(s for t, s in seen if t == anew and s in ("lead", "former"))
        if stage != stays[-1][0]:
            stays.append((stage, now))
    return stays


def lasting(watched):
    """The median of Kaplan and Meier, one end after the other."""
    share, rest = 1.0, sorted(watched)
    while rest:
        at = rest[0][0]
        ended = sum(1 for t, over in rest if t == at and over)
        share *= 1 - ended / len(rest)
        if share <= 0.5 and ended:
            return at / DAY
        rest = [it for it in rest if it[0] > at]
    return None


class Differ:
    def __init__(self):
        self.compared, self.wrong = 0, []

    def same(self, what, ours, expected):
        self.compared += 1
        close = lambda a, b: a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        if ours != expected and not (isinstance(expected, float) and close(ours, expected)):
            self.wrong.append(f"{what}: {ours}, DuckDB {expected}")

    def rate(self, what, ours, count, of):
        self.same(f"{what} count", ours["count"], count)
        self.same(f"{what} of", ours["of"], of)
        if of:
            low, high = interval(count, of)
            self.same(f"{what} low", ours["low"], low)
            self.same(f"{what} high", ours["high"], high)


def main():
    project, replay, segment, funnel = sys.argv[1:]
    report = json.load(open(funnel, encoding="utf-8"))
    asked = report["question"]
    within, last = round(asked["within_days"] * DAY), micros(report["last"])
    connection = duckdb.connect()
    for statement in TABLES.split(";\n"):
        records = tuple(RECORDS)
        connection.execute(statement.replace("{records}", str(records)).replace("{history}", f"{project}/data/history"))
    connection.execute(
        "CREATE MACRO band(age) AS CASE WHEN age // 86400000000 < 1 THEN -1 ELSE floor(log2(age // 86400000000)) END"
    )
    found = [
        (it["account"] or it["subject"], it["track"], max(micros(it["known_at"]), micros(it["entered"])))
        for it in json.load(open(replay, encoding="utf-8"))
        if it["left"] is None or micros(it["left"]) > max(micros(it["known_at"]), micros(it["entered"]))
    ]
    stays = [
        (it["account"] or it["subject"], micros(it["entered"]), micros(it["left"]) if it["left"] else None)
        for it in json.load(open(segment, encoding="utf-8"))
    ]
    connection.execute("CREATE TABLE found (account VARCHAR, track VARCHAR, known BIGINT)")
    connection.executemany("INSERT INTO found VALUES (?, ?, ?)", found)
    connection.execute("CREATE TABLE stays (account VARCHAR, entered BIGINT, gone BIGINT)")
    connection.executemany("INSERT INTO stays VALUES (?, ?, ?)", stays)

    dated = "m.since" if asked["by"] == "found" else "m.began"
    in_cohort, bounds = "true", None
    if asked["cohort"]:
        first, to = asked["cohort"].split("..")
        bounds = midnight(first), midnight(str(date.fromisoformat(to) + timedelta(days=1)))
        in_cohort = f"{dated} >= {bounds[0]} AND {dated} < {bounds[1]}"
    in_segment = "true"
    if asked["segment"]:
        in_segment = f"""EXISTS (FROM stays s WHERE s.account = m.account
            AND s.entered <= m.since + {DAY} AND (s.gone IS NULL OR s.gone > m.since))"""
    outcome = f"outcome = '{asked['outcome']}'" if asked["outcome"] else "true"
    parts = dict(within=within, last=last, day=DAY, outcome=outcome, in_cohort=in_cohort, in_segment=in_segment)

    differ = Differ()
    rows = {row[0]: row[1:] for row in connection.execute(GROUPS.format(**parts)).fetchall()}
    for ours in report["groups"]:
        name = ours["group"]
        entered, early, already, converted, deals, days = rows.get(name, (0, 0, 0, 0, 0, None))
        differ.same(f"{name} entered", ours["entered"], entered)
        differ.same(f"{name} too early", ours["too_early"], early)
        differ.same(f"{name} already", ours["too_early_converted"], already)
        differ.rate(f"{name} converted", ours["converted"], converted, entered - early)
        deal = next(it["reached"] for it in ours["levels"] if it["stage"] == "opportunity")
        differ.rate(f"{name} opportunity", deal, deals, entered - early)
        differ.same(f"{name} days", (ours["days"] or {}).get("value"), float(median(days)) if days else None)
        if name in TRACKS:
            [(share,)] = connection.execute(ALIKE.format(track=name, **parts)).fetchall()
            differ.same(f"{name} alike", (ours["alike"] or {}).get("share"), share)

    milestones = defaultdict(list)
    for account, track, known in found:
        if track in TRACKS:
            milestones[account].append((known, TRACKS[track]))
    for account, t in connection.execute("SELECT account, t FROM done").fetchall():
        milestones[account].append((t, "customer"))
    for account, t, name in connection.execute("SELECT account, t, name FROM told").fetchall():
        milestones[account].append((t, RECORDS[name]))
    first_found = {}
    for account, track, known in found:
        if track in TRACKS and known <= last:
            first_found[account] = min(known, first_found.get(account, known))
    in_stay = lambda account, at: any(
        a == account and entered <= at + DAY and (gone is None or gone > at) for a, entered, gone in stays
    )
    steps = {it: [0, 0, 0, 0, 0, []] for it in STEPS}
    months = defaultdict(lambda: [0, 0, 0])
    accounts = 0
    for account, began in connection.execute("SELECT account, began FROM began").fetchall():
        anchor = first_found.get(account) if asked["by"] == "found" else began
        if anchor is None or bounds and not bounds[0] <= anchor < bounds[1]:
            continue
        if asked["segment"] and not in_stay(account, anchor):
            continue
        accounts += 1
        month = (EPOCH + timedelta(microseconds=anchor)).strftime("%Y-%m-01")
        months[month][0] += 1
        if anchor + within <= last:
            months[month][1] += 1
            pqls = [t for t, stage in milestones[account] if stage == "pql" and anchor <= t <= anchor + within]
            months[month][2] += bool(pqls)
        stayed = path(began, milestones[account], last)
        for stage, tally in steps.items():
            place = next((i for i, it in enumerate(stayed) if it[0] == stage), None)
            if place is None:
                continue
            since, later = stayed[place][1], stayed[place + 1 :]
            end = later[0][1] if later else None
            tally[0] += 1
            tally[4] += stayed[-1][0] == stage
            tally[5].append((max(0, (end if end is not None else last) - since), end is not None))
            if since + within <= last:
                tally[1] += 1
                higher = [t for s, t in later if s != "former" and HEIGHT[s] > HEIGHT[stage]]
                tally[2] += bool(higher) and higher[0] <= since + within
                bought = [t for s, t in later if s == "customer"]
                tally[3] += bool(bought) and bought[0] <= since + within
    differ.same("accounts", report["accounts"], accounts)
    for ours in report["steps"]:
        stage = ours["stage"]
        entered, observed, further, customers, now, watched = steps[stage]
        differ.same(f"{stage} entered", ours["entered"], entered)
        differ.same(f"{stage} now", ours["now"], now)
        differ.rate(f"{stage} further", ours["further"], further, observed)
        if stage != "customer":
            differ.rate(f"{stage} customer", ours["customer"], customers, observed)
        differ.same(f"{stage} days", (ours["days"] or {}).get("value"), lasting(watched))
    for ours in report["months"]:
        began, observed, pqls = months[ours["month"]]
        differ.same(f"{ours['month']} accounts", ours["accounts"], began)
        pql = next(it["reached"] for it in ours["reached"] if it["stage"] == "pql")
        differ.rate(f"{ours['month']} pql", pql, pqls, observed)

    for it in differ.wrong:
        print(it, file=sys.stderr)
    question = ", ".join(f"{name} {value}" for name, value in asked.items() if value is not None)
    print(f"{question}: {differ.compared - len(differ.wrong)} of {differ.compared} figures are the same")
    return 1 if differ.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
