"""Gates first, then the highest level that a dimension asks for, then what was agreed and signed."""

from middleground.engines import knowing
from middleground.engines.placement.book import AREA, Book, book
from middleground.engines.placement.case import Case, Placement, Status
from middleground.engines.placement.rating import Recommendation, environment_asks, recommendation
from middleground.engines.placement.staying import stay_decision
from middleground.engines.safety import Reason

NEEDED = ("sud_diagnosis", "withdrawal", "gates", "medical_signed", "clinical_signed")
STOPS = ("emergency", "not-eligible")


def weighed(case: Case) -> Placement:
    """The placement without what would change it."""
    rules, told = book(), recommendation(case, book())
    stay = stay_decision(case, told, rules)
    missing = sorted({*(f"/{name}" for name in NEEDED if getattr(case, name) is None), *told.missing, *stay.missing})
    status = status_of(case, bool(missing), rules)
    if status in STOPS:
        told = Recommendation(None, [], [], [], None)
    companions = companions_of(case, told, rules) if status not in STOPS else []
    return Placement(
        status=status,
        recommended=told.level,
        selected=case.selected,
        discrepancy_reason=case.discrepancy_reason,
        deciding=told.deciding,
        reasons=[*gate_reasons(case, rules), *stay.reasons, *told.reasons, *open_reasons(case, status, missing, rules)],
        missing=missing,
        would_change=[],
        companions=companions,
        decision=stay.decision,
        version=knowing.version("place", AREA),
    )


def status_of(case: Case, incomplete: bool, book: Book) -> Status:
    """Emergency stops everything; then withdrawal care comes first; then eligibility; then the signatures."""
    if case.gates or case.withdrawal in book.status["emergency"]:
        return "emergency"
    if case.withdrawal != book.status["clear"] and case.withdrawal not in book.status["ambulatory"]:
        return "pending-wm"
    if case.sud_diagnosis is False:
        return "not-eligible"
    return "final" if case.medical_signed and case.clinical_signed and not incomplete else "provisional"


def gate_reasons(case: Case, book: Book) -> list[Reason]:
    """What stands before the ratings: gates, the withdrawal check, the diagnosis."""
    codes: list[str] = sorted(set(case.gates or ()))
    if case.withdrawal in book.status["emergency"]:
        codes.append("withdrawal-emergency")
    elif case.withdrawal in book.status["ambulatory"]:
        codes.append("withdrawal-ambulatory")
    elif case.withdrawal != book.status["clear"]:
        codes.append("withdrawal-not-clear")
    if case.sud_diagnosis is False:
        codes.append("no-sud-diagnosis")
    return [book.reason(code) for code in codes]


def open_reasons(case: Case, status: str, missing: list[str], book: Book) -> list[Reason]:
    """Why a placement is not final yet, and what the client's home asks for."""
    if status in STOPS:
        return []
    codes = ["unsupportive-home"] if environment_asks(case, book) else []
    codes += [] if case.medical_signed and case.clinical_signed else ["not-signed"]
    codes += ["answer-missing"] if missing else []
    return [book.reason(code) for code in codes]


def companions_of(case: Case, told: Recommendation, book: Book) -> list[str]:
    """What goes beside the level: ambulatory withdrawal care, a recovery residence while the client lives at home."""
    named = book.status["companions"]
    beside = [named["ambulatory_wm"]] if case.withdrawal in book.status["ambulatory"] else []
    level, residence = case.selected or told.level, named["residence"]
    at_home = level is None or book.rank(level) < book.rank(residence["while_selected_below"])
    return beside + ([residence["code"]] if at_home and environment_asks(case, book) else [])
