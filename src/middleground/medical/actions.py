"""Every way to change the medical record: medicines (`prescribing`), drug screens (`screening`), the rest (`treating`)."""

from .prescribing import (
    change_dose,
    list_medication,
    record_allergy,
    record_dispensing,
    stop_medication,
    withdraw_allergy,
)
from .screening import (
    close_drug_screen,
    correct_drug_screen_result,
    discuss_drug_screen,
    order_drug_screen,
    record_drug_screen_result,
)
from .treating import (
    decline_naloxone,
    give_naloxone,
    record_condition,
    record_withdrawal_check,
    resolve_condition,
    write_pain_plan,
)

__all__ = [
    "change_dose",
    "close_drug_screen",
    "correct_drug_screen_result",
    "decline_naloxone",
    "discuss_drug_screen",
    "give_naloxone",
    "list_medication",
    "order_drug_screen",
    "record_allergy",
    "record_condition",
    "record_dispensing",
    "record_drug_screen_result",
    "record_withdrawal_check",
    "resolve_condition",
    "stop_medication",
    "withdraw_allergy",
    "write_pain_plan",
]
