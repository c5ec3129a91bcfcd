"""Servers of a run: started on a free loopback port, waited for, stopped or killed with all their workers."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType

from tests.demo_home import ROOT, environment

PATIENCE = 40.0  # seconds to begin to answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m WORDS --port N` in a session of its own, so that one signal reaches it and every worker."""

    def __init__(self, home: Path, *words: str, path: str = "/account/login/") -> None:
        self.home, self.words, self.path, self.port = home, words, path, free_port()
        self.log = home / "server.log"

    def __enter__(self) -> "Server":
        command = [sys.executable, "-m", *self.words, "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment(self.home), stdout=log, stderr=log, start_new_session=True
            )
        self._wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, to the server and its workers at once: nobody gets to tidy up."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, which: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, which)
        except ProcessLookupError:
            return  # gone already

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The server did not start: {self.log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", self.path)
            return line.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            line.close()


def clinic(home: Path) -> Server:
    """The clinic in `home`, as `middleground serve` serves it."""
    return Server(home, "middleground", "serve")


def bare(home: Path) -> Server:
    """One Django view and nothing else, on the same kind of server."""
    return Server(home, "tests.bench.bare", path="/")
