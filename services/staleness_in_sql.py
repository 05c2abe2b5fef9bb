"""The questions of ``services.staleness`` as SQL: one statement each, whatever the number of rows.

Days are bits, so that a service's month is one number: bit 0 is yesterday on its site's clock. The
rule is that of ``services.daily_reporting``, which tests compare with this. Nothing in these texts
comes from outside; what does, travels as a parameter.
"""

from services.daily_reporting import CONSECUTIVE_DAYS, DAYS_IN_A_MONTH, WINDOW_DAYS

WHICH = "/* which organizations */"
OF_ORGANIZATIONS = "AND site.organization_id = ANY(%(organizations)s)"

LISTED = f"""
    SELECT service.id, service.kind, service.site_id, site.organization_id,
        site.country, site.region, site.time_zone, service.as_of,
        GREATEST(service.confirmed_at, site.confirmed_at) AS confirmed_at,
        CASE WHEN service.closed_until > %(at)s THEN 'closed_temporarily'
             WHEN service.expires_at > %(at)s THEN service.state
             ELSE 'unknown' END AS state,
        (%(at)s AT TIME ZONE site.time_zone)::date AS today
    FROM services_service AS service
    JOIN services_site AS site ON site.id = service.site_id
    WHERE service.retired_at IS NULL AND site.retired_at IS NULL {WHICH}
"""  # noqa: S608 - made of constants

# A closing ends by itself, by hand, or for one service by a newer report of it.
COVERED = """
    SELECT listed.id, listed.today, listed.time_zone, closing.made_at,
        LEAST(closing.until, closing.reopened_at, (
            SELECT min(report.observed_at) FROM services_availabilityreport AS report
            WHERE report.service_id = listed.id AND report.withdrawn_at IS NULL
                AND report.observed_at > closing.made_at
        )) AS until
    FROM recent_closings AS closing JOIN listed ON
"""

FACTS = f"""
    WITH listed AS MATERIALIZED ({LISTED}), observed AS (
        SELECT listed.id,
            listed.today - (report.observed_at AT TIME ZONE listed.time_zone)::date AS days_ago
        FROM listed JOIN services_availabilityreport AS report ON report.service_id = listed.id
        WHERE report.withdrawn_at IS NULL AND report.reporter <> 'anonymous'
        OFFSET 0  -- or the clock of the place is asked anew wherever the day is named
    ), reported AS (
        SELECT id, GREATEST(0, LEAST({WINDOW_DAYS}, max(days_ago))) AS days_due,
            bit_or(CASE WHEN days_ago BETWEEN 1 AND {WINDOW_DAYS} THEN 1 << (days_ago - 1)
                        ELSE 0 END) AS days
        FROM observed GROUP BY id
    ), recent_closings AS (
        SELECT * FROM services_closing
        WHERE LEAST(until, reopened_at) > %(at)s - interval '{WINDOW_DAYS + 2} days'
    ), covered AS MATERIALIZED (
        {COVERED} listed.id = closing.service_id
        UNION ALL
        {COVERED} listed.site_id = closing.site_id AND closing.service_id IS NULL
        UNION ALL
        {COVERED} listed.organization_id = closing.organization_id
            AND closing.service_id IS NULL AND closing.site_id IS NULL
    ), closed AS (
        SELECT id, today - (made_at AT TIME ZONE time_zone)::date AS first_days_ago,
            today - ((until - interval '1 microsecond') AT TIME ZONE time_zone)::date
                AS last_days_ago
        FROM covered
    ), excused AS (
        SELECT id, bit_or(((1 << LEAST(first_days_ago, {WINDOW_DAYS})) - 1)
                          & ~((1 << (GREATEST(last_days_ago, 1) - 1)) - 1)) AS days
        FROM closed WHERE first_days_ago >= 1 AND last_days_ago <= {WINDOW_DAYS} GROUP BY id
    ), fact AS (
        SELECT listed.*, reported.id IS NOT NULL AS reports,
            ((1 << COALESCE(reported.days_due, 0)) - 1)
                & ~COALESCE(reported.days, 0) & ~COALESCE(excused.days, 0) AS missed
        FROM listed LEFT JOIN reported USING (id) LEFT JOIN excused USING (id)
    )
"""  # noqa: S608 - made of constants

IN_A_ROW = " & ".join(f"(missed >> {days})" for days in range(CONSECUTIVE_DAYS))

SUMS = f"""
    count(*),
    count(*) FILTER (WHERE confirmed_at >= %(confirmed_since)s),
    count(*) FILTER (WHERE state <> 'unknown'),
    count(*) FILTER (WHERE as_of IS NULL),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY age_hours),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY age_hours),
    count(*) FILTER (WHERE reports),
    COALESCE(sum(days_missed), 0)::int,
    max(days_missed) FILTER (WHERE reports)::int,
    count(*) FILTER (WHERE days_missed >= {DAYS_IN_A_MONTH} OR ({IN_A_ROW}) <> 0)
    FROM (
        SELECT fact.*, bit_count(missed::bit(32)) AS days_missed,
            CASE WHEN as_of IS NOT NULL
                THEN EXTRACT(epoch FROM %(at)s - LEAST(as_of, %(at)s)) / 3600 END AS age_hours
        FROM fact
    ) AS counted
"""  # noqa: S608 - made of constants

BY_REGION = f"{FACTS} SELECT country, region, {SUMS} GROUP BY 1, 2 ORDER BY 1, 2"
BY_ORGANIZATION = f"{FACTS} SELECT organization_id, {SUMS} GROUP BY 1"
TOGETHER = f"{FACTS} SELECT {SUMS}"
EACH = f"""{FACTS} SELECT id, kind, site_id, state, as_of, confirmed_at, reports, today, missed
    FROM fact ORDER BY id"""  # noqa: S608 - made of constants
