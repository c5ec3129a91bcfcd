"""Moving a group of the week: what it would break from one answer, then one action; and taking the last move back."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from middleground.faces.doors import found, page
from middleground.faces.ui.forms import Clock
from middleground.faces.web.week_board import MOVERS, QUARTER
from middleground.kernel.errors import Refused
from middleground.program.keeping import days_words
from middleground.program.models import Group
from middleground.timetable import move_facts, moving, words
from middleground.timetable.actions import GroupMoved, move_group, undo_move
from middleground.timetable.move_facts import Preview, Target

NAMED = 5  # people named in one line; the rest are counted


class MoveForm(forms.Form):
    """Where a group goes. Rooms and leaders were read before, so that nothing is asked twice."""

    weekday = forms.TypedChoiceField(label="Day", coerce=int, choices=list(enumerate(words.DAYS)))
    start_time = forms.TimeField(label="Begins at", widget=Clock(attrs={"step": 900}))
    room = forms.ChoiceField(label="Room", required=False)
    leader = forms.ChoiceField(label="Leader")
    since = forms.TypedChoiceField(label="From the week of", coerce=date.fromisoformat)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, group: Group, data: Any = None) -> None:
        self.group = group
        mondays = moving.coming_mondays()
        self.rooms = {str(each.pk): each for each in move_facts.rooms_at(group.site_id)}
        if group.room:
            self.rooms.setdefault(str(group.room_id), group.room)
        self.leaders = {str(each.pk): each for each in move_facts.leaders_at(group.site_id)}
        self.leaders.setdefault(str(group.leader_id), group.leader)
        place = moving.place_of(group)
        known = {"weekday": place["weekday"], "start_time": group.start_time, "room": str(group.room_id or "")}
        known |= {"leader": str(group.leader_id), "since": mondays[0].isoformat(), "seen": moving.seen_of(group)}
        super().__init__(data, initial=known)
        nowhere = [] if group.modality == "on-site" else [("", "Telehealth")]
        self.choose("room", [*nowhere, *((pk, f"{r.name} ({r.seats} seats)") for pk, r in self.rooms.items())])
        self.choose("leader", [(pk, user.name) for pk, user in self.leaders.items()])
        self.choose("since", [(m.isoformat(), f"{m:%B} {m.day}") for m in mondays])

    def choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def target(self) -> Target:
        data = self.cleaned_data
        start: time = data["start_time"]
        second = self.leaders.get(str(self.group.co_leader_id))
        return Target(data["weekday"], start, self.to_room, self.to_leader, data["since"], second)

    @property
    def to_room(self) -> Any:
        return self.rooms.get(self.cleaned_data["room"])

    @property
    def to_leader(self) -> Any:
        return self.leaders[self.cleaned_data["leader"]]

    def clean_start_time(self) -> time:
        start: time = self.cleaned_data["start_time"]
        if start.minute % QUARTER:
            raise forms.ValidationError("Groups begin on a quarter hour.")
        if start.hour * 60 + start.minute + self.group.minutes > words.DAY:
            raise forms.ValidationError("It would run past midnight.")
        return start


def group_or_404(request: HttpRequest, group_id: int) -> Group:
    group: Group = found(move_facts.group_of(group_id, request.actor.site_ids))  # type: ignore[attr-defined]
    return group


def asked_context(group: Group, form: MoveForm) -> dict[str, Any]:
    """The form and, once a place was named, what going there would break."""
    context: dict[str, Any] = {"group": group, "form": form, "now": moving.stands(group)}
    if form.is_bound and form.is_valid():
        target = form.target()
        place = {
            "weekday": target.weekday,
            "start": f"{target.start:%H:%M}",
            "room": target.room and target.room.pk,
            "leader": target.leader.pk,
        }
        context |= {"target": target, "where": where(target), "same": place == moving.place_of(group)}
        if not context["same"]:
            context |= told(move_facts.preview(group, target), target)
    return context


def where(target: Target) -> str:
    at = words.clock(target.start.hour * 60 + target.start.minute)
    return f"{words.DAYS[target.weekday]} {at}"


def told(preview: Preview, target: Target) -> dict[str, Any]:
    """The preview as lines: what refuses the move, and what can be lived with."""
    broken = preview.broken
    stops, minds = [], []
    if broken.by_room:
        stops.append(f"{target.room.name} is taken by {taken_words(broken.by_room)}." if target.room else "")
    if broken.by_leader:
        own = broken.by_leader[0].key == f"staff:{target.leader.pk}"
        stops.append(f"{target.leader.name if own else 'The co-leader'} has {taken_words(broken.by_leader)}.")
    if broken.busy or broken.clash:
        stops.append(f"{people(preview, broken.busy, len(broken.clash))} booked for something else then.")
    if broken.full:
        stops.append(f"{broken.full} more member{'s' if broken.full > 1 else ''} than the room has seats.")
    if broken.barred:
        stops.append(f"{target.leader.name} is taken then.")
    if broken.closed:
        stops.append("The site is not open then.")
    if broken.shut:
        minds.append(f"Closed on {', '.join(f'{d:%B} {d.day}' for d in broken.shut)}: no session that day.")
    if broken.off_duty:
        minds.append(f"{target.leader.name} doesn't work then.")
    for who, days in ((target.leader, broken.away), (target.co_leader, broken.co_away)):
        if who and days:
            (stops if broken.absent else minds).append(f"{who.name} is away on {days_words(days)}.")
    if broken.not_free:
        minds.append(f"{people(preview, broken.not_free)} not free then.")
    if below := [pk for pk in broken.below if pk not in broken.busy]:
        minds.append(f"{people(preview, below)} then below what the payer asks for.")
    again = days_words(preview.again) if preview.again else ""
    lines = {"stops": stops, "minds": minds, "instead": instead(preview), "again": again}
    return {"preview": preview, "broken": broken} | lines


def taken_words(taken: Sequence[Any]) -> str:
    first = taken[0]
    more = f" and on {len(taken) - 1} more day{'s' if len(taken) > 2 else ''}" if len(taken) > 1 else ""
    return f"{first.by} on {first.on:%B} {first.on.day}{more}"


def people(preview: Preview, ids: Sequence[int], more: int = 0) -> str:
    """ "Wren A. and 2 more are", "3 members are", "Wren A. is": names only of those the reader may know, and not too many. `more`:
    how many beside `ids` who are not named."""
    named = preview.named(ids)[:NAMED]
    rest = len(ids) - len(named) + more
    if not named:
        return f"{rest} member{'s are' if rest > 1 else ' is'}"
    if rest:
        return f"{', '.join(named)} and {rest} more are"
    return f"{', '.join(named[:-1])} and {named[-1]} are" if len(named) > 1 else f"{named[0]} is"


def instead(preview: Preview) -> list[tuple[str, list[str]]]:
    """For those by name who would not be free: where the same is taught and they could go."""
    return sorted(
        (preview.names[pk], [f"{m.title}, {words.DAYS[m.day]} {words.clock(m.start % words.DAY)}" for m in meetings])
        for pk, meetings in preview.broken.elsewhere.items()
        if pk in preview.names
    )


@page("week/groups/<int:group_id>/preview/", name="week-move-preview", by=MOVERS, title="What a move would break")
def week_move_preview(request: HttpRequest, group_id: int) -> HttpResponse:
    """The form and what the place in it would break, as a part of the board."""
    group = group_or_404(request, group_id)
    form = MoveForm(group, request.GET if "weekday" in request.GET else None)
    return render(request, "web/week_board_move.html", asked_context(group, form))


@page("week/groups/<int:group_id>/move/", name="week-move", by=MOVERS, title="Move a group")
def week_move(request: HttpRequest, group_id: int) -> HttpResponse:
    """The plain form: look what a move would break, then make it."""
    group = group_or_404(request, group_id)
    if request.method == "POST":
        return move(request, group)
    form = MoveForm(group, request.GET if "weekday" in request.GET else None)
    return render(request, "web/week_move.html", asked_context(group, form))


def move(request: HttpRequest, group: Group) -> HttpResponse:
    """Make it. Refused, the form stands as it was typed, with what is so now."""
    form = MoveForm(group, request.POST)
    if form.is_valid():
        done = move_group.submit(request, form=form, group=group, room=form.to_room, leader=form.to_leader)
        if done:
            messages.success(request, f"{group.title} is moved. Those it touches have been told.")
            tell_days(request, done.result.asked)
            return redirect(f"{reverse('week-board')}?site={group.site_id}")
        if isinstance(done.refused, GroupMoved):
            return look_again(request, group, form)
    return render(request, "web/week_move.html", asked_context(group, form), status=422)


def tell_days(request: HttpRequest, asked: Mapping[str, str]) -> None:
    """The days of a move on which something is otherwise than every week."""
    if again := asked.get("again"):
        messages.info(request, f"Held on {again} too, where the day it had is closed.")
    if shut := asked.get("shut"):
        messages.warning(request, f"Closed on {shut}: no session that day.")
    if gone := asked.get("away"):
        messages.warning(request, f"{gone}: have it covered.")


def look_again(request: HttpRequest, group: Group, before: MoveForm) -> HttpResponse:
    """Somebody was quicker: their change is told, and this one can be made upon it."""
    fresh = group_or_404(request, group.pk)
    given = request.POST.copy()
    given["seen"] = moving.seen_of(fresh)
    context = asked_context(fresh, MoveForm(fresh, given)) | {"quicker": before.non_field_errors()}
    return render(request, "web/week_move.html", context, status=422)


@page("week/moves/<int:move_id>/undo/", name="week-move-undo", by=MOVERS, title="Take back a move")
def week_move_undo(request: HttpRequest, move_id: int) -> HttpResponse:
    """Take back a move; refused, the board says why."""
    made = found(moving.move_of(move_id))
    board = f"{reverse('week-board')}?site={made.site_id}"
    if request.method != "POST":
        return redirect(board)
    try:
        undo_move.run(request.actor, key=request.POST.get("request_key") or None, move=made)  # type: ignore[attr-defined]
        messages.success(request, f"Taken back: {made.asked['title']} is on {made.asked['was']} again.")
    except Refused as no:
        messages.error(request, no.message)
    return redirect(board)
