-- Leads with all that belongs to them, and the stages of accounts.
CREATE TABLE leads (
    id             TEXT    NOT NULL PRIMARY KEY,
    account        TEXT    NOT NULL,
    track          TEXT    NOT NULL CHECK (track IN ('product', 'marketing', 'expansion')),
    status         TEXT    NOT NULL,
    opened_at      INTEGER NOT NULL,
    known_at       INTEGER NOT NULL,
    score          INTEGER, -- millionths
    owner          TEXT,
    snoozed_until  INTEGER,
    due_at         INTEGER,
    touched_at     INTEGER,
    changed_at     INTEGER NOT NULL,
    closed_at      INTEGER,
    reason         TEXT,
    merged_into    TEXT,
    held_out       INTEGER NOT NULL CHECK (held_out IN (0, 1)),
    CHECK ((closed_at IS NULL) = (status IN ('open', 'accepted', 'snoozed'))),
    CHECK (status IN ('open', 'accepted', 'snoozed', 'rejected', 'won', 'lost', 'expired',
                      'withdrawn', 'merged'))
) STRICT;

-- One lead of an account and track is not closed, whatever any program thinks.
CREATE UNIQUE INDEX leads_one_unclosed ON leads (account, track) WHERE closed_at IS NULL;

CREATE INDEX leads_account ON leads (account);
CREATE INDEX leads_known ON leads (known_at, id);
CREATE INDEX leads_changed ON leads (changed_at, id);
CREATE INDEX leads_status ON leads (status, track);
CREATE INDEX leads_closed ON leads (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE lead_evidence (
    id            INTEGER NOT NULL PRIMARY KEY,
    lead          TEXT    NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    definition    TEXT    NOT NULL,
    subject_kind  TEXT    NOT NULL CHECK (subject_kind IN ('account', 'person')),
    subject_id    TEXT    NOT NULL,
    entered_at    INTEGER NOT NULL,
    version       TEXT    NOT NULL,
    left_at       INTEGER,
    known_at      INTEGER NOT NULL,
    retracted_at  INTEGER,
    evidence      TEXT,
    UNIQUE (lead, definition, subject_kind, subject_id, entered_at)
) STRICT;

CREATE INDEX lead_evidence_subject ON lead_evidence (subject_id, subject_kind);

CREATE TABLE lead_changes (
    id           INTEGER NOT NULL PRIMARY KEY,
    lead         TEXT    NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    by_whom      TEXT    NOT NULL,
    from_status  TEXT,
    to_status    TEXT    NOT NULL,
    reason       TEXT,
    note         TEXT,
    owner        TEXT                       -- from then on, where that changed
) STRICT;

CREATE INDEX lead_changes_lead ON lead_changes (lead, id);

CREATE TABLE lead_notes (
    id       INTEGER NOT NULL PRIMARY KEY,
    lead     TEXT    NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    by_whom  TEXT    NOT NULL,
    text     TEXT    NOT NULL
) STRICT;

CREATE INDEX lead_notes_lead ON lead_notes (lead, id);

CREATE TABLE stage_moves (
    id          INTEGER NOT NULL PRIMARY KEY,
    account     TEXT    NOT NULL,
    from_stage  TEXT,
    to_stage    TEXT    NOT NULL,
    held_at     INTEGER NOT NULL,
    known_at    INTEGER NOT NULL,
    why         TEXT    NOT NULL,
    correction  INTEGER NOT NULL CHECK (correction IN (0, 1))
) STRICT;

CREATE INDEX stage_moves_account ON stage_moves (account, id);

CREATE TABLE account_stages (
    account  TEXT    NOT NULL PRIMARY KEY,
    stage    TEXT    NOT NULL,
    since    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX account_stages_stage ON account_stages (stage, account);
