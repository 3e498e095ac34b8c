-- Two roles and a database: the owner brings the tables up to date, the plain role does the daily work.
-- Run once by a superuser with psql, passwords in the environment so that they are in no history:
--   CASES_OWNER_PASSWORD=… CASES_APP_PASSWORD=… psql --set ON_ERROR_STOP=1 --file deploy/postgres/roles.sql
\getenv owner_password CASES_OWNER_PASSWORD
\getenv app_password CASES_APP_PASSWORD
CREATE ROLE casewright_owner LOGIN PASSWORD :'owner_password';
-- Neither owner nor superuser: row-level security binds it, and it cannot drop the trigger that keeps events as they are.
CREATE ROLE casewright_app LOGIN NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE casewright OWNER casewright_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE casewright FROM PUBLIC;
GRANT CONNECT ON DATABASE casewright TO casewright_app;

\connect casewright
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO casewright_owner;
GRANT USAGE ON SCHEMA public TO casewright_app;
-- For every table that a migration will make.
ALTER DEFAULT PRIVILEGES FOR ROLE casewright_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO casewright_app;
ALTER DEFAULT PRIVILEGES FOR ROLE casewright_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO casewright_app;
