"""The commands, one file each: options, one call, and what to print."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from diorama.errors import DioramaError, of_system
from diorama.ui.completion import complete_world
from diorama.ui.terminal import (
    ReaderGoneError,
    narrate,
    prepare_output,
    print_line,
    writing_output,
)


def _without_types(options: Any) -> Any:
    for option in options:
        if getattr(option, "is_flag", False):
            option.metavar = ""
    return options


class Commands(TyperGroup):
    """The command group: a failing command ends with one line and its exit code."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Runs the command line and flushes stdout before it ends."""
        prepare_output()
        try:
            try:
                # help and wrong options, which are no command, print as well
                with writing_output():
                    return super().main(*arguments, **options)
            finally:
                with writing_output():
                    sys.stdout.flush()
        except DioramaError as error:
            _say(error)
            sys.exit(error.exit_code)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:
        """Finds a command, whose help then shows no type for flags, which is always bool."""
        command = super().get_command(ctx, cmd_name)
        if command:
            _without_types(command.get_params(ctx))
        return command

    def get_params(self, ctx: typer.Context) -> Any:
        """The options of the program itself, likewise."""
        return _without_types(super().get_params(ctx))

    def invoke(self, ctx: typer.Context) -> Any:
        """Runs one command and turns its errors into one line and an exit code."""
        try:
            return super().invoke(ctx)
        except DioramaError as error:
            _say(error)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            # a path that no place of the code thought of, such as one of 300 characters
            failure = of_system(error)
            _say(failure)
            raise typer.Exit(failure.exit_code) from error


def _say(error: DioramaError) -> None:
    if not isinstance(error, ReaderGoneError):
        narrate(f"Error: {error}", style="red")


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Worlds = Annotated[
    list[str] | None,
    typer.Option(
        "--world",
        metavar="WORLD",
        help="Only this world: feed, learning, shop, search or custom; repeatable.",
        autocompletion=complete_world,
    ),
]
WorldsOrFile = Annotated[
    list[str] | None,
    typer.Option(
        "--world",
        metavar="WORLD|FILE",
        help="Only this world: feed, learning, shop, search, or the YAML file of your own "
        "(diorama init world); repeatable.",
        autocompletion=complete_world,
    ),
]
Database = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Database file. Default: $DIORAMA_DATABASE, else diorama.duckdb in the project "
        "(installed without a clone: in the current directory).",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print only results and errors, no progress."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as one JSON document.")
]


def _show_version(wanted: bool) -> None:
    if wanted:
        from diorama import __version__

        print_line(f"diorama {__version__}")
        raise typer.Exit


@app.callback(
    help=(
        "Example: [bold]diorama build --world feed --users 500[/bold], then [bold]diorama "
        "analyse smartfeed_v2[/bold]\n\n"
        "Builds synthetic product data (users, sessions, events, experiments) in one DuckDB "
        "file, with the true effects beside every estimate, and analyses your own experiments."
    )
)
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Options of all commands."""
    from diorama.project.environment import check_environment

    check_environment()
