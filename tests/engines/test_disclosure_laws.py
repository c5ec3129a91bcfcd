"""Laws of disclosure that hold for every question anybody can ask."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines import disclosure
from middleground.engines.disclosure import Asking, ConsentFact, decide, scope

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OUTSIDERS = [
    "provider",
    "payer",
    "medical-personnel",
    "employer",
    "eap",
    "school",
    "probation",
    "drug-court",
    "police",
    "attorney",
    "court",
    "child-protection",
    "adult-protection",
    "family",
    "media",
    "stranger",
]
MOMENTS = st.sampled_from([NOW + timedelta(days=days) for days in (-30, -1, 0, 1, 30)])
KINDS = st.sampled_from(disclosure.KINDS)
PURPOSES = st.sampled_from(disclosure.PURPOSES)
CONSENTS = st.builds(
    ConsentFact,
    recipient_matches=st.booleans(),
    purposes=st.frozensets(PURPOSES),
    signed=st.booleans(),
    kinds=st.frozensets(st.sampled_from([*disclosure.KINDS, "all"])),
    starts=MOMENTS,
    ends=st.none() | MOMENTS,
    revoked_at=st.none() | MOMENTS,
)
ASKINGS = st.builds(
    Asking,
    role=st.sampled_from([*disclosure.ROLES, *OUTSIDERS]),
    relation=st.sampled_from(disclosure.RELATIONS),
    purpose=PURPOSES,
    kind=KINDS,
    at=st.just(NOW),
    consents=st.lists(CONSENTS, max_size=4).map(tuple),
    emergency=st.booleans(),
    court_order=st.booleans(),
)


@given(ASKINGS, st.integers(0, 3))
def test_taking_a_consent_away_never_opens_anything(asking, index):
    fewer = asking.consents[:index] + asking.consents[index + 1 :]
    assert decide(asking).allowed or not decide(msgspec.structs.replace(asking, consents=fewer)).allowed


@given(ASKINGS)
def test_a_release_with_consent_rests_on_a_consent_in_force(asking):
    """What carries the redisclosure notice is refused once every consent is over, revoked or about something else."""
    if decide(asking).notice:
        for changes in (
            {"revoked_at": NOW},
            {"ends": NOW},
            {"signed": False},
            {"kinds": frozenset()},
            {"purposes": frozenset()},
            {"recipient_matches": False},
        ):
            spoiled = tuple(msgspec.structs.replace(fact, **changes) for fact in asking.consents)
            assert not decide(msgspec.structs.replace(asking, consents=spoiled)).allowed


@given(ASKINGS)
def test_outsiders_without_consent_emergency_or_order_get_nothing_but_a_first_report(asking):
    bare = msgspec.structs.replace(asking, relation="outside", consents=(), emergency=False, court_order=False)
    assert not decide(bare).allowed or decide(bare).code == "child-abuse-report"


@given(ASKINGS)
def test_counseling_notes_go_to_their_author_or_with_a_consent_of_their_own(asking):
    asked = msgspec.structs.replace(asking, kind="counseling-note")
    if decide(asked).allowed:
        assert asked.relation == "author" or any(fact.kinds == {"counseling-note"} for fact in asked.consents)


@given(ASKINGS)
def test_every_answer_has_a_reason_in_both_languages(asking):
    answer = decide(asking)
    assert answer.code and answer.text and answer.text_es and answer.source
    assert answer.confidence in {"V", "V2", "G", "D"}


@given(st.frozensets(st.sampled_from(disclosure.ROLES)), st.sampled_from(disclosure.ROLES), KINDS)
def test_one_more_role_never_narrows(roles, another, kind):
    order = disclosure.SCOPES
    assert order.index(scope(roles | {another}, kind).name) >= order.index(scope(roles, kind).name)
