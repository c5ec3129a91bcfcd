"""`middleground engine` as a Typer app: the help texts, and a door for mounting beside the other commands."""

import typer

from middleground.cli import engine
from middleground.cli import engine_catalog as catalog

OPTIONS = (
    "COMMAND [FILE] [--pretty] [--strict]. FILE holds JSON Lines; without it standard input is read. "
    "--pretty indents the answers for people. --strict exits with 1 if any line was an error."
)
TIMETABLE = (
    "plan|offer|repair|explain|what-if [INSTANCE.json] [--time-limit S] [--work-limit N] [--seed N] [--progress] [--pretty]. "
    "Without a file standard input is read. --time-limit is in seconds (60), --work-limit in deterministic "
    "work, about as many seconds: with it the same seed gives the same answer under any load. --progress tells improvements on standard error. "
    "repair --first changes makes the fewest changes before anything else; what-if needs --change PATCH.json. An interrupt "
    "gives the best plan so far. export [--site S] [--week DAY] [FILE] writes this clinic's own week as an instance."
)
SUMMARIES = {
    "score": "Score questionnaires and withdrawal scales.",
    "withdrawal": "Who may start in ambulatory care, and who needs a medically managed setting first.",
    "place": "Which level of care fits.",
    "timetable": "The week of a whole clinic: plan it, offer weeks to a newcomer, repair it, explain what stands in the way.",
    "list": "What engines, knowledge files and versions are in force, as JSON.",
    "schema": "NAME: the JSON Schema (2020-12) of that engine's input and output.",
}
EXAMPLES = {
    "score": "Example: middleground engine score answers.jsonl --pretty",
    "withdrawal": "Example: middleground engine withdrawal cases.jsonl --strict",
    "place": "Example: middleground engine place < cases.jsonl",
    "timetable": "Example: middleground engine timetable plan clinic.json --time-limit 30 --progress",
    "list": "Example: middleground engine list",
    "schema": "Example: middleground engine schema place",
}
# The words are read in one place, `engine.main`, whichever door they come through.
RAW_WORDS = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    name="engine",
    help="Middleground's knowledge without the rest of Middleground: JSON Lines in, JSON Lines out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def add_command(name: str) -> None:
    """Give the app a command that passes its words on."""
    options = [OPTIONS] if name in catalog.ENGINES else [TIMETABLE] if name == "timetable" else []
    epilog = "\n\n".join([*options, EXAMPLES[name]])

    @app.command(name, help=SUMMARIES[name], epilog=epilog, context_settings=RAW_WORDS)
    def carry_out(words: typer.Context) -> None:
        raise typer.Exit(engine.main([name, *words.args]))


for _name in (*catalog.built(), "timetable", "list", "schema"):
    add_command(_name)
