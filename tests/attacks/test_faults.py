"""Killing the server during writes loses nothing that was acknowledged. The long run: `python -m tests.attacks.faults`."""

import os
from pathlib import Path

import pytest

from tests import demo_home
from tests.attacks.faults import pull_the_plug

pytestmark = [pytest.mark.slow]


def test_no_acknowledged_write_is_lost_when_the_server_is_killed(tmp_path_factory, tmp_path):
    base = tmp_path_factory.getbasetemp()
    kept = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    shared = Path(os.environ.get("MIDDLEGROUND_TEST_DEMO", kept))
    home = demo_home.copy(shared, tmp_path / "home")

    outcome = pull_the_plug(home, times=2, seconds=6)

    assert outcome.faults == []
    assert {write.kind for write in outcome.acknowledged} == {"check-in", "contact", "task", "draft"}
    assert outcome.under_way, "the server was killed while nobody wrote"
