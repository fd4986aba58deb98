-- What became known, and the intervals that it folds into.
CREATE TABLE ledger (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    definition    TEXT    NOT NULL,
    version       TEXT    NOT NULL,
    subject_kind  TEXT    NOT NULL CHECK (subject_kind IN ('account', 'person')),
    subject_id    TEXT    NOT NULL,
    account       TEXT, -- of an account, itself
    change        TEXT    NOT NULL CHECK (change IN ('entered', 'left', 'entry_revised',
                                                     'exit_revised', 'reopened', 'retracted')),
    held_at       INTEGER NOT NULL,
    was_at        INTEGER,
    known_at      INTEGER NOT NULL,
    log_offset    INTEGER NOT NULL,
    evidence      TEXT,
    CHECK ((was_at IS NOT NULL) = (change IN ('entry_revised', 'exit_revised', 'reopened')))
) STRICT;

-- Ids come in no order: each index on them costs a page of its own for every line. Lines about an
-- account are found by their account, which is the account itself.
CREATE INDEX ledger_account ON ledger (account);
CREATE INDEX ledger_person ON ledger (subject_id) WHERE subject_kind = 'person';
CREATE INDEX ledger_definition ON ledger (definition);
CREATE INDEX ledger_known ON ledger (known_at);

-- Every version of a definition that ever decided something.
CREATE TABLE timelines (
    id          INTEGER NOT NULL PRIMARY KEY,
    definition  TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    UNIQUE (definition, version)
) STRICT;

CREATE TABLE qualifications (
    timeline      INTEGER NOT NULL REFERENCES timelines (id),
    subject_kind  TEXT    NOT NULL CHECK (subject_kind IN ('account', 'person')),
    subject_id    TEXT    NOT NULL,
    entered_at    INTEGER NOT NULL,
    left_at       INTEGER,
    known_at      INTEGER NOT NULL,
    account       TEXT, -- of an account, itself
    PRIMARY KEY (timeline, subject_kind, subject_id, entered_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX qualifications_in ON qualifications (account)
    WHERE left_at IS NULL AND subject_kind = 'person';
CREATE INDEX qualifications_left ON qualifications (left_at) WHERE left_at IS NOT NULL;
