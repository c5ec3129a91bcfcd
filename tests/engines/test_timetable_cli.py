"""`middleground engine timetable`: answers, errors, options and interrupts."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middleground.cli import engine, engine_catalog, engine_timetable
from middleground.engines.timetabling import planning
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import vector

from .open_weeks import open_clinic, out_of_reach
from .test_timetable_reading import mutated
from .timetable_cases import client, clinic, plan, put, repair

SOLVES = pytest.mark.skipif(not hasattr(planning, "solve"), reason="the planner is not built yet")
EXPLAINS = pytest.mark.skipif(
    not find_spec("middleground.engines.timetabling.reasons"), reason="reasons are not built yet"
)
SRC = Path(engine.__file__).parents[2]
COMMAND = [sys.executable, "-m", "middleground.cli.engine", "timetable"]
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC)}
QUICK = ("--time-limit", "20")
SCHEMA = engine_catalog.schema("timetable")


@pytest.fixture
def ask(tmp_path, capfdbinary):
    """Runs one question in this process: exit status, answer, what stands on stderr."""

    def asking(data, *words):
        file = tmp_path / "instance.json"
        file.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        status = engine.main(["timetable", words[0], str(file), *words[1:]])
        out, err = capfdbinary.readouterr()
        answer = json.loads(out) if out else None
        if answer is not None:
            jsonschema.validate(answer, SCHEMA["output"])
        return status, answer, err.decode()

    return asking


def crowd(count=24):
    """As many clients as there are places, with everything they may fill: more than a moment's work to prove."""
    data = clinic()
    data["rooms"][0]["seats"] = count
    for group in data["groups"]:
        group["max"] = group["co_above"] = count
    for who in data["staff"]:
        who["caseload"] = count
    data["clients"] = [
        client(f"c{n}", [{"at": f"{day} 08:00-14:00", "cost": (n + k) % 3} for k, day in enumerate(("mon", "tue", "wed"))])
        for n in range(count)
    ]  # fmt: skip
    return data


def offer():
    zoe = client("zoe", [{"at": f"{day} 08:00-14:00"} for day in ("mon", "tue", "wed")]) | {"counselor": None}
    made = clinic() | {"question": "offer", "current": plan(), "newcomers": [zoe]}
    made["staff"][1]["works"] = made["staff"][0]["works"]
    return made


@SOLVES
def test_a_plan_is_valid_and_worth_what_it_claims(ask):
    status, answer, err = ask(clinic(), "plan", "--work-limit", "40")
    made, rows = clinic_of(clinic()), plan_of(answer)
    assert (status, err, faults(made, rows)) == (0, "", [])
    assert tuple(answer["objective"]) == vector(made, rows)
    assert (answer["question"], answer["status"], answer["work"]["stopped"]) == ("plan", "optimal", "proved")
    assert "tell" not in answer and "order" not in answer


@SOLVES
def test_a_repair_says_whom_to_tell(ask):
    status, answer, _ = ask(repair(), "repair", *QUICK)
    assert (status, faults(clinic_of(repair()), plan_of(answer))) == (0, [])
    told = {(line["who"], line["what"]) for line in answer["tell"]}
    assert {("ben", "cancelled"), ("eva", "cancelled"), ("max", "cancelled")} <= told
    assert answer["tell"] == sorted(
        answer["tell"], key=lambda row: [row[key] or "" for key in ("who", "what", "from", "to")]
    )


@SOLVES
def test_the_fewest_changes_first_says_its_order(ask):
    _, answer, _ = ask(repair(), "repair", "--first", "changes", *QUICK)
    assert answer["order"][0] == "changes"
    assert answer["objective"][3] == 8


@SOLVES
def test_no_events_mean_no_changes_and_nobody_to_tell(ask):
    _, answer, _ = ask(repair() | {"events": []}, "repair", *QUICK)
    assert answer["objective"][3] == 0 and answer["tell"] == []


@SOLVES
def test_contradicting_pins_have_no_plan(ask):
    status, answer, _ = ask(clinic() | {"pins": [{"id": "p1", "lead": "ben"}]}, "plan", *QUICK)
    assert (status, answer["status"], answer["groups"], answer["sessions"]) == (0, "infeasible", [], [])
    assert any(reason["where"] == "/pins/0" for reason in answer["reasons"])


@SOLVES
def test_where_there_is_no_plan_the_worth_is_that_of_nothing_and_nothing_is_proved(ask):
    data = clinic() | {"pins": [{"id": "p1", "lead": "ben"}]}
    _, answer, _ = ask(data, "plan", *QUICK)
    assert tuple(answer["objective"]) == vector(clinic_of(data), plan_of(answer)) == (2, 610, 4, 0, 0, 0, 0, 0)
    assert not any(level["proved"] or level["bound"] for level in answer["levels"])


@SOLVES
@pytest.mark.parametrize("lead", ["ana", "ben"])
def test_no_contradiction_is_claimed_that_there_was_no_time_to_prove(ask, lead, monkeypatch):
    monkeypatch.setattr("middleground.engines.timetabling.planning.budget.GRACE", 0)
    data = clinic() | {"pins": [{"id": "p1", "lead": lead}]}
    status, answer, err = ask(data, "plan", "--time-limit", "0")
    assert (status, err, answer["error"]["code"], answer["error"]["where"]) == (2, "", "no-plan-yet", "/pins")


@SOLVES
def test_a_pin_of_somebody_who_has_left_has_no_plan(ask):
    leaves = {"events": [{"event": "client-leaves", "client": "max"}], "pins": [{"id": "p2", "members": ["max"]}]}
    status, answer, _ = ask(repair() | leaves, "repair", *QUICK)
    assert (status, answer["status"]) == (0, "infeasible")


def test_offers(ask):
    status, answer, _ = ask(offer(), "offer")
    assert (status, answer["offers"][0]["client"]) == (0, "zoe")
    assert answer["offers"][0]["weeks"]


@EXPLAINS
def test_explanations(ask):
    asks = {"question": "explain", "current": plan(), "asks": [{"client": "max", "target": "prescribed"}]}
    status, answer, _ = ask(clinic() | asks, "explain")
    assert (status, answer["explanations"][0]["client"]) == (0, "max")


@SOLVES
def test_what_if_plans_both_and_says_what_is_proved(ask, tmp_path):
    patch = tmp_path / "patch.json"
    patch.write_text(json.dumps({"groups": {"e1": None}}))
    status, answer, _ = ask(clinic(), "what-if", "--change", str(patch), *QUICK)
    assert status == 0 and answer["difference"]["not_proved"] == []
    assert answer["difference"]["objective"] == [
        b - a for a, b in zip(answer["before"]["objective"], answer["after"]["objective"], strict=True)
    ]
    assert answer["difference"]["minutes"] == -170
    assert {row["id"] for row in answer["after"]["groups"]} <= {"p1", "p2"}


@SOLVES
def test_a_change_that_no_week_keeps_is_no_improvement(ask, tmp_path):
    patch = tmp_path / "patch.json"
    patch.write_text(json.dumps({"pins": [{"id": "p1", "lead": "ben"}]}))
    status, answer, _ = ask(clinic(), "what-if", "--change", str(patch), *QUICK)
    assert (status, answer["before"]["status"], answer["after"]["status"]) == (0, "optimal", "infeasible")
    assert answer["difference"]["objective"] is answer["difference"]["minutes"] is None
    assert {"below_payer", "load", "minutes"} <= set(answer["difference"]["not_proved"])


def test_a_change_in_which_a_key_stands_twice(ask, tmp_path):
    patch = tmp_path / "patch.json"
    patch.write_text('{"step": 15, "step": 45}')
    status, answer, err = ask(clinic(), "what-if", "--change", str(patch), *QUICK)
    assert (status, err, answer["error"]["code"], answer["error"]["where"]) == (2, "", "unknown-key", "/step")


def test_a_change_that_makes_the_instance_unsound(ask, tmp_path):
    patch = tmp_path / "patch.json"
    patch.write_text(json.dumps({"staff": {"ana": None}}))
    status, answer, err = ask(clinic(), "what-if", "--change", str(patch), *QUICK)
    assert (status, err) == (2, "")
    assert answer["error"]["code"] == "unknown-id" and answer["error"]["where"] == "/clients/0/counselor"


@pytest.mark.parametrize(
    ("data", "question", "code"),
    [(b"", "plan", "not-json"), (b"[]", "repair", "not-an-object"), (clinic(), "repair", "wrong-question"),
     (repair(), "plan", "wrong-question"), (clinic() | {"question": "offer"}, "what-if", "wrong-question"),
     (put(clinic(), "step", 0), "plan", "out-of-range"), (clinic() | {"oops": 1}, "offer", "unknown-key")],
)  # fmt: skip
def test_an_instance_that_cannot_be_used_is_an_error_on_stdout(ask, tmp_path, data, question, code):
    (tmp_path / "patch.json").write_text("{}")
    more = ("--change", str(tmp_path / "patch.json")) if question == "what-if" else ()
    status, answer, err = ask(data, question, *more)
    assert (status, err) == (2, "")
    assert code in answer["error"]["code"] or answer["error"]["more"] > 0


@pytest.mark.parametrize(
    "words",
    [["plan", "--time-limit", "soon"], ["plan", "--time-limit", "-1"], ["plan", "--time-limit"], ["plan", "--seed", "x"],
     ["plan", "--seed", "²"], ["plan", "--work-limit", "nan"], ["plan", "--first", "changes"], ["plan", "--quick"],
     ["repair", "--first", "hours"], ["what-if"], ["plan", "--change", "x.json"], ["plan", "another.json"]],
)  # fmt: skip
def test_wrong_words_end_with_two_and_a_sentence(ask, words):
    status, answer, err = ask(clinic(), *words)
    assert (status, answer) == (2, None) and err.strip()


@pytest.mark.parametrize("words", [[], ["plam"]])
def test_no_question(words, capfdbinary):
    assert engine.main(["timetable", *words]) == 2
    out, err = capfdbinary.readouterr()
    assert out == b"" and err.strip() and b"Traceback" not in err


@pytest.mark.parametrize("file", ["no-such-file.json", ".", "\0", "\udcff"])
@pytest.mark.parametrize("question", ["plan", "offer", "what-if"])
def test_a_file_that_cannot_be_read_is_an_error_on_stdout(file, question, capfdbinary):
    change = ["--change", os.devnull] if question == "what-if" else []
    assert engine.main(["timetable", question, file, *change]) == 2
    out, err = capfdbinary.readouterr()
    told = json.loads(out)["error"]
    assert (err, told["code"], told["where"], told["more"]) == (b"", "unreadable", "", 0)
    assert told["message"].startswith("Can't read ")


def test_a_change_that_cannot_be_read_is_an_error_on_stdout(ask):
    status, answer, _ = ask(clinic(), "what-if", "--change", "no-such-file.json")
    assert (status, answer["error"]["code"]) == (2, "unreadable") and "no-such-file.json" in answer["error"]["message"]


def test_values_may_follow_an_equals_sign():
    command = engine_timetable.command_of(["what-if", "--seed=7", "--time-limit=9", "--change=p.json", "-"])
    assert (command.seed, command.limit, command.file) == (7, 4.5, None)
    assert engine_timetable.command_of(["plan", "--work-limit", "3"]).limit > 10_000
    assert engine_timetable.command_of(["plan"]).limit == 60


def test_loading_counts_and_a_long_lived_process_does_not():
    assert 0 <= engine_timetable.age() < engine_timetable.DEFAULT_SECONDS


def apart(*pair):
    return {"apart": [{"who": list(pair), "where": "site"}]}


@SOLVES
def test_a_secret_that_changes_nothing_is_not_to_be_seen(ask):
    data = clinic() | {"clients": [*clinic()["clients"], client("zoe", [])]}
    words = ("plan", "--work-limit", "20")
    assert ask(data, *words) == ask(data | apart("eva", "zoe"), *words)


@SOLVES
def test_a_secret_that_matters_is_kept_and_not_told(ask):
    secret = clinic() | apart("eva", "max")
    _, answer, _ = ask(secret, "plan", *QUICK)
    assert faults(clinic_of(secret), plan_of(answer)) == []
    assert "apart" not in json.dumps(answer) and "H15" not in json.dumps(answer)
    both = {"pins": [{"id": "p2", "members": ["eva", "max"]}]}
    _, answer, _ = ask(secret | both, "plan", *QUICK)
    assert answer["status"] == "infeasible" and "H15" not in json.dumps(answer)


@SOLVES
@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_whatever_is_changed_there_is_an_answer_or_an_error(tmp_path_factory, seed):
    dice = random.Random(seed)
    asked, data = dice.choice([("plan", clinic()), ("repair", repair())])
    file = tmp_path_factory.mktemp("changed") / "instance.json"
    file.write_text(json.dumps(mutated(data, dice)))
    answer, _ = engine_timetable.answered([asked, str(file), "--time-limit", "3"])
    jsonschema.validate(answer, SCHEMA["output"])


@SOLVES
def test_standard_input_the_same_bytes_twice_and_progress():
    given = json.dumps(clinic()).encode()
    words = ["plan", "--work-limit", "5", "--seed", "3", "--progress"]
    runs = [
        subprocess.run([*COMMAND, *words], input=given, capture_output=True, env=ENVIRONMENT, timeout=60) for _ in "ab"
    ]
    assert runs[0].stdout == runs[1].stdout and runs[0].returncode == 0
    told = [json.loads(line) for line in runs[0].stderr.splitlines()]
    assert told and all(line.keys() == {"seconds", "objective", "bounds"} for line in told)


@SOLVES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_gives_the_best_plan_so_far(number, tmp_path):
    file = tmp_path / "crowd.json"
    file.write_text(json.dumps(crowd(120)))
    with subprocess.Popen([*COMMAND, "plan", str(file)], stdout=subprocess.PIPE, env=ENVIRONMENT) as running:
        time.sleep(2.0)
        running.send_signal(number)
        begun = time.monotonic()
        out, _ = running.communicate(timeout=60)
    assert time.monotonic() - begun < 5
    answer = json.loads(out)
    assert running.returncode == 0 and answer["work"]["stopped"] in ("interrupt", "proved")
    assert faults(clinic_of(crowd(120)), plan_of(answer)) == []


@SOLVES
def test_an_answer_comes_within_the_limit(tmp_path):
    file = tmp_path / "crowd.json"
    file.write_text(json.dumps(crowd(120)))
    begun = time.monotonic()
    done = subprocess.run([*COMMAND, "plan", str(file), "--time-limit", "1"], capture_output=True, env=ENVIRONMENT)
    assert time.monotonic() - begun < 1.1 + 1 + 2  # two seconds of patience with a busy machine
    assert done.returncode == 0 and faults(clinic_of(crowd(120)), plan_of(json.loads(done.stdout))) == []


HARD = [("offer", open_clinic(3, 3), "offers"), ("explain", out_of_reach(), "explanations")]


@pytest.mark.parametrize(("question", "data", "key"), HARD)
def test_offers_and_reasons_come_within_the_limit(tmp_path, question, data, key):
    file = tmp_path / "hard.json"
    file.write_text(json.dumps(data))
    begun = time.monotonic()
    done = subprocess.run([*COMMAND, question, str(file), "--time-limit", "1"], capture_output=True, env=ENVIRONMENT)
    assert time.monotonic() - begun < 1.1 + 1 + 2  # two seconds of patience with a busy machine
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, SCHEMA["output"])
    assert done.returncode == 0 and len(answer[key]) == len(data.get("newcomers") or data["asks"])
    assert done.stderr.decode().startswith("There was no time")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("question", "data", "key"), HARD)
def test_an_interrupt_gives_what_was_found_so_far(number, tmp_path, question, data, key):
    file = tmp_path / "hard.json"
    file.write_text(json.dumps(data))
    with subprocess.Popen([*COMMAND, question, str(file)], stdout=subprocess.PIPE, env=ENVIRONMENT) as running:
        time.sleep(2.5)
        running.send_signal(number)
        begun = time.monotonic()
        out, _ = running.communicate(timeout=60)
    assert time.monotonic() - begun < 3
    first = json.loads(out)[key][0]
    assert running.returncode == 0 and (first["weeks"] if question == "offer" else first["reach"])


def test_an_error_is_told_without_loading_the_solver():
    probe = (
        "import sys; from middleground.cli import engine; engine.main(['timetable', 'plan', sys.argv[1]]); "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'ortools', 'scipy', 'pandas', 'numpy', 'django', 'typer'}))"
    )
    done = subprocess.run([sys.executable, "-c", probe, os.devnull], capture_output=True, env=ENVIRONMENT)
    assert done.stdout.splitlines()[-1] == b"[]"
