"""Timelines in SQL: what a value or a condition is for each subject, from its first fact on.

Every operation here is one SQL statement over tables of steps. A step says what is so from its instant until the next
step of the same subject:

    values  (subject, t, v, open)   v is NULL while unknown; `open` while later events could still make it more
    truths  (subject, t, truth)     0 is false, 1 unknown, 2 true

Instants are whole microseconds since 1970. A subject has at most one step an instant, and its first one stands at its
first fact. A *universe* is a table (subject, born) of all subjects of a kind.

This is the meaning of the language as docs/language.md tells it, written down a second time. It shares nothing with
Firsthand, and is made to be read, not to be quick.
"""

from dataclasses import dataclass
from itertools import count

from leaves import Leaves
from periods import Periods

# The calendar, in the zone of the session.
CALENDAR = """
CREATE MACRO to_interval(unit) AS CASE unit
    WHEN 'day' THEN INTERVAL 1 DAY WHEN 'week' THEN INTERVAL 7 DAY ELSE INTERVAL 1 MONTH END;
CREATE MACRO period_start(unit, t) AS epoch_us(date_trunc(unit, make_timestamptz(t)));
CREATE MACRO periods_on(unit, t, n) AS epoch_us(date_trunc(unit, make_timestamptz(t)) + n * to_interval(unit));
CREATE MACRO date_of(t) AS make_timestamptz(t)::DATE;
CREATE MACRO month_over(t) AS periods_on('day', t, list_filter(
    range(28, 33), lambda n: date_of(t) + n::INTEGER - INTERVAL 1 MONTH >= date_of(t))[1]);
CREATE MACRO is_true(truth) AS (truth = 2)::INTEGER;
CREATE MACRO is_unknown(truth) AS (truth = 1)::INTEGER;
CREATE MACRO truth_of(condition) AS CASE WHEN condition IS NULL THEN 1 WHEN condition THEN 2 ELSE 0 END;
"""


@dataclass(frozen=True)
class Events:
    """A query of (subject, t, ...), the columns of `acts`, and the universe of its subjects."""

    algebra: "Algebra"
    query: str
    universe: str

    def where(self, condition):
        return Events(self.algebra, f"SELECT * FROM ({self.query}) WHERE {condition}", self.universe)

    def at_which(self, truths):
        """Those at which a condition is true, all of one instant being taken together."""
        return Events(
            self.algebra,
            f"""SELECT a.* FROM ({self.query}) AS a JOIN {truths.spans()} AS c USING (subject)
                WHERE c.truth = 2 AND c.t <= a.t AND (c.e IS NULL OR a.t < c.e)""",
            self.universe,
        )

    def first_of(self, period, number):
        """`at_most: 2 per day`: the first so many of each period."""
        return Events(
            self.algebra,
            f"""SELECT * FROM ({self.query})
                QUALIFY row_number() OVER (PARTITION BY subject, {period} ORDER BY t) <= {number}""",
            self.universe,
        )


class Steps:
    """What values and truths have in common."""

    def spans(self):
        """Each step with the instant at which the next one begins; the last is for ever."""
        return f"(SELECT *, lead(t) OVER (PARTITION BY subject ORDER BY t) AS e FROM {self.table})"


@dataclass(frozen=True)
class Values(Steps):
    algebra: "Algebra"
    table: str
    universe: str

    def __ge__(self, least):
        return self.algebra.truths(
            self.universe,
            f"""SELECT subject, t, CASE WHEN v IS NULL THEN 1 WHEN v >= {least} THEN 2 WHEN open THEN 1 ELSE 0 END
                FROM {self.table}""",
        )

    def __gt__(self, bound):
        return self.algebra.truths(
            self.universe,
            f"""SELECT subject, t, CASE WHEN v IS NULL THEN 1 WHEN v > {bound} THEN 2 WHEN open THEN 1 ELSE 0 END
                FROM {self.table}""",
        )

    def __lt__(self, bound):
        return ~(self >= bound)

    def __le__(self, most):
        return ~(self > most)

    def is_one_of(self, *texts):
        """Texts compare without case."""
        listed = ", ".join(f"'{it.lower()}'" for it in texts)
        return self.algebra.truths(
            self.universe, f"SELECT subject, t, truth_of(lower(v) IN ({listed})) FROM {self.table}"
        )

    def passed(self, after=0):
        """For values that are instants: whether it is so long after. `since(M) >= d` is `passed(d)`, `until(M) <= d`
        is `passed(-d)`, and those without the equal sign are a microsecond off."""
        return self.algebra.truths(
            self.universe,
            f"""SELECT subject, t, CASE WHEN v IS NULL THEN 1 WHEN v + {after} <= t THEN 2 ELSE 0 END
                FROM {self.table}
                UNION ALL
                SELECT subject, v + {after}, 2 FROM {self.spans()}
                WHERE v + {after} > t AND (e IS NULL OR v + {after} < e)""",
        )

    def ago(self, duration):
        """`(V) 7d ago`: unknown before there was a first fact so long ago."""
        return self.algebra.values(
            self.universe,
            f"""SELECT subject, born, NULL, false FROM {self.universe}
                UNION ALL
                SELECT subject, t + {duration}, v, open FROM {self.table}""",
        )


@dataclass(frozen=True)
class Truths(Steps):
    algebra: "Algebra"
    table: str
    universe: str

    def __and__(self, other):
        return self.algebra.at_least(2, self, other)

    def __or__(self, other):
        return self.algebra.at_least(1, self, other)

    def __invert__(self):
        return self.algebra.truths(self.universe, f"SELECT subject, t, 2 - truth FROM {self.table}")

    def certain(self):
        """Unknown is not true."""
        return self.algebra.truths(self.universe, f"SELECT subject, t, 2 * is_true(truth) FROM {self.table}")

    def unless_true_unknown(self):
        """What is judged only while this is true: `and` it to a condition to make that unknown elsewhere."""
        return self.algebra.truths(self.universe, f"SELECT subject, t, 1 + is_true(truth) FROM {self.table}")

    def held(self, duration):
        """`(C) for 7d`: true once it has been true without a break for so long."""
        return self.algebra.truths(
            self.universe,
            f"""SELECT subject, t, CASE WHEN truth = 2 AND {duration} > 0 THEN 0 ELSE truth END FROM {self.table}
                UNION ALL
                SELECT subject, t + {duration}, 2 FROM {self.spans()}
                WHERE truth = 2 AND {duration} > 0 AND (e IS NULL OR t + {duration} < e)""",
        )

    def was(self, duration):
        """`was (C, last 7d)`: true in some part of the window, of which the oldest instant is left out."""
        spans = f"SELECT subject, t AS s, e + {duration} AS e, 1 AS n FROM {self.spans()} WHERE truth = 2"
        return self.algebra.running(self.universe, spans) >= 1

    def turns(self):
        """`becomes (C)`: an event at each instant at which it turns true."""
        return Events(self.algebra, f"SELECT subject, t FROM {self.table} WHERE truth = 2", self.universe)

    def every(self, duration, until):
        """`every 7d while (C)`: an event when it turns true and after every further 7 d while it stays so."""
        return Events(
            self.algebra,
            f"""SELECT subject, unnest(range(t, coalesce(e, {until} + 1), {duration})) AS t
                FROM {self.spans()} WHERE truth = 2""",
            self.universe,
        )

    def points(self, number):
        """`while: C` in a score: so many points as long as it is true."""
        return self.algebra.values(
            self.universe, f"SELECT subject, t, {number} * is_true(truth), false FROM {self.table}"
        )


class Algebra(Leaves, Periods):
    """Makes tables of steps in a DuckDB connection."""

    def __init__(self, connection):
        self.connection = connection
        self.numbers = count(1)
        for statement in CALENDAR.strip().split(";\n"):
            connection.execute(statement)

    def keep(self, query):
        """Makes a table of a query and tells its name."""
        name = f"steps_{next(self.numbers)}"
        self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}")
        return name

    def values(self, universe, query):
        """Steps of (subject, t, v, open), one an instant."""
        return Values(self, self.keep(f"SELECT * FROM ({query}) AS it (subject, t, v, open)"), universe)

    def truths(self, universe, query):
        """Steps of (subject, t, truth), one an instant; those that change nothing are left out."""
        return Truths(
            self,
            self.keep(
                f"""SELECT subject, t, truth FROM ({query}) AS it (subject, t, truth)
                    QUALIFY truth IS DISTINCT FROM lag(truth) OVER (PARTITION BY subject ORDER BY t)"""
            ),
            universe,
        )

    def running(self, universe, spans):
        """The sum of all `n` of spans (subject, s, e, n), each from `s` until just before `e`."""
        return self.values(
            universe,
            f"""WITH spans AS ({spans}), changes (subject, t, n) AS (
                    SELECT subject, s, n FROM spans
                    UNION ALL
                    SELECT subject, e, -n FROM spans WHERE e IS NOT NULL
                    UNION ALL
                    SELECT subject, born, 0 FROM {universe})
                SELECT subject, t, sum(sum(n)) OVER (PARTITION BY subject ORDER BY t), false
                FROM changes
                GROUP BY subject, t""",
        )

    def combine(self, value, still_open="false", **steps):
        """A value at every instant at which one of the others changes; these are structs of their columns."""
        [universe] = {it.universe for it in steps.values()}
        parts = (f"SELECT subject, t, it AS {name} FROM {it.table} AS it" for name, it in steps.items())
        union = " UNION ALL BY NAME ".join(parts)
        at_once = ", ".join(f"any_value({name}) AS {name}" for name in steps)
        since = ", ".join(f"last_value({name} IGNORE NULLS) OVER by_time AS {name}" for name in steps)
        return self.values(
            universe,
            f"""WITH instants AS (SELECT subject, t, {at_once} FROM ({union}) GROUP BY subject, t),
                filled AS (SELECT subject, t, {since} FROM instants
                           WINDOW by_time AS (PARTITION BY subject ORDER BY t))
                SELECT subject, t, {value}, {still_open} FROM filled""",
        )

    def at_least(self, number, *truths):
        """`at least 2 of (C, D, E)`; `and` is all of them, `or` is one."""
        [universe] = {it.universe for it in truths}
        flips = " UNION ALL ".join(
            f"""FROM (SELECT subject, t, is_true(truth) - is_true(before) AS yes,
                             is_unknown(truth) - is_unknown(before) AS maybe
                      FROM (SELECT *, lag(truth, 1, 0) OVER (PARTITION BY subject ORDER BY t) AS before
                            FROM {it.table}))"""
            for it in truths
        )
        return self.truths(
            universe,
            f"""SELECT subject, t, CASE WHEN yes >= {number} THEN 2 WHEN yes + maybe >= {number} THEN 1 ELSE 0 END
                FROM (SELECT subject, t, sum(sum(yes)) OVER by_time AS yes, sum(sum(maybe)) OVER by_time AS maybe
                      FROM ({flips}) GROUP BY subject, t
                      WINDOW by_time AS (PARTITION BY subject ORDER BY t))""",
        )

    def number_of(self, truths, universe):
        """`number of K with (C)`: of the subjects of one universe, each with its `parent` in another."""
        return self.running(
            universe,
            f"""SELECT u.parent AS subject, t AS s, e, 1 AS n
                FROM {truths.spans()} JOIN {truths.universe} AS u USING (subject) WHERE truth = 2""",
        )

    def kept(self, enter, leave):
        """True from when one is until the other is."""
        state = self.combine("CASE WHEN a.truth = 2 THEN 2 WHEN b.truth = 2 THEN 0 END", a=enter, b=leave)
        return self.truths(
            enter.universe,
            f"""SELECT subject, t, coalesce(last_value(v IGNORE NULLS) OVER (PARTITION BY subject ORDER BY t), 0)
                FROM {state.table}""",
        )

    def entries(self, when, stay=None, unless=None, holds_for=0, grace=0):
        """Law T4: rows of (subject, entered, left) as the language dates them."""
        kept = when if stay is None else when | stay
        enter, leave = when.certain(), (~kept.certain()).held(grace)
        if unless is not None:
            enter, leave = enter & ~unless.certain(), leave | unless.certain()
        held = self.kept(enter.held(holds_for), leave)
        return f"SELECT subject, t AS entered, e AS left FROM {held.spans()} WHERE truth = 2"
