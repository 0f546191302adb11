"""`diorama export`: tables to files, finished elsewhere and renamed, with a manifest."""

import difflib
import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diorama.database import require_database
from diorama.dbt import Dbt, Watcher, world_of
from diorama.diff import keys_of_models
from diorama.errors import DioramaError, UsageError, explain
from diorama.manifest import (
    MANIFEST_NAME,
    ExportedFile,
    extended_manifest,
    write_manifest,
)
from diorama.project import Project
from diorama.scratch import scratch_directory
from diorama.terminal import (
    BuildProgress,
    format_bytes,
    format_count,
    narrate,
    print_json,
    print_table,
)

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
# what no analyst could see
HIDDEN_LAYERS = ("generate", "truth")


class Format(StrEnum):
    """A file format."""

    parquet = "parquet"
    csv = "csv"
    jsonl = "jsonl"


class Compression(StrEnum):
    """How files are compressed."""

    none = "none"
    snappy = "snappy"
    gzip = "gzip"
    zstd = "zstd"


class Layout(StrEnum):
    """The folders of an export."""

    plain = "plain"
    lake = "lake"


ENDINGS = {Compression.none: "", Compression.gzip: ".gz", Compression.zstd: ".zst"}


@dataclass(frozen=True)
class ExportRequest:
    """What to export, and how.

    Attributes:
        directory: Where to.
        format: The file format.
        compression: None for the format's default: zstd for Parquet, none for text.
        worlds: The worlds; none for all.
        tables: By export name, its last part, or model name; none for all that have one.
        partition_by: The column whose values become folders, or None.
        all_columns: Whether to write every column instead of the documented ones.
        as_floats: Whether decimals are written as doubles.
        has_latent: Whether the latent columns that some documented files have are written.
        is_sorted: Whether the rows are in the order of the table's key.
        layout: The folders below each world.
        is_versioned: Whether the files go to a directory of their own, named by their content.
        as_json: Whether to print the manifest instead of a table.
        quiet: Whether only errors are shown.
    """

    directory: Path
    format: Format
    compression: Compression | None
    worlds: list[str]
    tables: list[str]
    partition_by: str | None
    all_columns: bool
    as_floats: bool
    has_latent: bool
    is_sorted: bool
    layout: Layout
    is_versioned: bool
    as_json: bool
    quiet: bool

    def suffix(self) -> str:
        """The ending of the files' names."""
        if self.format == Format.parquet:
            return ".parquet"
        return f".{self.format}{ENDINGS[self.compression or Compression.none]}"

    def duckdb_compression(self) -> str:
        """The compression as DuckDB calls it."""
        if self.format == Format.parquet:
            chosen = self.compression or Compression.zstd
            return "uncompressed" if chosen == Compression.none else chosen.value
        return (self.compression or Compression.none).value


class _Written(Watcher):
    def __init__(self, progress: BuildProgress) -> None:
        self.progress = progress

    def emitted(self, record: dict[str, Any]) -> None:
        if "path" in record:
            self.progress.finish(record["name"], f"{format_count(record['rows'])} rows")


def export(project: Project, path: Path, request: ExportRequest) -> None:
    """Writes tables to files; an old export changes only when all new files are complete.

    Args:
        project: The project.
        path: The database file.
        request: What to export.

    Raises:
        DioramaError: The export failed; what was in the directory is as it was.
    """
    if request.partition_by is not None and not request.partition_by.strip():
        raise UsageError(
            "--partition-by takes the name of a column, but got none. Leave it out for one file."
        )
    if request.format != Format.parquet and request.compression == Compression.snappy:
        raise UsageError(
            f"{request.format} files are compressed with gzip, zstd or none. "
            "Give one of these."
        )
    require_database(path, project.log)
    dbt = Dbt(project, path, read_only=True)
    built = {
        (fact["schema"], fact["name"])
        for fact in dbt.operation("describe", {})[0]["relations"]
    }
    models = _choose(dbt.models(), request, built)
    keys = keys_of_models(dbt) if request.is_sorted else {}
    _make_directory(request.directory)

    with scratch_directory(
        request.directory, "export", f"Interrupted. {request.directory} is as it was."
    ) as scratch:
        tables = [
            {
                "schema": model.schema,
                "name": model.alias,
                "columns": None
                if request.all_columns
                else _declared(model).get("columns"),
                "without": [] if request.has_latent else _declared(model).get("latent"),
                "order": keys.get(model.unique_id, []) if request.is_sorted else None,
                "path": str(scratch / str(number)),
                "shape": _declared(model).get("jsonl"),
                "csv_nulls": _declared(model).get("csv_nulls"),
                "derived": None
                if request.all_columns
                else _declared(model).get("derived"),
            }
            for number, model in enumerate(models)
        ]
        arguments = {
            "tables": tables,
            "format": request.format.value,
            "suffix": request.suffix(),
            "compression": request.duckdb_compression(),
            "partition_by": request.partition_by,
            "as_floats": request.as_floats,
        }
        progress = BuildProgress("Writing", request.quiet)
        with progress.showing():
            *records, origin = dbt.operation("export", arguments, _Written(progress))

        places = {model.alias: _place(model, request) for model in models}
        worlds = {model.alias: world_of(model) for model in models}
        files = [_file(record, places, worlds, request.suffix()) for record in records]
        folders = {places[name] for name, folder in origin["folders"].items() if folder}
        directory = request.directory
        if request.is_versioned:
            directory = request.directory / version_of(files)
        # A version holds this export alone, so that nothing of an earlier one is kept in it.
        before = scratch if request.is_versioned else directory
        manifest = extended_manifest(project, before, files, folders, origin, worlds)
        if request.is_versioned:
            _put_version_in_place(directory, scratch, files, manifest)
        else:
            _put_in_place(directory, scratch, files, folders)
            write_manifest(directory, scratch, manifest)
    if request.as_json:
        print_json({"directory": str(directory), **manifest})
    elif not request.quiet:
        _report(directory, places, files)


def _choose(
    models: list[Any], request: ExportRequest, built: set[tuple[str, str]]
) -> list[Any]:
    """The built models that were asked for; a short name means that table of every built world."""
    candidates = [
        model
        for model in models
        if not request.worlds or world_of(model) in request.worlds
    ]
    if request.tables:
        chosen = []
        missing = []
        for asked in request.tables:
            found = [model for model in candidates if asked in _names(model)]
            if not found:
                names = [name for model in candidates for name in _names(model)]
                near = difflib.get_close_matches(asked, names, n=1)
                hint = f" The nearest is {near[0]}." if near else ""
                raise UsageError(
                    f"There is no table '{asked}'.{hint} See `diorama list`."
                )
            held = [model for model in found if (model.schema, model.alias) in built]
            chosen += [model for model in held if model not in chosen]
            missing += [] if held else [model.name for model in found]
        if missing:
            raise DioramaError(
                f"The database does not hold {', '.join(missing)}. Make it with `diorama build`."
            )
        hidden = [model.name for model in chosen if model.schema in HIDDEN_LAYERS]
        if hidden and not request.has_latent:
            raise UsageError(
                f"All of {hidden[0]} is latent: it is of the layer {HIDDEN_LAYERS[0]} or "
                f"{HIDDEN_LAYERS[1]}. Give other tables, or leave --no-latent out."
            )
        return chosen
    present = [
        model
        for model in candidates
        if _declared(model) and (model.schema, model.alias) in built
    ]
    if not present:
        raise DioramaError(
            "The database holds no table to export. Make them with `diorama build`."
        )
    return present


def _declared(model: Any) -> dict[str, Any]:
    """What the model's YAML says of its export: name, and columns where not all are documented."""
    return model.config.meta.get("export") or {}


def _export_name(model: Any) -> str:
    return (
        _declared(model).get("name")
        or f"{world_of(model) or model.schema}/{model.name}"
    )


def _names(model: Any) -> set[str]:
    """All names by which a model can be asked for."""
    name = _export_name(model)
    return {model.name, name, name.split("/")[-1]}


def _place(model: Any, request: ExportRequest) -> Path:
    """The path of a table below the directory, without its ending."""
    world, _, name = _export_name(model).partition("/")
    if request.layout == Layout.lake:
        return Path(world, "raw" if model.schema == "raw" else "processed", name)
    return Path(world, name)


def _file(
    record: dict[str, Any],
    places: dict[str, Path],
    worlds: dict[str, str | None],
    suffix: str,
) -> ExportedFile:
    """What one record of the run-operation `export` says, with the file's place."""
    place = places[record["name"]]
    if record["folder"] is None:
        path = place.with_name(place.name + suffix)
    else:
        value = (
            HIVE_NULL if record["value"] is None else quote(record["value"], safe=" ")
        )
        path = place / f"{record['folder']}={value}" / f"data{suffix}"
    made = Path(record["path"])
    return ExportedFile(
        made=made,
        path=path,
        table=record["name"],
        world=worlds[record["name"]],
        rows=record["rows"],
        bytes=made.stat().st_size,
        fingerprint=record["fingerprint"],
    )


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DioramaError(
            f"{directory} cannot be made ({error.strerror}). Give another place with --to."
        ) from error


def _put_in_place(
    directory: Path, scratch: Path, files: list[ExportedFile], folders: set[Path]
) -> None:
    """Renames the files to their places; a partitioned table's folder is replaced whole."""
    finished, replaced = scratch / "finished", scratch / "replaced"
    try:
        for file in files:
            (finished / file.path).parent.mkdir(parents=True, exist_ok=True)
            (
                directory / file.path.parent
                if not _folder_of(file, folders)
                else directory
            ).mkdir(parents=True, exist_ok=True)
            os.replace(file.made, finished / file.path)
        for folder in folders:
            (replaced / folder).parent.mkdir(parents=True, exist_ok=True)
            (directory / folder).parent.mkdir(parents=True, exist_ok=True)
            if (directory / folder).exists():
                os.replace(directory / folder, replaced / folder)
            if (finished / folder).exists():
                os.replace(finished / folder, directory / folder)
        for file in files:
            if not _folder_of(file, folders):
                os.replace(finished / file.path, directory / file.path)
    except OSError as error:
        raise explain(str(error), str(directory)) from error


def version_of(files: list[ExportedFile]) -> str:
    """The version of an export: a fingerprint of the names and the content of all its files.

    Args:
        files: The files.

    Returns:
        16 hexadecimal digits, the same for the same rows in whatever order they were written.
    """
    content = hashlib.sha256()
    for file in sorted(files, key=lambda file: str(file.path)):
        content.update(f"{file.path}\t{file.rows}\t{file.fingerprint}\n".encode())
    return content.hexdigest()[:16]


def _put_version_in_place(
    directory: Path,
    scratch: Path,
    files: list[ExportedFile],
    manifest: dict[str, Any],
) -> None:
    """Renames a complete version to its place; one that is there already has the same content."""
    finished = scratch / "finished"
    try:
        finished.mkdir()
        for file in files:
            (finished / file.path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(file.made, finished / file.path)
        write_manifest(finished, scratch, manifest)
        if directory.exists():
            os.replace(directory, scratch / "replaced")
        os.replace(finished, directory)
    except OSError as error:
        raise explain(str(error), str(directory)) from error


def _folder_of(file: ExportedFile, folders: set[Path]) -> bool:
    return not folders.isdisjoint(file.path.parents)


def _report(
    directory: Path, places: dict[str, Path], files: list[ExportedFile]
) -> None:
    rows = []
    for name, place in places.items():
        of_table = [file for file in files if file.table == name]
        shown = (
            str(of_table[0].path)
            if len(of_table) == 1
            else f"{place}/ ({len(of_table)} files)"
        )
        row_count, size = (
            sum(file.rows for file in of_table),
            sum(file.bytes for file in of_table),
        )
        rows.append([shown, format_count(row_count), format_bytes(size)])
    print_table(
        f"Written to {directory}",
        ["file", "rows", "size"],
        rows,
        right=["rows", "size"],
    )
    narrate("")
    narrate(f"Settings, versions and fingerprints are in {directory / MANIFEST_NAME}.")
