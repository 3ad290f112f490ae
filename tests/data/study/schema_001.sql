-- A study of schema 1: two people imported, three ratings, one undone. Made with `sqlite3 a.ipsi .dump`.
PRAGMA application_id = 1230000969;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE region (
  key       TEXT PRIMARY KEY NOT NULL,
  structure TEXT NOT NULL,
  side      TEXT NOT NULL CHECK (side IN ('left', 'right')),
  label     INTEGER NOT NULL,
  UNIQUE (structure, side)
) STRICT, WITHOUT ROWID;
INSERT INTO region VALUES('left_accumbens','accumbens','left',26);
INSERT INTO region VALUES('left_caudate','caudate','left',11);
INSERT INTO region VALUES('left_lateral_ventricle','lateral_ventricle','left',4);
INSERT INTO region VALUES('left_pallidum','pallidum','left',13);
INSERT INTO region VALUES('left_putamen','putamen','left',12);
INSERT INTO region VALUES('left_thalamus','thalamus','left',10);
INSERT INTO region VALUES('right_accumbens','accumbens','right',58);
INSERT INTO region VALUES('right_caudate','caudate','right',50);
INSERT INTO region VALUES('right_lateral_ventricle','lateral_ventricle','right',43);
INSERT INTO region VALUES('right_pallidum','pallidum','right',52);
INSERT INTO region VALUES('right_putamen','putamen','right',51);
INSERT INTO region VALUES('right_thalamus','thalamus','right',49);
CREATE TABLE cohort (
  id   TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO cohort VALUES('c1','c1');
INSERT INTO cohort VALUES('c2','c2');
CREATE TABLE person (
  id           TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
  cohort       TEXT REFERENCES cohort (id) DEFERRABLE INITIALLY DEFERRED,
  "group"      TEXT NOT NULL CHECK ("group" IN ('patient', 'control')),
  sex          TEXT NOT NULL CHECK (sex IN ('', 'female', 'male')),
  lesion_side  TEXT NOT NULL CHECK (lesion_side IN ('', 'left', 'right', 'bilateral', 'none')),
  lesion_class TEXT NOT NULL
    CHECK (lesion_class IN ('', 'cortical', 'subcortical', 'mixed', 'brainstem', 'cerebellar'))
) STRICT, WITHOUT ROWID;
INSERT INTO person VALUES('sub-001','c1','patient','female','left','');
INSERT INTO person VALUES('sub-002','c2','patient','male','right','');
CREATE TABLE session (
  person           TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
  label            TEXT NOT NULL CHECK (label <> ''),
  ordinal          INTEGER NOT NULL,
  date             TEXT NOT NULL,
  age_years        REAL,
  days_post_stroke REAL,
  PRIMARY KEY (person, label)
) STRICT, WITHOUT ROWID;
INSERT INTO session VALUES('sub-001','1',1,'',51.0,100.0);
INSERT INTO session VALUES('sub-002','1',1,'',62.5,12.0);
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
INSERT INTO measurement VALUES('sub-001','1','head','icv','enigma_csv',1500001.0,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_accumbens','volume','enigma_csv',5024.5,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_amygdala','volume','enigma_csv',5022.5,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_caudate','volume','enigma_csv',5014.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_hippocampus','volume','enigma_csv',5020.4999999999999999,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_lateral_ventricle','volume','enigma_csv',5010.4999999999999997,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_pallidum','volume','enigma_csv',5018.4999999999999999,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_putamen','volume','enigma_csv',5016.4999999999999999,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','left_thalamus','volume','enigma_csv',5012.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_accumbens','volume','enigma_csv',5025.5,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_amygdala','volume','enigma_csv',5023.5,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_caudate','volume','enigma_csv',5015.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_hippocampus','volume','enigma_csv',5021.5,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_lateral_ventricle','volume','enigma_csv',5011.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_pallidum','volume','enigma_csv',5019.4999999999999999,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_putamen','volume','enigma_csv',5017.4999999999999999,'mm3','');
INSERT INTO measurement VALUES('sub-001','1','right_thalamus','volume','enigma_csv',5013.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','head','icv','enigma_csv',1500002.0,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_accumbens','volume','enigma_csv',5034.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_amygdala','volume','enigma_csv',5032.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_caudate','volume','enigma_csv',5024.5,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_hippocampus','volume','enigma_csv',5030.5000000000000002,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_lateral_ventricle','volume','enigma_csv',5020.4999999999999999,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_pallidum','volume','enigma_csv',5028.5000000000000001,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_putamen','volume','enigma_csv',5026.5000000000000001,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','left_thalamus','volume','enigma_csv',5022.5,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_accumbens','volume','enigma_csv',5035.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_amygdala','volume','enigma_csv',5033.4999999999999998,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_caudate','volume','enigma_csv',5025.5,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_hippocampus','volume','enigma_csv',5031.4999999999999997,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_lateral_ventricle','volume','enigma_csv',5021.5,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_pallidum','volume','enigma_csv',5029.5000000000000001,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_putamen','volume','enigma_csv',5027.5000000000000001,'mm3','');
INSERT INTO measurement VALUES('sub-002','1','right_thalamus','volume','enigma_csv',5023.5,'mm3','');
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
INSERT INTO score VALUES('sub-001','1','FMA-UE',33.0,0.0,66.0,'high',0.5,'');
INSERT INTO score VALUES('sub-002','1','FMA-UE',60.0,0.0,66.0,'high',0.90909090909090906063,'');
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
INSERT INTO rating VALUES('sub-001','1','left_thalamus','A','lesioned','touches','2026-11-20T11:49:56.065Z','');
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
INSERT INTO flow VALUES(0,'Imported',2,0,'');
INSERT INTO flow VALUES(1,'First time-point',2,0,'one session each');
INSERT INTO flow VALUES(2,'Patients',2,0,'');
INSERT INTO flow VALUES(3,'Cohort known',2,0,'');
INSERT INTO flow VALUES(4,'Subcortical volumes known',2,0,'');
INSERT INTO flow VALUES(5,'Lesion side left or right',2,0,'');
INSERT INTO flow VALUES(6,'Age known',2,0,'');
INSERT INTO flow VALUES(7,'Sex known',2,0,'');
INSERT INTO flow VALUES(8,'Intracranial volume known',2,0,'');
INSERT INTO flow VALUES(9,'Behaviour score known',2,0,'');
INSERT INTO flow VALUES(10,'Analysed',2,0,'');
CREATE TABLE setting (
  key   TEXT PRIMARY KEY NOT NULL CHECK (key <> ''),
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('import.layout.p.tsv','separator tab, decimal point');
INSERT INTO setting VALUES('import.layout.v.csv','separator ,, decimal point');
CREATE TABLE act (
  id      INTEGER PRIMARY KEY NOT NULL,
  time    TEXT NOT NULL,
  author  TEXT NOT NULL CHECK (author <> ''),
  kind    TEXT NOT NULL CHECK (kind <> ''),
  summary TEXT NOT NULL,
  undoes  INTEGER REFERENCES act (id)
) STRICT;
INSERT INTO act VALUES(1,'2026-11-20T11:49:55.916Z','import','import','import of v.csv, p.tsv: 2 people',NULL);
INSERT INTO act VALUES(2,'2026-11-20T11:49:55.990Z','A','rate','left_thalamus of sub-001: unrated -> failed',NULL);
INSERT INTO act VALUES(3,'2026-11-20T11:49:56.065Z','A','rate','left_thalamus of sub-001: failed -> lesioned',NULL);
INSERT INTO act VALUES(4,'2026-11-20T11:49:56.117Z','B','rate','left_thalamus of sub-002: unrated -> ok',NULL);
INSERT INTO act VALUES(5,'2026-11-20T11:49:56.171Z','B','undo','undo: left_thalamus of sub-002: unrated -> ok',4);
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
INSERT INTO edit VALUES(1,0,'cohort','{"id":"c1"}',NULL,'{"name":"c1"}');
INSERT INTO edit VALUES(1,1,'cohort','{"id":"c2"}',NULL,'{"name":"c2"}');
INSERT INTO edit VALUES(1,2,'person','{"id":"sub-001"}',NULL,'{"cohort":"c1","group":"patient","sex":"female","lesion_side":"left","lesion_class":""}');
INSERT INTO edit VALUES(1,3,'person','{"id":"sub-002"}',NULL,'{"cohort":"c2","group":"patient","sex":"male","lesion_side":"right","lesion_class":""}');
INSERT INTO edit VALUES(1,4,'session','{"person":"sub-001","label":"1"}',NULL,'{"ordinal":1,"date":"","age_years":51,"days_post_stroke":100}');
INSERT INTO edit VALUES(1,5,'session','{"person":"sub-002","label":"1"}',NULL,'{"ordinal":1,"date":"","age_years":62.5,"days_post_stroke":12}');
INSERT INTO edit VALUES(1,6,'measurement','{"person":"sub-001","session":"1","region":"head","measure":"icv","source":"enigma_csv"}',NULL,'{"value":1500001,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,7,'measurement','{"person":"sub-001","session":"1","region":"left_accumbens","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5024.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,8,'measurement','{"person":"sub-001","session":"1","region":"left_amygdala","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5022.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,9,'measurement','{"person":"sub-001","session":"1","region":"left_caudate","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5014.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,10,'measurement','{"person":"sub-001","session":"1","region":"left_hippocampus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5020.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,11,'measurement','{"person":"sub-001","session":"1","region":"left_lateral_ventricle","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5010.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,12,'measurement','{"person":"sub-001","session":"1","region":"left_pallidum","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5018.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,13,'measurement','{"person":"sub-001","session":"1","region":"left_putamen","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5016.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,14,'measurement','{"person":"sub-001","session":"1","region":"left_thalamus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5012.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,15,'measurement','{"person":"sub-001","session":"1","region":"right_accumbens","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5025.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,16,'measurement','{"person":"sub-001","session":"1","region":"right_amygdala","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5023.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,17,'measurement','{"person":"sub-001","session":"1","region":"right_caudate","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5015.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,18,'measurement','{"person":"sub-001","session":"1","region":"right_hippocampus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5021.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,19,'measurement','{"person":"sub-001","session":"1","region":"right_lateral_ventricle","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5011.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,20,'measurement','{"person":"sub-001","session":"1","region":"right_pallidum","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5019.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,21,'measurement','{"person":"sub-001","session":"1","region":"right_putamen","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5017.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,22,'measurement','{"person":"sub-001","session":"1","region":"right_thalamus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5013.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,23,'measurement','{"person":"sub-002","session":"1","region":"head","measure":"icv","source":"enigma_csv"}',NULL,'{"value":1500002,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,24,'measurement','{"person":"sub-002","session":"1","region":"left_accumbens","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5034.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,25,'measurement','{"person":"sub-002","session":"1","region":"left_amygdala","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5032.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,26,'measurement','{"person":"sub-002","session":"1","region":"left_caudate","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5024.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,27,'measurement','{"person":"sub-002","session":"1","region":"left_hippocampus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5030.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,28,'measurement','{"person":"sub-002","session":"1","region":"left_lateral_ventricle","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5020.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,29,'measurement','{"person":"sub-002","session":"1","region":"left_pallidum","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5028.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,30,'measurement','{"person":"sub-002","session":"1","region":"left_putamen","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5026.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,31,'measurement','{"person":"sub-002","session":"1","region":"left_thalamus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5022.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,32,'measurement','{"person":"sub-002","session":"1","region":"right_accumbens","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5035.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,33,'measurement','{"person":"sub-002","session":"1","region":"right_amygdala","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5033.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,34,'measurement','{"person":"sub-002","session":"1","region":"right_caudate","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5025.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,35,'measurement','{"person":"sub-002","session":"1","region":"right_hippocampus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5031.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,36,'measurement','{"person":"sub-002","session":"1","region":"right_lateral_ventricle","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5021.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,37,'measurement','{"person":"sub-002","session":"1","region":"right_pallidum","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5029.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,38,'measurement','{"person":"sub-002","session":"1","region":"right_putamen","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5027.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,39,'measurement','{"person":"sub-002","session":"1","region":"right_thalamus","measure":"volume","source":"enigma_csv"}',NULL,'{"value":5023.5,"unit":"mm3","note":""}');
INSERT INTO edit VALUES(1,40,'score','{"person":"sub-001","session":"1","test":"FMA-UE"}',NULL,'{"raw":33,"min_used":0,"max_used":66,"direction":"high","normalised":0.5,"note":""}');
INSERT INTO edit VALUES(1,41,'score','{"person":"sub-002","session":"1","test":"FMA-UE"}',NULL,'{"raw":60,"min_used":0,"max_used":66,"direction":"high","normalised":0.9090909090909091,"note":""}');
INSERT INTO edit VALUES(1,42,'setting','{"key":"import.layout.p.tsv"}',NULL,'{"value":"separator tab, decimal point"}');
INSERT INTO edit VALUES(1,43,'setting','{"key":"import.layout.v.csv"}',NULL,'{"value":"separator ,, decimal point"}');
INSERT INTO edit VALUES(1,44,'flow','{"ordinal":0}',NULL,'{"label":"Imported","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,45,'flow','{"ordinal":1}',NULL,'{"label":"First time-point","n":2,"out":0,"detail":"one session each"}');
INSERT INTO edit VALUES(1,46,'flow','{"ordinal":2}',NULL,'{"label":"Patients","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,47,'flow','{"ordinal":3}',NULL,'{"label":"Cohort known","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,48,'flow','{"ordinal":4}',NULL,'{"label":"Subcortical volumes known","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,49,'flow','{"ordinal":5}',NULL,'{"label":"Lesion side left or right","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,50,'flow','{"ordinal":6}',NULL,'{"label":"Age known","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,51,'flow','{"ordinal":7}',NULL,'{"label":"Sex known","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,52,'flow','{"ordinal":8}',NULL,'{"label":"Intracranial volume known","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,53,'flow','{"ordinal":9}',NULL,'{"label":"Behaviour score known","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(1,54,'flow','{"ordinal":10}',NULL,'{"label":"Analysed","n":2,"out":0,"detail":""}');
INSERT INTO edit VALUES(2,0,'rating','{"person":"sub-001","session":"1","region":"left_thalamus","rater":"A"}',NULL,'{"flag":"failed","comment":"","time":"2026-11-20T11:49:55.990Z","scan_hash":""}');
INSERT INTO edit VALUES(3,0,'rating','{"person":"sub-001","session":"1","region":"left_thalamus","rater":"A"}','{"flag":"failed","comment":"","time":"2026-11-20T11:49:55.990Z","scan_hash":""}','{"flag":"lesioned","comment":"touches","time":"2026-11-20T11:49:56.065Z","scan_hash":""}');
INSERT INTO edit VALUES(4,0,'rating','{"person":"sub-002","session":"1","region":"left_thalamus","rater":"B"}',NULL,'{"flag":"ok","comment":"","time":"2026-11-20T11:49:56.117Z","scan_hash":""}');
INSERT INTO edit VALUES(5,0,'rating','{"person":"sub-002","session":"1","region":"left_thalamus","rater":"B"}','{"flag":"ok","comment":"","time":"2026-11-20T11:49:56.117Z","scan_hash":""}',NULL);
CREATE INDEX person_by_cohort ON person (cohort);
CREATE INDEX act_by_author ON act (author);
CREATE INDEX act_by_undoes ON act (undoes) WHERE undoes IS NOT NULL;
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
COMMIT;
