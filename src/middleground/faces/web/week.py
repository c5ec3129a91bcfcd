"""The week of one client: when they can come, weeks that fit, the booked one; and the board of all groups of the week."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from middleground.clinic import queries as clinic
from middleground.faces.doors import Nav, page
from middleground.faces.web.charting import chart_page, client_or_404
from middleground.kernel import clock
from middleground.kernel.errors import Refused
from middleground.kernel.who import STAFF
from middleground.records import queries as records
from middleground.records.models import Client
from middleground.timetable import actions, queries, words
from middleground.timetable.actions import BadInterval
from middleground.timetable.running import Running

BY = ("counselor", "intake-coordinator", "case-manager", "program-director")
LIKING = [(0, "Good"), (1, "All right"), (2, "If need be"), (3, "Would rather not")]
DAYS = [("", "No day"), *zip(words.DAY_CODES, words.DAYS, strict=True)]
SPARE_ROWS = 2
TIME = forms.TimeInput(attrs={"type": "time", "step": 900}, format="%H:%M")


class TimeRow(forms.Form):
    """One stretch of the week in which the client can come."""

    day = forms.ChoiceField(label="Day", choices=DAYS, required=False)
    starts = forms.TimeField(label="From", required=False, widget=TIME)
    ends = forms.TimeField(label="To", required=False, widget=TIME)
    cost = forms.TypedChoiceField(label="They find it", choices=LIKING, coerce=int, required=False, empty_value=0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = [bool(data.get("day")), data.get("starts") is not None, data.get("ends") is not None]
        if any(given) and not all(given) and not self.errors:
            raise forms.ValidationError("Give the day and both times, or leave all three empty.")
        return data

    @property
    def interval(self) -> dict[str, Any] | None:
        """As the action asks for it; None for an empty row. Midnight as an end is the end of the day."""
        data = self.cleaned_data
        if not data.get("day"):
            return None
        ends = f"{data['ends']:%H:%M}".replace("00:00", "24:00")
        return {"at": f"{data['day']} {data['starts']:%H:%M}-{ends}", "cost": data["cost"]}


class Travel(forms.Form):
    """Minutes to each site."""

    def __init__(self, *args: Any, sites: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for site in sites:
            self.fields[f"travel-{site.pk}"] = forms.IntegerField(
                label=f"Minutes to {site.name}", min_value=0, max_value=words.DAY - 1, required=False
            )

    @property
    def minutes(self) -> dict[str, int]:
        return {name.removeprefix("travel-"): v for name, v in self.cleaned_data.items() if v is not None}


TimeRows = forms.formset_factory(TimeRow, extra=0, max_num=60)


def first_rows(intervals: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that show what is known, and a few empty ones."""
    rows = []
    for each in intervals:
        day, _, times = each["at"].partition(" ")
        starts, _, ends = times.partition("-")
        rows.append({"day": day, "starts": starts, "ends": ends.replace("24:00", "00:00"), "cost": each.get("cost", 0)})
    return rows + [{} for _ in range(SPARE_ROWS)]


def retyped(data: Any) -> list[dict[str, Any]]:
    """What was typed so far, with a row more or one less: the editor's two buttons without a script."""
    total = min(int(data["rows-TOTAL_FORMS"]), 60) if data.get("rows-TOTAL_FORMS", "").isdigit() else 0
    names = ("day", "starts", "ends", "cost")
    rows = [{n: data.get(f"rows-{i}-{n}", "") for n in names} for i in range(total) if str(i) != data.get("remove")]
    return rows + [{}] if "more" in data else rows


def picture(groups: Sequence[Running]) -> dict[str, Any]:
    """A small week, seven lanes: blocks in a box of 210 x `height`, a lane is 30 wide, an hour is 6 high."""
    first = min((g.begins // 60 for g in groups), default=9)
    last = max((-(-g.ends // 60) for g in groups), default=17)
    lanes = [{"x": 30 * n, "middle": 30 * n + 14, "letter": words.DAYS[n][:2]} for n in range(7)]
    blocks = [{"x": 30 * g.day, "y": 12 + (g.begins - 60 * first) / 10, "height": g.minutes / 10} for g in groups]
    return {"lanes": lanes, "blocks": blocks, "tall": 6 * (last - first), "height": 12 + 6 * (last - first)}


def cards(offers: Any) -> list[dict[str, Any]]:
    return [{"offer": offer, "picture": picture(offer.groups), "hours": words.length(offer.minutes),
             "query": "&".join(f"group={g.id}" for g in offer.groups)} for offer in offers.weeks]
