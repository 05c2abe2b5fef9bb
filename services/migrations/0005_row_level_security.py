"""Row-level security around what an organization owns: docs/adr/0020-row-level-security.md.

The policies are for the role that web processes take; the owner of the tables, who migrates,
imports and sends, stands outside of the walls.
"""

from django.db import migrations

ROLE = "locator_app"

# Whoever may not make roles needs it made before: .docker/make-role.sh.
MAKE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN;
        EXECUTE format('GRANT {ROLE} TO %I', current_user);
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database's migration, just now
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'The role {ROLE} is missing. As a superuser: '
            'CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO %;', current_user;
END
$$;
"""

# Rights on all tables there are and that will be; which rows, the policies say. Tables of PostGIS
# belong to somebody else and are readable anyway.
GRANT = f"""
DO $$
DECLARE
    mine record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO {ROLE}');
    FOR mine IN
        SELECT c.relname, c.relkind FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S')
        AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        IF mine.relkind = 'S' THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE public.%I TO {ROLE}', mine.relname);
        ELSE
            EXECUTE format(
                'GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO {ROLE}', mine.relname);
        END IF;
    END LOOP;
END
$$;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLE};
"""

# Who acts, and what is theirs: the database looks it up by itself, with its owner's eyes.
WHO = """
CREATE FUNCTION acting_account() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT substring(current_setting('locator.acting', true) FROM '^account (\\d+)$')::bigint $$;

CREATE FUNCTION acting_invitation() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT substring(current_setting('locator.acting', true) FROM '^invitation (.+)$')::uuid $$;

CREATE FUNCTION acting_organizations() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sort text := split_part(current_setting('locator.acting', true), ' ', 1);
    who text := split_part(current_setting('locator.acting', true), ' ', 2);
BEGIN
    IF sort = 'account' THEN
        RETURN coalesce((
            SELECT array_agg(m.organization_id) FROM public.services_membership m
            JOIN public.services_user u ON u.id = m.user_id
            WHERE m.user_id = who::bigint AND u.is_active
        ), '{}');
    ELSIF sort = 'link' THEN
        RETURN coalesce((
            SELECT array_agg(s.organization_id) FROM public.services_reportlink l
            JOIN public.services_site s ON s.id = l.site_id
            WHERE l.id = who::uuid AND l.revoked_at IS NULL
        ), '{}');
    ELSIF sort = 'invitation' THEN
        RETURN coalesce((
            SELECT array_agg(i.organization_id) FROM public.services_invitation i
            WHERE i.id = who::uuid AND i.organization_id IS NOT NULL AND i.accepted_at IS NULL
        ), '{}');
    END IF;
    RETURN '{}';
END
$$;

CREATE FUNCTION acting_moderates() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce((
        SELECT u.is_active AND (u.is_superuser OR u.role = 'moderator')
        FROM public.services_user u WHERE u.id = public.acting_account()
    ), false);
END
$$;

CREATE FUNCTION acting_reaches_out() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce((
        SELECT u.is_active AND u.role = 'outreach' AND u.approved_at IS NOT NULL
        FROM public.services_user u WHERE u.id = public.acting_account()
    ), false);
END
$$;
"""
FORGET_WHO = """
DROP FUNCTION acting_reaches_out(), acting_moderates(), acting_organizations(),
    acting_invitation(), acting_account();
"""

# Each function is asked once in a statement, not once for each row.
ME, INVITED = "(SELECT acting_account())", "(SELECT acting_invitation())"
ORGANIZATIONS = "ANY ((SELECT acting_organizations())::uuid[])"
MODERATES, REACHES_OUT = "(SELECT acting_moderates())", "(SELECT acting_reaches_out())"
OWN_SITES = f"SELECT site.id FROM services_site AS site WHERE site.organization_id = {ORGANIZATIONS}"
OWN_SERVICES = (
    "SELECT service.id FROM services_service AS service "
    "JOIN services_site AS site ON site.id = service.site_id "
    f"WHERE site.organization_id = {ORGANIZATIONS}"
)


def of(own):
    return f"({own} OR {MODERATES})"


ITSELF, BY_ORGANIZATION = of(f"id = {ORGANIZATIONS}"), of(f"organization_id = {ORGANIZATIONS}")
BY_SITE, BY_SERVICE = of(f"site_id IN ({OWN_SITES})"), of(f"service_id IN ({OWN_SERVICES})")
# A closed site may have gone to another organization since: it is theirs now.
OF_CLOSING = of(
    f"(site_id IS NULL AND service_id IS NULL AND organization_id = {ORGANIZATIONS}) "
    f"OR site_id IN ({OWN_SITES}) OR service_id IN ({OWN_SERVICES})"
)
ANYBODY = "true"


def read(rows):
    return ("may_read", "SELECT", rows, None)


def write(rows, check=None):
    return ("may_write", "ALL", rows, check or rows)


def listed(rows):
    return [read(ANYBODY), write(rows)]


def kept(rows):
    """Versions of rows: triggers add them, nobody changes them."""
    return [read(rows), ("may_add", "INSERT", None, rows)]


POLICIES = {
    # What anybody may find.
    "organization": listed(ITSELF),
    "site": listed(BY_ORGANIZATION),
    "phone": listed(BY_SITE),
    # Approved outreach workers report and confirm whatever is listed.
    "service": [
        read(ANYBODY),
        ("may_add", "INSERT", None, BY_SITE),
        ("may_change", "UPDATE", f"({BY_SITE} OR {REACHES_OUT})", f"({BY_SITE} OR {REACHES_OUT})"),
        ("may_delete", "DELETE", BY_SITE, None),
    ],
    "hours": listed(BY_SERVICE),
    "hoursexception": listed(BY_SERVICE),
    "servicesourcing": listed(MODERATES),
    # What was said, and by whom.
    "availabilityreport": [
        read(f"({BY_SERVICE} OR account_id = {ME})"),
        (
            "may_add",
            "INSERT",
            None,
            f"(({BY_SERVICE} OR {REACHES_OUT}) AND account_id IS NOT DISTINCT FROM {ME})",
        ),
        ("may_take_back", "UPDATE", MODERATES, MODERATES),
        ("may_delete", "DELETE", MODERATES, None),
    ],
    "visitoutcome": [read(BY_SERVICE)],
    "closing": [write(OF_CLOSING)],
    "heldchange": [write(BY_ORGANIZATION)],
    # Outreach workers claim sites of others, to call them.
    "claim": [
        read(f"({REACHES_OUT} OR {MODERATES})"),
        write(
            f"({REACHES_OUT} OR {MODERATES})",
            f"(account_id = {ME} AND ({REACHES_OUT} OR {MODERATES}))",
        ),
    ],
    # Its people.
    "membership": [read(f"({BY_ORGANIZATION} OR user_id = {ME})"), write(BY_ORGANIZATION)],
    "invitation": [
        read(f"({BY_ORGANIZATION} OR invited_by_id = {ME} OR id = {INVITED})"),
        write(
            f"({BY_ORGANIZATION} OR invited_by_id = {ME} OR id = {INVITED})",
            f"({BY_ORGANIZATION} OR (organization_id IS NULL AND invited_by_id = {ME}) "
            f"OR id = {INVITED})",
        ),
    ],
    # How it is reached by us.
    "reportingplan": [write(BY_SITE)],
    "reportlink": [write(BY_SITE)],
    "reminder": [write(BY_SERVICE)],
    "message": [write(MODERATES)],
    # What feeds said, addresses of hidden sites too.
    "sourcerecord": [write(MODERATES)],
    "importrun": [write(MODERATES)],
    # What stood there before, addresses of sites that are hidden by now too.
    "organizationevent": kept(ITSELF),
    "siteevent": kept(BY_ORGANIZATION),
    "phoneevent": kept(BY_SITE),
    "serviceevent": [
        read(BY_SITE),
        ("may_add", "INSERT", None, f"({BY_SITE} OR {REACHES_OUT})"),
    ],
    "hoursevent": kept(BY_SERVICE),
    "hoursexceptionevent": kept(BY_SERVICE),
    # Who leaves is a member no more when the trigger tells of it.
    "membershipevent": [
        read(BY_ORGANIZATION),
        ("may_add", "INSERT", None, f"({BY_ORGANIZATION} OR user_id = {ME})"),
    ],
}


def walls(apps, schema_editor):
    for name, policies in POLICIES.items():
        table = f"services_{name}"
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for policy, command, rows, check in policies:
            using = f" USING ({rows})" if rows else ""
            checked = f" WITH CHECK ({check})" if check else ""
            schema_editor.execute(
                f"CREATE POLICY {policy} ON {table} FOR {command} TO {ROLE}{using}{checked}"
            )


def no_walls(apps, schema_editor):
    for name, policies in POLICIES.items():
        table = f"services_{name}"
        for policy, *_ in policies:
            schema_editor.execute(f"DROP POLICY {policy} ON {table}")
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


class Migration(migrations.Migration):

    dependencies = [
        ("services", "0004_packs_and_regions"),
    ]

    operations = [
        migrations.RunSQL(MAKE_ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(GRANT, migrations.RunSQL.noop),
        migrations.RunSQL(WHO, FORGET_WHO),
        migrations.RunPython(walls, no_walls),
    ]
