-- The gradebook: every judged run, its tests and its timing, and the hints
-- that were shown.
--
-- One part for each version, which ends where it sets user_version. A
-- gradebook of an older version, or a new one, is brought to the last
-- version by all the parts that follow its own, in one transaction
-- (harness/database.c). A part that was ever given away is never changed:
-- add another one.

CREATE TABLE runs (
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

CREATE INDEX runs_of_lab ON runs (slug);

CREATE TABLE run_tests (
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

CREATE TABLE hints (
    id    INTEGER PRIMARY KEY,
    shown INTEGER NOT NULL, -- seconds since 1970, UTC
    slug  TEXT NOT NULL,
    test  TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3)
);

CREATE INDEX hints_of_test ON hints (slug, test);

PRAGMA user_version = 1;

-- Version 2: how a program that was timed beside the reference fared. NULL
-- is what is not known; so is most where version 1 had a ratio, which it
-- took without any verdict.

CREATE TABLE duels (
    id              INTEGER PRIMARY KEY,
    run             INTEGER UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
                                      -- NULL: of `lab time`
    started         INTEGER NOT NULL, -- seconds since 1970, UTC
    stem            TEXT NOT NULL,
    slug            TEXT NOT NULL,
    verdict         TEXT,             -- a word of harness/terms.h
    ratio           REAL,             -- to the reference: the median
    low             REAL,             -- of its 95 % interval
    high            REAL,
    limit_ratio     REAL,             -- all points up to here
    none_ratio      REAL,             -- and none from here on
    pairs           INTEGER,          -- of runs; that count
    discarded       INTEGER,          -- that do not
    seconds         REAL,
    busy            REAL,             -- the machine, with other work: 0 to 1
    steal           REAL,             -- time that other machines took: 0 to 1
    load            REAL,             -- average of the last minute
    cores           INTEGER,
    team            INTEGER,
    why             TEXT,             -- where it was too noisy to say
    bound_s         REAL,             -- the physical limit
    bound_by        TEXT,             -- what sets it
    bound_ratio     REAL,             -- the program's time over it
    bound_reference REAL,             -- the reference's
    seed            TEXT,             -- 64 bits, unsigned, in decimal
    json            TEXT              -- of `lab time`; else runs.json has it
);

INSERT INTO duels (run, started, stem, slug, ratio)
    SELECT id, started, stem, slug, ratio FROM runs WHERE ratio > 0;

ALTER TABLE runs DROP COLUMN ratio;

PRAGMA user_version = 2;
