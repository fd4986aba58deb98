-- Texts of definitions that somebody is working on: theirs alone until they are published.

CREATE TABLE drafts (
    id         INTEGER NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    definition TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    base       TEXT,
    saved_at   INTEGER NOT NULL,
    UNIQUE (user_id, definition)
) STRICT;
