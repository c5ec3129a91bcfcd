"""The week in which somebody who asked is free, to change: painted, or written stretch by stretch, as many a day as there are."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property

from middleground.faces.site.availability import DAYS, MIDNIGHT, QUARTER, joined
from middleground.faces.ui.painted import PaintedWeek, TimeRow, first_rows, retyped, tones


class Stretch(TimeRow):
    """One stretch; of an inquiry it isn't kept how good a time is."""

    cost = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and starts >= ends != MIDNIGHT:
            self.add_error("ends", "The end must be after the start.")
        elif starts and ends and (starts.minute % QUARTER or ends.minute % QUARTER):
            self.add_error("starts", "Use quarter hours, such as 6:00 or 6:15.")
        return data


Stretches = forms.formset_factory(Stretch, extra=0, max_num=60)


class FreeTimes(forms.Form):
    """`painted`, or the `rows` that stand in for it without a script. `intervals()` gives "mon 18:00-21:15"."""

    painted = PaintedWeek()

    def __init__(self, data: QueryDict | None = None, *, kept: Sequence[str] = ()) -> None:
        self.known = [{"at": at, "cost": 0} for at in kept]
        super().__init__(data, initial={"painted": self.known})

    @property
    def mode(self) -> str:
        return tones(self)

    @property
    def is_edited(self) -> bool:
        """Whether only a row more or one less was asked for."""
        return "more" in self.data or "remove" in self.data

    @cached_property
    def rows(self) -> Any:
        if self.is_edited:
            return Stretches(prefix="rows", initial=retyped(self.data))
        if self.is_bound and self.mode == "plain":
            return Stretches(self.data, prefix="rows")
        painted = self.cleaned_data.get("painted") if self.is_bound and self.is_valid() else self.known
        return Stretches(prefix="rows", initial=first_rows(painted or []))

    def clean(self) -> dict[str, Any]:
        if self.mode == "plain" and not self.is_edited and not self.rows.is_valid():
            raise forms.ValidationError("Look at the times below.")
        return super().clean() or {}

    def intervals(self) -> list[str]:
        """In order of the week, joined where they touch or overlap. Call it on a valid form."""
        painted = self.cleaned_data["painted"]
        times = painted if painted is not None else [row.interval for row in self.rows if row.interval]
        of_day: dict[str, list[tuple[str, str]]] = {day: [] for day, _name in DAYS}
        for each in times:
            day, _space, hours = each["at"].partition(" ")
            begins, _dash, ends = hours.partition("-")
            of_day[day].append((begins, ends))
        return [f"{day} {begins}-{ends}" for day, spans in of_day.items() for begins, ends in joined(spans)]
