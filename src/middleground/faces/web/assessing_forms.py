"""The assessments as forms: from the questions of `assessment.sections` to fields, and from what was typed to answers."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone

from middleground.assessment.sections import Question, Section, words
from middleground.faces.ui.forms import Moment
from middleground.kernel.asking import NOT_CHOSEN

ASKED = [("", "Not asked"), ("none", "None"), ("some", "Yes")]
YES_NO = [("", "Not asked"), ("yes", "Yes"), ("no", "No")]
NONE_OF_THESE = ("none", "None of these")
ROWS, SHOWN = 8, 2
FULL_ROW = ("substance", "last_use_hours", "daily", "weeks", "amount", "often", "route")
SHORT_ROW = FULL_ROW[:4]


def radios(label: str, choices: list[tuple[str, str]], help: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect, help_text=help)


def several(label: str, options: Iterable[tuple[str, str]], help: str = "") -> forms.MultipleChoiceField:
    """Checkboxes with "None of these", so that "asked, and there is none" can be said."""
    return forms.MultipleChoiceField(
        label=label,
        choices=[NONE_OF_THESE, *options],
        required=False,
        help_text=help,
        widget=forms.CheckboxSelectMultiple,
    )


def number(label: str, low: float | None, high: float | None, decimals: int = 0, help: str = "") -> forms.FloatField:
    step = 1 if decimals == 0 else round(0.1**decimals, decimals)
    return forms.FloatField(
        label=label,
        required=False,
        min_value=low,
        max_value=high,
        help_text=help,
        widget=forms.NumberInput(attrs={"step": step, "inputmode": "decimal"}),
    )


def select(label: str, vocabulary: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=[("", NOT_CHOSEN), *((o.id, o.label) for o in words(vocabulary))]
    )


def row_fields(parts: tuple[str, ...]) -> dict[str, forms.Field]:
    """One substance's fields."""
    made: dict[str, forms.Field] = {
        "substance": select("Substance", "substances"),
        "last_use_hours": forms.DateTimeField(
            label="Last use", required=False, widget=Moment(), input_formats=["%Y-%m-%dT%H:%M"]
        ),
        "daily": forms.ChoiceField(label="Every day", required=False, choices=YES_NO),
        "weeks": number("Weeks of use", 0, 5000),
        "amount": forms.CharField(label="How much", required=False, max_length=80),
        "often": select("How often, past 30 days", "substance-frequencies"),
        "route": select("How taken", "substance-routes"),
    }
    return {part: made[part] for part in parts}


def substance_fields(label: str, parts: tuple[str, ...] = FULL_ROW) -> dict[str, forms.Field]:
    rows = {f"substances_{i}_{part}": made for i in range(ROWS) for part, made in row_fields(parts).items()}
    return {"substances": radios(label, ASKED), **rows}


def question_fields(question: Question) -> dict[str, forms.Field]:
    """The form fields of one question. A told question has two: whether it was asked, and the words."""
    id, label, help = question.id, question.label, question.help or question.unit
    options = [(option.id, option.label) for option in question.options]
    if question.form == "substances":
        return substance_fields(label)
    if question.form == "told":
        return {
            f"{id}_asked": radios(label, ASKED),
            id: forms.CharField(label=f"{label}: which", required=False, widget=forms.Textarea(attrs={"rows": 2})),
        }
    if question.form == "several":
        return {id: several(label, options, help)}
    if question.form in ("yes-no", "choice"):
        return {id: radios(label, [("", "Not asked"), *options], help)}
    if question.form == "number":
        return {id: number(label, question.low, question.high, question.decimals, help)}
    widget = forms.Textarea(attrs={"rows": 3}) if question.form == "lines" else forms.TextInput()
    return {id: forms.CharField(label=label, required=False, help_text=help, widget=widget)}


def of(name: str, fields: Mapping[str, forms.Field], data: Any, initial: Mapping[str, Any]) -> forms.Form:
    return type(name, (forms.Form,), dict(fields))(data, initial=dict(initial))


def assessment_form(
    parts: tuple[Section, ...], data: Any = None, initial: Mapping[str, Any] | None = None
) -> forms.Form:
    """The whole form of an assessment, with the name to sign with."""
    fields: dict[str, forms.Field] = {}
    for part in parts:
        for question in part.questions:
            fields.update(question_fields(question))
    fields["signed_name"] = forms.CharField(label="Type your full name to sign", required=False, max_length=160)
    return of("AssessmentForm", fields, data, initial or {})


def initial_of(parts: tuple[Section, ...], content: Mapping[str, Any]) -> dict[str, Any]:
    """Kept answers as the form's initial values."""
    initial: dict[str, Any] = {}
    for question in (q for part in parts for q in part.questions if q.id in content):
        value = content[question.id]
        if question.form == "told":
            initial |= {f"{question.id}_asked": value["asked"], question.id: value.get("text", "")}
        elif question.form == "several":
            initial[question.id] = ["none"] if value["asked"] == "none" else value["chosen"]
        elif question.form == "substances":
            initial |= {"substances": value["asked"], **initial_rows(value.get("rows", ()))}
        else:
            initial[question.id] = value
    return initial


def initial_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for i, row in enumerate(list(rows)[:ROWS]):
        last = row.get("last_use_at")
        initial |= {f"substances_{i}_{part}": row.get(part) for part in FULL_ROW}
        initial[f"substances_{i}_last_use_hours"] = dt.datetime.fromisoformat(last) if last else None
        initial[f"substances_{i}_daily"] = yes_or_no(row.get("daily"))
    return initial


def content_of(parts: tuple[Section, ...], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values of the form as answers for `save_assessment`. Words beside "None" count: nothing typed is lost."""
    content: dict[str, Any] = {}
    for question in (q for part in parts for q in part.questions):
        id, value = question.id, typed.get(question.id)
        if question.form == "told":
            content[id] = {"asked": "some" if value else typed.get(f"{id}_asked") or "", "text": value}
        elif question.form == "several":
            content[id] = several_of(value or [])
        elif question.form == "substances":
            rows = rows_of(typed)
            content[id] = {"asked": "some" if rows else value or "", "rows": rows}
        elif value not in (None, ""):
            content[id] = value
    return content


def several_of(chosen: list[str]) -> dict[str, Any]:
    """None ticked beside others counts as the others: the cautious reading."""
    others = [each for each in chosen if each != "none"]
    return {"asked": "some", "chosen": others} if others else {"asked": "none" if chosen else ""}


def flag(typed: str | None) -> bool | None:
    """Yes, no, or None for not asked."""
    return {"yes": True, "no": False}.get(typed or "")


def yes_or_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def rows_of(typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The substances typed, without empty rows. `daily` is True, False or None for not asked."""
    rows = []
    for i in range(ROWS):
        row = {part: typed.get(f"substances_{i}_{part}") for part in FULL_ROW}
        if row["substance"]:
            row["last_use_at"] = row.pop("last_use_hours")
            row["daily"] = flag(row["daily"])
            rows.append(row)
    return rows


def restored(fields: Mapping[str, forms.Field], data: Mapping[str, list[str]]) -> dict[str, Any]:
    """A kept draft as initial values: lists for checkboxes, the last value for everything else."""
    return {
        name: values if isinstance(fields[name], forms.MultipleChoiceField) else values[-1]
        for name, values in data.items()
        if name in fields and values
    }


def rows_laid_out(form: forms.Form, parts: tuple[str, ...] = FULL_ROW) -> tuple[list[Any], list[Any]]:
    """The substance rows in view and those folded away: filled ones are always in view, and one empty one."""
    rows = [{"number": i + 1, "fields": [form[f"substances_{i}_{part}"] for part in parts]} for i in range(ROWS)]
    filled = max((i + 1 for i in range(ROWS) if form[f"substances_{i}_substance"].value()), default=0)
    shown = min(ROWS, max(SHOWN, filled + 1))
    return rows[:shown], rows[shown:]


def laid_out(form: forms.Form, parts: tuple[Section, ...], carried: Mapping[str, str]) -> list[dict[str, Any]]:
    """Sections with their questions and bound fields, for the page."""
    return [
        {"part": part, "questions": [laid_out_question(form, q, carried) for q in part.questions]} for part in parts
    ]


def laid_out_question(form: forms.Form, question: Question, carried: Mapping[str, str]) -> dict[str, Any]:
    day = carried.get(question.id)
    laid = {
        "question": question,
        "field": form[question.id],
        "carried": dt.date.fromisoformat(day) if day else None,
        "css": css_of(question),
    }
    if question.form == "told":
        laid["asked"] = form[f"{question.id}_asked"]
    if question.form == "substances":
        laid["rows"], laid["more"] = rows_laid_out(form)
    return laid


def css_of(question: Question) -> str:
    if question.form == "yes-no":
        return "segmented"
    if question.form in ("choice", "several"):
        return "segmented whole"
    return "" if question.form in ("number", "text") else "whole"


def hours_since(moment: Any, now: dt.datetime) -> float | None:
    """Hours from a last use to now, never below zero."""
    if not moment:
        return None
    then = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    return max(0.0, round((now - then).total_seconds() / 3600, 1))
