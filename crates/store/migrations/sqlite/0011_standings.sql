-- How a population was spread at a midnight: numbers, and nobody's name. For a rank the population
-- is the people of one account; else `account` is empty.

CREATE TABLE standings (
    population TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    account    TEXT    NOT NULL,
    spread     BLOB    NOT NULL,
    PRIMARY KEY (population, at, account)
) STRICT, WITHOUT ROWID;

-- To erase what is of an account.
CREATE INDEX standings_of_account ON standings (account);
