"""What a person in these tests was asked and answered."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from middleground.kernel import clock

MORNING = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
NONE: dict[str, Any] = {"asked": "none"}


def some(text: str) -> dict[str, Any]:
    return {"asked": "some", "text": text}


def cannabis(days_ago: int = 20) -> dict[str, Any]:
    last = clock.now() - timedelta(days=days_ago)
    return {
        "asked": "some",
        "rows": [{"substance": "cannabis", "last_use_at": last.isoformat(), "daily": False, "often": "weekly"}],
    }


def medical(**other: Any) -> dict[str, Any]:
    """A medical assessment in which everything that must be asked was asked, and nothing is dangerous."""
    return {
        "substances": cannabis(),
        "intoxicated": "no",
        "withdrawal_seizure": "no",
        "delirium": "no",
        "heart_rate": 72,
        "systolic": 122,
        "diastolic": 78,
        "resp_rate": 14,
        "spo2": 98,
        "temp_c": 36.8,
        "consciousness": "alert",
        "signs": NONE,
        "conditions": NONE,
        "other_conditions": NONE,
        "pregnant": "no",
        "medications": some("Sertraline 50 mg"),
        "allergies": NONE,
        "medical_view": "Well enough for outpatient care.",
        **other,
    }


def clinical(**other: Any) -> dict[str, Any]:
    """A clinical assessment in which everything that must be asked was asked."""
    return {
        "reason": "I want my evenings back.",
        "goals_own_words": "Be there for my daughter.",
        "substances": cannabis(),
        "treatment_history": NONE,
        "sud_diagnosis": "yes",
        "suicide_risk": "none",
        "violence_now": "no",
        "psychiatric_history": NONE,
        "home": "supportive",
        "daily_visits": "yes",
        "family": some("A sister nearby"),
        "legal": NONE,
        "clinical_view": "Needs structure several times a week.",
        **other,
    }


def safe_line(**other: Any) -> dict[str, Any]:
    """A withdrawal line in which all is known and nothing is dangerous."""
    return {
        "substances": [{"substance": "cannabis", "last_use_hours": 480, "daily": False, "weeks": 20}],
        "scales": {"ciwa-ar": None, "pawss": None, "cows": None, "ciwa-b": None},
        "history": {"withdrawal_seizure": False, "delirium": False, "withdrawals": 0},
        "age": 34,
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
        **other,
    }


def ratings(**other: int) -> dict[str, Any]:
    """Ratings of the 4th edition that speak for an intensive outpatient program."""
    rated = {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2, **{name.removeprefix("d"): value for name, value in other.items()}}
    return {number: {"rating": rating, "evidence": "Seen and told at the visit."} for number, rating in rated.items()}


FACTS = {"pathway": "first-line", "sud_diagnosis": True, "gates": [], "hours_needed": None, "reason_below": None}
PHQ_9 = [1, 2, 0, 3, 0, 1, 2, 0, 0]
