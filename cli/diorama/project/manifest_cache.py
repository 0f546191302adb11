"""The parsed project, kept between commands: dbt parses for seconds what seldom changes.

dbt keeps a parsed project too, but parses again when `--vars` or the path of the database change,
which here is nearly every command. What our project's files are parsed into depends on neither:
settings are read when a model runs, and every file is the database `diorama` (`profiles.yml`). It
depends on `worlds` and `inputs`, which disable models. It is pickled, which is read in a quarter of
the time of dbt's own format: who can write into `target` can change the macros as well.
"""

import contextlib
import gc
import hashlib
import os
import pickle
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from diorama.project import Project


@dataclass(frozen=True)
class ParsedProject:
    """The manifest of a project as one target parses it.

    Attributes:
        project: The project; its directory `target/parsed` keeps one file for each variant.
        target: The engine.
        sources: Where its experiments come from, as variables of dbt in JSON.
    """

    project: Project
    target: str
    sources: str = "{}"

    def manifest(self, parse: Callable[[], Any]) -> Any:
        """The manifest that was kept, else a new one, which is then kept.

        Args:
            parse: Parses the project; what it raises, or None if parsing failed, is passed on.

        Returns:
            dbt's manifest.
        """
        # whatever is wrong with the file, parsing again puts it right
        with contextlib.suppress(Exception):
            return self._kept()
        manifest = parse()
        if manifest is not None:
            with contextlib.suppress(OSError):  # a checkout that cannot be written to
                self._keep(manifest)
        return manifest

    def _kept(self) -> Any:
        content = self._file.read_bytes()
        # looking for garbage among so many new objects would take as long as making them
        must_collect = gc.isenabled()
        gc.disable()
        try:
            manifest = pickle.loads(content)
        finally:
            if must_collect:
                gc.enable()
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
        """The content of everything that dbt parses, and the versions that read it."""
        from dbt.version import __version__

        versions = f"{__version__}\0{platform.python_version()}"
        content = hashlib.sha256(versions.encode())
        for file in sorted(_source_files(self.project.root)):
            content.update(f"{file}\0".encode())
            content.update(file.read_bytes())
        return content.hexdigest()[:16]

    def _keep(self, manifest: Any) -> None:
        """Keeps a manifest, and drops those of other sources."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        for other in self._file.parent.iterdir():
            if not other.name.startswith(self._sources):
                other.unlink(missing_ok=True)
        unfinished = self._file.with_suffix(f".{os.getpid()}")
        # without what only partial parsing reads, and what is made of the nodes again
        files, flat_graph = manifest.files, manifest.flat_graph
        manifest.files, manifest.flat_graph = {}, {}
        try:
            unfinished.write_bytes(pickle.dumps(manifest))
        finally:
            manifest.files, manifest.flat_graph = files, flat_graph
        unfinished.replace(self._file)


def _source_files(root: Path) -> Iterator[Path]:
    yield root / "dbt_project.yml"
    for folder in ("macros", "models", "profiles", "seeds", "tests"):
        for file in (root / folder).rglob("*"):
            if file.suffix in (".sql", ".yml", ".md", ".csv"):
                yield file
