"""The engines at the command line when a stream is closed, full, or left by its reader."""

import json
import os
import subprocess

import pytest

from .open_weeks import open_clinic, out_of_reach
from .test_cli_engine import COMMAND, ENVIRONMENT, GOOD
from .timetable_cases import clinic

FULL = "Can't write the answer: No space left on device.\n"
WORDS = [
    (["timetable", "plan"], b"{", 2),
    (["timetable", "offer"], b"{", 2),
    (["score"], GOOD, 0),
    (["list"], b"", 0),
    (["schema", "score"], b"", 0),
    (["--help"], b"", 0),
]
pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")


def shell(words, streams, given=b"", file=None):
    """The command with its streams redirected by a shell: exit status, standard output, standard error."""
    line = f'"$@" {streams}'
    asked = [*COMMAND, *words, *([str(file)] if file else [])]
    done = subprocess.run(
        ["sh", "-c", line, "sh", *asked], input=given, capture_output=True, env=ENVIRONMENT, timeout=60
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def written(tmp_path, data):
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(data))
    return file


@pytest.mark.parametrize(("words", "given", "status"), WORDS)
def test_with_nobody_to_hear_the_answer_it_ends_quietly(words, given, status):
    assert shell(words, ">&-", given) == (status, "", "")


@pytest.mark.parametrize(("words", "given", "status"), WORDS)
def test_an_answer_that_finds_no_room_is_told_in_a_sentence(words, given, status):
    assert shell(words, ">/dev/full", given) == (2, "", FULL)


def test_without_standard_input_there_is_nothing_to_read():
    status, out, err = shell(["timetable", "plan"], "<&-")
    told = {"code": "unreadable", "message": "Can't read standard input: it is closed.", "where": "", "more": 0}
    assert (status, json.loads(out), err) == (2, {"error": told}, "")
    assert shell(["score"], "<&-") == (2, "", "Can't read standard input: it is closed.\n")
    assert shell(["timetable", "plan"], "<&- >&- 2>&-") == (2, "", "")


@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full"])
def test_complaints_that_nobody_can_hear_change_no_exit_status(streams):
    assert shell(["score", "no-such-file"], streams) == (2, "", "")


@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full"])
def test_progress_that_nobody_can_hear_costs_no_answer(streams, tmp_path):
    words = ["timetable", "plan", "--work-limit", "5", "--progress"]
    status, out, _ = shell(words, streams, file=written(tmp_path, clinic()))
    assert (status, json.loads(out)["status"]) == (0, "optimal")


@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("question", "data", "key"), [("offer", open_clinic(3, 3), "offers"), ("explain", out_of_reach(), "explanations")]
)
def test_an_answer_cut_short_is_given_though_nobody_hears_that_it_is(streams, question, data, key, tmp_path):
    words = ["timetable", question, "--time-limit", "1"]
    status, out, _ = shell(words, streams, file=written(tmp_path, data))
    assert status == 0 and len(json.loads(out)[key]) == len(data.get("newcomers") or data["asks"])


@pytest.mark.parametrize(
    ("question", "data"), [("offer", open_clinic(3, 3)), ("explain", out_of_reach())], ids=["offer", "explain"]
)
def test_a_limit_of_work_ends_offers_and_reasons_with_the_same_bytes(question, data, tmp_path):
    words = ["timetable", question, "--work-limit", "1"]
    file = written(tmp_path, data)
    first, second = shell(words, "", file=file), shell(words, "", file=file)
    assert first == second
    assert first[0] == 0 and first[2].startswith("There was no time")
