-- 6,500,000 samples of 500 series.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET maintenance_work_mem = '256MB';
SELECT setseed(0.43) \g /dev/null
CREATE TABLE series (id int PRIMARY KEY, name text NOT NULL UNIQUE, unit text NOT NULL);
INSERT INTO series
  SELECT i, 'node_' || i % 50 || '_' || (ARRAY['cpu', 'memory', 'disk', 'network', 'load'])[1 + i % 5] || '_' || i, 'unit'
  FROM generate_series(0, 499) i;
CREATE TABLE samples (at timestamptz NOT NULL, series int NOT NULL, value double precision NOT NULL, flags smallint);
INSERT INTO samples
  SELECT
    timestamptz '2026-06-01 00:00:00+00' + (i / 500) * interval '15.001 seconds',
    i % 500,
    round((100 * (1 + sin((i / 500) / 240.0 + i % 500)) + random())::numeric, 6 * (i % 2)),
    CASE WHEN i % 40 = 0 THEN 1 END
  FROM generate_series(0, (:scale * 6500000)::int - 1) i;
ALTER TABLE samples ADD PRIMARY KEY (series, at);
ALTER TABLE samples ADD FOREIGN KEY (series) REFERENCES series;
CREATE MATERIALIZED VIEW hourly AS
  SELECT series, date_trunc('hour', at) AS hour, avg(value) AS mean, max(value) AS most FROM samples GROUP BY 1, 2;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO app_reader;
GRANT INSERT ON samples TO ingest;
VACUUM ANALYZE;
