-- Messages, written with the decision that they follow from.
CREATE TABLE deliveries (
    id        TEXT    NOT NULL PRIMARY KEY, -- the key by which receivers know a repetition
    lead      TEXT    REFERENCES leads (id) ON DELETE SET NULL,
    account   TEXT,
    channel   TEXT    NOT NULL,
    queued_at   INTEGER NOT NULL, -- when it was decided, or put into the queue again
    due_at    INTEGER NOT NULL,
    payload   BLOB    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('pending', 'sent', 'dead', 'cancelled')),
    attempts  INTEGER NOT NULL, -- since it was last put into the queue
    error     TEXT
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE state = 'pending';
CREATE INDEX deliveries_due_of ON deliveries (channel, due_at, id) WHERE state = 'pending';
CREATE INDEX deliveries_done ON deliveries (due_at) WHERE state <> 'pending';
CREATE INDEX deliveries_queued ON deliveries (queued_at, id);
CREATE INDEX deliveries_dead ON deliveries (queued_at, id) WHERE state = 'dead';
CREATE INDEX deliveries_lead ON deliveries (lead);
CREATE INDEX deliveries_account ON deliveries (account);

-- What came of each try; masked, and the last few of each message.
CREATE TABLE delivery_attempts (
    id           INTEGER NOT NULL PRIMARY KEY,
    delivery     TEXT    NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    outcome      TEXT    NOT NULL CHECK (outcome IN ('sent', 'again', 'dead')),
    reason       TEXT,
    request      TEXT,
    answer       TEXT
) STRICT;

CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery, id);

-- Channels through which nothing goes until somebody says so.
CREATE TABLE disabled_channels (
    channel  TEXT    NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    reason   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
