-- Roles of the webhook service. They belong to the server and not to one database, so no migration creates them.
-- None of them is a superuser, and none bypasses row-level security. Passwords are set by whoever starts the service.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'webhook_owner') THEN
        CREATE ROLE webhook_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'webhook_app') THEN
        CREATE ROLE webhook_app LOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'webhook_scheduler') THEN
        CREATE ROLE webhook_scheduler LOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
END
$$;
