"""`diorama check`: validates files of the learning world by its gates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diorama.engines.dbt import MEMORY, Dbt
from diorama.errors import DioramaError, UsageError
from diorama.files.export_manifest import MANIFEST_NAME, read_manifest
from diorama.project import Project
from diorama.ui.terminal import format_count, narrate, print_json, print_line

WORLD = "learning"
TABLES = (
    "users",
    "events",
    "users_clean",
    "events_clean",
    "user_daily",
    "user_features_daily",
    "labels_daily",
    "training_dataset",
)
FORMATS = ("parquet", "csv", "jsonl")
ENDINGS = ("", ".gz", ".zst")


@dataclass(frozen=True)
class Table:
    """The files of one table.

    Attributes:
        name: Its export name, without the world.
        files: Its files.
        format: Their format.
    """

    name: str
    files: list[Path]
    format: str


def check(project: Project, directory: Path, as_json: bool, quiet: bool) -> None:
    """Checks the files of a directory, prints one line per fault to stdout, and counts raw defects.

    Args:
        project: The project.
        directory: Where the files are, as `diorama export` wrote them or without folders.
        as_json: Whether to print one JSON document instead of lines.
        quiet: Whether only faults are shown.

    Raises:
        DioramaError: There are faults.
    """
    if not directory.is_dir():
        raise UsageError(f"There is no directory {directory}. Give one with files.")
    tables = find_tables(directory)
    names = {table.name for table in tables}
    lacking = [
        name for name in ("users", "events") if not names & {name, f"{name}_clean"}
    ]
    if lacking:
        raise DioramaError(
            f"{directory} has no file of {' and none of '.join(lacking)}: "
            f"{lacking[0]}.csv, .jsonl or .parquet, or {lacking[0]}_clean. "
            f"Write them with `diorama export --world {WORLD}`."
        )
    found = find_faults(Dbt(project, MEMORY), tables)
    faults = [_line(record) for record in found if not record.get("is_raw")]
    faults += [
        f"{path}: the file is missing, but {MANIFEST_NAME} lists it"
        for path in _lost_files(directory)
    ]
    if as_json:
        document = {
            "directory": str(directory),
            "tables": [table.name for table in tables],
            "faults": faults,
            "raw_defects": [_line(record) for record in found if record.get("is_raw")],
        }
        print_json(document)
    for line in [] if as_json else faults:
        print_line(line)
    if not quiet and not as_json:
        for record in found:
            if record.get("is_raw"):
                narrate(f"{_line(record)} (raw: cleaning takes it away)")
    if faults:
        raise DioramaError(f"{len(faults)} gates are broken in {directory}.")
    if not quiet and not as_json:
        narrate(f"{directory}: {len(tables)} tables keep all gates.")


def find_faults(dbt: Dbt, tables: list[Table]) -> list[dict[str, Any]]:
    """What the run-operation `check` finds in the tables.

    Args:
        dbt: dbt on a database in memory.
        tables: The tables with their files.

    Returns:
        A record {table, message, faults} for each broken gate; with is_raw where it only counts.
    """
    orders = [
        {
            "name": table.name,
            "files": [str(file) for file in table.files],
            "format": table.format,
        }
        for table in tables
    ]
    return dbt.operation("check", {"tables": orders})


def _line(record: dict[str, Any]) -> str:
    rows = format_count(record["faults"])
    return f"{record['table']}: {record['message']} ({rows} found)"


def find_tables(directory: Path) -> list[Table]:
    """The tables of the world whose files are in a directory, in order."""
    return [table for name in TABLES if (table := _find(directory, name))]


def _find(directory: Path, name: str) -> Table | None:
    """The files of a table: alone, or in folders by the values of a column.

    Where it is there in several ways, those count that the manifest lists: the last export.
    """
    listed = {directory / entry["path"] for entry in _listed(directory)}
    found = []
    for folder in (
        directory / WORLD,
        directory / WORLD / "raw",
        directory / WORLD / "processed",
        directory,
    ):
        for kind in FORMATS:
            for ending in ENDINGS:
                suffix = f".{kind}{ending}"
                file = folder / f"{name}{suffix}"
                parts = sorted((folder / name).glob(f"*=*/*{suffix}"))
                for files in ([file] if file.is_file() else [], parts):
                    if files:
                        found.append(Table(name, files, kind))
    return max(found, key=lambda table: listed.issuperset(table.files), default=None)


def _lost_files(directory: Path) -> list[str]:
    """The files of the world that the manifest of the directory lists and that are not there."""
    return [
        entry["path"]
        for entry in _listed(directory)
        if not (directory / entry["path"]).is_file()
    ]


def _listed(directory: Path) -> list[dict[str, Any]]:
    """What the manifest of the directory says of the world's files."""
    files = read_manifest(directory).get("files", [])
    return [entry for entry in files if entry["world"] == WORLD]
