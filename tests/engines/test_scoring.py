"""The published arithmetic of each instrument, by example and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines import scoring
from middleground.engines.errors import BadLine

FORMS = {form.id: form for form in scoring.instruments()}
ALL = sorted(FORMS)
# Lowest and highest answers of each published form. In DAST-10 all no gives one and all yes nine: item 3 is reversed.
ENDS = {
    "audit": (0, 40), "audit-c": (0, 12), "ciwa-ar": (0, 67), "cows": (0, 48), "craving-vas": (0, 10),
    "dast-10": (1, 9), "gad-7": (0, 21), "pawss": (0, 10), "pc-ptsd-5": (0, 5), "peg": (0, 10), "phq-9": (0, 27),
}  # fmt: skip
EDGES = {
    "phq-9": [(4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "moderately-severe"),
              (19, "moderately-severe"), (20, "severe")],
    "gad-7": [(4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "severe")],
    "audit": [(7, "low-risk"), (8, "hazardous"), (15, "hazardous"), (16, "harmful"), (19, "harmful"),
              (20, "possible-dependence")],
    "dast-10": [(0, "none"), (1, "low"), (2, "low"), (3, "moderate"), (5, "moderate"), (6, "substantial"),
                (8, "substantial"), (9, "severe")],
    "cows": [(4, "none"), (5, "mild"), (12, "mild"), (13, "moderate"), (24, "moderate"), (25, "moderately-severe"),
             (36, "moderately-severe"), (37, "severe")],
    "ciwa-ar": [(9, "mild"), (10, "moderate"), (18, "moderate"), (19, "severe")],
    "pawss": [(3, "low-risk"), (4, "high-risk")],
    "pc-ptsd-5": [(2, "negative"), (3, "positive")],
    "audit-c": [(2, "negative"), (3, "positive")],
    "peg": [(3.9, "mild"), (4.0, "moderate"), (6.9, "moderate"), (7.0, "severe")],
    "craving-vas": [(0, "none"), (1, "mild"), (3, "mild"), (4, "moderate"), (6, "moderate"), (7, "strong")],
}  # fmt: skip


def lowest(form):
    return [min(form.values(item)) for item in form.items]


def highest(form):
    return [max(form.values(item)) for item in form.items]


def whole(form):
    """A complete set of answers."""
    return st.tuples(*(st.sampled_from(form.values(item)) for item in form.items)).map(list)


whole_of_any = st.sampled_from(ALL).flatmap(lambda id: st.tuples(st.just(id), whole(FORMS[id])))


@pytest.mark.parametrize("id", ALL)
def test_lowest_and_highest_answers_give_the_published_ends(id):
    ends = scoring.score(id, lowest(FORMS[id])).total, scoring.score(id, highest(FORMS[id])).total
    assert ends == ENDS[id]


@pytest.mark.parametrize(("id", "total", "band"), [(id, *edge) for id, edges in EDGES.items() for edge in edges])
def test_each_band_begins_and_ends_where_published(id, total, band):
    assert scoring.band(total, FORMS[id].bands).id == band


def test_every_instrument_has_its_edges_tested():
    assert set(EDGES) == set(ENDS) == set(ALL)


def test_the_contract_example():
    result = scoring.answer({"instrument": "phq-9", "answers": [1, 2, 0, 3, 0, 1, 2, 0, 1], "sex": None})
    version = result.pop("version")
    assert result == {
        "instrument": "phq-9", "total": 10, "band": "moderate", "subscales": {},
        "flags": ["suicidality-item"], "missing": [],
    }  # fmt: skip
    assert set(version) == {"engine", "knowledge"}


def test_phq_9_item_nine_left_out_is_not_read_as_safe():
    result = scoring.score("phq-9", [0, 0, 0, 0, 0, 0, 0, 0, None])
    assert (result.flags, result.missing) == (["suicidality-item-unanswered"], ["q9"])


def test_phq_9_replaces_up_to_two_missing_answers_by_the_mean_of_the_others():
    assert scoring.score("phq-9", [None, None, 2, 2, 2, 2, 2, 2, 0]).total == 15
    with pytest.raises(BadLine) as refused:
        scoring.score("phq-9", [None, None, None, 2, 2, 2, 2, 2, 0])
    assert (refused.value.code, refused.value.where) == ("missing-not-allowed", "/answers/0")


def test_dast_10_gives_a_point_for_not_always_being_able_to_stop():
    nothing = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    everything = [1, 1, 0, 1, 1, 1, 1, 1, 1, 1]
    assert [scoring.score("dast-10", a).total for a in (nothing, everything)] == [0, 10]


def test_audit_adds_up_its_three_parts():
    result = scoring.score("audit", [4, 3, 2, 1, 0, 1, 2, 3, 4, 2])
    assert result.subscales == {"consumption": 9, "dependence": 2, "harm": 11}
    assert result.total == 22


@pytest.mark.parametrize("item", ["q9", "q10"])
def test_audit_last_two_items_have_no_one_and_no_three(item):
    answers = {f"q{n}": 0 for n in range(1, 11)}
    for value in (1, 3):
        with pytest.raises(BadLine) as refused:
            scoring.score("audit", answers | {item: value})
        assert (refused.value.code, refused.value.where) == ("answer-out-of-range", f"/answers/{item}")


def test_audit_jumps_to_the_last_two_questions_for_someone_who_never_drinks():
    result = scoring.score("audit", {"q1": 0, "q9": 2, "q10": 0})
    assert (result.total, result.missing) == (2, [])


def test_audit_jumps_after_questions_two_and_three_but_keeps_what_was_answered():
    assert scoring.score("audit", {"q1": 2, "q2": 0, "q3": 0, "q7": 1, "q9": 0, "q10": 0}).total == 3


def test_audit_does_not_jump_when_the_first_answer_is_not_known():
    with pytest.raises(BadLine) as refused:
        scoring.score("audit", {"q9": 2, "q10": 0})
    assert (refused.value.code, refused.value.where) == ("missing-not-allowed", "/answers/q1")


@pytest.mark.parametrize(("sex", "band"), [("male", "negative"), ("female", "positive"), (None, "positive")])
def test_audit_c_uses_the_cautious_cut_unless_the_client_is_a_man(sex, band):
    assert scoring.score("audit-c", [1, 1, 1], sex).band == band


def test_peg_is_a_mean_with_one_decimal():
    assert scoring.score("peg", [7, 8, 8]).total == 7.7
    assert scoring.score("peg", [4, 4, 3]).band == "mild"


@given(whole_of_any)
def test_totals_stay_within_the_bands(case):
    id, answers = case
    form = FORMS[id]
    result = scoring.score(id, answers)
    assert form.bands[0].low <= result.total <= form.bands[-1].high


@given(whole_of_any, st.data())
def test_raising_one_answer_never_lowers_the_total_except_on_a_reverse_item(case, data):
    id, answers = case
    form = FORMS[id]
    place = data.draw(st.integers(0, len(answers) - 1))
    item = form.items[place]
    raised = list(answers)
    raised[place] = data.draw(st.sampled_from([v for v in form.values(item) if v >= answers[place]]))
    before, after = scoring.score(id, answers).total, scoring.score(id, raised).total
    assert after <= before if item.reverse else after >= before


@given(whole_of_any)
def test_a_list_and_an_object_by_item_id_say_the_same(case):
    id, answers = case
    by_id = {item.id: answer for item, answer in reversed(list(zip(FORMS[id].items, answers, strict=True)))}
    assert scoring.score(id, by_id) == scoring.score(id, answers)


@given(whole_of_any, st.data())
def test_leaving_an_answer_out_is_refused_or_said(case, data):
    id, answers = case
    form = FORMS[id]
    place = data.draw(st.integers(0, len(answers) - 1))
    answers[place] = None
    try:
        result = scoring.score(id, answers)
    except BadLine as refused:
        assert refused.code == "missing-not-allowed"
    else:
        jumped = any(form.items[place].id in jump.skip for jump in form.skips)
        assert jumped or result.missing == [form.items[place].id]


@pytest.mark.parametrize(
    ("id", "before", "after", "verdict"),
    [
        ("phq-9", 15, 10, "improved"), ("phq-9", 15, 11, "no-reliable-change"), ("phq-9", 10, 15, "worse"),
        ("gad-7", 12, 8, "improved"), ("gad-7", 12, 9, "no-reliable-change"), ("gad-7", 4, 8, "worse"),
        ("peg", 6.0, 4.2, "improved"), ("peg", 6.0, 4.3, "no-reliable-change"), ("peg", 5.0, 6.5, "worse"),
        ("peg", 0.0, 0.0, "no-reliable-change"), ("peg", 0.0, 2.0, "worse"), ("audit", 30, 2, "not-established"),
    ],
)  # fmt: skip
def test_change_counts_from_the_published_value_on(id, before, after, verdict):
    assert scoring.change(id, before, after) == verdict


def test_change_takes_scores_and_refuses_impossible_totals():
    first, second = scoring.score("phq-9", [2] * 9), scoring.score("phq-9", [0] * 9)
    assert scoring.change("phq-9", first, second) == "improved"
    with pytest.raises(BadLine) as refused:
        scoring.change("phq-9", 28, 3)
    assert refused.value.code == "out-of-range"
