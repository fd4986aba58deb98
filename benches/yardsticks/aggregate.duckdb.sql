-- The least that a scan of all facts can be asked: what a replay is held against.
SELECT account, count(*), max(epoch_us(time)), count(DISTINCT person)
FROM {facts}
GROUP BY account
