"""One server with a copy of the demo clinic, and browsers in front of it: a desk and a phone."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from middleground.demo.shape import PASSWORD
from tests import demo_home

from .hands import Hands

DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo clinic to write in. MIDDLEGROUND_TEST_DEMO may name a folder that keeps the built one between runs."""
    base = tmp_path_factory.getbasetemp()
    shared = Path(
        os.environ.get("MIDDLEGROUND_TEST_DEMO", base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    )
    return demo_home.copy(shared, tmp_path_factory.mktemp("journeys"))


@pytest.fixture(scope="package")
def server(demo: Path) -> Iterator[str]:
    """The address of a real server over the demo clinic."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (demo / "server.log").open("w")
    command = [sys.executable, "-m", "middleground", "serve", "--port", str(port)]
    running = subprocess.Popen(command, env=demo_home.environment(demo), cwd=demo_home.ROOT, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/now/", running, demo / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(scope="package")
def pages(demo: Path) -> dict[str, dict]:
    """role -> {"username", "pages": [[name, address], ...]}"""
    asked = [sys.executable, "-m", "tests.journeys.pages"]
    answer = subprocess.run(asked, env=demo_home.environment(demo), cwd=demo_home.ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    return {each["role"]: each for each in json.loads(answer.stdout)}


def _wait(address: str, running: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert running.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer within {seconds} s\n{log.read_text()}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("Chromium is missing: make test installs it, or apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def opens(chromium: Browser, server: str) -> Iterator[Callable[..., Hands]]:
    """`opens("cora")` or `opens("client", phone=True)`: somebody's own browser window, signed in; without a name a visitor's."""
    windows: list[BrowserContext] = []

    def open_window(username: str = "", phone: bool = False, **more: object) -> Hands:
        window = chromium.new_context(
            base_url=server, reduced_motion="reduce", **{**(PHONE if phone else DESKTOP), **more}
        )  # type: ignore[arg-type]
        window.set_default_timeout(15_000)
        windows.append(window)
        hands = Hands(window.new_page(), phone)
        if username:
            hands.sign_in(username, PASSWORD)
        return hands

    yield open_window
    for window in windows:
        window.close()
