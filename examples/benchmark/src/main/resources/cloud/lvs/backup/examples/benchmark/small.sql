-- 200,000 settings.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.45) \g /dev/null
CREATE EXTENSION hstore;
CREATE TABLE settings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text NOT NULL, entries hstore NOT NULL);
INSERT INTO settings (owner, entries)
  SELECT 'user' || i, hstore(ARRAY['theme', 'language', 'page'], ARRAY[
    (ARRAY['dark', 'light'])[1 + i % 2], (ARRAY['de', 'en', 'fr'])[1 + i % 3], (random() * 100)::int::text])
  FROM generate_series(1, (:scale * 200000)::int) i;
CREATE INDEX settings_owner ON settings (owner);
VACUUM ANALYZE;
