-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1. Keys are the people's own names; missing numbers are NULL, missing text is ''.
-- Foreign keys are deferred: the rows of one act may come in any order and are judged when it is committed.

CREATE TABLE region (
  key       TEXT PRIMARY KEY NOT NULL,
  structure TEXT NOT NULL,
  side      TEXT NOT NULL CHECK (side IN ('left', 'right')),
  label     INTEGER NOT NULL,
  UNIQUE (structure, side)
) STRICT, WITHOUT ROWID;

INSERT INTO region (key, structure, side, label) VALUES
  ('left_thalamus', 'thalamus', 'left', 10), ('right_thalamus', 'thalamus', 'right', 49),
  ('left_caudate', 'caudate', 'left', 11), ('right_caudate', 'caudate', 'right', 50),
  ('left_putamen', 'putamen', 'left', 12), ('right_putamen', 'putamen', 'right', 51),
  ('left_pallidum', 'pallidum', 'left', 13), ('right_pallidum', 'pallidum', 'right', 52),
  ('left_accumbens', 'accumbens', 'left', 26), ('right_accumbens', 'accumbens', 'right', 58),
  ('left_lateral_ventricle', 'lateral_ventricle', 'left', 4),
  ('right_lateral_ventricle', 'lateral_ventricle', 'right', 43);

CREATE TABLE cohort (
  id   TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  id           TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  cohort       TEXT REFERENCES cohort (id) DEFERRABLE INITIALLY DEFERRED,
  "group"      TEXT NOT NULL CHECK ("group" IN ('patient', 'control')),
  sex          TEXT NOT NULL CHECK (sex IN ('', 'female', 'male')),
  lesion_side  TEXT NOT NULL CHECK (lesion_side IN ('', 'left', 'right', 'bilateral', 'none')),
  lesion_class TEXT NOT NULL
    CHECK (lesion_class IN ('', 'cortical', 'subcortical', 'mixed', 'brainstem', 'cerebellar'))
) STRICT, WITHOUT ROWID;
CREATE INDEX person_by_cohort ON person (cohort);

CREATE TABLE session (
  person           TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  label            TEXT NOT NULL CHECK (label <> ''),
  ordinal          INTEGER NOT NULL,
  date             TEXT NOT NULL,
  age_years        REAL,
  days_post_stroke REAL,
  PRIMARY KEY (person, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan (
  person   TEXT NOT NULL,
  session  TEXT NOT NULL,
  kind     TEXT NOT NULL CHECK (kind <> ''),
  path     TEXT NOT NULL,
  hash     TEXT NOT NULL,
  bytes    INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  PRIMARY KEY (person, session, kind),
  FOREIGN KEY (person, session) REFERENCES session (person, label) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE measurement (
  person  TEXT NOT NULL,
  session TEXT NOT NULL,
  region  TEXT NOT NULL CHECK (region <> ''),
  measure TEXT NOT NULL CHECK (measure <> ''),
  source  TEXT NOT NULL CHECK (source <> ''),
  value   REAL,
  unit    TEXT NOT NULL,
  note    TEXT NOT NULL,
  PRIMARY KEY (person, session, region, measure, source),
  FOREIGN KEY (person, session) REFERENCES session (person, label) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE score (
  person     TEXT NOT NULL,
  session    TEXT NOT NULL,
  test       TEXT NOT NULL CHECK (test <> ''),
  raw        REAL,
  min_used   REAL,
  max_used   REAL,
  direction  TEXT NOT NULL CHECK (direction IN ('', 'high', 'low')),
  normalised REAL,
  note       TEXT NOT NULL,
  PRIMARY KEY (person, session, test),
  FOREIGN KEY (person, session) REFERENCES session (person, label) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE rating (
  person    TEXT NOT NULL,
  session   TEXT NOT NULL,
  region    TEXT NOT NULL REFERENCES region (key) DEFERRABLE INITIALLY DEFERRED,
  rater     TEXT NOT NULL CHECK (rater <> ''),
  flag      TEXT NOT NULL CHECK (flag IN ('unrated', 'ok', 'lesioned', 'failed')),
  comment   TEXT NOT NULL,
  time      TEXT NOT NULL,
  scan_hash TEXT NOT NULL,
  PRIMARY KEY (person, session, region, rater),
  FOREIGN KEY (person, session) REFERENCES session (person, label) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE TABLE exclusion (
  person TEXT PRIMARY KEY NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  step   TEXT NOT NULL CHECK (step <> ''),
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE flow (
  ordinal INTEGER PRIMARY KEY NOT NULL,
  label   TEXT NOT NULL,
  n       INTEGER NOT NULL,
  out     INTEGER NOT NULL,
  detail  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  key   TEXT PRIMARY KEY NOT NULL CHECK (key <> ''),
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log. One act is one deed of one author; its edits say what each row was and became (JSON, NULL = no row).
CREATE TABLE act (
  id      INTEGER PRIMARY KEY NOT NULL,
  time    TEXT NOT NULL,
  author  TEXT NOT NULL CHECK (author <> ''),
  kind    TEXT NOT NULL CHECK (kind <> ''),
  summary TEXT NOT NULL,
  undoes  INTEGER REFERENCES act (id)
) STRICT;
CREATE INDEX act_by_author ON act (author);
CREATE INDEX act_by_undoes ON act (undoes) WHERE undoes IS NOT NULL;

CREATE TABLE edit (
  act        INTEGER NOT NULL REFERENCES act (id),
  ordinal    INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  key        TEXT NOT NULL,
  before     TEXT,
  after      TEXT,
  PRIMARY KEY (act, ordinal),
  CHECK (before IS NOT NULL OR after IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- Nothing in the log is ever altered or taken out; the insert triggers stop INSERT OR REPLACE, which fires no
-- delete trigger.
CREATE TRIGGER act_no_update BEFORE UPDATE ON act
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER act_no_delete BEFORE DELETE ON act
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER act_only_append BEFORE INSERT ON act WHEN NEW.id <= (SELECT max(id) FROM act)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER edit_no_update BEFORE UPDATE ON edit
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER edit_no_delete BEFORE DELETE ON edit
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER edit_only_append BEFORE INSERT ON edit
WHEN NEW.act <> (SELECT max(id) FROM act) OR NEW.ordinal <= (SELECT max(ordinal) FROM edit WHERE act = NEW.act)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
