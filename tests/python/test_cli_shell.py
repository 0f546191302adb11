"""Shell manners: data on stdout, narration on stderr, no colours where nobody sees them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from diorama.cli import app

COMMANDS = (
    "build",
    "list",
    "export",
    "explain",
    "fingerprint",
    "stream",
    "diff",
)
RED = "\x1b[31m"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "diorama", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def on_a_terminal(*arguments: str, code: int = 2, **environment: str) -> str:
    """What a command prints on a terminal, and ends with this code."""
    inside, outside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "diorama", *arguments],
        stdin=outside,
        stdout=outside,
        stderr=outside,
        env={**os.environ, "TERM": "xterm-256color", **environment},
    )
    os.close(outside)
    said = b""
    while True:
        try:
            piece = os.read(inside, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(inside)
    assert process.wait() == code
    return said.decode()


def test_colours_are_for_terminals_without_no_color():
    wrong = ["build", "--world", "fed"]
    assert RED in on_a_terminal(*wrong)
    plain = on_a_terminal(*wrong, NO_COLOR="1")
    assert "There is no world 'fed'" in plain
    assert "\x1b[3" not in plain
    piped = run(*wrong)
    assert piped.stderr == (
        "Error: There is no world 'fed'. The worlds are "
        + piped.stderr.split("are ")[1]
    )
    assert (piped.stdout, piped.returncode) == ("", 2)
    assert "\x1b" not in piped.stderr + run("--help").stdout


@pytest.mark.parametrize(
    ("option", "expected"),
    [("--world=feed", " session "), ("--settings", "default 50000")],
)
def test_the_list_fits_a_narrow_terminal(built: Path, option: str, expected: str):
    arguments = ("list", option, "--database", str(built))
    shown = on_a_terminal(
        *arguments,
        code=0,
        COLUMNS="80",
        TERM="dumb",
        NO_COLOR="1",
    ).splitlines()
    assert max(map(len, shown)) <= 80
    assert any(expected in f"{line} " for line in shown), shown
    if option != "--settings":  # a line for each table, names whole
        piped = [line.split("\t") for line in run(*arguments).stdout.splitlines()]
        layers = {layer for layer, *_ in piped}
        assert len(shown) == 2 + len(layers) + len(piped)
        assert [line.split()[0] for line in shown if line.startswith("  ")] == [
            name for _, name, *_ in piped
        ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_leads_with_an_example_and_has_a_line_of_its_own(
    diorama, command
):
    shown = diorama(command, "--help").stdout
    lines = [line.strip() for line in shown.splitlines() if line.strip()]
    assert lines[1].startswith(f"Example: diorama {command} ")
    listed = next(
        line
        for line in diorama("--help").stdout.splitlines()
        if f"│ {command} " in line
    )
    assert listed.rstrip("│ ").endswith(".")
    if command != "stream":  # which sends JSON, a line for each event
        assert "--json" in shown
    if command != "list":  # which says nothing besides
        assert "--quiet" in shown


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("diorama build --world fe", ["feed"]),
        ("diorama build --set feed_novelty_f", ["feed_novelty_factor="]),
        ("diorama fingerprint --table feed__user", ["feed__user_daily"]),
        ("diorama expl", ["explain"]),
        ("diorama export --format j", ["jsonl"]),
    ],
)
def test_the_shell_completes_commands_and_values(words, offered):
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = run(_DIORAMA_COMPLETE="complete_bash", **variables)
    assert done.stdout.split() == offered


def test_a_build_can_be_read_by_a_machine(diorama, tmp_path):
    path = tmp_path / "world.duckdb"
    result = diorama("build", "--json", "--select", "gen__run", "--database", path)
    document = json.loads(result.stdout)
    assert document["database"] == str(path)
    assert document["bytes"] == path.stat().st_size
    (table,) = document["tables"]
    assert (table["layer"], table["table"], table["rows"]) == (
        "generate",
        "gen__run",
        1,
    )
    result = diorama("build", "--json", "--shards", 2, "--to", tmp_path / "shards")
    assert result.exit_code == 2
    assert not (tmp_path / "shards").exists()


def test_a_reader_that_goes_away_ends_a_command_without_a_trace(built: Path):
    command = [sys.executable, "-m", "diorama", "fingerprint", "--database", str(built)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said
    assert "Exception" not in said


FULL = "No space left on device"


@pytest.mark.parametrize(
    ("command", "redirection", "code", "said"),
    [
        ("fingerprint", ">/dev/full", 1, FULL),
        ("fingerprint", ">&-", 1, "Bad file descriptor"),
        ("list", ">/dev/full", 1, FULL),
        ("stream --world feed --mode burst --sink console", ">/dev/full", 1, FULL),
        ("--help", ">/dev/full", 1, FULL),
        ("--version", ">/dev/full", 1, FULL),
        # what is said besides may get lost, and nothing else
        ("fingerprint", "2>/dev/full", 0, ""),
        ("fingerprint", "2>&-", 0, ""),
    ],
)
def test_output_that_cannot_be_written_is_one_line(
    built: Path, command: str, redirection: str, code: int, said: str
):
    database = f"--database '{built}' -q" if command[0] != "-" else ""
    database = database.replace(" -q", "") if command == "list" else database
    done = subprocess.run(
        f"{sys.executable} -m diorama {command} {database} {redirection}",
        shell=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == (1 if said else 0), done.stderr
    assert said in done.stderr
    if not said:
        assert len(done.stdout.splitlines()) > 5


def test_a_console_of_few_characters_gets_others_in_their_place(built: Path):
    shown = ("explain", "--world", "feed", "--number", "3", "--database", str(built))
    done = subprocess.run(
        [sys.executable, "-m", "diorama", *shown],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )
    assert done.returncode == 0, done.stderr
    assert "control > SmartFeed_v2" in done.stdout.decode("cp1252")
    assert b"Traceback" not in done.stderr


NUMBERS = [
    (command.name, option)
    for command in get_command(app).commands.values()
    for option in command.params
    if option.type_descriptor.annotation in (int, float, list[int], list[float])
]


def test_every_option_that_takes_a_number_has_bounds():
    """So that infinity, not a number, and what overflows elsewhere are refused."""
    assert len(NUMBERS) >= 14
    boundless = [
        f"{command} {option.opts[0]}"
        for command, option in NUMBERS
        if None in (option.min, option.max)
    ]
    assert boundless == []


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400", "9" * 5000])
def test_a_number_that_is_none_is_refused_by_every_option(diorama, value: str):
    for command, option in NUMBERS:
        result = diorama(command, *["x"] * (command == "diff"), option.opts[0], value)
        assert result.exit_code == 2, (command, option.opts, result.output)
