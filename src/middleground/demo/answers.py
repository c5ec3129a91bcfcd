"""What the invented clients answer: questionnaires that ease over the weeks, histories, ratings, notes' lines."""

import random
from datetime import date, timedelta
from typing import Any

from middleground.kernel import clock

from .people import Person

INSTRUMENTS = ("phq-9", "gad-7", "audit", "dast-10")
NONE: dict[str, Any] = {"asked": "none"}
FACTS: dict[str, Any] = {
    "pathway": "first-line",
    "sud_diagnosis": True,
    "gates": [],
    "hours_needed": None,
    "reason_below": None,
}
STRENGTHS = (
    "Shows up early; a calm listener.",
    "Proud parent; good with plans.",
    "Plays guitar; close to a brother.",
    "Kept a job through it all.",
    "Curious, funny, kind to newcomers.",
)
TALK = (
    "Named two triggers of the week and what helped.",
    "Practiced saying no in a role play.",
    "Shared a hard evening and how it passed.",
    "Quiet today; listened, took notes.",
    "Asked good questions about sleep.",
    "Made a plan for the weekend with two calls in it.",
    "Spoke about family and felt heard.",
    "Tried urge surfing; it lasted ten minutes.",
    "Told the group about the first month.",
    "Linked stress at work to cravings.",
    "Wrote a list of safe places.",
    "Offered help to a new member.",
)
AFTER = (
    "Wants to try it this week.",
    "Will call a friend tonight.",
    "Will bring the worksheet.",
    "Asked for a talk with the counselor.",
    "Felt lighter at the end.",
    "Next step is small and clear.",
)


def to(instrument: str, person: Person, progress: float, chance: random.Random) -> list[int]:
    """Answers in published order; `progress` 0 to 1 eases them. Nobody in the demo has thoughts of self-harm."""
    ease = person.phq * (1 - 0.55 * progress) + chance.uniform(-2, 2)
    if instrument == "phq-9":
        return [*_spread(int(ease), 8, 3, chance), 0]
    if instrument == "gad-7":
        return _spread(int(ease * 0.7), 7, 3, chance)
    if instrument == "audit":
        return [
            chance.choice((2, 3, 4)),
            *_spread(chance.randint(8, 18), 7, 4, chance),
            chance.choice((0, 2)),
            chance.choice((0, 2, 4)),
        ]
    return [1, *(chance.choice((0, 1)) for _ in range(9))]


def _spread(total: int, items: int, most: int, chance: random.Random) -> list[int]:
    given = [0] * items
    for _ in range(max(0, min(total, items * most))):
        open_items = [i for i, value in enumerate(given) if value < most]
        given[chance.choice(open_items)] += 1
    return given


def some(text: str) -> dict[str, Any]:
    return {"asked": "some", "text": text}


def _substances(person: Person) -> dict[str, Any]:
    last = clock.now() - timedelta(days=21)
    return {
        "asked": "some",
        "rows": [{"substance": person.substance, "last_use_at": last.isoformat(), "daily": False, "often": "weekly"}],
    }


def medical(person: Person) -> dict[str, Any]:
    return {
        "substances": _substances(person),
        "intoxicated": "no",
        "withdrawal_seizure": "no",
        "delirium": "no",
        "heart_rate": 66 + person.number % 20,
        "systolic": 112 + person.number % 22,
        "diastolic": 70 + person.number % 14,
        "resp_rate": 14,
        "spo2": 98,
        "temp_c": 36.7,
        "consciousness": "alert",
        "signs": NONE,
        "conditions": NONE,
        "other_conditions": NONE,
        "pregnant": "no",
        "medications": some("Sertraline 50 mg") if person.phq > 14 else NONE,
        "allergies": NONE,
        "medical_view": "Well enough for outpatient care.",
    }


def clinical(person: Person) -> dict[str, Any]:
    return {
        "reason": "I want my evenings back.",
        "goals_own_words": "Be there for the people I love.",
        "substances": _substances(person),
        "treatment_history": NONE,
        "sud_diagnosis": "yes",
        "suicide_risk": "none",
        "violence_now": "no",
        "psychiatric_history": NONE,
        "home": "supportive" if person.number % 4 else "low-support",
        "daily_visits": "yes",
        "family": some("A sister nearby"),
        "legal": NONE,
        "clinical_view": "Needs structure several times a week.",
    }


def ratings(person: Person) -> dict[str, Any]:
    rated = {"1": 0, "2": person.number % 2, "3": 1, "4": 2, "5": 2 if person.number % 3 else 1}
    return {
        dimension: {"rating": rating, "evidence": "Seen and told at the assessment."}
        for dimension, rating in rated.items()
    }


def withdrawal(person: Person, today: date) -> dict[str, Any]:
    """A withdrawal line in which all is known and nothing is dangerous: the last use lies three weeks back."""
    return {
        "substances": [{"substance": person.substance, "last_use_hours": 504, "daily": False, "weeks": 20}],
        "scales": {"ciwa-ar": None, "pawss": None, "cows": None, "ciwa-b": None},
        "history": {"withdrawal_seizure": False, "delirium": False, "withdrawals": 0},
        "age": today.year - person.born_on.year,
        "pregnant": False,
        "breath_alcohol": 0.0,
        "intoxicated": False,
        "conditions": [],
        "signs": [],
        "suicide_risk": "none",
        "vitals": {
            "heart_rate": 72,
            "systolic": 122,
            "diastolic": 78,
            "resp_rate": 14,
            "spo2": 98,
            "temp_c": 36.8,
            "consciousness": "alert",
            "glucose_mg_dl": None,
        },
        "setting": {"daily_visits": True, "home": "supportive", "transport": True},
    }


def strength(person: Person) -> str:
    return STRENGTHS[person.number % len(STRENGTHS)]


def summary(person: Person) -> str:
    told = {
        "completed": "Met the goals of this level and built a routine that holds.",
        "transferred": "Moved on to another level of care with a warm hand-off.",
        "left": "Stopped coming; three calls were made and the door stays open.",
        "ended-by-program": "Could not be reached for weeks; may come back any day.",
        "other": "Moved to another city; records were offered.",
    }
    return told[person.reason]


def response(chance: random.Random, number: int) -> str:
    """A line for a note that is rarely the same twice."""
    return f"{chance.choice(TALK)} {chance.choice(AFTER)}"
