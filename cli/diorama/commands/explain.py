"""`diorama explain`: shows one user under every variant."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from diorama.commands import AsJson, Database, Quiet, WorldsOrFile, app
from diorama.ui.completion import complete_setting
from diorama.ui.terminal import narrate, print_json, print_line, print_table


@app.command(
    "explain",
    short_help="Show one user under every variant.",
    help=(
        "Example: [bold]diorama explain --world feed --number 17[/bold]\n\n"
        "Shows one user: latent traits, the values that were drawn, each day under every "
        "variant, and the treatment effect on this user. Reads the built tables; with "
        "--generate the user is generated alone, by the settings of the built world except "
        "those given here, and is identical to the one in the tables."
    ),
)
def explain_command(
    user_id: Annotated[
        str | None, typer.Argument(metavar="USER_ID", help="Id of the user.")
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**32 - 1,
            metavar="N",
            help="Number of the user in --world, from 0 (search: from 1), instead of an id.",
        ),
    ] = None,
    world: WorldsOrFile = None,
    generate: Annotated[
        bool,
        typer.Option(
            "--generate",
            help="Generate only this user instead of reading tables; needs no database.",
        ),
    ] = False,
    seed: Annotated[
        str | None,
        typer.Option(metavar="INTEGER", help="With --generate: random seed."),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="With --generate: any setting of `diorama list --settings`; repeatable.",
            autocompletion=complete_setting,
        ),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Shows one user under every variant."""
    from diorama.project import find_project
    from diorama.project.explain import ExplainRequest, explain
    from diorama.project.settings import collect_settings
    from diorama.worlds import take_file, variables_of

    project = find_project()
    worlds, declared = take_file(world or [])
    project.check_worlds(worlds)
    variables = collect_settings(
        project,
        worlds,
        of_worlds={},
        of_all={"seed": seed},
        assignments=assignments or [],
    )
    path = project.database(database)
    if generate:
        variables = variables_of(declared, variables, worlds, path)
    request = ExplainRequest(user_id, number, worlds, generate, variables)
    told = explain(project, path, request)
    if as_json:
        print_json(told)
    else:
        _print(told, quiet)


def _print(told: dict[str, Any], quiet: bool) -> None:
    arm = (
        f"variant {told['variant']}" if told["is_in_experiment"] else "in no experiment"
    )
    print_line(
        f"User {told['user_id']} of {told['world']} (number {told['user_number']}), {arm}"
    )
    records = [s for s in told["sections"] if len(s["rows"]) == 1 and "by" not in s]
    for section in records:
        print_line("")
        rows = [
            [name, _shown(value, name), section["meanings"].get(name, "")]
            for name, value in section["rows"][0].items()
        ]
        title = f"{section['title']} ({section['table']})"
        print_table(title, ["trait", "value", "meaning"], rows, right=["value"])
    for treatment, effects in told["effect"].items():
        print_line("")
        rows = [
            [name, *(_shown(value) for value in arms.values())]
            for name, arms in effects.items()
        ]
        header = ["all days", "control", treatment, "effect"]
        title = f"{treatment} against control, by the same draws"
        print_table(title, header, rows, right=header[1:])
    for section in told["sections"]:
        if "by" in section and section["rows"]:
            _print_arms(section)
    for section in told["sections"]:
        if section in records or "by" in section or not section["rows"]:
            continue
        print_line("")
        rows = [
            [_shown(value, name) for name, value in row.items()]
            for row in section["rows"]
        ]
        header = list(section["rows"][0])
        title = f"{section['title']} ({section['table']})"
        print_table(title, header, rows, right=header)
    if all(section in records or not section["rows"] for section in told["sections"]):
        print_line("")
        print_line("The user has no session, under any variant.")
        return
    if quiet or not told["effect"]:
        return
    narrate("")
    narrate(
        "Caution: the effect on one user depends on how the arms share random draws, which no "
        "data could identify. Average effects do not."
    )


def _print_arms(section: dict[str, Any]) -> None:
    """Prints a number where the arms agree, and `control → treatment …` where they do not."""
    lives: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in section["rows"]:
        lives.setdefault(tuple(row[name] for name in section["by"]), []).append(row)
    rows = []
    for key, treated in lives.items():
        cells = [_shown(value) for value in key]
        for measure in section["measures"]:
            arms = [_shown(treated[0][f"control_{measure}"])]
            arms += [_shown(row[f"treated_{measure}"]) for row in treated]
            is_same = len(set(filter(None, arms))) == 1
            cells.append(arms[0] if is_same else " → ".join(arms))
        rows.append(cells)
    header = [*section["by"], *section["measures"]]
    arms = dict.fromkeys(["control", *(row["treatment"] for row in section["rows"])])
    print_line("")
    title = f"{section['title']}, {' → '.join(arms)} ({section['table']})"
    print_table(title, header, rows, right=header)


def _shown(value: Any, name: str = "") -> str:
    if value is None:
        return ""
    if name.endswith("_at_ms"):
        moment = datetime.fromtimestamp(value / 1000, UTC).replace(tzinfo=None)
        return moment.isoformat(" ", "milliseconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
