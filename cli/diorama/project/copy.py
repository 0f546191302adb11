"""`diorama init project`: copies the dbt project, for users who want to change its models."""

import os
import shutil
from pathlib import Path

from diorama.errors import DioramaError, explain
from diorama.files.scratch import scratch_directory
from diorama.project import Project

# what a wheel carries (pyproject.toml), and plain dbt needs
PROJECT_PARTS = (
    "dbt_project.yml",
    "docs/agents.md",
    "examples",
    "macros",
    "models",
    "profiles",
    "seeds",
    "selectors.yml",
    "tests/generic",
    "tests/singular",
)


def copy_project(project: Project, directory: Path) -> None:
    """Copies the dbt project, for users who want to change its models.

    Args:
        project: The project to copy.
        directory: Where to; made if missing, and empty if it is there.

    Raises:
        DioramaError: The directory holds something, or cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DioramaError(
            f"{directory} is not empty. Give a directory that is empty or not there yet."
        )
    interrupted = f"Interrupted. {directory} was not written."
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with scratch_directory(directory.parent, "init", interrupted) as scratch:
            copy = scratch / "project"
            for part in PROJECT_PARTS:
                source, target = project.root / part, copy / part
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target)
                else:
                    shutil.copy(source, target)
            # plain dbt looks for it beside dbt_project.yml
            shutil.copy(copy / "profiles" / "profiles.yml", copy / "profiles.yml")
            os.replace(copy, directory)
    except OSError as error:
        raise explain(str(error), str(directory)) from error
