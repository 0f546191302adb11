"""The parsed project, kept between commands: dbt parses for seconds what seldom changes.

dbt keeps a parsed project too, but parses anew when a `--vars` or the database's path changes, which
here is nearly every command. Nothing that our project's files turn into when they are parsed
depends on either, but for the database's name: settings are read when a model runs.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from diorama.project import Project


class ParsedProject:
    """The manifest of a project as one target and database name parse it.

    Args:
        project: The project; its directory `target/parsed` keeps one file for each variant.
        target: The engine.
        database: The name of the database, which is part of every relation's.
    """

    def __init__(self, project: Project, target: str, database: str) -> None:
        from dbt.version import __version__

        sources = hashlib.sha256(__version__.encode())
        for file in sorted(_source_files(project.root)):
            sources.update(f"{file}\0".encode())
            sources.update(file.read_bytes())
        format_ = os.environ.get("DIORAMA_FILE_FORMAT", "")
        variant = hashlib.sha256(f"{target}\0{database}\0{format_}".encode())
        self._directory = project.root / "target" / "parsed"
        self._prefix = f"parsed_{sources.hexdigest()[:16]}"
        self._file = self._directory / f"{self._prefix}_{variant.hexdigest()[:16]}.msgpack"

    def manifest(self, parse: Callable[[], Any]) -> Any:
        """The manifest that was kept, else a new one, which is then kept.

        Args:
            parse: Parses the project; what it raises, or None if parsing failed, is passed on.

        Returns:
            dbt's manifest.
        """
        from dbt.contracts.graph.manifest import Manifest
        from dbt.parser.manifest import extended_mashumuro_decoder

        # whatever is wrong with the file, parsing anew puts it right
        with contextlib.suppress(Exception):
            kept = self._file.read_bytes()
            return Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder)
        manifest = parse()
        if manifest is not None:
            with contextlib.suppress(OSError):  # a checkout that cannot be written to
                self._keep(manifest)
        return manifest

    def _keep(self, manifest: Any) -> None:
        """Keeps a manifest, and drops those of other sources."""
        from dbt.parser.manifest import extended_mashumaro_encoder

        self._directory.mkdir(parents=True, exist_ok=True)
        for other in self._directory.glob("parsed_*"):
            if not other.name.startswith(self._prefix):
                other.unlink(missing_ok=True)
        unfinished = self._file.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(manifest.to_msgpack(extended_mashumaro_encoder))
        unfinished.replace(self._file)


def _source_files(root: Path) -> Iterator[Path]:
    yield root / "dbt_project.yml"
    for folder in ("macros", "models", "profiles", "seeds", "tests"):
        for file in (root / folder).rglob("*"):
            if file.suffix in (".sql", ".yml", ".md", ".csv"):
                yield file
