-- Plays: how far each has come, who was written to, what was held back, who was held out.
CREATE TABLE play_runs (
    lead          TEXT    NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    play          TEXT    NOT NULL,
    account       TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'held_out')),
    began_at      INTEGER NOT NULL,
    step          INTEGER NOT NULL,
    wanted_at     INTEGER NOT NULL,
    due_at        INTEGER,
    waits         TEXT,
    seen_at       INTEGER,
    clicked_at    INTEGER,
    dismissed_at  INTEGER,
    changed_at    INTEGER NOT NULL,
    PRIMARY KEY (lead, play),
    CHECK ((due_at IS NULL) = (state <> 'running'))
) STRICT, WITHOUT ROWID;

CREATE INDEX play_runs_play ON play_runs (play, state, step, waits);
CREATE INDEX play_runs_account ON play_runs (account);
CREATE INDEX play_runs_began ON play_runs (began_at, lead, play);
CREATE INDEX play_runs_running ON play_runs (due_at) WHERE state = 'running';

-- What the contact budget counts, and by which a reaction finds its run.
CREATE TABLE play_contacts (
    delivery  TEXT    NOT NULL PRIMARY KEY,
    lead      TEXT    NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    play      TEXT, -- none: sent by the rules of leads
    account   TEXT    NOT NULL,
    person    TEXT, -- of the account
    owner     TEXT, -- of the team
    channel   TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    person_name TEXT, -- what the person was called then
    CHECK (person IS NULL OR owner IS NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX play_contacts_at ON play_contacts (at, delivery);
CREATE INDEX play_contacts_account ON play_contacts (account);
CREATE INDEX play_contacts_person ON play_contacts (person) WHERE person IS NOT NULL;
CREATE INDEX play_contacts_play ON play_contacts (play) WHERE play IS NOT NULL;
CREATE INDEX play_contacts_lead ON play_contacts (lead);

CREATE TABLE play_suppressed (
    id       TEXT    NOT NULL PRIMARY KEY, -- what its delivery would have had
    lead     TEXT    NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    play     TEXT    NOT NULL,
    step     INTEGER NOT NULL,
    account  TEXT    NOT NULL,
    person   TEXT,
    channel  TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    person_name TEXT -- what the person was called then
) STRICT, WITHOUT ROWID;

CREATE INDEX play_suppressed_at ON play_suppressed (at, id);
CREATE INDEX play_suppressed_play ON play_suppressed (play, step, reason);
CREATE INDEX play_suppressed_account ON play_suppressed (account);
CREATE INDEX play_suppressed_person ON play_suppressed (person) WHERE person IS NOT NULL;
CREATE INDEX play_suppressed_lead ON play_suppressed (lead);

-- Who was to be told and who was not; kept when leads are forgotten, for what is compared by it.
CREATE TABLE play_exposures (
    account  TEXT    NOT NULL,
    track    TEXT    NOT NULL CHECK (track IN ('product', 'marketing', 'expansion')),
    play     TEXT    NOT NULL,
    lead     TEXT    NOT NULL,
    arm      TEXT    NOT NULL CHECK (arm IN ('treated', 'held_out')),
    size     TEXT    NOT NULL,
    share    INTEGER NOT NULL, -- thousandths
    part     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (account, play)
) STRICT, WITHOUT ROWID;

CREATE INDEX play_exposures_at ON play_exposures (at, account, play);
CREATE INDEX play_exposures_play ON play_exposures (play, arm);
