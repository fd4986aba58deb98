"""Values over days and weeks: periods that were good, points that fade, standings at midnight. Part of the algebra."""

from windows import DAY, HOUR, WEEK


class Periods:
    """What is judged by the calendar; `running` and `values` are the algebra's."""

    def periods(self, unit, events, condition, start, number, amount="1"):
        """`number of week with (C) in last 4 full weeks`, with C as SQL over the events of a period that has some; or
        the sum of another amount of them. A period that had begun before the start is left out."""
        good = self.good_periods(unit, events, condition, start, amount)
        spans = f"""SELECT subject, greatest(periods_on('{unit}', p, 1), since) AS s,
                           least(periods_on('{unit}', p, {number} + 1), until) AS e, n
                    FROM ({good}) WHERE s < e"""
        return self.running(events.universe, spans)

    def streak(self, unit, events, condition, start, number):
        """`streak(week, C) >= 3`: after the third period in a row, and on until one is over without it."""
        good = self.good_periods(unit, events, condition, start)
        in_a_row = f"""SELECT * FROM ({good})
                       QUALIFY lag(p, {number - 1}) OVER (PARTITION BY subject, since ORDER BY p)
                             = periods_on('{unit}', p, {1 - number})"""
        spans = f"""SELECT subject, greatest(periods_on('{unit}', p, 1), since) AS s,
                           least(periods_on('{unit}', p, 2), until) AS e, 1 AS n
                    FROM ({in_a_row}) WHERE s < e"""
        return self.running(events.universe, spans) >= 1

    def good_periods(self, unit, events, condition, start, amount="1"):
        """Periods `p` in which a condition held, with from when until when the start was such that they count."""
        return f"""SELECT subject, p, n, m.t AS since, coalesce(m.e, {2**62}) AS until
                   FROM (SELECT subject, period_start('{unit}', t) AS p, {amount} AS n FROM ({events.query})
                         GROUP BY 1, 2 HAVING {condition}) AS good
                   JOIN {start.spans()} AS m USING (subject)
                   WHERE p >= m.v"""

    def weeks_counted(self, start, number, until):
        """How many of the last full weeks are not left out: those that had not begun before the start."""
        weeks = self.all_weeks(start, until)
        return self.running(
            start.universe,
            f"""SELECT subject, greatest(periods_on('week', p, 1), since) AS s,
                       least(periods_on('week', p, {number} + 1), until) AS e, 1 AS n
                FROM ({weeks}) WHERE s < e""",
        )

    def all_weeks(self, start, until):
        """All weeks from the start on."""
        return f"""SELECT subject, period_start('week', t + 3600000000) AS p, since, until
                   FROM (SELECT subject, m.t AS since, coalesce(m.e, {2**62}) AS until,
                                unnest(range(period_start('week', m.v), {until}, {WEEK})) AS t, m.v
                         FROM {start.spans()} AS m WHERE m.v IS NOT NULL)
                   WHERE p >= v"""

    def halving(self, events, points, days, total):
        """Points with a half life: each award is rounded to a thousandth at each of so many midnights."""
        return self.running(
            events.universe,
            f"""SELECT subject, CASE WHEN i = 0 THEN t ELSE periods_on('day', t, i) END AS s,
                       periods_on('day', t, i + 1) AS e, round({points} * pow(0.5, i / {days}), 3)::DECIMAL(18, 3) AS n
                FROM ({events.query}), range({total}) AS days (i)""",
        )

    def fading(self, events, days):
        """Points that fade linearly to nothing, one of them at each midnight."""
        return self.running(
            events.universe,
            f"""SELECT subject, CASE WHEN i = 0 THEN t ELSE periods_on('day', t, i) END AS s,
                       periods_on('day', t, i + 1) AS e, {days} - i AS n
                FROM ({events.query}), range({days}) AS days (i)""",
        )

    def percentile(self, values, among, until):
        """`percentile(V among (C))` in percent: at each midnight, of what stood just before it, the share of those of
        the population whose value is not above the subject's."""
        return self.values(
            values.universe,
            f"""WITH midnights AS (
                    SELECT DISTINCT periods_on('day', t, 1) AS t
                    FROM (SELECT unnest(range(min(born), {until} + {DAY}, {12 * HOUR})) AS t FROM {values.universe})),
                stood AS (
                    SELECT n.t, a.subject, a.v, c.truth
                    FROM midnights AS n
                    JOIN {values.spans()} AS a ON a.t < n.t AND coalesce(n.t <= a.e, true)
                    JOIN {among.spans()} AS c
                      ON c.subject = a.subject AND c.t < n.t AND coalesce(n.t <= c.e, true)),
                ranked AS (
                    SELECT subject, t, truth,
                           100.0 * cume_dist() OVER (PARTITION BY t, truth = 2 ORDER BY v) AS standing
                    FROM stood)
                SELECT subject, t, CASE WHEN truth = 2 THEN standing END, false FROM ranked
                UNION ALL
                SELECT subject, born, NULL, false FROM {values.universe}
                WHERE born NOT IN (SELECT t FROM midnights)""",
        )
