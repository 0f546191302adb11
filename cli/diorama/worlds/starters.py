"""`diorama init world`: copies an example world."""

from pathlib import Path

from diorama.errors import UsageError, nearest, of_system
from diorama.project import Project
from diorama.worlds.file import SCHEMA

FOLDER = Path("examples", "worlds")


def write_starter(project: Project, name: str, to: Path) -> None:
    """Copies an example world, with a reference to the schema that editors use.

    Args:
        project: The project, which has the examples.
        name: Name of the example.
        to: The file to write.

    Raises:
        UsageError: There is no such example, or the file exists already.
    """
    starters = {
        path.stem: path for path in sorted((project.root / FOLDER).glob("*.yml"))
    }
    if name not in starters:
        raise UsageError(
            f"There is no example world '{name}'.{nearest(name, starters)} "
            f"There are {', '.join(starters)}."
        )
    if to.exists():
        raise UsageError(
            f"{to} already exists. Give another file with --to, or remove it."
        )
    text = starters[name].read_text(encoding="utf-8")
    try:
        to.write_text(
            f"# yaml-language-server: $schema={SCHEMA}\n{text}", encoding="utf-8"
        )
    except OSError as error:
        raise of_system(error) from error
