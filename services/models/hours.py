"""When a service is open, in OSM ``opening_hours`` syntax, with dated exceptions."""

from typing import ClassVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import models

from services.models.change import Change, logs_changes
from services.models.service import Service
from services.vocabulary import HoursType


def check_hours(value: str) -> None:
    """Refuse what is not valid OSM ``opening_hours``."""
    from services.hours import is_valid  # noqa: PLC0415 - models load before the evaluator

    if not is_valid(value):
        raise ValidationError(
            "Use OSM opening_hours, such as “Mo-Fr 05:30-14:00; PH off”. Keep other texts verbatim."
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Hours(models.Model):
    """Hours of one type. HSDS: schedule.

    ``rule`` is valid OSM syntax or empty; ``verbatim`` is what a feed said, never interpreted.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="hours")
    type = models.CharField(max_length=6, choices=HoursType.choices, default=HoursType.OPEN)
    rule = models.CharField(max_length=1000, blank=True, validators=[check_hours])
    verbatim = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["type"]
        verbose_name_plural = "hours"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "type"], name="hours_of_a_type_stand_once"),
            models.CheckConstraint(
                condition=models.Q(type__in=HoursType.values), name="hours_type_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(rule="", verbatim=""), name="hours_say_something"
            ),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.SERVICE, key="service_id", is_part=True)

    def __str__(self) -> str:
        return self.rule or self.verbatim


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class HoursException(models.Model):
    """Days on which a service's hours of every type differ: closed, or open at other times."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="hours_exceptions")
    first_day = models.DateField()
    last_day = models.DateField()
    times = models.CharField(
        max_length=100, blank=True, help_text="Such as 09:00-12:00; empty if closed all day."
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["first_day", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")),
                name="an_exception_begins_before_it_ends",
            ),
        ]
        triggers: ClassVar = logs_changes(Change.Entity.SERVICE, key="service_id", is_part=True)

    def __str__(self) -> str:
        return f"{self.first_day}–{self.last_day}: {self.times or 'closed'}"

    def clean(self) -> None:
        """Refuse what is more than the times of a day: it would change other days too."""
        from services.hours import are_plain_times  # noqa: PLC0415 - models load before the evaluator

        if self.times and not are_plain_times(self.times):
            raise ValidationError({"times": "Use times such as 09:00-12:00, 13:00-17:00."})
