"""By whose rule a client's week is billable. Who pays is known in a later room (`coverage`), which says so through `use`."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce

from middleground.kernel.context import everything
from middleground.records.models import Client

DEFAULT = "default"  # of knowledge/outcomes/payer-days: the conservative rule, where nobody is known to pay
Told = Callable[[str, date, date], Any]
_told: list[Told] = []


def use(told: Told) -> None:
    """Set the one function that knows. Given where a query has the client's id, and the first and last day of a week, it answers
    with an expression: the id of the rule of who pays then, null where nobody does."""
    _told[:] = [told]


def rule(path: str, day: date) -> Any:
    """An expression for a query that has a client's id at `path`: the rule by which the week that holds a day is billable.

    It comes with the rows it is asked for, so that a page with many people needs no further look.
    """
    monday = day - timedelta(days=day.weekday())
    known = [told(path, monday, monday + timedelta(days=6)) for told in _told]
    return Coalesce(*known, Value(DEFAULT), Value(DEFAULT), output_field=CharField())


def rule_of(client: Client, day: date) -> str:
    """The id of the rule by which one client's week is billable."""
    with everything("by whose rule a week is billable"):
        return str(Client.objects.filter(pk=client.pk).values_list(rule("pk", day), flat=True).get())
