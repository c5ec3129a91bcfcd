"""The medical and the clinical assessment."""

import pytest

from middleground.assessment import actions, queries, sections
from middleground.assessment.histories import AlreadySigned, NotYetAsked
from middleground.kernel.errors import NotAllowed, Refused, Stale
from middleground.records.models import Signature
from tests import builders

from .people import NONE, clinical, medical, some

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def opened(clinic, wren):
    return actions.open_assessment.run(clinic.actor("prescriber"), client=wren, sort="medical")


def test_opening_twice_goes_on_with_the_same_draft(clinic, wren, opened):
    assert actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="medical") == opened


def test_asked_and_none_is_not_the_same_as_not_asked(clinic, opened):
    saved = actions.save_assessment.run(
        clinic.actor("counselor"), assessment=opened, content={"allergies": NONE, "medications": {"asked": ""}}
    )
    assert saved.content == {"allergies": NONE}
    assert "Medicines taken now" in "; ".join(q.label for q in sections.not_asked("medical", saved.content))


@pytest.mark.parametrize(
    "content, field",
    [
        ({"heart_rate": "fast"}, "heart_rate"),
        ({"heart_rate": 900}, "heart_rate"),
        ({"consciousness": "sleepy"}, "consciousness"),
        ({"allergies": some(" ")}, "allergies"),
        ({"signs": {"asked": "some", "chosen": []}}, "signs"),
        ({"substances": {"asked": "some", "rows": [{"substance": "tea"}]}}, "substances"),
        ({"shoe_size": 9}, None),
    ],
)
def test_answers_that_make_no_sense_are_refused_beside_their_question(clinic, opened, content, field):
    with pytest.raises(Refused) as no:
        actions.save_assessment.run(clinic.actor("counselor"), assessment=opened, content=content)
    assert no.value.field == field


def test_somebody_elses_newer_answers_are_not_overwritten(clinic, opened):
    actions.save_assessment.run(
        clinic.actor("counselor"), assessment=opened, seen_version=1, content={"heart_rate": 70}
    )
    with pytest.raises(Stale):
        actions.save_assessment.run(
            clinic.actor("prescriber"), assessment=opened, seen_version=1, content={"heart_rate": 80}
        )


def test_signing_needs_every_question_that_must_be_asked(clinic, opened):
    with pytest.raises(NotYetAsked, match="Allergies"):
        actions.sign_medical_assessment.run(
            clinic.actor("prescriber"), assessment=opened, signed_name="P", content=medical(allergies=None)
        )
    with clinic.seen_by("prescriber"):
        assert queries.assessment(opened.pk).content == {}


def test_a_prescriber_signs_the_medical_one_and_it_stays_as_it_is(clinic, wren, opened):
    signed = actions.sign_medical_assessment.run(
        clinic.actor("prescriber"), assessment=opened, signed_name="Pia Person", content=medical()
    )
    assert signed.is_signed and signed.form["sections"] and signed.content["medications"] == some("Sertraline 50 mg")
    with clinic.seen_by("prescriber"):
        assert Signature.objects.get(subject=f"assessment:{signed.pk}").content_hash == signed.content_hash
    with pytest.raises(AlreadySigned):
        actions.save_assessment.run(clinic.actor("counselor"), assessment=signed, content={})
    added = actions.add_assessment_addendum.run(clinic.actor("counselor"), assessment=signed, text="A sister phoned.")
    assert added.addenda[0]["text"] == "A sister phoned." and added.content == signed.content


@pytest.mark.parametrize("role", ["counselor", "intake-coordinator", "case-manager", "biller", "program-director"])
def test_nobody_else_signs_the_medical_one(clinic, opened, role):
    with pytest.raises(NotAllowed):
        actions.sign_medical_assessment.run(clinic.actor(role), assessment=opened, signed_name="Me", content=medical())


def test_a_counselor_signs_the_clinical_one_only(clinic, wren, opened):
    own = actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="clinical")
    with pytest.raises(Refused):
        actions.sign_clinical_assessment.run(clinic.actor("counselor"), assessment=opened, signed_name="C")
    assert actions.sign_clinical_assessment.run(
        clinic.actor("counselor"), assessment=own, signed_name="Cal", content=clinical()
    ).is_signed


def test_the_same_fact_is_not_asked_twice_but_confirmed(clinic, wren, opened):
    actions.sign_medical_assessment.run(
        clinic.actor("prescriber"), assessment=opened, signed_name="Pia", content=medical()
    )
    own = actions.open_assessment.run(clinic.actor("counselor"), client=wren, sort="clinical")
    assert own.content["substances"]["rows"][0]["substance"] == "cannabis" and "substances" in own.carried
    again = actions.open_assessment.run(clinic.actor("prescriber"), client=wren, sort="medical")
    assert again.content["allergies"] == NONE and "heart_rate" not in again.content


@pytest.mark.parametrize("role", ["biller", "administrator"])
def test_billers_and_administrators_see_nothing(clinic, wren, opened, role):
    with clinic.seen_by(role):
        assert not queries.assessments(wren).exists()
        assert queries.assessment(opened.pk) is None


def test_a_counselor_without_a_relation_and_another_client_see_nothing(clinic, wren, opened):
    stranger = builders.a_second(clinic, "counselor", "stranger")
    other = builders.client_user(clinic, builders.a_client(clinic, "Rue", "Moss"))
    clinic.people |= {"stranger": stranger, "other": other}
    for name, purpose in (("stranger", "treatment"), ("other", "own-request")):
        with clinic.seen_by(name, purpose):
            assert queries.assessment(opened.pk) is None
