"""The facts of a history as tables of DuckDB, read from its Parquet files the way docs/history.md tells.

What is said of no account, such as of own staff, counts for none.

    acts       (account, person, t, name, kind, product, marketing, and properties): events and records, each once
    accounts   (subject, born): every account with its first fact
    persons    (subject, born): every person with theirs
    members    (subject, born, parent, person): who did something in an account, or joined it
    traits     (account, t, traits): what was said of an account
"""

from algebra import Events

# The properties that the definitions read: texts in small letters, for texts compare without case, and numbers.
TEXTS = ("format", "kind", "title")
NUMBERS = ("contacts", "recipients")
MARKETING = ("article viewed", "whitepaper downloaded", "webinar attended", "cta clicked", "pricing page viewed")

TABLES = """
CREATE VIEW facts AS
SELECT * EXCLUDE (time), epoch_us(time) AS t
FROM read_parquet('{history}/segments/*.parquet',
                  union_by_name = true, filename = true, file_row_number = true) AS s
WHERE NOT EXISTS (
    FROM read_parquet('{history}/knowledge/overlay-*.parquet') AS o
    WHERE o.row = s.file_row_number AND ends_with(s.filename, o.segment));

CREATE TABLE acts AS
SELECT account, person, t, lower(name) AS name, kind, {properties},
       kind = 'event' AND lower(name) IN {marketing} AS marketing,
       kind = 'event' AND lower(name) NOT IN {marketing} AS product
FROM facts
WHERE kind IN ('event', 'record') AND NOT copy AND account <> '';

CREATE TABLE accounts AS
SELECT account AS subject, min(t) AS born FROM facts WHERE account <> '' GROUP BY account;

CREATE TABLE persons AS
SELECT person AS subject, min(t) AS born FROM facts WHERE person <> '' AND account <> '' GROUP BY person;

CREATE TABLE members AS
SELECT account || chr(31) || person AS subject, min(t) AS born, account AS parent, person
FROM facts
WHERE account <> '' AND person <> '' AND (kind IN ('event', 'record') OR kind = 'membership' AND joined)
GROUP BY account, person;

CREATE TABLE traits AS
SELECT account, t, traits FROM facts WHERE kind = 'traits' AND "of" = 'account' AND account <> '';
"""


class Facts:
    """The facts, and the ways to name some of them."""

    def __init__(self, algebra, history):
        self.algebra = algebra
        self.connection = algebra.connection
        view, *tables = TABLES.split(";\n")
        self.connection.execute(view.format(history=history))
        properties = ", ".join(self.property(it) for it in (*TEXTS, *NUMBERS))
        for statement in tables:
            self.connection.execute(statement.format(marketing=MARKETING, properties=properties))
        [(self.until,)] = self.connection.execute("SELECT max(t) FROM facts").fetchall()

    def property(self, name):
        """A property stands in a column of its own, in the JSON, or in both."""
        columns = {it[0] for it in self.connection.execute("DESCRIBE facts").fetchall()}
        value = f"properties->>'$.{name}'"
        if f"p:{name}" in columns:
            value = f'coalesce("p:{name}"::VARCHAR, {value})'
        return f"lower({value}) AS p_{name}" if name in TEXTS else f"TRY_CAST({value} AS DECIMAL(30, 6)) AS p_{name}"

    def of_accounts(self, condition):
        """The events of accounts; names are in small letters."""
        return Events(self.algebra, f"SELECT account AS subject, * FROM acts WHERE {condition}", "accounts")

    def of_persons(self, condition):
        query = f"SELECT person AS subject, * FROM acts WHERE person <> '' AND ({condition})"
        return Events(self.algebra, query, "persons")

    def of_members(self, condition):
        """The events of each person of an account in that account."""
        return Events(
            self.algebra,
            f"""SELECT account || chr(31) || person AS subject, * FROM acts
                WHERE person <> '' AND ({condition})""",
            "members",
        )

    def by_key(self, key, condition):
        """The events of each value of a property, such as each project of an account."""
        query = f"""SELECT account || chr(31) || ({key}) AS subject, * FROM acts
                    WHERE ({key}) IS NOT NULL AND ({condition})"""
        keys = f"SELECT subject, min(t) AS born, any_value(account) AS parent FROM ({query}) GROUP BY subject"
        return Events(self.algebra, query, self.algebra.keep(keys))

    def trait(self, name):
        """A trait of accounts as text, unknown before it was set and after it was taken away."""
        return self.algebra.values(
            "accounts",
            f"""WITH told AS (
                    SELECT account, t, any_value(traits->>'$.{name}') AS value
                    FROM traits WHERE json_exists(traits, '$.{name}') GROUP BY account, t)
                SELECT account, t, value, false FROM told
                UNION ALL
                SELECT subject, born, NULL, false FROM accounts
                WHERE NOT EXISTS (FROM told WHERE account = subject AND t = born)""",
        )

    def of_their_account(self, truths):
        """`account (C)` for persons: of the account in which they were last active, unknown before."""
        where = self.algebra.latest("account", self.of_persons("kind = 'event'"))
        return self.algebra.truths(
            "persons",
            f"""SELECT w.subject, greatest(w.t, c.t), c.truth
                FROM {where.spans()} AS w JOIN {truths.spans()} AS c ON c.subject = w.v
                WHERE coalesce(c.t < w.e, true) AND coalesce(w.t < c.e, true)
                UNION ALL
                SELECT subject, t, 1 FROM {where.table} WHERE v IS NULL""",
        )

    def role(self):
        """A person's role, as memberships tell it."""
        return self.algebra.values(
            "persons",
            """SELECT person, t, any_value(role), false
               FROM facts WHERE kind = 'membership' AND person <> '' AND role IS NOT NULL GROUP BY person, t
               UNION ALL
               SELECT subject, born, NULL, false FROM persons
               WHERE NOT EXISTS (FROM facts
                                 WHERE kind = 'membership' AND person = subject AND t = born AND role IS NOT NULL)""",
        )

    def families(self):
        """Spans (subject, domain, t, e) of the domain of each account; without one it is a family of its own."""
        domain = self.trait("domain")
        return f"(SELECT *, coalesce(lower(v), chr(31) || subject) AS domain FROM {domain.spans()})"

    def by_family(self, values, family):
        """The sum of a value over the siblings of each account, itself included."""
        spans = f"""SELECT a.subject, greatest(a.t, b.t, v.t) AS s, least(a.e, b.e, v.e) AS e, v.v AS n
                    FROM {family} AS a
                    JOIN {family} AS b ON a.domain = b.domain
                    JOIN {values.spans()} AS v ON v.subject = b.subject
                    WHERE greatest(a.t, b.t, v.t) < coalesce(least(a.e, b.e, v.e), 9e18)"""
        return self.algebra.running("accounts", spans)
