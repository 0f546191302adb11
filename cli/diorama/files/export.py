"""`diorama export`: writes tables to files in a scratch directory, then renames them."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from diorama.engines.sql import (
    columns_of,
    content_fingerprint,
    copy_statement,
    identifier,
    literal,
)
from diorama.errors import DioramaError, UsageError, explain, nearest
from diorama.files.export_manifest import (
    ExportedFile,
    extended_manifest,
    write_manifest,
)
from diorama.files.export_query import (
    chosen_columns,
    columns_beyond_double,
    expressions,
    folder_of,
    partition_key,
    select_list,
)
from diorama.files.formats import ENDINGS, Compression, Format, Layout
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import Catalogue, Relation, open_database
from diorama.ui.terminal import (
    BuildProgress,
    format_count,
)
from diorama.worlds import CUSTOM

if TYPE_CHECKING:
    import duckdb

MOST_FOLDERS = 2000
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
# what no analyst could see
HIDDEN_LAYERS = ("generate", "truth")


@dataclass(frozen=True)
class ExportRequest:
    """A request to export tables.

    Attributes:
        directory: Directory to write to.
        format: File format.
        compression: None for the format's default: zstd for Parquet, none for text.
        worlds: The worlds; empty for all.
        tables: Tables by export name, its last part, or model name; empty for all that have an
            export name.
        partition_by: Column whose values become folders, or None.
        all_columns: Whether to write every column instead of the documented ones.
        as_floats: Whether to write decimals as doubles.
        has_latent: Whether to write the latent columns that some documented files have.
        is_sorted: Whether to sort rows by the table's key.
        sort_by: A column by which rows are sorted before the key, where a table has it.
        layout: Folders below each world.
        is_versioned: Whether to write to a directory named by the content.
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
    sort_by: str | None
    layout: Layout
    is_versioned: bool
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


def export(
    project: Project, path: Path, request: ExportRequest
) -> tuple[Path, dict[str, Any], list[ExportedFile]]:
    """Writes tables to files; an earlier export changes only when all new files are complete.

    Args:
        project: The project.
        path: The database file.
        request: What to export.

    Returns:
        The directory, its manifest, and the files that were written.

    Raises:
        DioramaError: The export failed; the directory is unchanged.
    """
    if request.partition_by is not None and not request.partition_by.strip():
        raise UsageError(
            "--partition-by takes the name of a column, but got none. Leave it out for one file."
        )
    if request.format.is_database and (
        request.partition_by
        or request.compression
        or request.is_versioned
        or request.layout is not Layout.plain
    ):
        raise UsageError(
            "--partition-by, --compression, --layout and --version-dir are for files. Leave them "
            f"out with --format {request.format}."
        )
    if request.format != Format.parquet and request.compression == Compression.snappy:
        raise UsageError(
            f"{request.format} files are compressed with gzip, zstd or none. "
            "Give one of these."
        )
    if request.sort_by is not None and not request.is_sorted:
        raise UsageError(
            "--sort-by and --no-sort contradict each other. Give one of them."
        )
    kept = "is unchanged" if request.directory.exists() else "was not made"
    interrupted = f"Interrupted. {request.directory} {kept}."
    with open_database(path) as catalogue:
        relations = _choose(catalogue, request)
        tables = [_Table(catalogue, relation, request) for relation in relations]
        if request.partition_by and not any(table.folder for table in tables):
            raise UsageError(
                f"No exported table has a column '{request.partition_by}'. "
                "Choose another for --partition-by."
            )
        if request.sort_by and not any(request.sort_by in t.types for t in tables):
            raise UsageError(
                f"No exported table has a column '{request.sort_by}'. "
                "Choose another for --sort-by."
            )
        if request.format.is_database:
            return _export_database(catalogue, tables, request, interrupted)
        _make_directory(request.directory)
        with scratch_directory(request.directory, "export", interrupted) as scratch:
            progress = BuildProgress("Writing", request.quiet)
            files: list[ExportedFile] = []
            with progress.showing():
                for table in tables:
                    for file in table.write(scratch):
                        files.append(file)
                        rows = f"{format_count(file.rows)} rows"
                        progress.finish(table.relation.name, rows)
            folders = {table.place for table in tables if table.folder}
            directory = request.directory
            if request.is_versioned:
                directory = request.directory / version_of(files)
            # A version holds this export alone: nothing of an earlier one is kept in it.
            before = scratch if request.is_versioned else directory
            manifest = extended_manifest(
                project, before, files, folders, relations, catalogue.run()
            )
            if request.is_versioned:
                _put_version_in_place(directory, scratch, files, manifest)
            else:
                _put_in_place(directory, scratch, files, folders)
                write_manifest(directory, scratch, manifest)
                _write_verification(catalogue, directory, request, relations)
    return directory, manifest, files


def _export_database(
    catalogue: Catalogue,
    tables: list["_Table"],
    request: ExportRequest,
    interrupted: str,
) -> tuple[Path, dict[str, Any], list[ExportedFile]]:
    """Writes tables into one database, DuckDB's or a DuckLake, each in the schema of its world."""
    connection = catalogue.connection
    if request.format is Format.ducklake:
        _load_extension(connection, "ducklake")
    _make_directory(request.directory)
    name = f"diorama.{request.format}"
    with scratch_directory(request.directory, "export", interrupted) as scratch:
        # a DuckLake keeps its earlier snapshots, and is changed by one transaction
        if request.format is Format.ducklake:
            made = request.directory / name
            data = literal(f"{request.directory / 'data'}{os.sep}")
            # rows inlined in its catalogue would lose the last bit of a number
            attached = (
                f"{literal(f'ducklake:{made}')} as exported_to "
                f"(data_path {data}, data_inlining_row_limit 0)"
            )
        else:
            made = scratch / name
            # which DuckDB 1.4 and later read
            attached = f"{literal(made)} as exported_to (storage_version 'v1.4.0')"
        connection.execute(f"attach {attached}")
        connection.execute("begin")
        files = [table.write_into("exported_to", made, Path(name)) for table in tables]
        connection.execute("commit")
        connection.execute("detach exported_to")
        if request.format is Format.duckdb:
            os.replace(made, request.directory / name)
    said = {
        "database": name,
        "tables": [
            {"table": file.table, "rows": file.rows, "fingerprint": file.fingerprint}
            for file in files
        ],
    }
    return request.directory, said, files


def _load_extension(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    """Loads an extension that is installed; none is downloaded unasked."""
    import duckdb

    connection.execute("set autoinstall_known_extensions = false")
    try:
        connection.execute(f"load {name}")
    except duckdb.Error as error:
        install = f"""{sys.executable} -c "import duckdb; duckdb.execute('install {name}')\""""
        raise DioramaError(
            f"DuckDB's extension {name} is not installed, which --format {name} needs. "
            f"Install it with {install}, or export Parquet."
        ) from error


def _write_verification(
    catalogue: Catalogue,
    directory: Path,
    request: ExportRequest,
    relations: list[Relation],
) -> None:
    """Writes verify.sql beside the files of a declared world, where all of them are there."""
    candidates = catalogue.models([CUSTOM])
    wanted = {model.name for model in candidates if _declared(model)}
    is_whole = wanted and wanted <= {relation.name for relation in relations}
    if not is_whole or request.layout != Layout.plain or request.partition_by:
        return
    from diorama.worlds.verify import verification

    ((text,),) = catalogue.rows("select declaration from catalogue.declared_world")
    declared = json.loads(text)
    as_of = next(model for model in candidates if model.settings).settings
    if as_of.get("as_of") or as_of.get("custom_as_of"):
        return  # what is not delivered yet would look like a mistake
    declared["settings"] |= {
        name: as_of[name] for name in declared["settings"] if name in as_of
    }
    script = directory / declared["folder"] / "verify.sql"
    script.write_text(
        verification(declared, request.format.value, request.suffix()), encoding="utf-8"
    )


class _Table:
    """A table that is exported."""

    def __init__(
        self, catalogue: Catalogue, relation: Relation, request: ExportRequest
    ) -> None:
        self.connection, self.relation, self.request = (
            catalogue.connection,
            relation,
            request,
        )
        self.place = _place(relation, request)
        self.types = columns_of(self.connection, relation.sql)
        self.folder = folder_of(self.types, request.partition_by)

    def write(self, scratch: Path) -> Iterator[ExportedFile]:
        """Writes one file, or one per value of the partition column.

        One statement per partition keeps memory low; PARTITION_BY holds all of them open.
        """
        request, columns = self.request, self._columns()
        key, written = "cast(null as varchar)", columns
        if self.folder and request.partition_by:
            key = partition_key(self.types, request.partition_by)
            # a moment stays in the file; any other column is left to the folder's name
            left = {request.partition_by} & {self.folder}
            written = {name: of for name, of in columns.items() if name not in left}
        query = self._query(columns, written)
        grouped = "group by 1 order by 1" if self.folder else ""
        parts = self.connection.execute(
            f"select {key}, count(*), {content_fingerprint(columns)} "
            f"from {self.relation.sql} {grouped}"
        ).fetchall()
        if len(parts) > MOST_FOLDERS:
            raise UsageError(
                f"Column '{request.partition_by}' of {self.relation.name} has {len(parts)} values, "
                f"and at most {MOST_FOLDERS} folders are written. Partition by a date, or by a "
                "column with few values."
            )
        for number, (value, rows, content) in enumerate(parts):
            made = scratch / f"{self.relation.name}.{number}{request.suffix()}"
            of_value = "is null" if value is None else f"= {literal(value)}"
            where = f" where {key} {of_value}" if self.folder else ""
            self.connection.execute(
                copy_statement(
                    query + where + self._order(),
                    made,
                    request.format.value,
                    request.duckdb_compression(),
                )
            )
            yield ExportedFile(
                made,
                self._path(value),
                self.relation.name,
                self.relation.world,
                self.relation.key,
                rows,
                made.stat().st_size,
                content,
            )

    def write_into(self, database: str, made: Path, path: Path) -> ExportedFile:
        """Writes a table of an attached database, in place of one of its name."""
        columns = self._columns()
        schema, name = map(identifier, self.place.parts)
        self.connection.execute(f"create schema if not exists {database}.{schema}")
        self.connection.execute(
            f"create or replace table {database}.{schema}.{name} as "
            f"{self._query(columns, columns)}{self._order()}"
        )
        ((rows, content),) = self.connection.execute(
            f"select count(*), {content_fingerprint(columns)} from {self.relation.sql}"
        ).fetchall()
        relation = self.relation
        return ExportedFile(
            *(made, path, relation.name, relation.world, relation.key),
            *(rows, 0, content),
        )

    def _columns(self) -> dict[str, str]:
        said = _declared(self.relation)
        return chosen_columns(
            self.types,
            None if self.request.all_columns else said.get("columns"),
            [] if self.request.has_latent else said.get("latent") or [],
        )

    def _query(self, columns: dict[str, str], written: dict[str, str]) -> str:
        named = expressions(written, self._shape(columns))
        named |= {} if self.request.all_columns else _derived(self.relation)
        return f"select {select_list(named)} from {self.relation.sql} as exported"

    def _shape(self, columns: dict[str, str]) -> dict[str, Any]:
        """How the columns differ in files of the format."""
        said, shape = _declared(self.relation), {"as_floats": self.request.as_floats}
        if self.request.format == Format.csv:
            return shape | {"nulls": said.get("csv_nulls")}
        if self.request.format == Format.jsonl:
            texts = columns_beyond_double(self.connection, self.relation.sql, columns)
            return shape | (said.get("jsonl") or {}) | {"texts": texts}
        return shape

    def _order(self) -> str:
        """The order of the rows: that of the key, or of all columns where there is none.

        Sorted by a moment, each row group of a Parquet file holds a span of time, so that engines
        leave out the others by their smallest and largest values.
        """
        names = self.relation.key or list(self.types)
        if self.request.sort_by in self.types:
            names = list(dict.fromkeys([self.request.sort_by, *names]))
        sorting = ", ".join(f"exported.{identifier(name)}" for name in names)
        return f" order by {sorting}" if self.request.is_sorted else ""

    def _path(self, value: str | None) -> Path:
        suffix = self.request.suffix()
        if not self.folder:
            return self.place.with_name(self.place.name + suffix)
        written = HIVE_NULL if value is None else quote(value, safe=" ")
        return self.place / f"{self.folder}={written}" / f"data{suffix}"


def _choose(catalogue: Catalogue, request: ExportRequest) -> list[Relation]:
    """The built models to export; a short name stands for that table of every built world."""
    catalogue.check_holds(request.worlds)
    candidates = catalogue.models(request.worlds)
    if request.tables:
        chosen: list[Relation] = []
        missing: list[str] = []
        for asked in request.tables:
            found = [model for model in candidates if asked in _names(model)]
            if not found:
                names = [name for model in candidates for name in _names(model)]
                raise UsageError(
                    f"There is no table '{asked}'.{nearest(asked, names)} See `diorama list`."
                )
            held = [model for model in found if model.form]
            chosen += [model for model in held if model not in chosen]
            missing += [] if held else [model.name for model in found]
        if missing:
            raise DioramaError(
                f"{catalogue.path} does not hold {', '.join(missing)}. Build it with "
                "`diorama build`."
            )
        hidden = [model.name for model in chosen if model.layer in HIDDEN_LAYERS]
        if hidden and not request.has_latent:
            raise UsageError(
                f"All of {hidden[0]} is latent: it is of the layer {HIDDEN_LAYERS[0]} or "
                f"{HIDDEN_LAYERS[1]}. Give other tables, or leave --no-latent out."
            )
        return chosen
    present = [model for model in candidates if _declared(model) and model.form]
    if not present:
        raise DioramaError(
            f"{catalogue.path} holds no table to export. Build one with `diorama build`."
        )
    return present


def _declared(model: Relation) -> dict[str, Any]:
    """The model's `meta.export`: export name, and columns if not all are documented."""
    return model.meta.get("export") or {}


def _derived(model: Relation) -> dict[str, str]:
    """Further columns, each by its expression, for the settings that the world was built from."""
    found: dict[str, str] = {}
    for setting, by_value in (_declared(model).get("derived") or {}).items():
        found |= by_value.get(model.settings.get(setting)) or {}
    return found


def _export_name(model: Relation) -> str:
    return _declared(model).get("name") or f"{model.world or model.layer}/{model.name}"


def _names(model: Relation) -> set[str]:
    """All names that select a model."""
    name = _export_name(model)
    return {model.name, name, name.split("/")[-1]}


def _place(model: Relation, request: ExportRequest) -> Path:
    """The path of a table below the directory, without its ending."""
    world, _, name = _export_name(model).partition("/")
    if request.layout == Layout.lake:
        return Path(world, "raw" if model.layer == "raw" else "processed", name)
    return Path(world, name)


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
    """Renames the files into place; the folder of a partitioned table is replaced as a whole."""
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
