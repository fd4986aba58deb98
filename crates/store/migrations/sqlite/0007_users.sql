-- The people who work with Firsthand, what lets them in, what they keep, and what they did.
CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE, -- in small letters
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('admin', 'analyst', 'rep')),
    password      TEXT, -- hashed; missing until its owner has set one
    created_at    INTEGER NOT NULL,
    signed_in_at  INTEGER,
    disabled_at   INTEGER
) STRICT;

-- Who somebody is in another system, by what it calls them for ever.
CREATE TABLE identities (
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    linked_at  INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE sessions (
    hash        TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Links by which somebody sets a password, once. Without a user: the first admin.
CREATE TABLE invitations (
    hash        TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    REFERENCES users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX invitations_user ON invitations (user_id);

-- Filters that somebody saved under a name.
CREATE TABLE views (
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    page     TEXT NOT NULL,
    name     TEXT NOT NULL,
    query    TEXT NOT NULL,
    PRIMARY KEY (user_id, page, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id       INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    by_whom  TEXT    NOT NULL,
    act      TEXT    NOT NULL,
    about    TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_by ON audit (by_whom, id);
CREATE INDEX audit_act ON audit (act, id);
