"""What the documentation says about commands, links, floors and permissions holds."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from middleground.cli import main

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
SOURCE = ROOT / "src" / "middleground"
WITHOUT_A_FLOOR = {"formats"}  # how dates are written: read by Django, imported by nobody


def commands():
    """(page, words) of every line in a ```sh block that runs `middleground`, up to a pipe or a `&&`."""
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.splitlines():
                if found := re.match(r"(?:\S*/)?middleground (\S.*)", line.split("#")[0].strip()):
                    yield page.name, re.split(r"\||&&|<|>|;", found[1])[0].strip()


@pytest.mark.parametrize(("where", "words"), sorted(set(commands())))
def test_a_command_in_the_docs_exists_with_its_options(where, words, capsys):
    given = shlex.split(words)
    names = [word for word in given if re.fullmatch(r"[a-z]+", word)]
    group = names[: 2 if names and names[0] in ("user", "audit", "engine") else 1]

    assert main([*group, "--help"]) == 0, f"{where}: middleground {words}"

    shown = capsys.readouterr().out
    options = [word.split("=")[0] for word in given if word.startswith("--") and word not in ("--help", "--version")]
    assert all(option in shown for option in options), f"{where}: middleground {words}"


@pytest.mark.parametrize("written", PAGES, ids=lambda written: str(written.relative_to(ROOT)))
def test_every_internal_link_leads_somewhere(written):
    text = re.sub(r"```.*?```", "", written.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, place = target.partition("#")
        there = (written.parent / path).resolve() if path else written
        assert there.exists(), f"{written.name}: {target}"
        if place:
            assert place in headings(there), f"{written.name}: {target}"


def headings(page):
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def test_every_page_is_in_the_navigation_and_the_other_way_round():
    named = re.findall(r"[\w\-/]+\.md", (ROOT / "mkdocs.yml").read_text())

    assert sorted(named) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def test_the_floor_plan_is_the_house():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", (DOCS / "architecture.md").read_text(), re.MULTILINE)
    floors = {package: int(floor) for floor, package in rows}
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    stacked = [
        [part.strip().removeprefix("middleground.") for part in layer.split(":")] for layer in reversed(contract)
    ]

    assert floors == {package: floor for floor, layer in enumerate(stacked, 1) for package in layer}
    packages = {p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists()}
    assert set(floors) == packages - WITHOUT_A_FLOOR


def test_the_permissions_page_is_as_declared():
    """In a process of its own: other tests declare actions too."""
    command = [sys.executable, str(ROOT / "scripts" / "permissions_doc.py"), "--print"]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    made = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    assert (DOCS / "permissions.md").read_text() == made, "run: python scripts/permissions_doc.py"


def test_every_variable_that_the_settings_read_is_explained():
    read = set(re.findall(r"(?:MIDDLEGROUND|DATABASE)_[A-Z]+\b", (SOURCE / "settings.py").read_text()))
    explained = (DOCS / "production.md").read_text()

    assert all(name in explained for name in read - {"MIDDLEGROUND_"})
