"""The contract of one `score` line: what is refused, with which code, and where."""

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines import scoring
from middleground.engines.errors import BadLine

GAD = [0, 1, 2, 3, 0, 1, 2]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=12,
)
ids = st.sampled_from([form.id for form in scoring.instruments()])


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ({"instrument": "gad-7", "answers": GAD, "sexx": None}, "unknown-key", "/sexx"),
        ({"instrument": "gad-7", "answers": GAD, "a/b~c": 1}, "unknown-key", "/a~1b~0c"),
        ({"instrument": "gad-8", "answers": GAD}, "unknown-instrument", "/instrument"),
        ({"instrument": None, "answers": GAD}, "unknown-instrument", "/instrument"),
        ({"answers": GAD}, "unknown-instrument", "/instrument"),
        ({"instrument": 7, "answers": GAD}, "wrong-type", "/instrument"),
        ({"instrument": "gad-7"}, "missing-not-allowed", "/answers"),
        ({"instrument": "gad-7", "answers": None}, "missing-not-allowed", "/answers"),
        ({"instrument": "gad-7", "answers": "0123012"}, "wrong-type", "/answers"),
        ({"instrument": "gad-7", "answers": GAD[:-1]}, "answer-count", "/answers"),
        ({"instrument": "gad-7", "answers": [*GAD, 0]}, "answer-count", "/answers"),
        ({"instrument": "gad-7", "answers": []}, "answer-count", "/answers"),
        ({"instrument": "gad-7", "answers": {}}, "missing-not-allowed", "/answers/q1"),
        ({"instrument": "gad-7", "answers": {"q8": 0}}, "unknown-key", "/answers/q8"),
        ({"instrument": "gad-7", "answers": [4, *GAD[1:]]}, "answer-out-of-range", "/answers/0"),
        ({"instrument": "gad-7", "answers": [-1, *GAD[1:]]}, "answer-out-of-range", "/answers/0"),
        ({"instrument": "gad-7", "answers": [10**4000, *GAD[1:]]}, "answer-out-of-range", "/answers/0"),
        ({"instrument": "gad-7", "answers": [*GAD[:-1], True]}, "wrong-type", "/answers/6"),
        ({"instrument": "gad-7", "answers": [*GAD[:-1], 1.0]}, "wrong-type", "/answers/6"),
        ({"instrument": "gad-7", "answers": [*GAD[:-1], "1"]}, "wrong-type", "/answers/6"),
        ({"instrument": "gad-7", "answers": GAD, "sex": "woman"}, "unknown-value", "/sex"),
        ({"instrument": "gad-7", "answers": GAD, "sex": 1}, "wrong-type", "/sex"),
        ({"instrument": "cows", "answers": [3] + [0] * 10}, "answer-out-of-range", "/answers/0"),
        ({"instrument": "audit", "answers": [1] + [None] * 9}, "missing-not-allowed", "/answers/1"),
    ],
)
def test_a_line_that_cannot_be_used_says_what_is_wrong_and_where(line, code, where):
    with pytest.raises(BadLine) as refused:
        scoring.answer(line)
    assert (refused.value.code, refused.value.where) == (code, where)
    assert refused.value.message.endswith(".")


@given(st.dictionaries(st.sampled_from(["instrument", "answers", "sex"]) | st.text(), anything, max_size=4))
def test_garbage_never_crashes(line):
    with pytest.raises(BadLine):
        scoring.answer(line)


@given(ids, st.lists(anything, max_size=12) | st.dictionaries(st.text(), anything, max_size=5), anything)
def test_garbage_answers_get_an_answer_or_a_plain_refusal(id, answers, sex):
    try:
        result = scoring.answer({"instrument": id, "answers": answers, "sex": sex})
    except BadLine as refused:
        assert refused.code and refused.message
    else:
        jsonschema.validate(msgspec.json.decode(msgspec.json.encode(result)), msgspec.json.schema(scoring.OUTPUT))


@given(st.permutations(["instrument", "answers", "sex"]))
def test_the_order_of_keys_changes_nothing(order):
    line = {"instrument": "gad-7", "answers": GAD, "sex": "female"}
    shuffled = scoring.answer({key: line[key] for key in order})
    assert msgspec.json.encode(shuffled) == msgspec.json.encode(scoring.answer(line))


def test_scoring_leaves_the_line_as_it_was():
    line = {"instrument": "audit", "answers": {"q1": 0, "q9": 0, "q10": 0}}
    scoring.answer(line)
    assert line == {"instrument": "audit", "answers": {"q1": 0, "q9": 0, "q10": 0}}
