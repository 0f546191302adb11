"""`diorama fingerprint`: a number per table that is equal for equal rows."""

from typing import Annotated

import typer

from diorama.commands import AsJson, Database, Quiet, Worlds, app
from diorama.errors import DioramaError
from diorama.ui.completion import complete_model
from diorama.ui.terminal import narrate, print_json, print_line


@app.command(
    "fingerprint",
    short_help="Print rows and fingerprint of each table.",
    help=(
        "Example: [bold]diorama fingerprint --world feed[/bold]\n\n"
        "Prints the number of rows and a content fingerprint of each table. Equal fingerprints "
        "mean equal rows, whatever their order and the number of threads."
    ),
)
def fingerprint_command(
    world: Worlds = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="Only this table or view; repeatable.",
            autocompletion=complete_model,
        ),
    ] = None,
    database: Database = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Prints rows and fingerprint per table."""
    from diorama.engines.sql import columns_of, count_rows
    from diorama.project import find_project
    from diorama.project.catalogue import open_database

    project, worlds = find_project(), world or []
    project.check_worlds(worlds)
    records = []
    with open_database(project.database(database)) as catalogue:
        # a view holds no rows of its own: tables are enough to compare two databases
        forms = ("table", "view") if table else ("table",)
        if not table:
            # of one scan of all columns; looking for a better plan takes longer than a small table
            catalogue.connection.execute("pragma disable_optimizer")
        catalogue.check_holds(worlds)
        for model in catalogue.models(worlds, table or []):
            if model.form in forms:
                columns = columns_of(catalogue.connection, model.sql)
                rows, content = count_rows(catalogue.connection, model.sql, columns)
                names = {"schema": model.layer, "name": model.name}
                records.append({**names, "rows": rows, "fingerprint": content})
    if not records:
        raise DioramaError(
            f"{catalogue.path} holds none of these tables. Build them with `diorama build`."
        )
    if as_json:
        print_json(records)
        return
    named = [f"{record['schema']}.{record['name']}" for record in records]
    for name, record in zip(named, records, strict=True):
        print_line(
            f"{name:<{max(map(len, named))}}  {record['rows']:>13,}  {record['fingerprint']}"
        )
    if not quiet:
        narrate("Equal fingerprints mean equal rows, in any order.")
