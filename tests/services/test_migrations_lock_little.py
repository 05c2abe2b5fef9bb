"""No migration rewrites a big table, or holds others up while it looks at one.

What such a migration would do goes in steps, a release each: add, fill, require; indexes built live
(``AddIndexConcurrently`` in a migration with ``atomic = False``), constraints NOT VALID first.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import call_command
from django_migration_linter.sql_analyser import analyse_sql_statements, get_sql_analyser_class
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType

ROOT = Path(__file__).parents[2]
# Migrations that may do more, each with why nobody is held up by it.
EXEMPT = {
    "0001_first": "makes all tables",
    "0002_keeping_listings_true": "before the first release: tables were empty",
    "0003_long_run_chance": "before the first release",
    "0004_packs_and_regions": "before the first release",
}


def looks_at_every_row(statements: list[str], **_: object) -> bool:
    """A constraint on a table that was there before, and is not added NOT VALID first."""
    made = {one.split()[2] for one in statements if one.startswith("CREATE TABLE")}
    added = re.compile(r"ALTER TABLE (\S+) ADD CONSTRAINT .* (CHECK|FOREIGN KEY|EXCLUDE)\b")
    found = [(one, added.search(one)) for one in statements]
    return any(match and match[1] not in made and "NOT VALID" not in one for one, match in found)


def rewrites(statement: str, **_: object) -> bool:
    """Each row is written anew: a default that is worked out row by row, or another type."""
    volatile = r"ADD COLUMN .* DEFAULT .*(random|clock_timestamp|uuid|nextval|now)\w*\("
    return bool(re.search(rf"ALTER COLUMN .* TYPE|SET TABLESPACE|{volatile}|CLUSTER ", statement))


OURS = [
    Check("EVERY_ROW", looks_at_every_row, "looks at every row", CheckMode.TRANSACTION,
          CheckType.ERROR),
    Check("REWRITE", rewrites, "rewrites a table", CheckMode.ONE_LINER, CheckType.ERROR),
]  # fmt: skip


def dangers(sql: str) -> set[str]:
    """What is dangerous about a migration, by the linter's names and ours."""
    base = get_sql_analyser_class("postgresql")
    analyser = type("Ours", (base,), {"migration_checks": [*base.migration_checks, *OURS]})
    statements = [" ".join(one.split()) for one in sql.splitlines()]
    errors, _ignored, warnings = analyse_sql_statements(analyser, [s for s in statements if s])
    return {issue.code for issue in (*errors, *warnings)}


def names() -> Iterable[str]:
    return sorted(path.stem for path in (ROOT / "services/migrations").glob("0*.py"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in names() if name not in EXEMPT])
def test_a_migration_does_nothing_dangerous(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sqlmigrate", "services", name)
    assert dangers(capsys.readouterr().out) == set()


def test_every_exemption_is_of_a_migration_that_is_there() -> None:
    assert set(EXEMPT) <= set(names())


@pytest.mark.parametrize(
    ("statement", "danger"),
    [
        ('CREATE INDEX "i" ON "services_change" ("at");', "CREATE_INDEX"),
        ('ALTER TABLE "services_change" ADD COLUMN "a" int NOT NULL;', "NOT_NULL"),
        ('ALTER TABLE "services_change" ALTER COLUMN "a" SET NOT NULL;', "NOT_NULL"),
        (
            'ALTER TABLE "services_change" ALTER COLUMN "a" TYPE bigint USING "a"::bigint;',
            "REWRITE",
        ),
        ('ALTER TABLE "services_change" ADD COLUMN "a" uuid DEFAULT gen_random_uuid();', "REWRITE"),
        ('ALTER TABLE "services_change" ADD CONSTRAINT "u" UNIQUE ("a");', "ADD_UNIQUE"),
        ('ALTER TABLE "services_change" ADD CONSTRAINT "c" CHECK ("a" > 0);', "EVERY_ROW"),
        ('ALTER TABLE "services_change" DROP COLUMN "a" CASCADE;', "DROP_COLUMN"),
        ('ALTER TABLE "services_change" RENAME COLUMN "a" TO "b";', "RENAME_COLUMN"),
    ],
)
def test_what_is_dangerous_is_seen(statement: str, danger: str) -> None:
    assert danger in dangers(f"BEGIN;\n{statement}\nCOMMIT;")


@pytest.mark.parametrize(
    "statement",
    [
        'CREATE INDEX CONCURRENTLY "i" ON "services_change" ("at");',
        'ALTER TABLE "services_change" ADD COLUMN "a" int NULL;',
        'ALTER TABLE "services_change" ADD COLUMN "a" text DEFAULT \'\' NOT NULL;',
        'ALTER TABLE "services_change" ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID;',
        'ALTER TABLE "services_change" VALIDATE CONSTRAINT "c";',
        'CREATE TABLE "made" ("id" bigint NOT NULL PRIMARY KEY);',
    ],
)
def test_what_is_not_is_let_be(statement: str) -> None:
    assert dangers(statement) == set()
