"""The knowledge a client, a visitor or a clinician reads: complete, in two languages, in fair words, easy to read."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from middleground.engines import knowing

AREAS = ["site", "crisis", "vocabulary", "consents", "medications", "supports", "curricula", "education"]
READ_BY_CLIENTS = ["site", "crisis", "consents", "education"]
TONGUES = {"en", "es"}
KEBAB = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
CONFIDENCE = {"V", "V2", "G", "D"}
GRADE_AT_MOST = 7.5
LINES_AT_MOST = 400
CONSENT_FORMS = ["tpo-single", "specific-release", "criminal-justice", "counseling-notes", "legal-proceeding"]
ELEMENTS_OF_2_31 = {
    "patient",
    "from-party",
    "data-classes",
    "recipients",
    "purpose",
    "expires",
    "signed-by",
    "signed-at",
}
UNKIND = re.compile(
    r"\b(addicts?|abus\w*|junkie\w*|alcoholics?|dirty|clean|substance misuser|relaps\w*"
    r"|adict[oa]s?|drogadict\w*|alc[oó]h[oó]lic[oa]s?|recaíd\w*|recaer|sucio\w*|limpi[oa]s?)\b",
    re.IGNORECASE,
)
OFFICIAL = re.compile(r"Relapse Prevention|Prevención de Recaídas")
WORDS_OFFICIAL = ("matrix-relapse-prevention", "matrix-family-education")


def documents(*areas: str) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{area}/{id}", data) for area in areas for id, data in knowing.load(area).items()]


def every(*areas: str) -> Any:
    found = documents(*areas)
    return pytest.mark.parametrize("data", [data for _, data in found], ids=[name for name, _ in found])


def nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every mapping inside a document, itself first."""
    if isinstance(data, dict):
        yield data
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from nodes(child)


def lists(data: Any) -> Iterator[list[Any]]:
    if isinstance(data, list):
        yield data
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from lists(child)


def texts(data: Any, tongue: str) -> list[str]:
    return [node[tongue] for node in nodes(data) if tongue in node]


def paths(area: str) -> list[Path]:
    return knowing.files(area)


def syllables(word: str) -> int:
    spoken = re.sub(r"(?<![aeioul])e[ds]?$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", spoken)))


def grade(text: str) -> float:
    """Flesch-Kincaid grade of English text."""
    sentences = max(1, len(re.findall(r"[.!?]+(?=\s|$)", text)))
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def prose(data: dict[str, Any]) -> str:
    """Whole sentences only: labels and headings have no grade."""
    return " ".join(text for text in texts(data, "en") if text.rstrip().endswith((".", "!", "?")))


@pytest.mark.parametrize("area", AREAS)
def test_no_file_of_an_area_hides_another(area: str) -> None:
    assert len(knowing.load(area)) == len(paths(area)) > 0


@pytest.mark.parametrize("area", AREAS)
def test_a_file_can_be_read_in_one_sitting(area: str) -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in paths(area)}
    assert [name for name, count in lines.items() if count > LINES_AT_MOST] == []


@every(*AREAS)
def test_a_document_says_how_sure_it_is(data: dict[str, Any]) -> None:
    assert {node["confidence"] for node in nodes(data) if "confidence" in node} <= CONFIDENCE
    assert data["confidence"] in CONFIDENCE
    assert data["source"]["title"]


@every(*AREAS)
def test_every_text_speaks_both_languages(data: dict[str, Any]) -> None:
    halves = [node for node in nodes(data) if len(TONGUES & set(node)) == 1]
    empty = [node for node in nodes(data) for tongue in TONGUES & set(node) if not str(node[tongue]).strip()]
    assert halves == [] and empty == []


@every(*AREAS)
def test_ids_are_kebab_case_and_unique_in_their_list(data: dict[str, Any]) -> None:
    ids = [node["id"] for node in nodes(data) if "id" in node]
    assert [id for id in ids if not isinstance(id, str) or not KEBAB.fullmatch(id)] == []
    for each in lists(data):
        counts = Counter(item["id"] for item in each if isinstance(item, dict) and "id" in item)
        assert [id for id, count in counts.items() if count > 1] == []


@every(*AREAS)
def test_words_put_the_person_first(data: dict[str, Any]) -> None:
    spoken = texts(data, "en") + texts(data, "es")
    official = data["id"] in WORDS_OFFICIAL
    said = [] if official else [text for text in spoken if UNKIND.search(OFFICIAL.sub("", text))]
    assert said == []


@every("curricula")
def test_only_titles_of_a_manual_may_use_its_words(data: dict[str, Any]) -> None:
    own = [topic["summary"][tongue] for topic in data["topics"] for tongue in TONGUES if "summary" in topic]
    assert [text for text in own if UNKIND.search(text)] == []


@every(*READ_BY_CLIENTS)
def test_a_page_reads_at_about_sixth_grade(data: dict[str, Any]) -> None:
    assert grade(prose(data)) <= GRADE_AT_MOST


def test_a_topic_kind_names_one_topic_only() -> None:
    kinds = Counter(topic["kind"] for _, data in documents("curricula") for topic in data["topics"])
    assert [kind for kind, count in kinds.items() if count > 1 or "/" not in kind] == []


@pytest.mark.parametrize(
    ("curriculum", "count"),
    [("matrix-early-recovery-skills", 8), ("matrix-relapse-prevention", 32), ("matrix-family-education", 12)],
)
def test_matrix_components_have_their_published_number_of_sessions(curriculum: str, count: int) -> None:
    topics = knowing.load("curricula")[curriculum]["topics"]
    assert [topic["number"] for topic in topics] == list(range(1, count + 1))


def test_myths_name_figures_that_the_page_knows() -> None:
    page = knowing.load("site")["myths"]
    named = {myth["figure"] for myth in page["myths"]} - {None}
    assert named == set(page["figures"])


def test_every_comparison_row_fills_every_column() -> None:
    table = knowing.load("site")["compare"]["table"]
    columns = {column["id"] for column in table["columns"]}
    assert [row["id"] for row in table["rows"] if not columns <= set(row)] == []


def test_the_self_check_has_one_result_for_each_total_and_danger_first() -> None:
    page = knowing.load("site")["self-check"]
    assert page["results"][0]["when"] == "any-danger" and page["kept"] == "nowhere"
    highest = len(page["questions"]) * max(answer["points"] for answer in page["answers"])
    for total in range(highest + 1):
        bounds = [result["when"] for result in page["results"][1:]]
        fitting = [w for w in bounds if w.get("total_at_least", 0) <= total <= w.get("total_at_most", highest)]
        assert len(fitting) == 1, total


def test_attendance_is_never_present_by_default() -> None:
    marks = knowing.load("vocabulary")["attendance-marks"]
    default = next(mark for mark in marks["items"] if mark["id"] == marks["default"])
    assert (default["id"], default["counts"], default["final"]) == ("unrecorded", False, False)


def test_discharge_reasons_cover_the_reporting_codes_once() -> None:
    reasons = knowing.load("vocabulary")["discharge-reasons"]["items"]
    assert [reason["teds"] for reason in reasons] == [1, 2, 3, 4, 5, 6, 7]


def test_goals_point_at_known_areas_and_methods() -> None:
    words = knowing.load("vocabulary")
    areas = {area["id"] for area in words["problem-areas"]["items"]}
    methods = {method["id"] for method in words["methods"]["items"]}
    goals = [goal for name, data in words.items() if name.startswith("goal-library") for goal in data["goals"]]
    assert {goal["problem_area"] for goal in goals} == areas
    often = {frequency["id"] for frequency in words["frequencies"]["items"]}
    assert {step["method"] for goal in goals for step in goal["interventions"]} <= methods
    assert {step["every"] for goal in goals for step in goal["interventions"]} <= often
    assert len({goal["id"] for goal in goals}) == len(goals)


def test_medicine_ids_are_unique_and_methadone_comes_from_an_otp_only() -> None:
    items = [item for _, data in documents("medications") for item in data["items"] if "generic" in item]
    places = {place["id"] for place in knowing.load("medications")["given-at"]["items"]}
    assert max(Counter(item["id"] for item in items).values()) == 1
    routes = {route["id"] for route in knowing.load("medications")["routes"]["items"]}
    assert {item["given_at"] for item in items} <= places
    assert {route for item in items for route in item["routes"]} <= routes
    assert [item["id"] for item in items if item["given_at"] == "otp-only"] == ["methadone"]


def test_a_referral_closes_only_with_an_outcome() -> None:
    statuses = knowing.load("supports")["referral-statuses"]
    ids = {status["id"] for status in statuses["items"]}
    assert all(set(status["next"]) <= ids for status in statuses["items"])
    assert [status["id"] for status in statuses["items"] if status.get("needs_outcome")] == ["closed"]


@pytest.mark.parametrize("form", CONSENT_FORMS)
def test_a_consent_form_has_each_element_the_law_asks_for(form: str) -> None:
    data = knowing.load("consents")[form]
    fields = {element["id"] for element in data["elements"] if element["required"]}
    said = {statement["id"] for statement in data["statements"]}
    assert fields >= ELEMENTS_OF_2_31
    assert said >= {"rights-to-revoke", "expiry", "redisclosure", "consequences-of-refusing"}
    assert data["counsel_review"] is True


@pytest.mark.parametrize("form", ["counseling-notes", "legal-proceeding"])
def test_forms_that_must_stand_alone_do(form: str) -> None:
    assert set(knowing.load("consents")[form]["rules"]["may_combine_with"]) <= {form}


@every("education")
def test_a_lesson_is_short_has_a_quiz_and_a_step_to_try(data: dict[str, Any]) -> None:
    words = len(" ".join(part["text"]["en"] for part in data["parts"]).split())
    assert 190 <= words <= 320
    assert 2 <= len(data["quiz"]) <= 3 and data["try_this"]
    assert [sum(bool(option.get("right")) for option in question["options"]) for question in data["quiz"]] == [1] * len(
        data["quiz"]
    )


def test_every_lesson_belongs_to_a_topic_of_the_curricula() -> None:
    topics = {topic["kind"] for _, data in documents("curricula") for topic in data["topics"]}
    assert [data["id"] for _, data in documents("education") if data["kind"] not in topics] == []


def test_lessons_come_in_one_order_for_clients_and_one_for_families() -> None:
    lessons = [data for _, data in documents("education")]
    for audience, count in {"client": 12, "family": 4}.items():
        assert sorted(data["order"] for data in lessons if data["audience"] == audience) == list(range(1, count + 1))


def test_the_craving_steps_fill_ten_minutes_in_order() -> None:
    minutes = [step["minute"] for step in knowing.load("crisis")["crisis-now"]["next_ten_minutes"]["steps"]]
    assert minutes == sorted(minutes) and (minutes[0], minutes[-1]) == (0, 10)


@pytest.mark.parametrize(
    "text", ["He is an addict.", "Drug abuse", "She stayed clean.", "Él es un adicto", "Tuvo una recaída"]
)
def test_the_word_check_knows_what_it_guards_against(text: str) -> None:
    assert UNKIND.search(OFFICIAL.sub("", text))


def test_the_reading_check_tells_hard_text_from_easy_text() -> None:
    hard = "Notwithstanding pharmacological interventions, physiological dependence necessitates evaluation."
    assert grade(hard) > GRADE_AT_MOST > grade("You come in. We sit and talk. Then you go home.")
