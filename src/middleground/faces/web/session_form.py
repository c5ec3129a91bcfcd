"""The form of a session's page: a mark, minutes and a line for each person, and the part they share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from middleground.faces.ui.forms import Clock
from middleground.faces.ui.statuses import look_of
from middleground.kernel.asking import NOT_CHOSEN
from middleground.program.queries import Bundle, Seat
from middleground.program.rules import UNRECORDED, asked_of, marks, reasons, vocabulary

BY_PROGRAM = "cancelled-by-program"
ROWS = {"rows": 1}


def mark_choices() -> list[tuple[str, str]]:
    """The marks a leader gives, in their short words; what the program cancels is called off as a whole."""
    return [(name, str(look_of(name).word)) for name in marks() if name != BY_PROGRAM]


@dataclass
class Line:
    """One person's fields, ready for a template."""

    seat: Seat
    form: "SessionForm"

    def __getattr__(self, name: str) -> BoundField:
        try:
            return self.form[f"{name}-{self.seat.client.pk}"]
        except KeyError:
            raise AttributeError(name) from None


class SessionForm(forms.Form):
    """Fields are named "mark-8", "response-8", ... by the client's id. Nobody has a mark until one is given."""

    shared = forms.CharField(
        label="What the group did",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Written once for everybody. No names here.",
    )
    topic = forms.CharField(label="Topic", required=False, max_length=160)
    method = forms.ChoiceField(label="Method", required=False)

    def __init__(self, bundle: Bundle, data: Any = None, typed: Mapping[str, list[str]] | None = None) -> None:
        """`typed` is a kept draft: it stands in for what is saved."""
        self.bundle = bundle
        super().__init__(data, initial=self._saved())
        methods = [(i, m["label"]["en"]) for i, m in vocabulary("methods").items()]
        self.fields["method"].choices = [("", NOT_CHOSEN), *methods]  # type: ignore[attr-defined]
        for seat in bundle.seats:
            self._add(seat)
        if typed:
            self.initial.update(self._typed(typed))

    @property
    def lines(self) -> Iterator[Line]:
        return (Line(seat, self) for seat in self.bundle.seats)

    def _saved(self) -> dict[str, Any]:
        note, session = self.bundle.note, self.bundle.session
        if note is None:
            return {"topic": session.topic_title}
        return {"topic": note.topic, "method": note.method, "shared": note.shared}

    def _typed(self, typed: Mapping[str, list[str]]) -> dict[str, Any]:
        given = {name: typed[name][-1] for name in self.fields if typed.get(name)}
        return given | {name: name in typed for name in self.fields if name.startswith("risk-")}

    def _add(self, seat: Seat) -> None:
        key, who, mark, part = seat.client.pk, seat.client.short, seat.mark, seat.part
        goals = [(str(o.pk), o.words[:90]) for o in seat.objectives]
        if part and part.objective and str(part.objective_id) not in dict(goals):
            goals.insert(0, (str(part.objective_id), part.objective.words[:90]))
        fields: dict[str, tuple[forms.Field, Any]] = {
            "mark": (_choice("Attendance", mark_choices(), forms.RadioSelect), mark.mark if mark else UNRECORDED),
            "arrived": (forms.TimeField(label="Came at", required=False, widget=Clock()), mark and mark.arrived),
            "left": (forms.TimeField(label="Left at", required=False, widget=Clock()), mark and mark.left),
            "minutes": (_minutes(self.bundle.session.minutes), mark.minutes if mark and mark.counts else None),
            "reason": (_choice("Reason", [("", NOT_CHOSEN), *reasons().items()]), mark.reason if mark else ""),
            "response": (self._response(who), part.response if part else ""),
            "objective": (
                _choice("Objective", [("", "No objective"), *goals]),
                part.objective_id if part else (goals[0][0] if goals else ""),
            ),
            "risk": (forms.BooleanField(label="Concern to follow up", required=False), bool(part and part.risk)),
            "next_step": (_line("Next step", 300), part.next_step if part else ""),
        }
        for name, (field, value) in fields.items():
            self.fields[f"{name}-{key}"] = field
            self.initial[f"{name}-{key}"] = value

    def _response(self, who: str) -> forms.CharField:
        field = _line(f"How {who} took part", 4000 if self.bundle.session.group_id else 20_000)
        if not self.bundle.session.group_id:
            field.widget = forms.Textarea(attrs={"rows": 6})
        return field

    # ---- as the action takes it --------------------------------------------------------------------------------

    def marks(self) -> list[dict[str, Any]]:
        """Each mark with the details it asks for; what a mark doesn't ask for is not sent."""
        return [self._mark(seat.client.pk) for seat in self.bundle.seats if self._get("mark", seat.client.pk)]

    def _get(self, name: str, key: int) -> Any:
        return getattr(self, "cleaned_data", {}).get(f"{name}-{key}")

    def _mark(self, key: int) -> dict[str, Any]:
        mark = self._get("mark", key)
        details = {name: self._get(name, key) for name in asked_of(mark)}
        return {"client": key, "mark": mark, **{n: v for n, v in details.items() if v not in (None, "")}}

    def parts(self) -> list[dict[str, Any]]:
        """The lines that say something, and those that did."""
        written = []
        for seat in self.bundle.seats:
            key = seat.client.pk
            part = {name: self._get(name, key) for name in ("response", "risk", "next_step")}
            if seat.part or any(part.values()):
                written.append({"client": key, "objective": self._get("objective", key) or None, **part})
        return written

    def note(self) -> dict[str, Any]:
        return {name: getattr(self, "cleaned_data", {}).get(name) for name in ("shared", "topic", "method")}


def _choice(label: str, choices: list[tuple[str, str]], widget: Any = forms.Select) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=widget)


def _line(label: str, most: int) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=most, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _minutes(most: int) -> forms.IntegerField:
    return forms.IntegerField(label=f"Minutes of {most}", required=False, min_value=1, max_value=most)
