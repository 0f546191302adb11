"""A world that a user declares in one file, and a file made from data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diorama.errors import UsageError

if TYPE_CHECKING:
    from diorama.worlds.file import World

CUSTOM = "custom"
SUFFIXES = (".yml", ".yaml")


def take_file(worlds: list[str]) -> tuple[list[str], World | None]:
    """Splits the values of --world into world names and the file of a declared world.

    Args:
        worlds: Names of worlds and paths of YAML files.

    Returns:
        The names, with `custom` in place of a file, and the world that the file declares.

    Raises:
        UsageError: There is no such file, it has mistakes, or there are several.
    """
    paths = [Path(w).expanduser() for w in worlds if w.lower().endswith(SUFFIXES)]
    if not paths:
        return worlds, None
    if len(paths) > 1:
        raise UsageError(
            f"A database holds one world of your own, but {paths[0]} and {paths[1]} are two. "
            "Build each in its own --database."
        )
    if not paths[0].is_file():
        raise UsageError(
            f"There is no file {paths[0]}. `diorama init world --to {paths[0]}` writes one."
        )
    from diorama.worlds.file import load_world

    names = [CUSTOM if w.lower().endswith(SUFFIXES) else w for w in worlds]
    return list(dict.fromkeys(names)), load_world(paths[0])


def variables_of(
    world: World | None, variables: dict[str, Any], worlds: list[str], database: Path
) -> dict[str, Any]:
    """Adds the declared world to dbt's vars: that of a file, else that in the database.

    Args:
        world: What a file declares, or None.
        variables: dbt's vars that are given.
        worlds: The chosen worlds; none for all.
        database: The database file.

    Returns:
        dbt's vars.

    Raises:
        UsageError: The world `custom` is chosen, but neither file nor database declares it.
    """
    if world is None:
        declared = _stored(database)
        if declared is None:
            if CUSTOM in worlds:
                raise UsageError(
                    f"{database} holds no world of your own. Give its file, as "
                    "--world coffee.yml; `diorama init world` writes one to start from."
                )
            return variables
    else:
        from diorama.worlds.rows import declared as rows_of

        declared = rows_of(world, variables)
    return declared["settings"] | variables | {"declared_world": declared}


def _stored(database: Path) -> dict[str, Any] | None:
    """The declared world stored in a database, or None."""
    if not database.exists():
        return None
    import duckdb

    try:
        with duckdb.connect(database, read_only=True) as connection:
            found = connection.execute(
                "select declaration from catalogue.declared_world"
            ).fetchone()
    except (duckdb.Error, OSError):
        return None  # what is wrong with the file, the build says
    return json.loads(found[0]) if found else None
