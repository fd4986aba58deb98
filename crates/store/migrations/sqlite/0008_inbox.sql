-- Messages inside the product: whom they wait for, and what became of them there.
CREATE TABLE inbox (
    delivery      TEXT    NOT NULL PRIMARY KEY REFERENCES deliveries (id) ON DELETE CASCADE,
    person        TEXT    NOT NULL,
    due_at        INTEGER NOT NULL,
    until         INTEGER,
    shown_at      INTEGER,
    clicked_at    INTEGER,
    dismissed_at  INTEGER
) STRICT;

CREATE INDEX inbox_person ON inbox (person, due_at);
CREATE INDEX inbox_due ON inbox (due_at);
