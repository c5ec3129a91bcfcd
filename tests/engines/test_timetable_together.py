"""What one more group would do for several people: never less than now, never more than reasons would give."""

import json
import subprocess
import sys

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.reading import read
from middleground.engines.timetabling.reasons.together import together


def clinic(**facts):
    def client(name, free):
        return {
            "id": name,
            "languages": ["en"],
            "counselor": None,
            "travel": {"s": 0},
            "telehealth_max": 0,
            "free": [{"at": at} for at in free],
            "prescribed": 180,
            "payer": {"minutes": 180, "days": 1},
            "max_week": 900,
            "days_max": 5,
            "day": {"min": 0, "max": 300},
            "mix": [],
            "sessions": [],
        }

    def group(name, start):
        return {
            "id": name,
            "kind": "group",
            "minutes": 180,
            "starts": [start],
            "place": "s",
            "min": 0,
            "max": 8,
            "co_above": 8,
            "credentials": [],
            "language": "en",
        }

    return {
        "format": "middleground-timetable/1",
        "id": "one",
        "question": "explain",
        "sites": [{"id": "s", "open": ["mon 08:00-20:00", "tue 08:00-20:00"]}],
        "rooms": [{"id": "r", "site": "s", "kind": "group", "seats": 8}],
        "staff": [
            {
                "id": "a",
                "leads": ["group"],
                "credentials": [],
                "languages": ["en"],
                "works": [{"at": "mon 08:00-20:00", "site": "s"}],
                "max_day": 480,
                "max_week": 1800,
                "caseload": 9,
                "break": {"every": 300, "minutes": 30},
            }
        ],
        "groups": [group("runs", "mon 09:00"), group("new", "tue 17:00"), group("other", "tue 09:00")],
        "clients": [
            client("evening", ["tue 16:00-20:00"]),
            client("fine", ["mon 08:00-12:00"]),
            client("never", ["mon 16:00-17:00"]),
        ],
        "current": {
            "groups": [{"id": "runs", "start": "mon 09:00", "room": "r", "lead": "a", "co": None, "members": []}],
            "sessions": [],
        },
        "asks": [{"client": name, "target": "prescribed"} for name in ("evening", "fine", "never")],
        **facts,
    }


EXPECTED = [
    {"client": "evening", "target": 180, "reach": 0, "with": {"new": 180}},
    {"client": "fine", "target": 180, "reach": 180, "with": {}},
    {"client": "never", "target": 180, "reach": 0, "with": {}},
]


def test_each_with_each_group_alone():
    assert together(clinic_of(read(clinic(), "explain"), "explain")) == EXPECTED


def test_as_a_program_beside_a_page():
    words = [sys.executable, "-m", "middleground.cli.engine_together", "60"]
    done = subprocess.run(words, input=json.dumps(clinic()).encode(), capture_output=True)
    assert json.loads(done.stdout) == {"waiting": EXPECTED, "of": len(EXPECTED)}
    wrong = subprocess.run(words, input=json.dumps(clinic(rooms=[])).encode(), capture_output=True)
    assert wrong.returncode == 2
    assert json.loads(wrong.stdout)["error"]["code"] == "unknown-id"
