-- The same definition as in definition.duckdb.sql, as one writes it who knows SQL and has an hour: every instant at which
-- something comes or falls out of a window is a row, and windows over these rows say what is so at each.
WITH
facts AS (
    SELECT account, epoch_us(time) AS t, name, person, traits->>'$.plan' AS plan, {amount} AS amount
    FROM {facts}
    WHERE account <> '' AND NOT copy
        AND (name IN ({core}, {add}, {remove}) OR kind = 'traits' AND "of" = 'account' AND traits LIKE '%"plan":%')
),
instants AS (
    SELECT account, t,
           CASE WHEN name IN ({core}) THEN person END AS actor,
           coalesce(name = {exports}, false) AS exported,
           CASE name WHEN {add} THEN amount WHEN {remove} THEN -amount ELSE 0 END AS used,
           -- A limit of -1 is that of a plan that names none.
           CASE WHEN facts.plan IS NOT NULL THEN coalesce(allowed, -1) END AS allowed
    FROM facts
    LEFT JOIN (VALUES {limits}) AS limits (plan, allowed) USING (plan)
    UNION ALL
    SELECT account, t + {week}, NULL, false, 0, NULL FROM facts WHERE name IN ({core})
    UNION ALL
    SELECT account, t + 2 * {week}, NULL, false, 0, NULL FROM facts WHERE name = {exports}
),
states AS (
    SELECT account, t,
           sum(used) OVER so_far AS used,
           last_value(allowed IGNORE NULLS) OVER so_far AS allowed,
           count(DISTINCT actor) OVER (
               PARTITION BY account ORDER BY t RANGE BETWEEN {week} - 1 PRECEDING AND CURRENT ROW
           ) AS people,
           count(*) FILTER (exported) OVER (
               PARTITION BY account ORDER BY t RANGE BETWEEN 2 * {week} - 1 PRECEDING AND CURRENT ROW
           ) AS exports
    FROM instants
    WHERE t <= {until}
    WINDOW so_far AS (PARTITION BY account ORDER BY t)
),
verdicts AS (
    SELECT DISTINCT account, t,
           coalesce(allowed >= 0 AND used * 100 >= allowed * 80, false) AND people >= 3 AND exports >= 5 AS holds
    FROM states
),
turns AS (
    SELECT account, t, holds
    FROM verdicts
    QUALIFY holds <> lag(holds, 1, false) OVER (PARTITION BY account ORDER BY t)
),
entries AS (
    SELECT account, t AS entered, lead(t) OVER (PARTITION BY account ORDER BY t) AS "left", holds
    FROM turns
)
SELECT account, entered, "left"
FROM entries
WHERE holds
