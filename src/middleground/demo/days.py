"""What a day in the rooms brings: groups held, marked, noted and signed; now and then a counselor is away or the clinic is closed."""

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from middleground.careplan.terms import items
from middleground.clinic import actions as clinic
from middleground.kernel import gate
from middleground.program import actions as program
from middleground.program.models import Session
from middleground.program.sheets import rosters

from . import answers, talks
from .calendar import Calendar
from .shape import ABSENCE
from .staffing import BOSS, House

LEFT_OPEN = {0: 2, 6: 2}  # weekday of today -> days back to the last day with groups, where that is not yesterday


def enter(calendar: Calendar, house: House, first: date, begins: date, today: date, chance: random.Random) -> None:
    """Every day's sessions from the first day to yesterday; today's stay open for whoever looks at the demo.

    Those before the clinic began with Middleground are told on the day it began.
    """
    manner = Manner(chance)
    for ago in range((today - first).days, 0, -1):
        day = today - timedelta(days=ago)
        when, hour = (begins, 6) if day < begins else (day, 21)
        calendar.enter(when, hour, lambda day=day, ago=ago: _hold(day, ago, manner, chance), 45)  # type: ignore[misc]
    for week in range(3, (today - first).days // 7, 3):
        person = chance.choice(house.staff["counselor"])
        away = first + timedelta(weeks=week, days=chance.randint(0, 4))
        calendar.enter(
            away,
            6,
            lambda person=person, away=away: (
                clinic.record_staff_absence.run(BOSS, user=person, first=away, last=away) and None
            ),
        )  # type: ignore[misc]


class Manner:
    """How each client tends to come: their own chance of missing, drawn once."""

    def __init__(self, chance: random.Random) -> None:
        self._misses: dict[int, float] = defaultdict(lambda: min(0.7, chance.betavariate(1.5, 1.5 / ABSENCE - 1.5)))

    def mark(self, client: int, chance: random.Random) -> dict[str, Any]:
        if chance.random() < self._misses[client]:
            if chance.random() < 0.6:
                return {
                    "client": client,
                    "mark": "excused",
                    "reason": chance.choice(("work", "illness", "childcare", "transport")),
                }
            return {"client": client, "mark": "no-show", "reached": "Called the same day; will be there next time."}
        roll = chance.random()
        if roll < 0.06:
            return {"client": client, "mark": "late", "minutes": chance.choice((40, 45, 50))}
        if roll < 0.09:
            return {
                "client": client,
                "mark": "left-early",
                "minutes": chance.choice((20, 30, 40)),
                "reason": chance.choice(("childcare", "work")),
            }
        return {"client": client, "mark": "present"}


def _hold(day: date, ago: int, manner: Manner, chance: random.Random) -> None:
    start = timezone.make_aware(datetime.combine(day, time.min))
    with gate.everything("demo"):
        sessions = list(
            Session.objects.filter(start__gte=start, start__lt=start + timedelta(days=1), status="scheduled").order_by(
                "start", "pk"
            )
        )
        present = rosters(sessions)
    if ago <= LEFT_OPEN.get((day + timedelta(days=ago)).weekday(), 1):
        sessions = sessions[: len(sessions) // 2]  # the rest is what a counselor still has to write
    held = [
        _told(session, present.get(session.pk, []), manner, chance) for session in sessions if present.get(session.pk)
    ]
    if held:
        program.hold_sessions.run(BOSS, held=held)


def _told(session: Session, clients: list[int], manner: Manner, chance: random.Random) -> dict[str, Any]:
    marks = [manner.mark(client, chance) for client in clients]
    there = [m["client"] for m in marks if m["mark"] in ("present", "late", "left-early")]
    if session.client_id:
        return talks.told(session, marks, there, chance)
    note = {
        "shared": f"{session.topic_title or session.title}: short input, practice in pairs, round at the end.",
        "method": _method(session),
    }
    return {
        "session": session.pk,
        "marks": marks,
        "note": note,
        "parts": [{"client": c, "response": answers.response(chance, c)} for c in there],
        "sign": True,
    }


def _method(session: Session) -> str:
    known = sorted(items("methods"))
    wanted = {"education": "chronic-care-model", "skills-workshop": "matrix-model"}.get(session.session_kind, "cbt")
    return wanted if wanted in known else known[0]
