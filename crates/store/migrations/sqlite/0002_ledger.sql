-- What became known, and the intervals that it folds into.
CREATE TABLE ledger (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    definition    TEXT    NOT NULL,
    version       TEXT    NOT NULL,
    subject_kind  TEXT    NOT NULL CHECK (subject_kind IN ('account', 'person')),
    subject_id    TEXT    NOT NULL,
    account       TEXT,
    change        TEXT    NOT NULL CHECK (change IN ('entered', 'left', 'entry_revised',
                                                     'exit_revised', 'reopened', 'retracted')),
    held_at       INTEGER NOT NULL,
    was_at        INTEGER,
    known_at      INTEGER NOT NULL,
    log_offset    INTEGER NOT NULL,
    evidence      TEXT,
    CHECK ((was_at IS NOT NULL) = (change IN ('entry_revised', 'exit_revised', 'reopened')))
) STRICT;

CREATE INDEX ledger_subject ON ledger (subject_id, subject_kind);
CREATE INDEX ledger_account ON ledger (account) WHERE account IS NOT NULL;
CREATE INDEX ledger_definition ON ledger (definition);
CREATE INDEX ledger_known ON ledger (known_at);

CREATE TABLE qualifications (
    definition    TEXT    NOT NULL,
    version       TEXT    NOT NULL,
    subject_kind  TEXT    NOT NULL CHECK (subject_kind IN ('account', 'person')),
    subject_id    TEXT    NOT NULL,
    entered_at    INTEGER NOT NULL,
    left_at       INTEGER,
    known_at      INTEGER NOT NULL,
    account       TEXT,
    PRIMARY KEY (subject_id, subject_kind, definition, version, entered_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX qualifications_open ON qualifications (definition, version, subject_kind, subject_id)
    WHERE left_at IS NULL;
CREATE INDEX qualifications_account ON qualifications (account)
    WHERE left_at IS NULL AND account IS NOT NULL;
CREATE INDEX qualifications_left ON qualifications (left_at) WHERE left_at IS NOT NULL;
