-- A shop: accounts as pgbench has them, at its scale 15, and 1,100,000 events of half a page of JSON.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET maintenance_work_mem = '256MB';
SELECT setseed(0.42) \g /dev/null
CREATE EXTENSION pgcrypto;
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA sales AUTHORIZATION app_owner;
GRANT USAGE ON SCHEMA sales TO app_reader;

CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int REFERENCES pgbench_branches, tbalance int, filler char(84));
CREATE TABLE pgbench_accounts (aid int, bid int, abalance int, filler char(84));
INSERT INTO pgbench_branches SELECT i, 0, '' FROM generate_series(1, 15) i;
INSERT INTO pgbench_tellers SELECT i, (i - 1) / 10 + 1, 0, '' FROM generate_series(1, 150) i;
INSERT INTO pgbench_accounts
  SELECT i, i % 15 + 1, 0, '' FROM generate_series(1, (:scale * 1500000)::int) i;
ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid);
ALTER TABLE pgbench_accounts ADD FOREIGN KEY (bid) REFERENCES pgbench_branches;

CREATE TABLE sales.events (
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  customer int NOT NULL,
  payload jsonb NOT NULL
);
INSERT INTO sales.events (at, customer, payload)
  SELECT
    timestamptz '2026-01-01 00:00:00+00' + i * interval '25 seconds' + random() * interval '20 seconds',
    customer,
    jsonb_build_object(
      'type', (ARRAY['page.viewed', 'page.viewed', 'page.viewed', 'search.done', 'basket.changed', 'order.placed',
        'order.paid', 'order.shipped'])[1 + (random() * 7.99)::int % 8],
      'session', md5(customer || ' ' || i / 5000),
      'ip', format('10.%s.%s.%s', customer % 200, customer / 200 % 250, customer % 250),
      'agent', (ARRAY['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0',
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0',
        'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Mobile/15E148',
        'curl/8.5.0'])[1 + customer % 4],
      'country', (ARRAY['DE', 'AT', 'CH', 'FR', 'NL', 'PL'])[1 + customer % 6],
      'items', jsonb_build_array(
        jsonb_build_object('sku', 'A-' || (random() * random() * 90000)::int, 'quantity', 1 + (random() * 3)::int,
          'price', round((random() * 200)::numeric, 2)),
        jsonb_build_object('sku', 'B-' || (random() * random() * 90000)::int, 'quantity', 1,
          'price', round((random() * 50)::numeric, 2))))
  FROM (
    SELECT i, (random() * random() * 40000)::int AS customer FROM generate_series(1, (:scale * 1100000)::int) i
  ) AS visits;
ALTER TABLE sales.events ADD PRIMARY KEY (id);
CREATE INDEX events_customer_at ON sales.events (customer, at);
CREATE INDEX events_type ON sales.events ((payload ->> 'type'));

CREATE TABLE sales.events_2025 (LIKE sales.events) TABLESPACE archive;
INSERT INTO sales.events_2025 SELECT * FROM sales.events WHERE id % 100 = 0;
CREATE VIEW sales.orders AS SELECT id, at, customer FROM sales.events WHERE payload ->> 'type' = 'order.placed';
GRANT SELECT ON ALL TABLES IN SCHEMA sales TO app_reader;
GRANT INSERT ON sales.events TO app_writer;
VACUUM ANALYZE;
