"""`diorama init`: writes files to start from."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from diorama.commands import Quiet, app
from diorama.ui.terminal import narrate

init_app = typer.Typer(
    no_args_is_help=True,
    help=(
        "Example: [bold]diorama init project my-diorama[/bold]\n\n"
        "Writes files to start from."
    ),
)
app.add_typer(init_app, name="init", short_help="Write files to start from.")


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
        typer.Argument(metavar="DIR", help="Directory to write: new, or empty."),
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
    short_help="Write a plan of an experiment.",
    help=(
        "Example: [bold]diorama init plan --from exposures.parquet --to plan.yml[/bold]\n\n"
        "Writes a plan for `diorama analyse`: the columns of the file guessed, everything else "
        "commented."
    ),
)
def init_plan_command(
    source: Annotated[
        Path,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Parquet, CSV or JSON: exposures, one row per unit, or moments.",
        ),
    ],
    to: Annotated[Path, typer.Option(metavar="FILE", help="The plan to write.")] = Path(
        "plan.yml"
    ),
    quiet: Quiet = False,
) -> None:
    """Writes a plan of an experiment."""
    from diorama.analysis.guess import write_guess

    grain = write_guess(source, to)
    if not quiet:
        narrate(f"{source} was taken for {grain}. See that {to} is right, then:")
        narrate(f"  diorama analyse {to}")


@init_app.command(
    "world",
    short_help="Write a world of your own.",
    help=(
        "Example: [bold]diorama init world --to coffee.yml[/bold]\n\n"
        "Writes a file that declares a product: its users, events and experiments. Change it, then "
        "build it with `diorama build --world coffee.yml`."
    ),
)
def init_world_command(
    to: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")] = Path(
        "world.yml"
    ),
    like: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What to start from: coffee, game, marketplace, news, saas or travel.",
        ),
    ] = "coffee",
    quiet: Quiet = False,
) -> None:
    """Writes a world of one's own."""
    from diorama.project import find_project
    from diorama.worlds.starters import write_starter

    write_starter(find_project(), like, to)
    if not quiet:
        narrate(f"{to} declares a world. Change it as you like, then:")
        narrate(f"  diorama build --world {shlex.quote(str(to))} --plan")
        narrate(f"  diorama build --world {shlex.quote(str(to))}")
