-- 75 MB of bytes that cannot be compressed, and 20 large objects of 1 MB, half of them text.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
CREATE EXTENSION lo;
CREATE TABLE blobs (id int PRIMARY KEY, name text NOT NULL, content bytea NOT NULL);
ALTER TABLE blobs ALTER content SET STORAGE EXTERNAL;
INSERT INTO blobs
  SELECT blob, 'upload-' || blob || '.bin', string_agg(sha512((blob || ':' || block)::bytea), '' ORDER BY block)
  FROM generate_series(1, (:scale * 1100)::int) blob, generate_series(1, 600 + blob * 37 % 940) block
  GROUP BY blob;
CREATE TABLE scans (id int PRIMARY KEY, image lo);
INSERT INTO scans
  SELECT scan, lo_from_bytea(0, CASE WHEN scan % 2 = 0
    THEN (SELECT string_agg(sha512((scan || '/' || block)::bytea), '') FROM generate_series(1, 16384) block)
    ELSE convert_to(repeat('Page ' || scan || ' of a scanned document, as text. ', 23000), 'UTF8') END)
  FROM generate_series(1, greatest(2, (:scale * 20)::int)) scan;
CREATE TRIGGER scans_image BEFORE UPDATE OR DELETE ON scans FOR EACH ROW EXECUTE FUNCTION lo_manage(image);
VACUUM ANALYZE;
