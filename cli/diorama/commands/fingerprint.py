"""`diorama fingerprint`: a number per table that tells whether two hold the same rows."""

from pathlib import Path

from diorama.engines.sql import columns_of, count_rows
from diorama.errors import DioramaError
from diorama.project.catalogue import open_database
from diorama.ui.terminal import narrate, print_json, print_line


def fingerprint(
    path: Path,
    worlds: list[str],
    names: list[str],
    as_json: bool,
    quiet: bool,
) -> None:
    """Prints rows and content fingerprint of each built table to stdout.

    Args:
        path: The database file.
        worlds: The worlds; none for all.
        names: Models to take alone, views among them; none for all tables. A view holds no rows of
            its own, so that tables are enough to compare two databases.
        as_json: Whether to print one JSON document instead of lines.
        quiet: Whether to leave out the remark on stderr.
    """
    with open_database(path) as catalogue:
        forms = ("table", "view") if names else ("table",)
        built = [r for r in catalogue.models(worlds, names) if r.form in forms]
        if not built:
            raise DioramaError(
                f"{path} holds none of these tables. Make them with `diorama build`."
            )
        records = []
        for relation in built:
            columns = columns_of(catalogue.connection, relation.sql)
            rows, content = count_rows(catalogue.connection, relation.sql, columns)
            records.append(
                {
                    "schema": relation.layer,
                    "name": relation.name,
                    "rows": rows,
                    "fingerprint": content,
                }
            )
    if as_json:
        print_json(records)
        return
    width = max(len(relation.sql) for relation in built)
    for relation, record in zip(built, records, strict=True):
        print_line(
            f"{relation.sql:<{width}}  {record['rows']:>13,}  {record['fingerprint']}"
        )
    if not quiet:
        narrate("Equal fingerprints mean equal rows, in whatever order.")
