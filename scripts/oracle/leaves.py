"""Values over events: counts, sums, distinct values, moments, sequences. Part of the algebra."""

from windows import EVER


class Leaves:
    """What is measured of events in a window or at a moment; `running`, `values` and `combine` are the algebra's."""

    def count(self, events, window=EVER):
        return self.sum("1", events, window)

    def sum(self, amount, events, window=EVER):
        """`sum(p, E, W)`, with the amount as SQL; events without it add nothing."""
        return self.running(
            events.universe,
            f"""SELECT subject, {window.begin} AS s, {window.end} AS e, coalesce({amount}, 0) AS n
                FROM ({events.query})""",
        )

    def distinct(self, key, events, window=EVER):
        """`distinct(p, E, W)`, `people`, `days`: how many keys are there, each once however many events it has."""
        spans = f"""
            WITH spans AS (
                SELECT subject, {key} AS k, {window.begin} AS s, coalesce({window.end}, {2**62}) AS e
                FROM ({events.query}) WHERE {key} IS NOT NULL),
            marked AS (
                SELECT *, s > max(e) OVER (PARTITION BY subject, k ORDER BY s, e
                                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS apart
                FROM spans),
            islands AS (
                SELECT *, count(*) FILTER (apart) OVER (PARTITION BY subject, k ORDER BY s, e
                                                       ROWS UNBOUNDED PRECEDING) AS island
                FROM marked)
            SELECT subject, min(s) AS s, nullif(max(e), {2**62}) AS e, 1 AS n
            FROM islands GROUP BY subject, k, island"""
        return self.running(events.universe, spans)

    def people(self, events, window=EVER):
        return self.distinct("nullif(person, '')", events, window)

    def days(self, events, window=EVER):
        return self.distinct("period_start('day', t)", events, window)

    def least_at_least(self, amount, events, window, bound):
        """`min(p, E, W) >= bound`: unknown of nothing."""
        known = events.where(f"{amount} IS NOT NULL")
        low = known.where(f"{amount} < {bound}")
        value = "CASE WHEN a.v > 0 THEN (b.v = 0)::INTEGER END"
        return self.combine(value, a=self.count(known, window), b=self.count(low, window)) >= 1

    def greatest(self, amount, events, window, least):
        """`max(p, E, W) >= least`: unknown of nothing."""
        known = events.where(f"{amount} IS NOT NULL")
        there = self.count(known, window)
        high = self.count(known.where(f"{amount} >= {least}"), window)
        return self.combine("CASE WHEN a.v > 0 THEN b.v END", a=there, b=high) >= 1

    def average_below(self, amount, events, window, bound):
        """`avg(p, E, W) < bound`, cross-multiplied; unknown of nothing."""
        known = events.where(f"{amount} IS NOT NULL")
        return (
            self.combine(
                f"CASE WHEN b.v > 0 THEN (a.v < {bound} * b.v)::INTEGER END",
                a=self.sum(amount, known, window),
                b=self.count(known, window),
            )
            >= 1
        )

    def nth(self, number, events):
        """`3rd E`: its instant, unknown before; equal times need no order."""
        return self.moment(
            events,
            f"""SELECT subject, t AS s, t AS m FROM ({events.query})
                QUALIFY row_number() OVER (PARTITION BY subject ORDER BY t) = {number}""",
        )

    def latest(self, value, events):
        """`latest(p, E)`, or with `t` the instant of the last E."""
        known = events.where(f"{value} IS NOT NULL")
        return self.moment(events, f"SELECT subject, t AS s, {value} AS m FROM ({known.query})")

    def moment(self, events, query):
        return self.values(
            events.universe,
            f"""WITH given AS ({query})
                SELECT subject, s, any_value(m), false FROM given GROUP BY subject, s
                UNION ALL
                SELECT subject, born, NULL, false FROM {events.universe} AS u
                WHERE NOT EXISTS (FROM given WHERE given.subject = u.subject AND given.s = u.born)""",
        )

    def count_at(self, events, moment, begin, end):
        """`count(E, 3d to 10d after M)`: from `begin` until just before `end` after M; unknown before, open until then.
        Without an end it runs until now (`since M` begins a microsecond after)."""
        inside = f"a.t >= m.v + {begin}" + ("" if end is None else f" AND a.t < m.v + {end}")
        counted = self.running(
            events.universe,
            f"""SELECT a.subject, greatest(a.t, m.t) AS s, m.e, 1 AS n
                FROM ({events.query}) AS a JOIN {moment.spans()} AS m USING (subject)
                WHERE {inside} AND (m.e IS NULL OR a.t < m.e)""",
        )
        begun = moment.passed(begin)
        ended = begun if end is None else moment.passed(end)
        return self.combine("CASE WHEN b.truth = 2 THEN a.v END", "c.truth <> 2", a=counted, b=begun, c=ended)

    def count_before(self, events, moment):
        """`count(E, before M)`: unknown while M has not come."""
        return self.combine(
            "CASE WHEN b.v IS NOT NULL THEN a.v END",
            a=self.running(
                events.universe,
                f"""SELECT a.subject, m.t AS s, m.e, 1 AS n
                    FROM ({events.query}) AS a JOIN {moment.spans()} AS m USING (subject) WHERE a.t < m.v""",
            ),
            b=moment,
        )

    def sequence(self, steps, within, duration=None):
        """`seen("A" then "B" within 2h, last 30d)`: there from its last step until its first leaves the window. Of all
        that end in one event, the one that began latest stays longest."""
        first, *rest = steps
        chains = f"SELECT subject, t, t AS began FROM ({first.query})"
        for step in rest:
            chains = f"""SELECT b.subject, b.t, max(a.began) AS began
                         FROM ({chains}) AS a JOIN ({step.query}) AS b
                           ON a.subject = b.subject AND a.t < b.t AND b.t <= a.began + {within}
                         GROUP BY b.subject, b.t"""
        end = "NULL::BIGINT" if duration is None else f"began + {duration}"
        spans = f"SELECT subject, t AS s, {end} AS e, 1 AS n FROM ({chains}) WHERE coalesce({end} > t, true)"
        return self.running(first.universe, spans) >= 1
