"""A week that one paints: a form field that takes the painted times, and the plain fields that stand in without a script.

The painting itself is in static/ui/js/week-paint.js: it fills the one hidden input. That is sent by nothing but the script; while
it is empty or missing the plain fields count, so that a browser without scripts loses nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from middleground.engines.errors import BadLine
from middleground.engines.timetabling import interval, interval_text

DAY_NAMES = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
DAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COSTS = range(4)  # 0 good .. 3 would rather not: the scale of the timetabling contract
LIKING = [(0, _("Good")), (1, _("All right")), (2, _("If need be")), (3, _("Would rather not"))]
MOST_TIMES = 7 * 24 * 4  # every quarter hour of a week
MOST_TYPED = 40_000  # characters: those, each written out
TIME = forms.TimeInput(attrs={"type": "time", "step": 900}, format="%H:%M")
DAY = 24 * 60


class PaintedWeek(forms.CharField):
    """The times painted: [{"at": "mon 18:00-21:15", "cost": 0..3}] in order, touching ones of one cost made one; None when
    nothing was painted because no script ran."""

    widget = forms.HiddenInput(attrs={"disabled": True})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=MOST_TYPED, label=_("Your week"), **kwargs)

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(list(value or []))

    def clean(self, value: Any) -> list[dict[str, Any]] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return joined(_read(json.loads(text)))
        except (ValueError, TypeError, KeyError, BadLine, RecursionError, OverflowError):
            raise forms.ValidationError(_("We could not read the painted week. Please write the times.")) from None


def _read(given: Any) -> list[tuple[int, int, int]]:
    if not isinstance(given, list) or len(given) > MOST_TIMES:
        raise ValueError("not a week")
    read = [(*interval(each["at"]), int(each["cost"])) for each in given]
    if any(cost not in COSTS for _start, _end, cost in read):
        raise ValueError("not a cost")
    return read


def joined(spans: Iterable[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """(start, end, cost) in minutes of the week as intervals in order; those of one day that touch and cost the same are one."""
    done: list[tuple[int, int, int]] = []
    for start, end, cost in sorted(spans):
        last = done[-1] if done else None
        if last and last[1] == start and last[2] == cost and start % DAY:
            done[-1] = (last[0], end, cost)
        else:
            done.append((start, end, cost))
    return [{"at": interval_text((start, end)), "cost": cost} for start, end, cost in done]


def at_one_cost(painted: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same times whatever they cost, touching ones made one."""
    return joined((*interval(each["at"]), 0) for each in painted)


def tones(form: forms.Form, name: str = "painted") -> str:
    """Which of the two counts when the page opens: "plain" after a post without a painted week, else "painted"."""
    return "plain" if form.is_bound and not form.data.get(form.add_prefix(name)) else "painted"


class TimeRow(forms.Form):
    """One stretch of the week in which somebody can come."""

    day = forms.ChoiceField(
        label=_("Day"), choices=[("", _("No day")), *zip(DAY_CODES, DAY_NAMES, strict=True)], required=False
    )
    starts = forms.TimeField(label=_("From"), required=False, widget=TIME)
    ends = forms.TimeField(label=_("To"), required=False, widget=TIME)
    cost = forms.TypedChoiceField(label=_("How good it is"), choices=LIKING, coerce=int, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = [bool(data.get("day")), data.get("starts") is not None, data.get("ends") is not None]
        if any(given) and not all(given) and not self.errors:
            raise forms.ValidationError(_("Give the day and both times, or leave all three empty."))
        return data

    @property
    def interval(self) -> dict[str, Any] | None:
        """As the action asks for it; None for an empty row. Midnight as an end is the end of the day."""
        data = self.cleaned_data
        if not data.get("day"):
            return None
        ends = f"{data['ends']:%H:%M}".replace("00:00", "24:00")
        return {"at": f"{data['day']} {data['starts']:%H:%M}-{ends}", "cost": data.get("cost") or 0}


class Travel(forms.Form):
    """Minutes to each site, and the painted week."""

    painted = PaintedWeek()

    def __init__(self, *args: Any, sites: Mapping[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for site, name in sites.items():
            self.fields[f"travel-{site}"] = forms.IntegerField(
                label=say("Minutes to %(place)s") % {"place": name}, min_value=0, max_value=DAY - 1, required=False
            )

    @property
    def ways(self) -> list[Any]:
        """The fields for the minutes to each site."""
        return [self[name] for name in self.fields if name.startswith("travel-")]

    @property
    def minutes(self) -> dict[str, int]:
        given = self.cleaned_data.items()
        return {n.removeprefix("travel-"): v for n, v in given if n.startswith("travel-") and v is not None}


TimeRows = forms.formset_factory(TimeRow, extra=0, max_num=60)
SPARE_ROWS = 2


def first_rows(intervals: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that show what is known, and a few empty ones."""
    rows = []
    for each in intervals:
        day, _space, times = each["at"].partition(" ")
        starts, _dash, ends = times.partition("-")
        rows.append({"day": day, "starts": starts, "ends": ends.replace("24:00", "00:00"), "cost": each.get("cost", 0)})
    return rows + [{} for _ in range(SPARE_ROWS)]


def retyped(data: Any) -> list[dict[str, Any]]:
    """What was typed so far, with a row more or one less: the editor's two buttons without a script."""
    total = min(int(data["rows-TOTAL_FORMS"]), 60) if data.get("rows-TOTAL_FORMS", "").isdecimal() else 0
    names = ("day", "starts", "ends", "cost")
    rows = [{n: data.get(f"rows-{i}-{n}", "") for n in names} for i in range(total) if str(i) != data.get("remove")]
    return rows + [{}] if "more" in data else rows


def time_rows(data: Any, travel: Travel) -> Any:
    """The plain rows as posted; when the week was painted, rows that show it."""
    if tones(travel) == "plain":
        return TimeRows(data, prefix="rows")
    painted = travel.cleaned_data.get("painted") if travel.is_valid() else None
    return TimeRows(prefix="rows", initial=first_rows(painted or []))


def given_times(rows: Any, travel: Travel) -> list[dict[str, Any]]:
    """The times of valid forms: the painted ones, else those typed into rows."""
    painted = travel.cleaned_data.get("painted")
    return painted if painted is not None else [form.interval for form in rows if form.interval]


def ways_of(travel: Mapping[str, int]) -> dict[str, int]:
    """Travel minutes by site as the form's initial values."""
    return {f"travel-{site}": minutes for site, minutes in travel.items()}
