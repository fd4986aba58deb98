-- Messages, written with the decision that they follow from.
CREATE TABLE deliveries (
    id        TEXT    NOT NULL PRIMARY KEY, -- the key by which receivers know a repetition
    lead      TEXT    REFERENCES leads (id) ON DELETE SET NULL,
    account   TEXT,
    channel   TEXT    NOT NULL,
    due_at    INTEGER NOT NULL,
    payload   BLOB    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('pending', 'sent', 'dead', 'cancelled')),
    attempts  INTEGER NOT NULL,
    error     TEXT
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due_at, id) WHERE state = 'pending';
CREATE INDEX deliveries_done ON deliveries (due_at) WHERE state <> 'pending';
CREATE INDEX deliveries_lead ON deliveries (lead);
CREATE INDEX deliveries_account ON deliveries (account);
