"""`diorama analyse`: analyses the user's own experiment, or shows one of a built world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diorama.commands import AsJson, Quiet, app
from diorama.errors import UsageError, nearest
from diorama.ui.terminal import narrate, print_json, print_line

if TYPE_CHECKING:
    from diorama.analysis.inputs import Finding
    from diorama.project import Project

NOT_TRUSTWORTHY = 3


@app.command(
    "analyse",
    short_help="Analyse your own experiment.",
    help=(
        "Example: [bold]diorama analyse plan.yml --report report.html[/bold]\n\n"
        "Analyses A/B tests. The plan (YAML) says which files and columns hold exposures, "
        "variants and metrics; `diorama init plan` writes one from a data file. Prints the "
        "verdict, the health checks and an effect per metric, and writes all results to "
        "--database (default here: analysis.duckdb). Given the name of an experiment in a built "
        "world, such as smartfeed_v2, it prints that one with the true effects. Exit code 3: the "
        "results must not be used."
    ),
)
def analyse_command(
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN|EXPERIMENT",
            help="A plan (YAML), or the name of an experiment in the database.",
        ),
    ],
    database: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With a plan: database file to write. Default: analysis.duckdb. With an "
            "experiment: database file to read, as in other commands.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write an HTML report to this file."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only this experiment of the plan; repeatable."
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Check the plan and the data, then stop."),
    ] = False,
    power: Annotated[
        bool,
        typer.Option(
            "--power",
            help="Before the launch: units and days needed for 80 % power, from past data.",
        ),
    ] = False,
    rehearsal: Annotated[
        Path | None,
        typer.Option(
            "--rehearse",
            metavar="FILE",
            help="Before the launch: simulate the plan on your own world (YAML), and print "
            "power, false positives and bias of each estimator.",
        ),
    ] = None,
    replicates: Annotated[
        int,
        typer.Option(
            min=20,
            max=100_000,
            metavar="N",
            help="With --rehearse: number of random assignments.",
        ),
    ] = 500,
    sql: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the SQL that was run to this directory."
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, metavar="N", help="Threads that DuckDB may use."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Analyses the experiments of a plan, or one of a built world."""
    from diorama.project import find_project

    project = find_project()
    path = Path(plan).expanduser()
    if not path.is_file() and path.suffix.lower() not in (".yml", ".yaml"):
        if only or check or power or sql or report:
            raise UsageError(
                f"There is no file {plan}. For an experiment of a built world, the options are "
                "--database and --json."
            )
        _show_built(project, project.database(database), plan, as_json)
        return

    from diorama.analysis.plan import load_plan

    to = report.expanduser().resolve() if report else None
    if to:
        from diorama.report import check_place

        check_place(to, "--report")
    told = load_plan(path)
    place = (database or Path("analysis.duckdb")).expanduser().resolve()
    if rehearsal:
        from diorama.analysis.rehearse import print_rehearsal, rehearse
        from diorama.worlds import take_file

        _, world = take_file([str(rehearsal)])
        if world is None:
            raise UsageError(
                "--rehearse takes the file of a world, such as coffee.yml."
            )
        kept = place if database or to else None
        if not quiet:
            narrate(f"Building {world.world} with the plan's experiments.")
        found = rehearse(project, told, world, only or [], replicates, kept)
        print_json(vars(found)) if as_json else print_rehearsal(found)
        if to:
            from diorama.report import ReportRequest, write_report

            write_report(project, place, ReportRequest(to, ["custom"], False, quiet))
        return
    if power:
        from diorama.analysis.power import plan_power, print_power

        needs = plan_power(project, told, path.resolve().parent, only or [], quiet)
        print_json(needs) if as_json else print_power(needs)
        return
    from diorama.analysis.run import AnalysisRequest, RefusedError, analyse
    from diorama.analysis.screen import finding_lines

    request = AnalysisRequest(
        path.resolve().parent,
        only or [],
        place,
        check,
        sql.expanduser().resolve() if sql else None,
        threads,
        quiet,
    )
    try:
        findings = analyse(project, told, request)
    except RefusedError as error:
        if as_json:
            print_json({"findings": [vars(each) for each in error.findings]})
        raise
    if check:
        if as_json:
            print_json({"findings": [vars(each) for each in findings]})
            return
        for line in finding_lines(findings):
            print_line(line)
        print_line(f"{path} can be analysed.")
        return
    if to:
        from diorama.report import ReportRequest, write_report

        write_report(project, place, ReportRequest(to, [], False, quiet))
    _show(place, None, findings, as_json)
    if not (as_json or quiet):
        narrate(f"Everything is in {place} (marts.experiments__…).")


def _show(
    path: Path, experiment: str | None, findings: list[Finding], as_json: bool
) -> None:
    """Prints the experiments in a database; exits with 3 if one is not trustworthy."""
    from diorama.analysis.screen import comparisons, print_screen
    from diorama.project.catalogue import open_database

    with open_database(path) as catalogue:
        found = comparisons(catalogue.connection, experiment)
        if not found:
            names = [name for (name,) in catalogue.rows(EXPERIMENTS)]
            raise UsageError(
                f"{path} has no experiment {experiment or ''}."
                f"{nearest(experiment or '', names)} It has {', '.join(names) or 'none'}."
            )
        rows = (
            catalogue.rows("from marts.experiments__input_rows order by all")
            if experiment is None
            else []
        )
    if as_json:
        keys = ("input", "experiment_id", "reason", "rows")
        print_json(
            {
                "database": str(path),
                "comparisons": [each.document() for each in found],
                "findings": [vars(each) for each in findings],
                "input_rows": [dict(zip(keys, row, strict=True)) for row in rows],
            }
        )
    else:
        print_screen(found, findings)
    if not all(each.is_trustworthy for each in found):
        raise typer.Exit(NOT_TRUSTWORTHY)


EXPERIMENTS = (
    "select distinct experiment_id from marts.experiments__verdicts order by 1"
)


def _show_built(project: Project, path: Path, experiment: str, as_json: bool) -> None:
    """Prints an experiment of a built world beside the true effects."""
    if not path.is_file():
        raise UsageError(
            f"There is neither a plan {experiment} nor a database {path} with an experiment of "
            "that name. `diorama init plan` writes a plan, `diorama build` a database."
        )
    _show(path, experiment, [], as_json)
