"""Every way to change what is assessed: instruments (`giving`), assessments (`histories`), ratings, withdrawal, placement (`placing`)."""

from .giving import correct_instrument, give_instrument
from .histories import (
    add_assessment_addendum,
    open_assessment,
    save_assessment,
    sign_clinical_assessment,
    sign_medical_assessment,
)
from .placing import check_withdrawal, decide_placement, rate_dimensions, recommend, sign_withdrawal_check

__all__ = [
    "add_assessment_addendum",
    "check_withdrawal",
    "correct_instrument",
    "decide_placement",
    "give_instrument",
    "open_assessment",
    "rate_dimensions",
    "recommend",
    "save_assessment",
    "sign_clinical_assessment",
    "sign_medical_assessment",
    "sign_withdrawal_check",
]
