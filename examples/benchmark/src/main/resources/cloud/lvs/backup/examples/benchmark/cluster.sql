-- Roles, a tablespace and the databases of the cluster that is dumped and restored. Run in database postgres.
-- The files beside this one fill the databases; all of them give the same rows in every run. Variables: scale (1 = full size) and
-- archive (the directory of the tablespace).
\set ON_ERROR_STOP on
CREATE ROLE app_owner;
CREATE ROLE app_reader;
CREATE ROLE app_writer IN ROLE app_reader;
CREATE ROLE shop LOGIN PASSWORD 'bench' IN ROLE app_writer;
CREATE ROLE ingest LOGIN PASSWORD 'bench' CONNECTION LIMIT 20;
CREATE ROLE editor LOGIN IN ROLE app_writer;
CREATE ROLE analyst LOGIN IN ROLE app_reader;
ALTER ROLE analyst SET statement_timeout = '10min';
ALTER ROLE ingest SET synchronous_commit = off;

CREATE TABLESPACE archive LOCATION :'archive';

CREATE DATABASE shop OWNER app_owner;
CREATE DATABASE metrics OWNER app_owner;
CREATE DATABASE wiki OWNER app_owner;
CREATE DATABASE files OWNER app_owner;
CREATE DATABASE small OWNER app_owner;
ALTER DATABASE shop SET default_statistics_target = 200;
GRANT CONNECT ON DATABASE shop TO analyst;
