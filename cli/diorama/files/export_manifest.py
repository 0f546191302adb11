"""`manifest.json` of an export: content of the files, settings and versions."""

import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from diorama import __version__
from diorama.project import Project
from diorama.project.catalogue import NO_WORLD, Relation
from diorama.ui.terminal import json_text, narrate, portable

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class ExportedFile:
    """One file of an export.

    Attributes:
        made: Path at which it was written.
        path: Destination below the directory of the export.
        table: The model.
        world: The world, or None.
        key: The columns of the unique key; empty if none is declared.
        rows: Number of rows.
        bytes: Size in bytes.
        fingerprint: Fingerprint of the content, including the partition column.
    """

    made: Path
    path: Path
    table: str
    world: str | None
    key: list[str]
    rows: int
    bytes: int
    fingerprint: str


def extended_manifest(
    project: Project,
    directory: Path,
    files: list[ExportedFile],
    folders: set[Path],
    relations: list[Relation],
    run: dict[str, Any] | None,
) -> dict[str, Any]:
    """The manifest of a directory after an export.

    Files of an earlier export stay listed as long as their world was built from the same settings
    and this one does not write their table, in whatever format or folders: a table is listed once.

    Args:
        project: The project.
        directory: The directory of the export.
        files: The new files.
        folders: The folders that this export replaces whole.
        relations: The exported tables.
        run: Seed and root key of the last run.

    Returns:
        The document.
    """
    built = {
        relation.world or NO_WORLD: _origin_of_world(project, relation, run)
        for relation in relations
    }
    before = read_manifest(directory)
    kept, lost, superseded = [], [], []
    replaced = {str(file.path) for file in files}
    written = {file.table for file in files}
    for entry in before.get("files", []):
        path = Path(entry["path"])
        if (
            entry["path"] in replaced
            or not folders.isdisjoint(path.parents)
            or not (directory / path).is_file()
        ):
            continue
        same = built.get(entry["world"]) in (None, before["worlds"].get(entry["world"]))
        if entry["table"] in written:
            superseded.append(entry)
        elif same:
            kept.append(entry)
        else:
            lost.append(entry)
    for entries, origin_of in (
        (lost, "an earlier build"),
        (superseded, "an earlier export of the same table"),
    ):
        if entries:
            narrate(
                f"From {origin_of}, and no longer in {MANIFEST_NAME}: "
                + ", ".join(entry["path"] for entry in entries),
                style="yellow",
            )
    entries = kept + [
        {
            "path": str(file.path),
            "world": file.world or NO_WORLD,
            "table": file.table,
            "key": file.key,
            "rows": file.rows,
            "bytes": file.bytes,
            "fingerprint": file.fingerprint,
        }
        for file in files
    ]
    still = {entry["world"] for entry in entries}
    return {
        "versions": {
            "diorama": __version__,
            "dbt": version("dbt-core"),
            "duckdb": version("duckdb"),
        },
        "worlds": {
            name: of
            for name, of in {**before.get("worlds", {}), **built}.items()
            if name in still
        },
        "files": sorted(entries, key=lambda entry: entry["path"]),
    }


def _origin_of_world(
    project: Project, relation: Relation, run: dict[str, Any] | None
) -> dict[str, Any]:
    """Seed, root key (as text: it has up to 63 bits) and settings of a built world.

    Another world may have been built since, with another seed; then the root key, which only the
    last run keeps, is null.
    """
    values = relation.settings
    seed = values.get("seed")
    is_last_run = run is not None and run["seed"] == seed
    settings = {name: values[name] for name in project.settings if name in values}
    return {
        "seed": seed,
        "root_key": str(run["root_key"]) if run is not None and is_last_run else None,
        "delivered_until": (relation.built_from or {}).get("delivered_until"),
        "settings": portable(settings),
    }


def write_manifest(directory: Path, scratch: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest and renames it to its place.

    Args:
        directory: The directory of the export.
        scratch: A directory on the same file system.
        manifest: The document.
    """
    unfinished = scratch / MANIFEST_NAME
    unfinished.write_text(json_text(manifest) + "\n", encoding="utf-8")
    os.replace(unfinished, directory / MANIFEST_NAME)


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest of an export.

    Args:
        directory: The directory of the export.

    Returns:
        The document, or an empty one where there is none that can be read.
    """
    try:
        manifest = json.loads((directory / MANIFEST_NAME).read_text(encoding="utf-8"))
        return manifest if {"files", "worlds"} <= manifest.keys() else {}
    except (OSError, ValueError, AttributeError):
        return {}
