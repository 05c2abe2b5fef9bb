#!/bin/sh
# Runs once, when the database is made: the application gets a role that owns its database and
# nothing else, and another one that web processes take, which owns nothing: row-level security holds
# for it. PostGIS, which only a superuser may create, the image has put there already.
set -eu
psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password LOCATOR_DATABASE_PASSWORD
CREATE ROLE locator LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE ROLE locator_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT locator_app TO locator;
ALTER DATABASE locator OWNER TO locator;
ALTER SCHEMA public OWNER TO locator;
REVOKE ALL ON DATABASE locator FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS postgis;
SQL
