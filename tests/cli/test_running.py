"""Commands as processes of their own: exit codes, and one plain sentence for what an administrator can mend."""

import socket
import subprocess
import sys

import pytest

from tests import demo_home

LONG = "a-long-enough-password"


def one_sentence(done):
    """What it said on stderr: no traceback, and little enough to read."""
    assert "Traceback" not in done.stderr, done.stderr
    said = done.stderr.strip()
    assert said and len(said.splitlines()) <= 3
    return said


def run_with(home, *words, **variables):
    """As `demo_home.run`, with environment variables."""
    command = [sys.executable, "-m", "middleground", *words]
    env = demo_home.environment(home, **variables)
    return subprocess.run(command, env=env, cwd=demo_home.ROOT, capture_output=True, text=True)


@pytest.fixture
def empty(tmp_path):
    """An installation with tables and nobody in it."""
    home = tmp_path / "home"
    assert demo_home.run(home, "migrate").returncode == 0
    return home


def test_a_busy_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = demo_home.run(tmp_path, "serve", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "is in use" in one_sentence(done)


@pytest.mark.parametrize("words", [("check",), ("migrate",), ("serve",)])
def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path, words):
    (tmp_path / "a-file").touch()
    port = ("--port", "0") if words == ("serve",) else ()

    done = demo_home.run(tmp_path / "a-file" / "home", *words, *port)

    assert done.returncode == 2
    assert "MIDDLEGROUND_HOME" in one_sentence(done)


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path):
    done = run_with(tmp_path, "check", DATABASE_URL="postgres://a:b@127.0.0.1:9/c")

    assert done.returncode == 2
    assert "DATABASE_URL" in one_sentence(done)


def test_a_command_before_migrate_is_one_sentence(tmp_path):
    done = demo_home.run(tmp_path, "user", "add", "ada", "Ada Stone", "--role", "administrator", "--password", LONG)

    assert done.returncode == 2
    assert "middleground migrate" in one_sentence(done)


def test_adding_the_first_person(empty):
    words = ("user", "add", "ada", "Ada Stone", "--role", "administrator", "--password", LONG)

    assert "Added Ada Stone (ada)." in demo_home.run(empty, *words).stdout
    again = demo_home.run(empty, *words)
    assert again.returncode == 2
    one_sentence(again)


def test_adding_somebody_with_an_unknown_role(empty):
    done = demo_home.run(empty, "user", "add", "bo", "Bo Reed", "--role", "nurse", "--password", LONG)

    assert done.returncode == 2
    one_sentence(done)


def test_check_says_what_is_missing_in_an_empty_installation(empty):
    done = demo_home.run(empty, "check")

    assert done.returncode == 1
    assert "no name yet" in done.stdout and "administrator" in done.stdout


def test_check_before_migrate_says_so(tmp_path):
    done = demo_home.run(tmp_path, "check")

    assert done.returncode == 1
    assert "middleground migrate" in done.stdout


@pytest.mark.parametrize("words", [("demo", "--yes"), ("serve", "--demo", "--port", "0")])
def test_no_demo_in_production(tmp_path, words):
    done = run_with(tmp_path, *words, MIDDLEGROUND_MODE="production")

    assert done.returncode == 2
    assert "production mode" in one_sentence(done)


def test_no_demo_of_an_unknown_size(tmp_path):
    done = demo_home.run(tmp_path, "demo", "--size", "huge")

    assert done.returncode == 2
    assert "small, medium, large" in one_sentence(done)


def test_no_demo_over_a_real_clinic(empty):
    demo_home.run(empty, "user", "add", "ada", "Ada Stone", "--role", "administrator", "--password", LONG)

    done = demo_home.run(empty, "demo", "--yes")

    assert done.returncode == 2
    assert "not a demo" in one_sentence(done)


def test_restoring_what_is_no_backup(empty, tmp_path):
    (tmp_path / "holiday.tar.gz").write_bytes(b"not an archive")

    done = demo_home.run(empty, "restore", str(tmp_path / "holiday.tar.gz"), "--yes")

    assert done.returncode == 2
    assert "Nothing was changed" in one_sentence(done)
