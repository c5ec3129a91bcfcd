"""What if: open a track, lose a counselor, extend Saturday. Before and after, and a start date that can be promised."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from middleground.clinic import queries as clinic
from middleground.clinic.models import Site, User
from middleground.faces.doors import page
from middleground.faces.ui.forms import Clock
from middleground.faces.web.planner import BY, chosen_site, come_back, quarter, sites_of
from middleground.kernel.asking import NOT_CHOSEN
from middleground.kernel.errors import Refused
from middleground.program.opening import LEADING
from middleground.timetable import plan_words, promising, what_if, words
from middleground.timetable.proposed import Proposal

CHANGES = [("track", "Open a track"), ("lose", "Lose a counselor"), ("saturday", "Extend Saturday")]
PARTS = [("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening")]
WEEK = list(zip(words.DAY_CODES, words.DAYS, strict=True))


class Change(forms.Form):
    """One change of the clinic. Which fields are asked for depends on the change."""

    change = forms.ChoiceField(label="What changes", choices=CHANGES, widget=forms.RadioSelect, initial="track")
    days = forms.MultipleChoiceField(
        label="New track: days",
        choices=WEEK,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=["mon", "wed", "thu"],
    )
    part = forms.ChoiceField(label="New track: part of the day", choices=PARTS, initial="evening")
    staff = forms.BooleanField(label="New track: with a new counselor", required=False)
    who = forms.ChoiceField(label="Lost counselor, or who works on Saturday", required=False)
    starts = forms.TimeField(label="Saturday from", required=False, widget=Clock)
    ends = forms.TimeField(label="Saturday to", required=False, widget=Clock)

    def __init__(self, *args: Any, site: Site | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [u for u in clinic.staff_with(*LEADING) if site and (u.site_ids is None or site.pk in u.site_ids)]
        self.fields["who"].choices = [("", NOT_CHOSEN), *((str(u.pk), u.name) for u in people)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        change = data.get("change")
        if change == "track" and not data.get("days"):
            self.add_error("days", "Choose at least one day.")
        if change in ("lose", "saturday") and not data.get("who"):
            self.add_error("who", "Choose who it is.")
        if change == "saturday" and not (data.get("starts") and data.get("ends") and data["starts"] < data["ends"]):
            self.add_error("starts", "Give a beginning and a later end.")
        return data

    @property
    def asked(self) -> dict[str, Any]:
        """As `begin_what_if` wants it."""
        data = self.cleaned_data
        if data["change"] == "track":
            return {"change": "track", "days": data["days"], "part": data["part"], "staff": data["staff"]}
        if data["change"] == "lose":
            return {"change": "lose", "who": int(data["who"])}
        first, last = quarter(data["starts"], up=False), quarter(data["ends"], up=True)
        until = f"{last:%H:%M}" if last > first else "24:00"
        return {"change": "saturday", "who": int(data["who"]), "from": f"{first:%H:%M}", "to": until}


@page("planner/what-if/", name="planner-what-if", by=BY, title="What if")
def planner_what_if(request: HttpRequest) -> HttpResponse:
    """Ask what a change would do; and the start date that can be promised today."""
    sites = sites_of(request)
    site = chosen_site(request, sites)
    form = Change(request.POST if request.method == "POST" else None, site=site)
    if request.method == "POST" and site is not None and form.is_valid():
        try:
            token = what_if.begin_what_if(request.actor, site.pk, form.asked)  # type: ignore[attr-defined]
            return come_back(request, token)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, no.message)
    context = {"form": form, "sites": sites, "site": site, "promise": promising.promise(site.pk) if site else None}
    status = 422 if form.errors else 200
    return render(request, "web/planner_ask_what_if.html", context, status=status)


def what_if_context(proposal: Proposal) -> dict[str, Any]:
    """Before and after, for the proposal's page."""
    answer = proposal.answers["what-if"]
    promise = promising.promise(proposal.site_id)
    after = what_if.promised_after(proposal, promise)
    return {
        "change": change_words(proposal.asked),
        "figures": what_if.figures(proposal),
        "before": plan_words.level_words(answer["before"]),
        "after": plan_words.level_words(answer["after"]),
        "promise": promise,
        "after_days": promise.days(after) if after else None,
        "guess": guess_words(what_if.fewer_ahead(proposal)),
        "runs": bool({"g0-" + day for day in words.DAY_CODES} & {row["id"] for row in answer["after"]["groups"]}),
    }


def guess_words(fewer: int) -> str:
    """Where the start date with the change comes from."""
    if not fewer:
        return "The planner works out that just as many would still wait for all their hours, so the days are the same."
    many = f"{abs(fewer)} {'person' if abs(fewer) == 1 else 'people'} {'fewer' if fewer > 0 else 'more'}"
    return f"The planner works out that {many} would still wait for all their hours. We looked at how long others waited with a list of that length."


def change_words(asked: dict[str, Any]) -> str:
    """ "An evening track on Monday, Wednesday and Thursday"."""
    if asked["change"] == "track":
        days = [words.DAYS[words.DAY_CODES.index(day)] for day in asked["days"]]
        on = f"{', '.join(days[:-1])} and {days[-1]}" if len(days) > 1 else days[0]
        article = "An" if asked["part"][0] in "ae" else "A"
        return f"{article} {asked['part']} track on {on}{' with a new counselor' if asked.get('staff') else ''}"
    name = User.objects.filter(pk=asked["who"]).values_list("name", flat=True).first() or "somebody"
    return (
        f"Without {name}"
        if asked["change"] == "lose"
        else f"Saturday from {asked['from']} to {asked['to']} with {name}"
    )
