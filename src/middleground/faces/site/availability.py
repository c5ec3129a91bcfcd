"""A form for the week somebody is free: painted, or parts of each day to tick, or exact times, as weekly intervals."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from middleground.admissions.words import rules, said
from middleground.faces.ui.forms import Clock
from middleground.faces.ui.painted import PaintedWeek, at_one_cost
from middleground.timetable import words

DAYS = (
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
)
MIDNIGHT = time(0)  # as an end the end of the day, which a time field can't hold otherwise
QUARTER = 15  # minutes; free times are asked on quarter hours, as sessions are held


def parts() -> list[tuple[str, str]]:
    return [(part["id"], said(part["label"])) for part in rules()["day_parts"]]


class Week(forms.Form):
    """For each day: `mon` (ticked parts), `mon_from` and `mon_to` (exact times); or the whole week `painted`. `intervals()` gives
    "mon 18:00-21:15", `liked()` the same with how good each is."""

    painted = PaintedWeek()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, name in DAYS:
            self.fields[day] = forms.MultipleChoiceField(
                label=name, choices=parts(), required=False, widget=forms.CheckboxSelectMultiple
            )
            for end, spoken in (("from", _("from")), ("to", _("to"))):
                self.fields[f"{day}_{end}"] = forms.TimeField(
                    label=f"{name}, {spoken}", required=False, widget=Clock(attrs={"step": QUARTER * 60})
                )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for day, _name in DAYS:
            start, end = given.get(f"{day}_from"), given.get(f"{day}_to")
            if bool(start) != bool(end):
                self.add_error(f"{day}_to" if start else f"{day}_from", _("Write both a start and an end."))
            elif start and end and start >= end != MIDNIGHT:
                self.add_error(f"{day}_to", _("The end must be after the start."))
            elif start and end and (start.minute % QUARTER or end.minute % QUARTER):
                self.add_error(f"{day}_from", _("Use quarter hours, such as 6:00 or 6:15."))
        return given

    def intervals(self) -> list[str]:
        """Free times of the week, joined where they touch or overlap. Call it on a valid form."""
        painted = self.cleaned_data.get("painted")
        if painted is not None:
            return [each["at"] for each in at_one_cost(painted)]
        return [f"{day} {start}-{end}" for day, _name in DAYS for start, end in joined(self._of(day))]

    def liked(self) -> list[dict[str, Any]]:
        """The painted times with their cost; ticked and written ones are all good. Call it on a valid form."""
        painted = self.cleaned_data.get("painted")
        return painted if painted is not None else [{"at": at, "cost": 0} for at in self.intervals()]

    def _of(self, day: str) -> list[tuple[str, str]]:
        ticked = [(p["from"], p["to"]) for p in rules()["day_parts"] if p["id"] in self.cleaned_data.get(day, ())]
        start, end = self.cleaned_data.get(f"{day}_from"), self.cleaned_data.get(f"{day}_to")
        exact = [(f"{start:%H:%M}", "24:00" if end == MIDNIGHT else f"{end:%H:%M}")] if start and end else []
        return ticked + exact

    def days(self) -> list[dict[str, Any]]:
        """The fields of each day, for the template."""
        return [
            {
                "id": day,
                "name": name,
                "ticks": self[day],
                "start": self[f"{day}_from"],
                "end": self[f"{day}_to"],
                "exact": bool(
                    self[f"{day}_from"].value()
                    or self[f"{day}_to"].value()
                    or self[f"{day}_from"].errors
                    or self[f"{day}_to"].errors
                ),
            }
            for day, name in DAYS
        ]

    def day_names(self) -> list[str]:
        return [f"{day}{end}" for day, _name in DAYS for end in ("", "_from", "_to")]


def week_of(intervals: list[str]) -> dict[str, Any]:
    """The form's initial values for kept intervals: parts ticked where they are wholly free, else the exact times."""
    initial: dict[str, Any] = {}
    for text in intervals:
        day, _space, hours = text.partition(" ")
        start, end = hours.split("-")
        ticked = [p["id"] for p in rules()["day_parts"] if start <= p["from"] and p["to"] <= end]
        initial[day] = initial.get(day, []) + ticked
        if joined([(p["from"], p["to"]) for p in rules()["day_parts"] if p["id"] in ticked]) != [(start, end)]:
            initial[f"{day}_from"], initial[f"{day}_to"] = start, end.replace("24:00", "00:00")
    return initial


def in_words(intervals: list[str]) -> list[tuple[str, str]]:
    """(day, times) of kept intervals, for staff: ("Monday", "6:00 to 9:15 pm")."""
    by_day: dict[str, list[str]] = {}
    for text in intervals:
        named, _space, hours = words.stretch(text).partition(" ")
        by_day.setdefault(named, []).append(hours)
    return [(name, ", ".join(by_day[name])) for name in words.DAYS if name in by_day]


def joined(stretches: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Stretches of one day ("08:00", "12:00") in order, overlapping and touching ones made one."""
    done: list[tuple[str, str]] = []
    for start, end in sorted(stretches):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return done
