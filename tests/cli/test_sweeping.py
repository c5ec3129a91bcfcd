"""A server's keeper clears away what killed solves left, in processes of their own: what died with the server before, and later."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from middleground import knowledge
from tests import demo_home

SOLVES = """
import sys, time
from middleground.cli.commands import django
django()
from middleground.timetable import runs
from tests.timetable.test_runs import hard_week
part = runs.Part("plan", ["plan", "-", "--progress", "--time-limit", "600"])
print(runs.begin(hard_week(), [part], {"by": 1, "question": "plan", "site": 1}), flush=True)
time.sleep(600)
"""
TOO_LONG = 60


@pytest.fixture
def told(tmp_path):
    """The environment of an installation whose keeper looks every second."""
    own = tmp_path / "knowledge" / "timetabling"
    own.mkdir(parents=True)
    shipped = next(iter(knowledge.__path__)) + "/timetabling/clinic.yaml"
    shutil.copy(shipped, own)
    words = (own / "clinic.yaml").read_text().replace("sweep_seconds: 60", "sweep_seconds: 1")
    (own / "clinic.yaml").write_text(words)
    return demo_home.environment(tmp_path / "home", MIDDLEGROUND_KNOWLEDGE=str(tmp_path / "knowledge"))


@pytest.fixture
def solving(told, tmp_path):
    """Begins a solve in a process like a server's; gives the folder, and the way to kill both."""
    begun = []

    def begin():
        worker = subprocess.Popen(
            [sys.executable, "-c", SOLVES],
            env=told,
            cwd=demo_home.ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        begun.append(worker)
        return tmp_path / "home" / "solving" / worker.stdout.readline().strip(), lambda: kill(worker)

    yield begin
    for worker in begun:
        kill(worker)


def kill(worker):
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(20)


@pytest.fixture
def serve(told):
    started = []

    def start():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "middleground", "serve", "--port", str(port)]
        started.append(subprocess.Popen(command, env=told, cwd=demo_home.ROOT, stdout=subprocess.DEVNULL))

    yield start
    for server in started:
        server.terminate()
        server.wait(20)


def gone(own):
    until = time.monotonic() + TOO_LONG
    while own.exists() and time.monotonic() < until:
        time.sleep(0.2)
    return not own.exists()


def test_a_killed_solve_leaves_nothing_though_nobody_asks_again(solving, serve):
    (before, kill_before), (later, kill_later) = solving(), solving()
    kill_before()
    assert (before / "told.json").exists()
    serve()
    assert gone(before)
    assert (later / "told.json").exists()
    kill_later()
    assert gone(later)
