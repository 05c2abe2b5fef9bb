"""The reporting plan on a site's page: who is reminded, and at which hours somebody is there."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField

from services.models import ReportingPlan, Site
from services.reporting_plans import MOST_SHIFTS, set_plan, stop_plan


class ShiftTime(forms.TimeField):
    """A time of day as clinics write it: no seconds."""

    def prepare_value(self, value: Any) -> Any:
        """See Django."""
        return f"{value:%H:%M}" if isinstance(value, dt.time) else value


class PlanForm(forms.ModelForm[ReportingPlan]):
    """An address and the hours of shifts."""

    shift_times = SimpleArrayField(
        ShiftTime(input_formats=["%H:%M", "%H:%M:%S"]),
        required=False,
        max_length=MOST_SHIFTS,
        label="Shifts",
        help_text=(
            "When somebody is there to answer, on the site’s clock, such as 07:00, 15:00. The "
            "reminder comes at the last of them before what is told expires. Empty: some hours "
            "before it."
        ),
    )

    class Meta:
        model = ReportingPlan
        fields = ("contact_email", "shift_times")
        help_texts = {  # noqa: RUF012 - how Django spells it
            "contact_email": "Gets the reminders, with a link that reports without an account."
        }


class ReportingPlanInline(admin.StackedInline[ReportingPlan, Site]):
    """One for a site, or none: then nobody is reminded."""

    model = ReportingPlan
    form = PlanForm
    extra = 0
    verbose_name = "Reminders to report"


def save_plan(request: Any, formset: Any) -> None:
    """Store what the inline became."""
    site = formset.instance
    for _plan in formset.deleted_objects:
        stop_plan(site=site)
    for plan in [*formset.new_objects, *(row for row, _changed in formset.changed_objects)]:
        set_plan(site=site, contact_email=plan.contact_email, shift_times=plan.shift_times)
