"""What the two assessments ask, read from `knowledge/assessment/`, and what an answer may look like.

An answer is kept under its question's id:
  text, lines            words
  yes-no, choice         an option's id ("yes", "no")
  number                 a number
  several                {"asked": "none"} or {"asked": "some", "chosen": [ids]}
  told                   {"asked": "none"} or {"asked": "some", "text": words}
  substances             {"asked": "none"} or {"asked": "some", "rows": [{"substance", "last_use_at", "daily", "weeks", "amount", "route", "often"}]}
A question that is not there has not been asked; "none" means asked, and there is none.
"""

import datetime as dt
from functools import cache
from typing import Any, Literal, NoReturn

import msgspec
from django.utils import timezone

from middleground.engines import knowing
from middleground.kernel.errors import Refused

AREA = "assessment"
As = Literal["told", "yes-no", "choice", "several", "number", "text", "lines", "substances"]
YES_NO = ({"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"})


class Option(msgspec.Struct, frozen=True):
    id: str
    label: str


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `must`: it has to be asked before the assessment can be signed."""

    id: str
    label: str
    form: As = msgspec.field(name="as")
    must: bool = False
    help: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    vocabulary: str = ""
    options: tuple[Option, ...] = ()


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    title: str
    questions: tuple[Question, ...]
    lead: str = ""


def words(vocabulary: str) -> tuple[Option, ...]:
    """The options of a file in `knowledge/vocabulary/`, in English."""
    return tuple(Option(item["id"], item["label"]["en"]) for item in knowing.load("vocabulary")[vocabulary]["items"])


@cache
def sections(sort: str) -> tuple[Section, ...]:
    """The sections of the "medical" or "clinical" assessment in force."""
    read = msgspec.convert(knowing.load(AREA)[sort]["sections"], tuple[Section, ...])
    return tuple(msgspec.structs.replace(part, questions=tuple(map(with_options, part.questions))) for part in read)


def with_options(question: Question) -> Question:
    if question.vocabulary:
        return msgspec.structs.replace(question, options=words(question.vocabulary))
    if question.form == "yes-no":
        return msgspec.structs.replace(question, options=msgspec.convert(YES_NO, tuple[Option, ...]))
    return question


def questions(sort: str) -> dict[str, Question]:
    return {question.id: question for part in sections(sort) for question in part.questions}


def wording(sort: str) -> dict[str, Any]:
    """The form as it stands now, kept with a signed assessment."""
    return {"version": knowing.load(AREA)[sort]["version"], "sections": msgspec.to_builtins(sections(sort))}


def worded(form: dict[str, Any]) -> tuple[Section, ...]:
    """The sections of a form that was kept."""
    return msgspec.convert(form["sections"], tuple[Section, ...])


def read(sort: str, given: dict[str, Any]) -> dict[str, Any]:
    """Answers as they are kept. An empty one is left out: not asked. Raises `Refused` naming the question."""
    known = questions(sort)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Refused(f"There is no such question: {', '.join(unknown)}.")
    return {id: answer for id in known if (answer := read_one(known[id], given.get(id))) is not None}


def read_one(question: Question, value: Any) -> Any:
    if value is None or value == "" or value == {}:
        return None
    if question.form in ("text", "lines"):
        return str(value).strip() or None
    if question.form == "number":
        return read_number(question, value)
    if question.form in ("yes-no", "choice"):
        return one_of(question, value)
    return read_asked(question, value)


def read_number(question: Question, value: Any) -> float | int:
    try:
        number = round(float(value), question.decimals)
    except (TypeError, ValueError):
        raise Refused(f"{question.label}: give a number.", question.id) from None
    if (question.low is not None and number < question.low) or (question.high is not None and number > question.high):
        raise Refused(f"{question.label}: from {question.low:g} to {question.high:g}.", question.id)
    return int(number) if question.decimals == 0 else number


def one_of(question: Question, value: Any) -> str:
    if value not in {option.id for option in question.options}:
        raise Refused(f"{question.label}: choose from the list.", question.id)
    return str(value)


def read_asked(question: Question, value: Any) -> dict[str, Any] | None:
    """The answer to a question that keeps "asked, and there is none" apart from "not asked"."""
    asked = value.get("asked") if isinstance(value, dict) else None
    if not asked:
        return None
    if asked == "none":
        return {"asked": "none"}
    if question.form == "told":
        text = str(value.get("text", "")).strip()
        return {"asked": "some", "text": text or lacking(question)}
    if question.form == "several":
        chosen = [one_of(question, each) for each in value.get("chosen", ())]
        return {"asked": "some", "chosen": chosen or lacking(question)}
    rows = [read_row(question, row) for row in value.get("rows", ()) if row.get("substance")]
    return {"asked": "some", "rows": rows or lacking(question)}


def lacking(question: Question) -> NoReturn:
    raise Refused(f"{question.label}: say which, or choose None.", question.id)


def read_row(question: Question, row: dict[str, Any]) -> dict[str, Any]:
    """One substance: which, when last, how. Times are aware ISO strings."""
    for part, vocabulary in (
        ("substance", "substances"),
        ("route", "substance-routes"),
        ("often", "substance-frequencies"),
    ):
        if row.get(part) and row[part] not in {option.id for option in words(vocabulary)}:
            raise Refused(f"{question.label}: choose from the list.", question.id)
    weeks = row.get("weeks")
    return {
        "substance": row["substance"],
        "last_use_at": read_moment(question, row.get("last_use_at")),
        "daily": row.get("daily") if isinstance(row.get("daily"), bool) else None,
        "weeks": None
        if weeks in (None, "")
        else read_number(Question("weeks", question.label, "number", low=0, high=5000), weeks),
        "amount": str(row.get("amount") or "")[:80],
        "route": row.get("route") or "",
        "often": row.get("often") or "",
    }


def read_moment(question: Question, value: Any) -> str | None:
    if not value:
        return None
    try:
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise Refused(f"{question.label}: give the last use as date and time.", question.id) from None
    return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).isoformat()


def not_asked(sort: str, content: dict[str, Any]) -> list[Question]:
    """The questions that must still be asked before signing."""
    return [question for question in questions(sort).values() if question.must and question.id not in content]


def shared(sort: str) -> frozenset[str]:
    """The ids of questions that the other assessment asks too."""
    other = "clinical" if sort == "medical" else "medical"
    return frozenset(questions(sort)) & frozenset(questions(other))
