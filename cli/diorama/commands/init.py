"""`diorama init`: writes starter files."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from diorama.commands import Commands, Quiet, app
from diorama.ui.terminal import narrate

init_app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help=(
        "Example: [bold]diorama init project my-diorama[/bold]\n\n"
        "Writes starter files: a plan for your own experiment, a world of your own, or a copy "
        "of the dbt project."
    ),
)
app.add_typer(
    init_app, name="init", short_help="Write a plan, a world or the dbt project."
)


@init_app.command(
    "project",
    short_help="Copy the dbt project.",
    help=(
        "Example: [bold]diorama init project my-diorama[/bold]\n\n"
        "Copies the dbt project, for those who want to change its models: in that directory, "
        "`diorama` and plain `dbt build` work on the copy."
    ),
)
def init_project_command(
    directory: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Directory to write to: new or empty."),
    ],
    quiet: Quiet = False,
) -> None:
    """Copies the dbt project."""
    from diorama.project import find_project
    from diorama.project.copy import copy_project

    directory = directory.expanduser().resolve()
    copy_project(find_project(), directory)
    if not quiet:
        narrate(f"The dbt project is in {directory}. Next:")
        narrate(f"  cd {directory}")
        narrate("  diorama build --world feed --users 500")


@init_app.command(
    "plan",
    short_help="Write a plan for your own experiment.",
    help=(
        "Example: [bold]diorama init plan --from exposures.parquet --to plan.yml[/bold]\n\n"
        "Writes a plan for `diorama analyse`: guesses which columns of the file are the unit, "
        "the variant and the metrics, and explains every other key in comments."
    ),
)
def init_plan_command(
    source: Annotated[
        Path,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Parquet, CSV or JSON file: an exposure log, one row per unit, or summary "
            "statistics (moments).",
        ),
    ],
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="Plan file to write (YAML).")
    ] = Path("plan.yml"),
    quiet: Quiet = False,
) -> None:
    """Writes a plan for an experiment."""
    from diorama.analysis.guess import write_guess

    grain = write_guess(source, to)
    if not quiet:
        kinds = {
            "exposures": "an exposure log",
            "units": "a table with one row per unit",
            "moments": "summary statistics (moments)",
        }
        narrate(f"{source} looks like {kinds[grain]}. Check {to}, then:")
        narrate(f"  diorama analyse {to}")


@init_app.command(
    "world",
    short_help="Write a world of your own.",
    help=(
        "Example: [bold]diorama init world --to coffee.yml[/bold]\n\n"
        "Writes a file (YAML) that declares a product: its users, events and experiments. Edit "
        "it, then build it with `diorama build --world coffee.yml`."
    ),
)
def init_world_command(
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="World file to write (YAML).")
    ] = Path("world.yml"),
    like: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Example to copy: coffee, game, marketplace, news, saas or travel.",
        ),
    ] = "coffee",
    quiet: Quiet = False,
) -> None:
    """Writes the file of an example world."""
    from diorama.project import find_project
    from diorama.worlds.starters import write_starter

    write_starter(find_project(), like, to)
    if not quiet:
        narrate(f"{to} declares a world. Edit it, then:")
        narrate(f"  diorama build --world {shlex.quote(str(to))} --plan")
        narrate(f"  diorama build --world {shlex.quote(str(to))}")
