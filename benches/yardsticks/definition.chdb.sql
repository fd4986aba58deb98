-- When does this hold for an account, by ClickHouse? Entries and exits, those by time alone included:
--
--   usage(contacts) >= 80% of limit(contacts)
--   and people(core, last 7d) >= 3
--   and count("Report exported", last 14d) >= 5
--
-- Written the way ClickHouse is quick at: one scan gathers what counts of each account into arrays, and arrays do the
-- rest, so that nothing is sorted across accounts. Each condition becomes a list of flips, +1 where it turns true and
-- -1 where it turns false; all three hold where their running sum is 3. Times are whole microseconds.
--
-- `arrayPushFront(arrayPopBack(x), nothing)` is x moved by one place: the neighbour before; the other way round, after.
-- Of the entries of one instant only the last is kept, which stands for all of them.
WITH
facts AS (
    SELECT account, toUnixTimestamp64Micro(assumeNotNull(time)) AS at, assumeNotNull(name) AS name,
           ifNull(person, '') AS person, cityHash64(ifNull(person, '')) AS who, kind = 'traits' AS is_plan,
           if(name IN ({add}, {remove}), assumeNotNull(toInt64({amount})), 0) AS amount,
           JSONExtractString(ifNull(traits, ''), 'plan') AS plan,
           if(is_plan, transform(plan, {plans}, {allowances}, toInt64(-1)), toInt64(-2)) AS allowed
    FROM {facts}
    WHERE NOT copy AND account != ''
      AND (name IN ({core}, {exports}, {add}, {remove})
           OR kind = 'traits' AND of = 'account' AND traits LIKE '%"plan":%')
),
-- What an account never comes near to need not be looked at further: five exports, three people.
gathered AS (
    SELECT account,
           arraySort(groupArrayIf((at, if(name = {remove}, -amount, amount), allowed),
                                  is_plan OR name IN ({add}, {remove}))) AS changes,
           arraySort(groupArrayIf(at, name = {exports})) AS exports,
           arraySort(groupArrayIf((who, at), person != '' AND name IN ({core}))) AS acts
    FROM facts
    GROUP BY account
    HAVING length(exports) >= 5 AND notEmpty(changes)
),
-- Usage against the limit in force. A limit of -1 is that of a plan that names none, -2 is no change.
near AS (
    SELECT account, exports, acts,
           arrayMap((it, used, allowed) -> (it.1, toInt8(allowed >= 0 AND used * 100 >= allowed * 80)), changes,
                    arrayCumSum(it -> it.2, changes),
                    arrayFill(it -> it != -2, arrayMap(it -> it.3, changes))) AS all_levels,
           arrayFilter((it, after) -> it.1 != after.1, all_levels,
                       arrayPushBack(arrayPopFront(all_levels), (toInt64(-1), toInt8(0)))) AS levels,
           arrayFilter((it, before) -> it.2 != before.2, levels,
                       arrayPushFront(arrayPopBack(levels), (toInt64(-1), toInt8(0)))) AS near_turns
    FROM gathered
    WHERE notEmpty(near_turns)
),
-- Five exports are in the window from the fifth of them until the first is two weeks old.
busy AS (
    SELECT account, near_turns, acts,
           arrayFilter(it -> it.1 < it.2,
                       arrayMap((fifth, first) -> (fifth, first + 2 * {week}),
                                arraySlice(exports, 5), arraySlice(exports, 1, length(exports) - 4))) AS fives,
           arrayConcat(
               arrayMap(it -> (it.1, toInt8(1)), arrayFilter((it, before) -> it.1 > before.2, fives,
                        arrayPushFront(arrayPopBack(fives), (toInt64(-1), toInt64(-1))))),
               arrayMap(it -> (it.2, toInt8(-1)), arrayFilter((it, after) -> after.1 > it.2, fives,
                        arrayPushBack(arrayPopFront(fives), (toInt64({never}), toInt64({never})))))) AS five_flips
    FROM near
    WHERE notEmpty(fives)
),
-- A person is active for a week after each core event.
active AS (
    SELECT account, near_turns, five_flips,
           arraySort(arrayConcat(
               arrayMap(it -> (it.2, toInt8(1)),
                        arrayFilter((it, before) -> it.1 != before.1 OR it.2 > before.2 + {week}, acts,
                        arrayPushFront(arrayPopBack(acts), (toUInt64(0), toInt64(-{week}))))),
               arrayMap(it -> (it.2 + {week}, toInt8(-1)),
                        arrayFilter((it, after) -> it.1 != after.1 OR after.2 > it.2 + {week}, acts,
                        arrayPushBack(arrayPopFront(acts), (toUInt64(0), toInt64({never}))))))) AS comings,
           arrayMap((it, people) -> (it.1, toInt8(people >= 3)), comings,
                    arrayCumSum(it -> it.2, comings)) AS all_actives,
           arrayFilter((it, after) -> it.1 != after.1, all_actives,
                       arrayPushBack(arrayPopFront(all_actives), (toInt64(-1), toInt8(0)))) AS actives,
           arrayFilter((it, before) -> it.2 != before.2, actives,
                       arrayPushFront(arrayPopBack(actives), (toInt64(-1), toInt8(0)))) AS active_turns
    FROM busy
    WHERE notEmpty(active_turns)
),
together AS (
    SELECT account,
           arraySort(arrayConcat(five_flips, arrayMap(it -> (it.1, if(it.2 = 1, toInt8(1), toInt8(-1))),
                                                      arrayConcat(near_turns, active_turns)))) AS flips,
           arrayMap((it, met) -> (it.1, toInt8(met = 3)), flips, arrayCumSum(it -> it.2, flips)) AS all_steps,
           arrayFilter((it, after) -> it.1 != after.1 AND it.1 <= {until}, all_steps,
                       arrayPushBack(arrayPopFront(all_steps), (toInt64(-1), toInt8(0)))) AS steps,
           arrayFilter((it, before) -> it.2 != before.2, steps,
                       arrayPushFront(arrayPopBack(steps), (toInt64(-1), toInt8(0)))) AS turns
    FROM active
    WHERE notEmpty(turns)
)
SELECT account, entry.1.1 AS entered, nullIf(entry.2.1, -1) AS left
FROM together
ARRAY JOIN arrayFilter(it -> it.1.2 = 1,
                       arrayZip(turns, arrayPushBack(arrayPopFront(turns), (toInt64(-1), toInt8(0))))) AS entry
