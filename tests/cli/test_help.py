"""Every command explains itself with an example, and mistakes have their own exit code."""

import pytest

from middleground.cli import main

COMMANDS = (
    "serve",
    "demo",
    "migrate",
    "user add",
    "permissions",
    "audit verify",
    "backup",
    "restore",
    "check",
    "engine score",
    "engine withdrawal",
    "engine place",
    "engine list",
    "engine schema",
)
GROUPS = ("", "user", "audit", "engine")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command, capsys):
    assert main([*command.split(), "--help"]) == 0

    shown = capsys.readouterr().out
    assert f"middleground {command}" in shown
    assert "Example" in shown


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_commands(group, capsys):
    assert main([*group.split(), "--help"]) == 0

    shown = capsys.readouterr().out
    inside = [c.removeprefix(group).strip() for c in COMMANDS if c.startswith(group)]
    assert all(command.split()[0] in shown for command in inside)


@pytest.mark.parametrize("words", ["nonsense", "user nonsense", "serve --porty 3", "backup", "engine nonsense"])
def test_a_mistake_is_2(words):
    assert main(words.split()) == 2


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("middleground ")


def test_an_unknown_role_is_2_and_names_the_roles(capsys):
    assert main(["permissions", "--role", "nurse"]) == 2
    assert "prescriber" in capsys.readouterr().err


def test_permissions_prints_every_action(capsys):
    from middleground.kernel.actions import table

    assert main(["permissions"]) == 0

    shown = capsys.readouterr().out
    assert all(f"{action} " in shown for action, _, may in table() if may)


def test_permissions_of_one_role(capsys):
    assert main(["permissions", "--role", "family"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines and all("family" in line and "counselor" not in line.rsplit(":", 1)[-1] for line in lines)
