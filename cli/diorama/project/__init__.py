"""The dbt project: its location and the settings that it declares."""

import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from platformdirs import user_cache_path

from diorama.errors import DioramaError, UsageError

# the copy of the dbt project that a wheel carries (pyproject.toml)
INSTALLED = Path(__file__).resolve().parents[1] / "_project"


@dataclass(frozen=True)
class Project:
    """diorama's dbt project: a checkout, or the copy in an installed package.

    Attributes:
        root: The directory of `dbt_project.yml`.
    """

    root: Path

    @property
    def is_installed(self) -> bool:
        """Whether this is the copy in an installed package, which is never written to."""
        return self.root == INSTALLED

    @property
    def workplace(self) -> Path:
        """Directory of databases and warehouses: the checkout, or the current directory."""
        return Path.cwd() if self.is_installed else self.root

    @cached_property
    def cache(self) -> Path:
        """Directory of dbt's files and the parsed project: `target`, or the user's cache."""
        if not self.is_installed:
            return self.root / "target"
        directory = user_cache_path("diorama", version=version("diorama"))
        try:
            directory.mkdir(parents=True, exist_ok=True)
            if os.access(directory, os.W_OK):
                return directory
        except OSError:
            pass  # no home directory to write to
        return Path(tempfile.gettempdir()) / f"diorama-{os.getuid()}"

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The declarations of all settings, by name, as `dbt_project.yml` has them."""
        return self._vars["settings"]

    @property
    def given(self) -> dict[str, Any]:
        """The values of settings that `vars:` of `dbt_project.yml` gives."""
        of_project = self._vars.get("diorama") or {}
        of_all = {
            k: v for k, v in self._vars.items() if k not in ("settings", "diorama")
        }
        return of_all | of_project

    @cached_property
    def _vars(self) -> dict[str, Any]:
        text = (self.root / "dbt_project.yml").read_text(encoding="utf-8")
        return load_yaml(text)["vars"]

    @property
    def worlds(self) -> list[str]:
        """The names of the worlds, which are those with a start date among the settings."""
        suffix = "_start_date"
        return [
            name.removesuffix(suffix) for name in self.settings if name.endswith(suffix)
        ]

    def database(self, option: Path | None) -> Path:
        """The database file that a command works on.

        Args:
            option: The value of `--database`, taken from the current directory.

        Returns:
            The option, else DIORAMA_DATABASE, else `diorama.duckdb`; the latter two are taken from
            the project's root, as `dbt build` there takes them, or, where diorama is installed
            without a checkout, from the current directory.
        """
        if option is not None:
            return option.expanduser().resolve()
        return (
            self.workplace / os.environ.get("DIORAMA_DATABASE", "diorama.duckdb")
        ).resolve()

    @property
    def compiled(self) -> Path:
        """Directory of the SQL that dbt compiles."""
        default = self.cache / "target" if self.is_installed else "target"
        target = self.root / os.environ.get("DBT_TARGET_PATH", default)
        return target / "compiled" / "diorama"

    @property
    def log(self) -> str:
        """The log file of dbt."""
        default = self.cache / "logs" if self.is_installed else "logs"
        return str(self.root / os.environ.get("DBT_LOG_PATH", default) / "dbt.log")

    def check_worlds(self, worlds: list[str]) -> None:
        """Raises a usage error for an unknown world."""
        for world in worlds:
            if world not in self.worlds:
                if world.lower().endswith((".yml", ".yaml")):
                    raise UsageError(
                        f"{world} is a file, which only build and explain take. Once built, "
                        "its world is --world custom."
                    )
                raise UsageError(
                    f"There is no world '{world}'. The worlds are {', '.join(self.worlds)} "
                    "(the one of your own file)."
                )


def load_yaml(text: str) -> Any:
    """Parses YAML."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def find_project() -> Project:
    """Finds the project: in the current directory, a parent of it, or this package.

    Returns:
        The project.

    Raises:
        DioramaError: There is none.
    """
    here = Path.cwd()
    package = Path(__file__).resolve()
    for directory in [here, *here.parents, INSTALLED, *package.parents]:
        file = directory / "dbt_project.yml"
        if (
            file.is_file()
            and load_yaml(file.read_text(encoding="utf-8")).get("name") == "diorama"
        ):
            return Project(directory)
    raise DioramaError(
        "There is no diorama project here. Change to a clone of diorama, then run this again."
    )
