-- What people set up: keys, published definitions, who is who, settings.
CREATE TABLE keys (
    id            TEXT    NOT NULL PRIMARY KEY,
    kind          TEXT    NOT NULL CHECK (kind IN ('write', 'api', 'sign')),
    name          TEXT    NOT NULL,
    hash          TEXT    NOT NULL UNIQUE,
    hint          TEXT    NOT NULL,
    scopes        TEXT    NOT NULL, -- with a space between two
    created_by    TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    last_used_at  INTEGER,
    revoked_at    INTEGER
) STRICT;

CREATE TABLE definitions (
    name                 TEXT    NOT NULL,
    version              TEXT    NOT NULL,
    text                 TEXT    NOT NULL,
    published_by         TEXT    NOT NULL,
    published_at         INTEGER NOT NULL,
    state                TEXT    NOT NULL
        CHECK (state IN ('running', 'applying', 'backfilling', 'retired')),
    state_at             INTEGER NOT NULL,
    applied_to_existing  INTEGER NOT NULL CHECK (applied_to_existing IN (0, 1)),
    PRIMARY KEY (name, version)
) STRICT;

-- One version of a definition decides.
CREATE UNIQUE INDEX definitions_one_running ON definitions (name)
WHERE state IN ('running', 'applying');

CREATE TABLE identity_acts (
    id           TEXT    NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL CHECK (kind IN ('merge', 'split')),
    of_kind      TEXT    NOT NULL CHECK (of_kind IN ('account', 'person')),
    one          TEXT    NOT NULL,
    other        TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('proposed', 'made', 'refused', 'undone')),
    proposed_by  TEXT    NOT NULL,
    proposed_at  INTEGER NOT NULL,
    decided_by   TEXT,
    decided_at   INTEGER,
    why          TEXT    NOT NULL
) STRICT;

CREATE INDEX identity_acts_proposed ON identity_acts (proposed_at, id);

CREATE TABLE settings (
    name   TEXT NOT NULL PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who was erased when, and on whose word; not who they were.
CREATE TABLE erasures (
    id            TEXT    NOT NULL PRIMARY KEY,
    subject_kind  TEXT    NOT NULL CHECK (subject_kind IN ('account', 'person')),
    subject_hash  TEXT    NOT NULL,
    asked_by      TEXT    NOT NULL,
    asked_at      INTEGER NOT NULL,
    ids           TEXT, -- while it is under way
    done_at       INTEGER,
    erased        TEXT    NOT NULL, -- JSON: what, and how many
    left_over     INTEGER,
    CHECK ((ids IS NULL) = (done_at IS NOT NULL))
) STRICT;

CREATE INDEX erasures_asked ON erasures (asked_at, id);
