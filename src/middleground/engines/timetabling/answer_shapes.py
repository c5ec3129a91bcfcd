"""The JSON Schema of the engine's answers (timetabling contract, sections 3, 6, 8 to 12)."""

from typing import Any

from .planning.asked import LEVELS
from .reading.shapes import Anything, ByName, Flag, Many, OrNull, Ref, Row, Shape, Text, Time, Whole

TEXT, COUNT = Text(), Whole()
MOMENT, NAME = Time(long=False), OrNull(Text())
VERSION = Row({"engine": TEXT, "knowledge": TEXT})
SLOT: dict[str, Shape] = {"kind": TEXT, "start": MOMENT, "staff": TEXT, "room": NAME}
GROUP = Row({"id": TEXT, "start": MOMENT, "room": NAME, "lead": TEXT, "co": NAME, "members": Many(TEXT)})
LEVEL = Row({"name": Text(LEVELS), "value": COUNT, "bound": COUNT, "gap": Anything(), "proved": Flag()})
TELL = Row(
    {
        "who": TEXT,
        "what": Text(("moved", "cancelled", "new", "other-clinician", "other-room")),
        "from": NAME,
        "to": NAME,
    }
)
PLAN = Row(
    {
        "format": TEXT,
        "instance": TEXT,
        "question": Text(("plan", "repair")),
        "status": Text(("optimal", "feasible", "infeasible")),
        "groups": Many(GROUP),
        "sessions": Many(Row({"client": TEXT, **SLOT})),
        "counselors": ByName(Ref(()), TEXT),
        "objective": Many(COUNT, len(LEVELS), exact=True),
        "levels": Many(LEVEL, len(LEVELS), exact=True),
        "work": Row({"seed": COUNT, "workers": COUNT, "stopped": Text(("proved", "time", "work", "interrupt"))}),
        "version": VERSION,
    },
    {"order": Many(Text(LEVELS)), "tell": Many(TELL), "reasons": Many(Row({"rule": TEXT, "where": TEXT}))},
)
WEEK = Row(
    {
        "groups": Many(TEXT),
        "sessions": Many(Row(SLOT)),
        "counselor": NAME,
        "minutes": COUNT,
        "days": COUNT,
        "vector": Many(COUNT, 6, exact=True),
    }
)
OFFERS = Row(
    {"format": TEXT, "instance": TEXT, "offers": Many(Row({"client": TEXT, "weeks": Many(WEEK)})), "version": VERSION}
)
EXPLANATION = Row(
    {
        "client": TEXT,
        "target": COUNT,
        "reach": COUNT,
        "because": Many(TEXT),
        "best": OrNull(Row({"change": TEXT, "reach": COUNT})),
        "enough": OrNull(Many(TEXT)),
        "text": Many(TEXT),
    }
)
REASONS = Row({"format": TEXT, "instance": TEXT, "explanations": Many(EXPLANATION), "version": VERSION})
NUMBERS = Many(Whole(-1_000_000_000, 1_000_000_000))
NUMBER = NUMBERS.of
DIFFERENCE = Row(
    {
        "objective": OrNull(NUMBERS),
        "clients_reaching_payer": OrNull(NUMBER),
        "minutes": OrNull(NUMBER),
        "load": OrNull(NUMBER),
        "bounds": Many(OrNull(NUMBERS)),
        "not_proved": Many(TEXT),
    }
)
WHAT_IF = Row({"before": PLAN, "after": PLAN, "difference": DIFFERENCE, "version": VERSION})
ERROR = Row({"error": Row({"code": TEXT, "message": TEXT, "where": TEXT, "more": COUNT})})
OUTPUT: dict[str, Any] = {"anyOf": [shape.schema() for shape in (PLAN, OFFERS, REASONS, WHAT_IF, ERROR)]}
