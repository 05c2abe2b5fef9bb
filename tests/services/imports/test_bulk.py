"""Many rows at once leave the database knowing that they are there."""

import pytest
from django.db import connection

from services.imports.bulk import MANY, create
from services.models import Organization


def rows_as_planned_for() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'services_organization'")
        return float(cursor.fetchone()[0])


@pytest.mark.django_db
def test_plans_made_after_many_rows_know_of_them() -> None:
    create([Organization(name=f"Clinic {number}", region="US-PA") for number in range(MANY)])
    assert rows_as_planned_for() == Organization.objects.count() == MANY
