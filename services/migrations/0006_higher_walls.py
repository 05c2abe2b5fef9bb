"""What a policy cannot say: that columns stay as they are. See docs/adr/0020-row-level-security.md.

A policy sees the row that shall be, or the one that was, never both: triggers compare them. They
hold for the role that web processes take, as the policies do.
"""

from django.db import migrations

WEB = "current_user = 'locator_app'"

# The bearer of an invitation accepts it; whoever moves it elsewhere would be inside there.
INVITATIONS = f"""
CREATE FUNCTION an_invitation_is_only_accepted() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    accepting text[] := '{{accepted_at,accepted_by_id}}';
BEGIN
    IF to_jsonb(NEW) - accepting IS DISTINCT FROM to_jsonb(OLD) - accepting THEN
        RAISE insufficient_privilege USING MESSAGE = 'The bearer of an invitation only accepts it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER an_invitation_is_only_accepted BEFORE UPDATE ON services_invitation
FOR EACH ROW WHEN ({WEB} AND acting_invitation() IS NOT NULL)
EXECUTE FUNCTION an_invitation_is_only_accepted();
"""
INVITATIONS_BACK = "DROP FUNCTION an_invitation_is_only_accepted() CASCADE"  # and its triggers

# STABLE: it looks at accounts as they were before the statement that it judges.
RIGHTS = f"""
CREATE FUNCTION nobody_raises_themselves() RETURNS trigger LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.services_user u
        WHERE u.id = public.acting_account() AND u.is_active AND u.is_superuser
    ) THEN
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND public.acting_moderates()
        AND (NEW.id, NEW.is_active, NEW.is_superuser, NEW.role)
        IS NOT DISTINCT FROM (OLD.id, OLD.is_active, OLD.is_superuser, OLD.role)
    THEN
        RETURN NEW;  -- they approve outreach, and let people into the admin
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'Superusers and moderators give rights';
END
$$;
CREATE TRIGGER new_accounts_have_no_rights BEFORE INSERT ON services_user
FOR EACH ROW WHEN ({WEB} AND (
    NEW.is_superuser OR NEW.is_staff OR NEW.role <> ''
    OR NEW.approved_at IS NOT NULL OR NEW.approved_by_id IS NOT NULL
))
EXECUTE FUNCTION nobody_raises_themselves();
CREATE TRIGGER nobody_raises_themselves BEFORE UPDATE ON services_user
FOR EACH ROW WHEN ({WEB} AND (
    NEW.id, NEW.is_active, NEW.is_superuser, NEW.is_staff, NEW.role,
    NEW.approved_at, NEW.approved_by_id
) IS DISTINCT FROM (
    OLD.id, OLD.is_active, OLD.is_superuser, OLD.is_staff, OLD.role,
    OLD.approved_at, OLD.approved_by_id
))
EXECUTE FUNCTION nobody_raises_themselves();
"""
RIGHTS_BACK = "DROP FUNCTION nobody_raises_themselves() CASCADE"  # and its triggers

# What a report comes to, services.word lets follow as the system: outreach itself only confirms.
SERVICES = f"""
CREATE FUNCTION outreach_only_confirms() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    foreign_ones bigint;
BEGIN
    IF to_jsonb(NEW) - 'confirmed_at' IS NOT DISTINCT FROM to_jsonb(OLD) - 'confirmed_at'
        OR public.acting_moderates()
    THEN
        RETURN NEW;
    END IF;
    SELECT count(*) INTO foreign_ones FROM public.services_site s
    WHERE s.id IN (OLD.site_id, NEW.site_id)
    AND s.organization_id <> ALL (public.acting_organizations());
    IF foreign_ones > 0 THEN
        RAISE insufficient_privilege USING MESSAGE = 'Outreach only confirms what others run';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outreach_only_confirms BEFORE UPDATE ON services_service
FOR EACH ROW WHEN ({WEB}) EXECUTE FUNCTION outreach_only_confirms();
"""
SERVICES_BACK = "DROP FUNCTION outreach_only_confirms() CASCADE"  # and its triggers

# Links and invitations end for the database, too.
ORGANIZATIONS_BEFORE = """
CREATE OR REPLACE FUNCTION acting_organizations() RETURNS uuid[]
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
"""
ORGANIZATIONS_NOW = ORGANIZATIONS_BEFORE.replace(
    "l.revoked_at IS NULL", "l.revoked_at IS NULL AND l.expires_at > now()"
).replace("i.accepted_at IS NULL", "i.accepted_at IS NULL AND i.expires_at > now()")

ME, INVITED = "(SELECT acting_account())", "(SELECT acting_invitation())"
MODERATES, REACHES_OUT = "(SELECT acting_moderates())", "(SELECT acting_reaches_out())"
BY_ORGANIZATION = (
    f"(organization_id = ANY ((SELECT acting_organizations())::uuid[]) OR {MODERATES})"
)
INVITES = f"(organization_id IS NULL AND invited_by_id = {ME})"
SENT = f"({BY_ORGANIZATION} OR invited_by_id = {ME})"
CALLS = f"({REACHES_OUT} OR {MODERATES})"


def policy(name, table, command, rows=None, check=None):
    using = f" USING ({rows})" if rows else ""
    checked = f" WITH CHECK ({check})" if check else ""
    return f"CREATE POLICY {name} ON {table} FOR {command} TO locator_app{using}{checked};\n"


def drop(table, *names):
    return "".join(f"DROP POLICY {name} ON {table};\n" for name in names)


INVITATION, CLAIM = "services_invitation", "services_claim"
INVITATION_ROWS = (
    f"({SENT} OR id = {INVITED})",
    f"({BY_ORGANIZATION} OR {INVITES} OR id = {INVITED})",
)
CLAIM_ROWS = (CALLS, f"(account_id = {ME} AND {CALLS})")
DELETED = f"((account_id = {ME} AND {REACHES_OUT}) OR {MODERATES})"
# Who could delete an invitation of their own and add it anew would be wherever they like.
# A claim that has ended is another's to take over; none is another's to delete.
POLICIES = (
    drop(INVITATION, "may_write")
    + policy("may_add", INVITATION, "INSERT", check=f"({BY_ORGANIZATION} OR {INVITES})")
    + policy("may_change", INVITATION, "UPDATE", *INVITATION_ROWS)
    + policy("may_delete", INVITATION, "DELETE", SENT)
    + drop(CLAIM, "may_write")
    + policy("may_add", CLAIM, "INSERT", check=CLAIM_ROWS[1])
    + policy("may_change", CLAIM, "UPDATE", *CLAIM_ROWS)
    + policy("may_delete", CLAIM, "DELETE", DELETED)
)
SPLIT = ("may_add", "may_change", "may_delete")
POLICIES_BACK = (
    drop(INVITATION, *SPLIT)
    + policy("may_write", INVITATION, "ALL", *INVITATION_ROWS)
    + drop(CLAIM, *SPLIT)
    + policy("may_write", CLAIM, "ALL", *CLAIM_ROWS)
)

# A held change is applied, and a closing followed, by the system: neither may be of another's.
ORGANIZATIONS = "ANY ((SELECT acting_organizations())::uuid[])"
OWN_SITES = (
    f"SELECT site.id FROM services_site AS site WHERE site.organization_id = {ORGANIZATIONS}"
)
OWN_SERVICES = (
    "SELECT service.id FROM services_service AS service "
    "JOIN services_site AS site ON site.id = service.site_id "
    f"WHERE site.organization_id = {ORGANIZATIONS}"
)
OWN_LISTING = (
    f"{MODERATES} OR (organization_id = {ORGANIZATIONS} "
    f"AND (site_id IS NULL OR site_id IN ({OWN_SITES})) "
    f"AND (service_id IS NULL OR service_id IN ({OWN_SERVICES})))"
)
STAYS = """
CREATE FUNCTION stays_with_its_listing() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'What was said of one listing is of no other';
END
$$;
"""
STAYS_BACK = "DROP FUNCTION stays_with_its_listing();"


def of_its_listing(table):
    keys = ("id", "organization_id", "site_id", "service_id")
    new, old = (", ".join(f"{row}.{key}" for key in keys) for row in ("NEW", "OLD"))
    return (
        f"CREATE POLICY of_own_listing ON {table} AS RESTRICTIVE FOR INSERT TO locator_app "
        f"WITH CHECK ({OWN_LISTING});\n"
        f"CREATE TRIGGER stays_with_its_listing BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({WEB} AND ({new}) IS DISTINCT FROM ({old})) "
        "EXECUTE FUNCTION stays_with_its_listing();\n"
    )


def of_any_listing(table):
    return (
        f"DROP TRIGGER stays_with_its_listing ON {table};\nDROP POLICY of_own_listing ON {table};\n"
    )


# Reminders are the system's to make: their key leads into the outbox, which is nobody's.
REMINDER, BY_SERVICE = "services_reminder", f"(service_id IN ({OWN_SERVICES}) OR {MODERATES})"
REMINDERS = (
    drop(REMINDER, "may_write")
    + policy("may_write", REMINDER, "ALL", MODERATES, MODERATES)
    + policy("may_read", REMINDER, "SELECT", BY_SERVICE)
    + policy("may_delete", REMINDER, "DELETE", BY_SERVICE)
)
REMINDERS_BACK = drop(REMINDER, "may_write", "may_read", "may_delete") + policy(
    "may_write", REMINDER, "ALL", BY_SERVICE, BY_SERVICE
)

HELD, CLOSING = "services_heldchange", "services_closing"


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0005_row_level_security"),
    ]

    operations = [
        migrations.RunSQL(INVITATIONS, INVITATIONS_BACK),
        migrations.RunSQL(RIGHTS, RIGHTS_BACK),
        migrations.RunSQL(SERVICES, SERVICES_BACK),
        migrations.RunSQL(ORGANIZATIONS_NOW, ORGANIZATIONS_BEFORE),
        migrations.RunSQL(STAYS, STAYS_BACK),
        migrations.RunSQL(of_its_listing(HELD), of_any_listing(HELD)),
        migrations.RunSQL(of_its_listing(CLOSING), of_any_listing(CLOSING)),
        migrations.RunSQL(REMINDERS, REMINDERS_BACK),
        migrations.RunSQL(POLICIES, POLICIES_BACK),
    ]
