-- What the tables will look like, so that the planner chooses well from the first day, and the
-- same every day: rows of an index, then rows for one value of its first column, of its first two …
ANALYZE;

DELETE FROM sqlite_stat1;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('ledger', 'ledger_account', '1000000 20'),
    ('ledger', 'ledger_person', '500000 10'),
    ('ledger', 'ledger_definition', '1000000 50000'),
    ('ledger', 'ledger_known', '1000000 2'),
    ('timelines', 'sqlite_autoindex_timelines_1', '20 2 1'),
    ('qualifications', 'qualifications', '1000000 50000 25000 3 1'),
    ('qualifications', 'qualifications_in', '200000 5'),
    ('qualifications', 'qualifications_left', '800000 2'),
    ('leads', 'leads_account', '100000 2'),
    ('leads', 'leads_one_unclosed', '20000 2 1'),
    ('leads', 'leads_known', '100000 2 1'),
    ('leads', 'leads_changed', '100000 2 1'),
    ('leads', 'leads_status', '100000 15000 5000'),
    ('leads', 'leads_closed', '80000 2');

-- Reads them in.
ANALYZE sqlite_schema;
