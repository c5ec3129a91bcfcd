"""Who may see what: the program's own people by role, everybody else by the table of 42 CFR Part 2."""

from datetime import UTC, datetime, timedelta

import pytest

from middleground.engines import disclosure
from middleground.engines.disclosure import Asking, ConsentFact, consent_gaps, decide, kind_words, scope

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TPO = frozenset({"treatment", "payment", "operations"})


def consent(**changes) -> ConsentFact:
    facts = {
        "recipient_matches": True,
        "purposes": frozenset({"family"}),
        "kinds": frozenset({"schedule"}),
        "starts": NOW - timedelta(days=10),
    }
    return ConsentFact(**(facts | changes))


def ask(role: str, relation: str, purpose: str, kind: str, *consents: ConsentFact, **changes):
    return decide(Asking(role, relation, purpose, kind, NOW, tuple(consents), **changes))


def reach(role: str, kind: str) -> str:
    return scope(frozenset({role}), kind).name


@pytest.mark.parametrize(
    ("role", "kind", "name"),
    [
        ("counselor", "session-note", "caseload"),
        ("counselor", "counseling-note", "author"),
        ("counselor", "inquiry", "none"),
        ("counselor", "coverage", "caseload"),
        ("intake-coordinator", "inquiry", "all"),
        ("intake-coordinator", "session-note", "none"),
        ("prescriber", "medical", "all"),
        ("prescriber", "session-note", "caseload"),
        ("case-manager", "session-note", "author"),
        ("case-manager", "supports", "caseload"),
        ("biller", "coverage", "all"),
        ("biller", "assessment", "none"),
        ("program-director", "session-note", "all"),
        ("program-director", "counseling-note", "none"),
        ("compliance-officer", "counseling-note", "none"),
        ("client", "plan", "own"),
        ("client", "counseling-note", "none"),
        ("family", "schedule", "consented"),
        ("family", "drug-screen", "none"),
    ],
)
def test_each_role_reaches_as_far_as_its_work(role, kind, name):
    assert reach(role, kind) == name


@pytest.mark.parametrize("role", ["administrator", "visitor", "janitor", ""])
def test_some_roles_reach_nothing(role):
    assert {reach(role, kind) for kind in disclosure.KINDS} == {"none"}


def test_the_widest_of_all_roles_wins():
    assert scope(frozenset({"counselor", "program-director"}), "session-note").name == "all"


def test_no_role_or_an_unknown_kind_gives_nothing():
    assert scope(frozenset(), "plan").name == "none"
    assert reach("program-director", "gossip") == "none"


def test_a_scope_says_why():
    held = scope(frozenset({"counselor"}), "plan")
    assert (held.code, held.confidence) == ("counselor-caseload", "D")
    assert "care team" in held.text
    assert held.source


def test_every_kind_and_role_has_plain_names_in_both_languages():
    assert all(kind_words(kind, language) for kind in disclosure.KINDS for language in ("en", "es"))
    assert all(disclosure.role_words(role, language) for role in disclosure.ROLES for language in ("en", "es"))


def test_a_counselor_reads_her_own_client_and_nobody_elses():
    assert ask("counselor", "care-team", "treatment", "plan").allowed
    assert not ask("counselor", "site", "treatment", "plan").allowed


def test_counseling_notes_are_for_their_author():
    assert ask("counselor", "author", "treatment", "counseling-note").allowed
    assert ask("counselor", "care-team", "treatment", "counseling-note").code == "counseling-notes-kept-apart"
    assert not ask("client", "self", "own-request", "counseling-note").allowed


def test_clients_see_their_own_record():
    assert ask("client", "self", "own-request", "session-note").code == "own-record"


def test_only_the_compliance_officer_reads_for_a_legal_request():
    assert ask("compliance-officer", "site", "legal", "session-note").allowed
    assert not ask("program-director", "site", "legal", "session-note").allowed


def test_a_mother_who_calls_hears_neither_yes_nor_no():
    answer = ask("family", "family", "family", "attendance")
    assert (answer.allowed, answer.code) == (False, "family-without-consent")
    assert "confirm or deny" in answer.text


def test_a_family_member_hears_what_the_consent_gives():
    assert ask("family", "family", "family", "schedule", consent()).allowed
    assert not ask("family", "family", "family", "medical", consent()).allowed
    everything = consent(kinds=frozenset({"all"}))
    assert not ask("family", "family", "family", "drug-screen", everything).allowed


@pytest.mark.parametrize(
    "changes",
    [
        {"signed": False},
        {"recipient_matches": False},
        {"ends": NOW},
        {"revoked_at": NOW},
        {"starts": NOW + timedelta(minutes=1)},
        {"kinds": frozenset({"plan"})},
        {"purposes": frozenset({"payment"})},
    ],
)
def test_a_consent_that_does_not_hold_gives_nothing(changes):
    assert not ask("family", "family", "family", "schedule", consent(**changes)).allowed


def test_revocation_works_from_its_moment_on():
    assert ask("family", "family", "family", "schedule", consent(revoked_at=NOW + timedelta(seconds=1))).allowed


def test_an_outside_provider_needs_a_consent_and_gets_the_notice_with_it():
    tpo = consent(purposes=TPO, kinds=frozenset({"all"}))
    assert ask("provider", "outside", "treatment", "medical").code == "cannot-confirm-or-deny"
    answer = ask("provider", "outside", "treatment", "medical", tpo)
    assert answer.allowed
    assert answer.notice == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


def test_a_payer_gets_no_more_than_it_needs():
    tpo = consent(purposes=TPO, kinds=frozenset({"all"}))
    assert ask("payer", "outside", "payment", "attendance", tpo).allowed
    assert not ask("payer", "outside", "payment", "check-in", tpo).allowed


def test_counseling_notes_never_go_with_a_consent_for_treatment_payment_and_operations():
    for kinds in ({"all"}, {"counseling-note"}, {"counseling-note", "plan"}):
        tpo = consent(purposes=TPO, kinds=frozenset(kinds))
        assert not ask("provider", "outside", "treatment", "counseling-note", tpo).allowed
    apart = consent(purposes=frozenset({"treatment"}), kinds=frozenset({"counseling-note"}))
    assert ask("provider", "outside", "treatment", "counseling-note", apart).allowed


def test_medical_personnel_get_what_an_emergency_needs_and_it_is_recorded():
    answer = ask("medical-personnel", "outside", "emergency", "medical", emergency=True)
    assert (answer.allowed, answer.code) == (True, "medical-emergency")
    assert "nature-of-emergency" in answer.record
    assert not ask("medical-personnel", "outside", "emergency", "session-note", emergency=True).allowed
    assert not ask("medical-personnel", "outside", "emergency", "medical").allowed
    assert not ask("employer", "outside", "emergency", "medical", emergency=True).allowed


def test_police_get_nothing_without_a_part_2_order():
    legal = consent(purposes=frozenset({"legal"}), kinds=frozenset({"all"}))
    assert ask("police", "outside", "legal", "identity", legal).code == "police-without-order"
    assert ask("police", "outside", "legal", "identity", court_order=True).code == "court-order"


def test_a_subpoena_alone_releases_nothing():
    assert not ask("attorney", "outside", "legal", "plan").allowed
    assert ask("attorney", "outside", "legal", "plan", court_order=True).allowed
    assert not ask("attorney", "outside", "legal", "counseling-note", court_order=True).allowed


def test_a_legal_consent_stands_alone():
    mixed = consent(purposes=frozenset({"legal", "treatment"}), kinds=frozenset({"attendance"}))
    alone = consent(purposes=frozenset({"legal"}), kinds=frozenset({"attendance"}))
    assert not ask("probation", "outside", "legal", "attendance", mixed).allowed
    assert ask("probation", "outside", "legal", "attendance", alone).code == "criminal-justice-consent"


def test_reports_of_child_abuse_are_a_first_report_and_no_records():
    assert ask("child-protection", "outside", "legal", "event").code == "child-abuse-report"
    assert not ask("child-protection", "outside", "legal", "session-note").allowed


def test_adult_protection_has_no_exception():
    assert ask("adult-protection", "outside", "legal", "event").code == "adult-abuse-report"


@pytest.mark.parametrize("role", ["employer", "school", "landlord", "media"])
def test_others_get_what_the_client_asked_us_to_give(role):
    asked = consent(purposes=frozenset({"own-request"}), kinds=frozenset({"attendance"}))
    assert ask(role, "outside", "own-request", "attendance", asked).allowed
    assert not ask(role, "outside", "own-request", "medical", asked).allowed
    assert not ask(role, "outside", "own-request", "attendance").allowed


@pytest.mark.parametrize("changes", [{"role": "wizard"}, {"relation": "neighbour"}, {"purpose": "fun"}, {"kind": "x"}])
def test_what_we_do_not_know_is_refused(changes):
    facts = {"role": "program-director", "relation": "site", "purpose": "treatment", "kind": "plan"} | changes
    assert not ask(*facts.values()).allowed


FORM = {
    "patient": "Ana",
    "from_party": "the clinic",
    "data_classes": ["plan"],
    "recipients": ["Dr. Lee"],
    "purpose": "treatment",
    "revocation_text": "v1",
    "expires_on": "2027-01-01",
    "signed_by": "Ana",
    "signed_at": "2026-11-02",
    "refusal_text": "v1",
}


def gaps(**changes) -> list[str]:
    return [each.field for each in consent_gaps(FORM | changes)]


def test_a_complete_form_has_no_gaps():
    assert gaps() == []
    assert gaps(expires_on=None, expires_event="end of treatment") == []


@pytest.mark.parametrize("field", [name for name in FORM if name != "expires_on"])
def test_each_missing_element_is_named(field):
    assert gaps(**{field: ""}) == [field]


def test_some_elements_are_asked_only_of_some_consents():
    assert gaps(expires_on=None) == ["expires"]
    assert gaps(purpose=sorted(TPO)) == ["redisclosure_text"]
    assert gaps(intermediary="Regional exchange") == ["intermediary_members"]


def test_counseling_notes_and_legal_proceedings_need_a_form_of_their_own():
    assert gaps(data_classes=["counseling-note", "plan"]) == ["data_classes"]
    assert gaps(purpose=["legal", "treatment"]) == ["purpose"]
    assert gaps(data_classes=["counseling-note"], purpose="legal") == []
