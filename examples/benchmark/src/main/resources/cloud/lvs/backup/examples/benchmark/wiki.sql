-- 210,000 articles of prose: words from syllables, phrases of words that go together, sentences of phrases. Sentences come
-- again, but so far apart that no compressor's window sees it.
\set ON_ERROR_STOP on
SET max_parallel_workers_per_gather = 0;
SET maintenance_work_mem = '256MB';
SET work_mem = '512MB';
SELECT setseed(0.44) \g /dev/null
SELECT (:scale * 400000)::int AS sentences \gset
CREATE EXTENSION pg_trgm;

CREATE TEMP TABLE words AS
  SELECT word AS id, string_agg(
    (ARRAY['b', 'c', 'd', 'f', 'g', 'h', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'st', 'tr', 'pr', 'ch', 'th', 'qu', 'k'])
      [1 + (random() * 21.99)::int % 22]
    || (ARRAY['a', 'e', 'i', 'o', 'u', 'ea', 'ou', 'io', 'y'])[1 + (random() * 8.99)::int % 9]
    || (ARRAY['', '', '', 'n', 'r', 's', 'l', 't', 'nd', 'ng', 'm', 'ck'])[1 + (random() * 11.99)::int % 12], '') AS word
  FROM generate_series(0, 7999) word, generate_series(1, 1 + word % 3) syllable
  GROUP BY word;
CREATE TEMP TABLE phrases AS
  SELECT phrase AS id, string_agg(word, ' ' ORDER BY position) AS phrase
  FROM (
    SELECT phrase, position, (8000 * random() ^ 3)::int % 8000 AS id
    FROM generate_series(0, 199999) phrase, generate_series(1, 1 + phrase % 3) position
  ) AS picks JOIN words USING (id)
  GROUP BY phrase;
CREATE TEMP TABLE sentences AS
  SELECT sentence AS id, upper(left(string_agg(phrase, ' '), 1)) || substr(string_agg(phrase, ' '), 2) || '. ' AS sentence
  FROM (
    SELECT sentence, (200000 * random() ^ 2)::int % 200000 AS id
    FROM generate_series(0, :sentences - 1) sentence, generate_series(1, 4 + sentence % 10) position
  ) AS picks JOIN phrases USING (id)
  GROUP BY sentence;
CREATE INDEX ON sentences (id);
ANALYZE sentences;

CREATE TABLE articles (
  id int NOT NULL,
  title text NOT NULL,
  tags text[] NOT NULL,
  changed timestamptz NOT NULL,
  body text NOT NULL
);
INSERT INTO articles
  SELECT
    article,
    'Article ' || article || ': ' || left(min(sentence), 60),
    ARRAY['tag' || article % 97, 'tag' || article % 89, 'group' || article % 11],
    timestamptz '2020-01-01 00:00:00+00' + article * interval '17 minutes',
    string_agg(sentence, '')
  FROM (
    SELECT article, (:sentences * random())::int % :sentences AS id
    FROM generate_series(1, (:scale * 210000)::int) article, generate_series(1, 9 + article % 19) position
  ) AS picks JOIN sentences USING (id)
  GROUP BY article;
ALTER TABLE articles ADD PRIMARY KEY (id);
CREATE INDEX articles_title ON articles USING gin (title gin_trgm_ops);
CREATE INDEX articles_tags ON articles USING gin (tags);

CREATE TABLE links (source int NOT NULL REFERENCES articles, target int NOT NULL, PRIMARY KEY (source, target));
INSERT INTO links
  SELECT article, 1 + (article * 7 + step * 31) % (:scale * 210000)::int
  FROM generate_series(1, (:scale * 210000)::int) article, generate_series(1, 3) step
  ON CONFLICT DO NOTHING;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO app_reader;
GRANT INSERT, UPDATE ON articles TO editor;
VACUUM ANALYZE;
