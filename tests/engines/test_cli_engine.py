"""The engines at the command line, run as a program: streams, exit statuses, schemas and speed."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from middleground.cli import engine, engine_catalog
from middleground.cli.engine_lines import answer_line, answer_lines
from middleground.engines import scoring

SRC = Path(engine.__file__).parents[2]
COMMAND = [sys.executable, "-m", "middleground.cli.engine"]
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC)}
GOOD = b'{"case":"a-1","instrument":"phq-9","answers":[1,2,0,3,0,1,2,0,1]}\n'
MIXED = GOOD + b"\n   \n[1]\n{oops\n" + GOOD.replace(b"phq-9", b"phq-8")


def run(*words, given=b""):
    return subprocess.run([*COMMAND, *words], input=given, capture_output=True, env=ENVIRONMENT, timeout=60)


def test_one_answer_for_each_line_that_is_not_blank_in_order():
    done = run("score", given=MIXED)
    first, *rest = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, b"")
    assert (first["case"], first["total"], first["band"]) == ("a-1", 10, "moderate")
    assert [answer["error"]["code"] for answer in rest] == ["not-an-object", "not-json", "unknown-instrument"]
    assert "case" not in rest[0] and rest[2]["case"] == "a-1"


def test_strict_ends_with_one_only_when_a_line_was_wrong():
    assert [run("score", "--strict", given=lines).returncode for lines in (GOOD, MIXED)] == [0, 1]


def test_a_file_is_read_like_standard_input(tmp_path):
    lines = tmp_path / "lines.jsonl"
    lines.write_bytes(b"\xef\xbb\xbf" + MIXED.rstrip(b"\n"))
    assert run("score", str(lines)).stdout == run("score", "-", given=MIXED).stdout


def test_pretty_says_the_same_with_room_to_breathe():
    done = run("score", "--pretty", given=GOOD)
    assert done.stdout.count(b"\n") > 5
    assert json.loads(done.stdout) == json.loads(run("score", given=GOOD).stdout)


@pytest.mark.parametrize(
    "words",
    [["score", "no-such-file"], ["score", "."], ["score", "--prety"], ["score", "a", "b"], ["skore"], ["schema"],
     ["schema", "skore"], []],
)  # fmt: skip
def test_a_wrong_command_or_unreadable_input_ends_with_two_and_a_sentence(words):
    done = run(*words)
    assert (done.returncode, done.stdout if words else b"") == (2, b"")
    assert (done.stderr or done.stdout).strip() and b"Traceback" not in done.stderr


def test_help_names_the_flags():
    done = run("score", "--help")
    assert done.returncode == 0 and b"--pretty" in done.stdout and b"--strict" in done.stdout


def test_ten_thousand_lines_stream_and_come_out_the_same_twice():
    lines = GOOD * 10_000
    first, second = run("score", given=lines), run("score", given=lines)
    assert first.stdout.count(b"\n") == 10_000
    assert first.stdout == second.stdout


def test_an_answer_comes_before_the_next_line_is_asked_for():
    talk = subprocess.Popen([*COMMAND, "score"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)
    with talk:
        for _ in range(3):
            talk.stdin.write(GOOD)
            talk.stdin.flush()
            assert json.loads(talk.stdout.readline())["total"] == 10
        talk.stdin.close()
    assert talk.returncode == 0


def test_a_reader_that_leaves_early_ends_it_quietly():
    talk = subprocess.Popen(
        [*COMMAND, "score"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    talk.stdout.close()
    try:
        talk.stdin.write(GOOD * 5_000)
        talk.stdin.close()
    except BrokenPipeError:
        talk.stdin = None
    complaint = talk.stderr.read()
    assert (talk.wait(timeout=30), complaint) == (0, b"")
    talk.stderr.close()


def test_it_starts_within_the_contract_and_without_django_or_rich():
    probe = (
        "import sys; from middleground.cli import engine; engine.main(['score', sys.argv[1]]); "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'django', 'rich', 'pydantic', 'typer'}))"
    )
    best = 9.0
    for _ in range(5):
        begun = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", probe, os.devnull], capture_output=True, env=ENVIRONMENT)
        best = min(best, time.perf_counter() - begun)
    assert done.stdout.strip() == b"[]"
    assert best < 0.3


def test_list_says_what_is_in_force():
    listed = json.loads(run("list").stdout)
    assert [one["name"] for one in listed["engines"]] == [*engine_catalog.built(), "timetable"]
    assert {one["id"] for one in listed["knowledge"]["instruments"]} == {form.id for form in scoring.instruments()}
    assert all(one["source"] and one["effective"] for one in listed["knowledge"]["instruments"])


@pytest.mark.parametrize("name", [*engine_catalog.built(), "timetable"])
def test_schemas_are_valid_and_shut_to_unknown_keys(name):
    schemas = json.loads(run("schema", name).stdout)
    for part in ("input", "output"):
        jsonschema.Draft202012Validator.check_schema(schemas[part])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"case": 1, "no-such-key": 1}, schemas["input"])


def test_lines_and_answers_fit_the_schema_of_score():
    schemas = engine_catalog.schema("score")
    jsonschema.validate(json.loads(GOOD), schemas["input"])
    for answer in map(json.loads, run("score", given=MIXED).stdout.splitlines()):
        jsonschema.validate(answer, schemas["output"])


@pytest.mark.parametrize("name", engine_catalog.built())
@given(raw=st.binary(max_size=80) | st.sampled_from([b"[" * 100_000, b'{"case":' + b"[" * 900, b"NaN", b'"\\ud800"']))
def test_garbage_lines_never_crash_any_engine(name, raw):
    out = io.BytesIO()
    answer_lines(raw.splitlines(keepends=True), out, engine_catalog.engine(name).answer)
    assert all(isinstance(json.loads(line), dict) for line in out.getvalue().splitlines())


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_case_comes_back_as_it_went_in(case):
    line = {"instrument": "gad-7", "answers": [0] * 7, "case": case}
    out = io.BytesIO()
    answer_lines([json.dumps(line).encode()], out, scoring.answer)
    assert json.loads(out.getvalue())["case"] == case


def test_case_is_kept_when_the_line_is_refused():
    assert answer_line(b'{"instrument":"gad-7","case":null}', scoring.answer)["case"] is None


def test_the_app_gives_the_same_as_the_command(tmp_path):
    lines = tmp_path / "lines.jsonl"
    lines.write_bytes(MIXED)
    shown = CliRunner().invoke(engine.app, ["score", str(lines), "--strict"])
    assert (shown.exit_code, shown.stdout_bytes) == (1, run("score", str(lines)).stdout)


def test_a_faulty_knowledge_file_is_named_without_a_traceback(tmp_path):
    own = tmp_path / "instruments" / "odd.yaml"
    own.parent.mkdir()
    own.write_text("id: odd")
    done = subprocess.run(
        [*COMMAND, "score"],
        input=GOOD,
        capture_output=True,
        env=ENVIRONMENT | {"MIDDLEGROUND_KNOWLEDGE": str(tmp_path)},
    )
    assert done.returncode == 2 and b"odd.yaml" in done.stderr and b"Traceback" not in done.stderr
