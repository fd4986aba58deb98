-- The log and what became of it. One row says how far it has come; chunks may be dropped.
CREATE TABLE log_state (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    logged   INTEGER NOT NULL, -- facts ever logged: the next offset
    decided  INTEGER NOT NULL, -- facts decided: the next offset to decide
    CHECK (0 <= decided AND decided <= logged)
) STRICT;

INSERT INTO log_state (id, logged, decided) VALUES (1, 0, 0);

CREATE TABLE log_chunks (
    last_offset   INTEGER NOT NULL PRIMARY KEY,
    first_offset  INTEGER NOT NULL CHECK (first_offset <= last_offset),
    received_at   INTEGER NOT NULL,
    size_bytes    INTEGER NOT NULL, -- so that the size of the log is known without reading it
    bytes         BLOB    NOT NULL
) STRICT;

CREATE TABLE quarantine (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    source       TEXT    NOT NULL,
    received_at  INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    raw          BLOB    NOT NULL,
    replayed_at  INTEGER
) STRICT;

CREATE INDEX quarantine_received ON quarantine (received_at);

CREATE TABLE sources (
    source         TEXT    NOT NULL PRIMARY KEY,
    first_seen_at  INTEGER NOT NULL,
    last_seen_at   INTEGER NOT NULL,
    accepted       INTEGER NOT NULL,
    rejected       INTEGER NOT NULL,
    repeated       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source_minutes (
    minute    INTEGER NOT NULL,
    source    TEXT    NOT NULL,
    accepted  INTEGER NOT NULL,
    rejected  INTEGER NOT NULL,
    repeated  INTEGER NOT NULL,
    PRIMARY KEY (minute, source)
) STRICT, WITHOUT ROWID;
