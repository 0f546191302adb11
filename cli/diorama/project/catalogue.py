"""The catalogue that a build writes into the database, read without dbt."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diorama.engines.database import check_place, hide_progress, quote
from diorama.engines.sql import text_number
from diorama.errors import DioramaError, UsageError, explain, nearest
from diorama.project import Project, load_yaml
from diorama.worlds import CUSTOM

if TYPE_CHECKING:
    import duckdb

LAYERS = ("generate", "raw", "staging", "intermediate", "marts", "truth")
NO_WORLD = "run"  # what the worlds share, such as gen__run
RELATIONS = """
    select
        relations.* exclude (dbt_version, duckdb_version),
        built.form,
        built.comment
    from {database}.catalogue.relations
    left join (
        select schema_name, table_name, 'table' as form, comment from duckdb_tables()
        where database_name = '{database}'
        union all
        select schema_name, view_name, 'view', comment from duckdb_views()
        where database_name = '{database}'
    ) as built on relations.layer = built.schema_name and relations.name = built.table_name
"""


@dataclass(frozen=True)
class Relation:
    """A model or seed of the project.

    Attributes:
        name: Its name.
        kind: `model` or `seed`.
        layer: Its schema.
        world: Its world, or None if the worlds share it.
        description: Its description, which begins with the grain.
        columns: Descriptions by column.
        key: The columns of the unique key; empty if no test declares one.
        parents: The relations that it reads.
        meta: Its `meta` for the command line: export, explain, stream, shards.
        form: `table` or `view` if it is built, else None.
        built_from: Settings and deliveries that it was built from.
    """

    name: str
    kind: str
    layer: str
    world: str | None
    description: str
    columns: dict[str, str]
    key: list[str]
    parents: list[str]
    meta: dict[str, Any]
    form: str | None = None
    built_from: dict[str, Any] | None = None

    @property
    def sql(self) -> str:
        """The name in SQL."""
        return f"{self.layer}.{self.name}"

    @property
    def grain(self) -> str:
        """The grain: the first sentence of the description."""
        return re.split(r"(?<=[.])\s", self.description, maxsplit=1)[0].rstrip(".")

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that it was built from."""
        return (self.built_from or {}).get("values") or {}


class Catalogue:
    """A database that is open for reading.

    Attributes:
        path: The file.
        connection: The connection.
        relations: All relations of the project by name, in the order in which they are built.
    """

    def __init__(
        self,
        path: Path,
        connection: duckdb.DuckDBPyConnection,
        database: str,
        is_needed: bool = True,
    ) -> None:
        """Opens a database, whatever the name of its file, and reads its catalogue.

        Args:
            path: The file.
            connection: A connection.
            database: Name under which to attach the database.
            is_needed: Whether to refuse a database without a catalogue.

        Raises:
            DioramaError: There is no database, it cannot be read, or it has no catalogue.
        """
        import duckdb

        check_place(path)
        if not path.is_file():
            raise DioramaError(
                f"There is no database at {path}. Build one with `diorama build`, or name "
                "another with --database."
            )
        self.path, self.connection = path, connection
        try:
            connection.execute(f"attach {quote(path)} as {database} (read_only)")
        except duckdb.Error as error:
            problem = explain(str(error))
            raise type(problem)(f"{path}: {problem}") from error
        has_catalogue = self.rows(
            f"select 1 from duckdb_tables() where database_name = '{database}' "
            "and schema_name = 'catalogue' and table_name = 'relations'"
        )
        if is_needed and not has_catalogue:
            raise DioramaError(
                f"{path} was not built by this version of diorama (it has no table "
                "catalogue.relations). Build it again with `diorama build`."
            )
        rows = self.rows(RELATIONS.format(database=database)) if has_catalogue else []
        self.relations = {r.name: r for r in _ordered(list(map(_relation, rows)))}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(query).fetchall()

    def models(
        self, worlds: Sequence[str] = (), names: Sequence[str] = ()
    ) -> list[Relation]:
        """The models of some worlds.

        Args:
            worlds: The worlds; empty for all.
            names: Names of the models; empty for all.

        Returns:
            The models, in the order of the names or else of the build.

        Raises:
            UsageError: There is no model of such a name.
        """
        models = {
            relation.name: relation
            for relation in self.relations.values()
            if relation.kind == "model" and (not worlds or relation.world in worlds)
        }
        for name in names:
            if name not in models:
                raise UsageError(
                    f"There is no table '{name}'.{nearest(name, models)} See `diorama list`."
                )
        return [models[name] for name in names] or list(models.values())

    def check_holds(self, worlds: Sequence[str]) -> None:
        """Refuses worlds of which the database has no table.

        Args:
            worlds: Worlds that the user asked for.

        Raises:
            DioramaError: Names the first that is missing, and the command that builds it.
        """
        held = {
            r.world for r in self.relations.values() if r.form and r.kind == "model"
        }
        for world in worlds:
            if world not in held:
                raise DioramaError(f"{self.path} does not hold {missing_world(world)}")

    def run(self) -> dict[str, Any] | None:
        """Seed and root key of the last run; None before the first."""
        if self.relations["gen__run"].form is None:
            return None
        ((seed, root_key),) = self.rows("select seed, root_key from generate.gen__run")
        return {"seed": seed, "root_key": root_key}

    def row_counts(self) -> dict[str, int]:
        """Number of rows of each built table."""
        return self._of_tables("count(*)", "{}")

    def byte_counts(self) -> dict[str, int]:
        """Size in bytes of the blocks of each table; small tables share blocks."""
        return self._of_tables(
            "262144 * count(distinct block_id)",
            "pragma_storage_info('{}') where block_id >= 0",
        )

    def _of_tables(self, aggregate: str, source: str) -> dict[str, int]:
        queries = [
            f"select '{table.name}', {aggregate} from {source.format(table.sql)}"
            for table in self.relations.values()
            if table.form == "table"
        ]
        return dict(self.rows(" union all ".join(queries))) if queries else {}


@contextmanager
def open_database(path: Path, is_needed: bool = True) -> Iterator[Catalogue]:
    """Opens a database for reading.

    Args:
        path: The file.
        is_needed: Whether a database without a catalogue is refused.

    Yields:
        The catalogue; its connection has the database as default.

    Raises:
        DioramaError: There is none, it cannot be read, or a query failed.
    """
    with connected(f"{path}.tmp") as connection:
        catalogue = Catalogue(path, connection, "diorama", is_needed)
        connection.execute("use diorama")
        yield catalogue


@contextmanager
def connected(temporary: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection with the limits of the environment variables, as in dbt.

    Args:
        temporary: Directory for data that does not fit in memory.

    Yields:
        The connection.

    Raises:
        DioramaError: A query failed.
    """
    import duckdb

    threads = os.environ.get("DIORAMA_THREADS")
    config = {
        "memory_limit": os.environ.get("DIORAMA_MEMORY_LIMIT", "3GB"),
        "preserve_insertion_order": "false",
        "temp_directory": temporary,
        **({"threads": threads} if threads else {}),
    }
    try:
        with duckdb.connect(config=config) as connection:
            hide_progress(connection)
            connection.execute(text_number())
            yield connection
    except duckdb.Error as error:
        raise explain(str(error)) from error


def declared_relations(project: Project) -> list[Relation]:
    """The models of a project, built or not, read from their YAML."""
    relations = []
    for layer in LAYERS:
        folder = project.root / "models" / layer
        for file in sorted(folder.rglob("*.yml")):
            text = file.read_text(encoding="utf-8")
            world = None if file.parent == folder else file.parent.name
            relations += [
                Relation(
                    model["name"],
                    "model",
                    layer,
                    world,
                    " ".join(model["description"].split()),
                    *({}, [], []),
                    model.get("config", {}).get("meta", {}),
                )
                for model in (load_yaml(text) or {}).get("models", [])
            ]
    return relations


def missing_world(world: str) -> str:
    """Names a world that is not built, and the command that builds it."""
    if world == CUSTOM:
        return (
            "a world of your own. Write its file with `diorama init world --to world.yml`, "
            "then build it with `diorama build --world world.yml`."
        )
    return f"the world {world}. Build it with `diorama build --world {world}`."


def _relation(row: tuple[Any, ...]) -> Relation:
    name, kind, layer, world, description, *documents, form, comment = row
    columns, key, parents, meta = map(json.loads, documents)
    return Relation(
        name,
        kind,
        layer,
        None if world == NO_WORLD else world,
        description,
        columns,
        key,
        parents,
        meta,
        form,
        json.loads(comment) if comment else None,
    )


def _ordered(relations: list[Relation]) -> list[Relation]:
    """Sorts relations by layer, each behind the models that it reads, else by name."""
    by_name = {r.name: r for r in relations}
    models = {r.name for r in relations if r.kind == "model"}
    depth: dict[str, int] = {}

    def depth_of(name: str) -> int:
        if name not in depth:
            parents = [p for p in by_name[name].parents if p in models]
            depth[name] = 1 + max(map(depth_of, parents), default=0)
        return depth[name]

    layers = ("seeds", *LAYERS)
    return sorted(
        relations, key=lambda r: (layers.index(r.layer), depth_of(r.name), r.name)
    )
