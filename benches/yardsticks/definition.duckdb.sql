-- When does this hold for an account, by DuckDB? Entries and exits, those by time alone included:
--
--   usage(contacts) >= 80% of limit(contacts)
--   and people(core, last 7d) >= 3
--   and count("Report exported", last 14d) >= 5
--
-- Each condition becomes a list of flips, +1 where it turns true and -1 where it turns false; all three hold where the
-- running sum of the flips is 3. Times are whole microseconds.
--
-- What makes it quick: only the columns and names that count are read, each once; what never comes near its limit is
-- left out before anything is sorted; texts become hashes, which sort faster (two of a million accounts share one with
-- a chance of 1 in 40 million); the frame of a window takes all of one instant together, so that nothing is grouped.
WITH
-- What changes usage or limit. A limit of -1 is that of a plan that names none.
changes AS MATERIALIZED (
    SELECT hash(account) AS a, account, epoch_us(time) AS t,
           CASE name WHEN {add} THEN {amount} ELSE -{amount} END AS used,
           NULL AS allowed
    FROM {facts}
    WHERE name IN ({add}, {remove}) AND NOT copy AND account <> ''
    UNION ALL
    SELECT hash(account), account, epoch_us(time), 0, coalesce(limits.allowed, -1)
    FROM {facts}
    LEFT JOIN (VALUES {limits}) AS limits (plan, allowed) ON limits.plan = (traits->>'$.plan')
    WHERE kind = 'traits' AND "of" = 'account' AND traits LIKE '%"plan":%' AND account <> ''
),
-- All that was ever added would have to be near the lowest limit.
able AS (
    SELECT a
    FROM changes
    GROUP BY a
    HAVING sum(used) FILTER (used > 0) * 100 >= min(allowed) FILTER (allowed >= 0) * 80
),
levels AS (
    SELECT a, account, t, sum(used) OVER by_time AS used, last_value(allowed IGNORE NULLS) OVER by_time AS allowed
    FROM changes
    WHERE a IN (FROM able)
    WINDOW by_time AS (PARTITION BY a ORDER BY t)
),
near AS (
    SELECT a, account, t, coalesce(allowed >= 0 AND used * 100 >= allowed * 80, false) AS holds
    FROM levels
),
near_flips AS MATERIALIZED (
    SELECT a, account, t, CASE WHEN holds THEN 1 ELSE -1 END AS flip
    FROM near
    QUALIFY holds <> lag(holds, 1, false) OVER (PARTITION BY a ORDER BY t)
),
candidates AS MATERIALIZED (
    SELECT DISTINCT a, account FROM near_flips
),
acts AS MATERIALIZED (
    FROM (
        SELECT hash(account) AS a,
               CASE WHEN person <> '' AND name IN ({core}) THEN hash(account, person) END AS actor,
               epoch_us(time) AS t,
               name = {exports} AS exported
        FROM {facts}
        WHERE name IN ({core}, {exports}) AND NOT copy
    )
    WHERE a IN (SELECT a FROM candidates)
),
-- A person is active for a week after each core event.
spans AS (
    SELECT a, t, lag(t) OVER by_time AS before, lead(t) OVER by_time AS after
    FROM acts
    WHERE actor IS NOT NULL
    WINDOW by_time AS (PARTITION BY actor ORDER BY t)
),
comings AS (
    SELECT a, t, 1 AS come FROM spans WHERE before IS NULL OR t > before + {week}
    UNION ALL
    SELECT a, t + {week}, -1 FROM spans WHERE after IS NULL OR after > t + {week}
),
active AS (
    SELECT a, t, sum(come) OVER (PARTITION BY a ORDER BY t) >= 3 AS holds
    FROM comings
),
active_flips AS (
    SELECT a, t, CASE WHEN holds THEN 1 ELSE -1 END AS flip
    FROM active
    QUALIFY holds <> lag(holds, 1, false) OVER (PARTITION BY a ORDER BY t)
),
-- Five exports are in the window from the fifth of them until the first is two weeks old.
fives AS (
    SELECT a, t AS first, lag(t, 4) OVER (PARTITION BY a ORDER BY t) + 2 * {week} AS last
    FROM acts
    WHERE exported
    QUALIFY last > first
),
five_spans AS (
    SELECT a, first, last, lag(last) OVER by_time AS before, lead(first) OVER by_time AS after
    FROM fives
    WINDOW by_time AS (PARTITION BY a ORDER BY first, last)
),
five_flips AS (
    SELECT a, first AS t, 1 AS flip FROM five_spans WHERE before IS NULL OR first > before
    UNION ALL
    SELECT a, last, -1 FROM five_spans WHERE after IS NULL OR after > last
),
flips AS (
    SELECT a, t, flip FROM near_flips
    UNION ALL FROM active_flips
    UNION ALL FROM five_flips
),
together AS (
    SELECT a, t, sum(flip) OVER (PARTITION BY a ORDER BY t) = 3 AS holds
    FROM flips
    WHERE t <= {until}
),
turns AS (
    SELECT a, t, holds
    FROM together
    QUALIFY holds <> lag(holds, 1, false) OVER (PARTITION BY a ORDER BY t)
),
entries AS (
    SELECT a, t AS entered, lead(t) OVER (PARTITION BY a ORDER BY t) AS "left", holds
    FROM turns
)
SELECT account, entered, "left"
FROM entries
JOIN candidates USING (a)
WHERE holds
