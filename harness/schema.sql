-- The gradebook: every judged run, its tests, and the hints that were shown.
-- harness/gradebook.c runs this once, in a new database, in a transaction.
-- A change of it needs a new user_version, there and here.

CREATE TABLE IF NOT EXISTS runs (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    started        INTEGER NOT NULL, -- seconds since 1970, UTC
    stem           TEXT NOT NULL,    -- 02-every-byte
    slug           TEXT NOT NULL,    -- every-byte: the lab's identity
    verdict        TEXT NOT NULL,    -- a word of harness/terms.h
    points         INTEGER NOT NULL,
    points_max     INTEGER NOT NULL,
    passed         INTEGER NOT NULL, -- tests
    total          INTEGER NOT NULL, -- tests; so many rows in run_tests
    failed_test    TEXT,             -- the first one that did not pass
    failed_section TEXT,
    seed           TEXT NOT NULL,    -- 64 bits, unsigned, in decimal
    elapsed_s      REAL NOT NULL,
    ratio          REAL NOT NULL,    -- to the reference; 0: not timed
    json           TEXT NOT NULL     -- the whole record; last, being long
);

CREATE INDEX IF NOT EXISTS runs_of_lab ON runs (slug);

CREATE TABLE IF NOT EXISTS run_tests (
    run      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, -- from 0, in reading order
    name     TEXT NOT NULL,
    section  TEXT,
    part     TEXT NOT NULL,
    build    TEXT NOT NULL,
    state    TEXT NOT NULL,
    verdict  TEXT NOT NULL,
    cause    TEXT,
    wall_s   REAL NOT NULL,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS hints (
    id    INTEGER PRIMARY KEY,
    shown INTEGER NOT NULL, -- seconds since 1970, UTC
    slug  TEXT NOT NULL,
    test  TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3)
);

CREATE INDEX IF NOT EXISTS hints_of_test ON hints (slug, test);

PRAGMA user_version = 1;
