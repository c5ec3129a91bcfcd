"""The codes, holds and clocks of this room, from knowledge/coverage; money to the cent."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from middleground.engines import knowing

CENT = Decimal("0.01")
WEEKEND = 5


def cents(amount: Decimal | int) -> Decimal:
    """An amount of dollars to the cent, half a cent rounded up."""
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def book() -> dict[str, Any]:
    return knowing.load("coverage")["services"]


def codes() -> list[tuple[str, str]]:
    """Service codes with their meaning in own words."""
    return [(each["id"], f"{each['id']}: {each['label']['en']}") for each in book()["codes"]]


def code_words(code: str) -> str:
    return next((each["label"]["en"] for each in book()["codes"] if each["id"] == code), code)


def payer_sorts() -> list[tuple[str, str]]:
    return [(each["id"], each["label"]["en"]) for each in book()["payer_sorts"]]


def payer_rules() -> list[tuple[str, str]]:
    """Payers' rules for a day that counts, each with its source."""
    rules = knowing.load("outcomes")["payer-days"]["rules"]
    return [(name, f"{name}: {_asked(rule)} ({rule['source']})") for name, rule in rules.items()]


def _asked(rule: dict[str, Any]) -> str:
    return f"{rule['day']} minutes a day" if rule.get("day") else f"{rule['minutes']} minutes a week"


def hold(name: str, **facts: Any) -> tuple[str, str]:
    """Why a day is held, in English and Spanish."""
    words = book()["holds"][name]
    return words["en"].format(**facts), words["es"].format(**facts)


def business_days_before(day: date, steps: int) -> date:
    """The day `steps` working days (Monday to Friday) before `day`."""
    while steps:
        day -= timedelta(days=1)
        steps -= day.weekday() < WEEKEND
    return day


def ask_again_on(ends: date) -> date:
    """The last safe day to ask for more days (knowledge/coverage/services: ask_again_business_days)."""
    return business_days_before(ends, book()["ask_again_business_days"]["value"])


def dispute_over() -> str:
    """Dollars above an estimate from which a bill may be disputed (knowledge/payment/good-faith-estimate)."""
    return str(knowing.load("payment")["good-faith-estimate"]["dispute"]["over"])
