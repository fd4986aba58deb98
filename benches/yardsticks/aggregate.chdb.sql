-- The least that a scan of all facts can be asked: what a replay is held against.
SELECT account, count(), max(toUnixTimestamp64Micro(assumeNotNull(time))), uniqExact(person)
FROM {facts}
GROUP BY account
