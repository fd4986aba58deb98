"""When an event counts: durations and windows, as SQL over its time."""

from dataclasses import dataclass

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
WEEK = 7 * DAY


@dataclass(frozen=True)
class Window:
    """From when until when an event counts, as SQL over its time `t`; NULL is for ever."""

    begin: str
    end: str


def last(duration):
    """`last 14d`: (t - 14d, t]."""
    return Window("t", f"t + {duration}")


def last_periods(number, unit):
    """`last 14 dates` with "day": today's and the 13 before."""
    return Window("t", f"periods_on('{unit}', t, {number})")


def this(unit):
    """`this month`."""
    return Window("t", f"periods_on('{unit}', t, 1)")


def last_full(unit, number=1):
    """`last full week`, `last 4 full months`."""
    return Window(f"periods_on('{unit}', t, 1)", f"periods_on('{unit}', t, {number + 1})")


# `last 1mo`: a date leaves when the same day of the next month has come, or the last one of that month.
LAST_MONTH = Window("t", "month_over(t)")
EVER = Window("t", "NULL::BIGINT")
# What `last full week` was a week earlier.
LAST_BUT_ONE_WEEK = Window("periods_on('week', t, 2)", "periods_on('week', t, 3)")
