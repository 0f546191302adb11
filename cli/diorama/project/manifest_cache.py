"""Cache of the parsed project between commands, since dbt takes seconds to parse it.

dbt has a partial-parse cache too, but drops it when `--vars` or the path of the database change,
which here is nearly every command. The parsed project depends on neither: settings are read when a
model runs, and every file is the database `diorama` (`profiles.yml`). It depends on `worlds` and
`inputs`, which disable models. It is pickled, which loads in a quarter of the time of dbt's own
format; whoever can write to `target` could change the macros as well.
"""

import contextlib
import gc
import hashlib
import json
import os
import pickle
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from diorama.project import Project


@dataclass(frozen=True)
class ParsedProject:
    """What is cached of a project for one target: the manifest, and statements.

    Attributes:
        project: The project; `target/parsed` has one file per variant.
        target: The engine.
        sources: The dbt vars `worlds` and `inputs`, as JSON.
    """

    project: Project
    target: str
    sources: str = "{}"

    def manifest(self, parse: Callable[[], Any]) -> Any:
        """The cached manifest, or a new one, which is then cached.

        Args:
            parse: Parses the project; its exception, or None if parsing failed, is passed on.

        Returns:
            dbt's manifest.
        """
        # whatever is wrong with the file, parsing again puts it right
        with contextlib.suppress(Exception):
            return self._kept()
        with _no_garbage_collection():
            manifest = parse()
        if manifest is not None:
            # without what only partial parsing reads, and what is made of the nodes again
            files, flat_graph = manifest.files, manifest.flat_graph
            manifest.files, manifest.flat_graph = {}, {}
            try:
                self._keep(self._file, pickle.dumps(manifest))
            finally:
                manifest.files, manifest.flat_graph = files, flat_graph
        return manifest

    def statements(self, compile_: Callable[[], dict[str, str]]) -> dict[str, str]:
        """SQL that was compiled from the project and does not depend on its settings.

        Args:
            compile_: Compiles it, if it is not cached.

        Returns:
            The statements by name, in order.
        """
        file = self._file.with_suffix(".json")
        with contextlib.suppress(Exception):
            return json.loads(file.read_bytes())
        statements = compile_()
        self._keep(file, json.dumps(statements).encode())
        return statements

    def _kept(self) -> Any:
        content = self._file.read_bytes()
        with _no_garbage_collection():
            manifest = pickle.loads(content)
        manifest.build_flat_graph()
        return manifest

    @cached_property
    def _file(self) -> Path:
        format_ = os.environ.get("DIORAMA_FILE_FORMAT", "")
        variant = hashlib.sha256(f"{self.target}\0{format_}\0{self.sources}".encode())
        directory = self.project.cache / "parsed"
        return directory / f"{self._sources}_{variant.hexdigest()[:16]}.pickle"

    @cached_property
    def _sources(self) -> str:
        """Hash of everything that dbt parses, and of the versions that parse it."""
        packages = ("dbt-core", "dbt-adapters", "dbt-duckdb")
        versions = [platform.python_version(), *map(version, packages)]
        content = hashlib.sha256("\0".join(versions).encode())
        for file in sorted(_source_files(self.project.root)):
            content.update(f"{file}\0".encode())
            content.update(file.read_bytes())
        return content.hexdigest()[:16]

    def _keep(self, file: Path, content: bytes) -> None:
        """Writes a file of the cache, and removes those of other sources."""
        with contextlib.suppress(OSError):  # a checkout that cannot be written to
            file.parent.mkdir(parents=True, exist_ok=True)
            for other in file.parent.iterdir():
                if not other.name.startswith(self._sources):
                    other.unlink(missing_ok=True)
            unfinished = file.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(content)
            unfinished.replace(file)


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Turns garbage collection off, which among so many new objects finds little.

    It would double the time of reading a manifest, and take a seventh of that of parsing one.
    """
    must_collect = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if must_collect:
            gc.enable()


def _source_files(root: Path) -> Iterator[Path]:
    yield root / "dbt_project.yml"
    for folder in ("macros", "models", "profiles", "seeds", "tests"):
        for file in (root / folder).rglob("*"):
            if file.suffix in (".sql", ".yml", ".md", ".csv"):
                yield file
