"""The dbt project: where it lies and which settings it declares."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from diorama.errors import DioramaError, UsageError


@dataclass(frozen=True)
class Project:
    """A checkout of diorama's dbt project."""

    root: Path

    @cached_property
    def settings(self) -> dict[str, dict[str, Any]]:
        """The declarations of all settings, by name, as `dbt_project.yml` has them."""
        declared = yaml.safe_load((self.root / "dbt_project.yml").read_text())
        return declared["vars"]["settings"]

    @property
    def worlds(self) -> list[str]:
        """The worlds: each has a start date among the settings."""
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
            the project's root, as `dbt build` there takes them.
        """
        if option is not None:
            return option.expanduser().resolve()
        return (
            self.root / os.environ.get("DIORAMA_DATABASE", "diorama.duckdb")
        ).resolve()

    @property
    def log(self) -> str:
        """The log file of dbt."""
        return str(self.root / os.environ.get("DBT_LOG_PATH", "logs") / "dbt.log")

    def check_worlds(self, worlds: list[str]) -> None:
        """Raises a usage error where one of the names is no world."""
        for world in worlds:
            if world not in self.worlds:
                raise UsageError(
                    f"There is no world '{world}'. The worlds are {', '.join(self.worlds)}."
                )


def find_project() -> Project:
    """Finds the project: the current directory, a parent of it, or the checkout of this package.

    Returns:
        The project.

    Raises:
        DioramaError: There is none.
    """
    here = Path.cwd()
    package = Path(__file__).resolve()
    for directory in [here, *here.parents, *package.parents]:
        file = directory / "dbt_project.yml"
        if file.is_file() and yaml.safe_load(file.read_text()).get("name") == "diorama":
            return Project(directory)
    raise DioramaError(
        "There is no diorama project here. Change to a checkout of diorama, then run this again."
    )
