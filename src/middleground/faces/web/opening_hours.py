"""A site's opening hours: per weekday from and to, and a second stretch after a break; and what is booked outside them."""

from collections.abc import Iterator
from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.clinic import actions, queries
from middleground.clinic.hours import STRETCHES, WEEK, of_day, opening
from middleground.clinic.models import Site
from middleground.engines.timetabling.times import DAY
from middleground.faces.doors import found, page
from middleground.faces.ui.forms import Clock
from middleground.faces.web.settings import KEEPERS
from middleground.kernel.errors import Stale
from middleground.program import queries as program

ENDS = {"from": "opens", "to": "closes"}
LISTED = 8  # sessions outside the hours told one by one; the rest are counted


class HoursForm(forms.Form):
    """Fields "mon_1_from", "mon_1_to", "mon_2_from" ... An empty day is closed; the closing at midnight is typed as 12:00 am."""

    def __init__(self, site: Site, data: Any = None) -> None:
        super().__init__(data, initial=dict(on_file(site)))
        for day, name in WEEK.items():
            for n in range(1, STRETCHES + 1):
                for end, verb in ENDS.items():
                    label = f"{name} {verb}{' again' if n > 1 else ''}"
                    self.fields[f"{day}_{n}_{end}"] = forms.TimeField(
                        label=label, required=False, widget=Clock(attrs={"step": 900})
                    )

    def days(self) -> list[tuple[str, list[tuple[str, Any]]]]:
        """Each day's name and its fields with a short label."""
        return [
            (name, [self.one(f"{day}_{n}_{end}", n, verb) for n, end, verb in slots()]) for day, name in WEEK.items()
        ]

    def one(self, field: str, n: int, verb: str) -> tuple[str, Any]:
        return f"{verb.capitalize()}{' again' if n > 1 else ''}", self[field]

    def clean(self) -> dict[str, Any]:
        """Puts the `hours` together. Whether they can be is for the action to say; here only what is half typed is found."""
        data = self.cleaned_data
        hours = []
        for day in WEEK:
            typed = [(data.get(f"{day}_{n}_from"), data.get(f"{day}_{n}_to")) for n in range(1, STRETCHES + 1)]
            self.say_what_is_missing(day, typed)
            hours += [f"{day} {a:%H:%M}-{'24:00' if z == time(0) else f'{z:%H:%M}'}" for a, z in typed if a and z]
        return {**data, "hours": hours}

    def say_what_is_missing(self, day: str, typed: list[tuple[time | None, time | None]]) -> None:
        for n, (begins, ends) in enumerate(typed, 1):
            for end, given, other in (("from", begins, ends), ("to", ends, begins)):
                if given is None and other is not None and f"{day}_{n}_{end}" not in self.errors:
                    self.add_error(f"{day}_{n}_{end}", f"Say when it {ENDS[end]}, or leave both empty.")
        if typed[0] == (None, None) and any(map(any_given, typed[1:])) and not self.errors:
            self.add_error(f"{day}_1_from", "Use these fields first.")


def any_given(stretch: tuple[time | None, time | None]) -> bool:
    return stretch != (None, None)


def slots() -> Iterator[tuple[int, str, str]]:
    return ((n, end, verb) for n in range(1, STRETCHES + 1) for end, verb in ENDS.items())


def on_file(site: Site) -> Iterator[tuple[str, time]]:
    """The hours on file by field."""
    hours = opening(site)
    for weekday, day in enumerate(WEEK):
        for n, (begins, ends) in enumerate(of_day(hours, weekday), 1):
            yield f"{day}_{n}_from", clock_time(begins)
            yield f"{day}_{n}_to", clock_time(ends)


def clock_time(minutes: int) -> time:
    return time(minutes % DAY // 60, minutes % 60)


@page("settings/sites/<int:site_id>/hours/", name="site-hours", by=KEEPERS, title="Opening hours")
def site_hours(request: HttpRequest, site_id: int) -> HttpResponse:
    """Look and set. What is booked outside the hours on file is told here for as long as it is so."""
    site = found(queries.site(site_id))
    form, seen = HoursForm(site), str(site.version)
    if request.method == "POST":
        form = HoursForm(site, request.POST)
        done = actions.set_hours.submit(request, form=form, site=site)
        if done:
            messages.success(request, "The opening hours are saved.")
            return redirect("site-hours", site_id=site.pk)
        if not isinstance(done.refused, Stale):  # told once that somebody was quicker, they may save again
            seen = request.POST.get("seen_version") or seen
    outside = program.outside_opening(site)
    context = {"site": site, "form": form, "outside": outside[:LISTED], "count": len(outside), "seen": seen}
    context |= {"unreadable": bool(site.hours) and not opening(site), "more": max(0, len(outside) - LISTED)}
    return render(request, "web/site_hours.html", context, status=422 if form.errors else 200)
