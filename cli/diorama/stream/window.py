"""Further days of a world, built in a process of their own."""

import os
import shutil
from pathlib import Path
from typing import Any

from diorama.engines.dbt import Dbt, Watcher
from diorama.errors import DioramaError, headline
from diorama.project import Project

UNTESTED = ["resource_type:test", "resource_type:unit_test"]


def build_window(
    project: Project, path: Path, variables: dict[str, Any], models: list[str]
) -> None:
    """Builds the event tables of some days.

    Args:
        project: The project.
        path: The database.
        variables: dbt's vars.
        models: The tables.

    Raises:
        DioramaError: They could not be built.
    """
    os.environ["DBT_TARGET_PATH"] = str(path.parent / "target")
    # where others are, since a failure takes the directory of the database away
    logs = Path(project.log).parent / path.parent.name
    os.environ["DBT_LOG_PATH"] = str(logs)
    select = [f"+{name}" for name in models]
    for step in Dbt(project, path, variables).build(select, UNTESTED, False, Watcher()):
        if step.failed:
            raise DioramaError(
                f"{step.kind} {step.name} failed: {headline(step.message).rstrip('.')}. "
                f"Details are in {logs / 'dbt.log'}."
            )
    shutil.rmtree(logs, ignore_errors=True)
