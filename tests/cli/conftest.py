"""A demo clinic of the tests' own, copied from the one that is built once for a whole run."""

import os
from pathlib import Path

import pytest

from tests import demo_home


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the built demo lies for every worker. MIDDLEGROUND_TEST_DEMO may name a folder that keeps it between runs."""
    base = tmp_path_factory.getbasetemp()
    return Path(os.environ.get("MIDDLEGROUND_TEST_DEMO", base.parent if "PYTEST_XDIST_WORKER" in os.environ else base))


@pytest.fixture(scope="module")
def demo(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to write in, with an audit anchor of its own."""
    home = demo_home.copy(shared, tmp_path_factory.mktemp("demo") / "home")
    begin_the_anchor(home)
    return home


def begin_the_anchor(home: Path) -> None:
    """Do something that goes on the chain: the anchor of a copied clinic is written with its next entry."""
    words = ("user", "add", "extra", "Extra Hand", "--role", "biller", "--password", "a-long-enough-password")
    done = demo_home.run(home, *words)
    assert done.returncode == 0, done.stderr
