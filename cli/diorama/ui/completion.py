"""Shell completion of worlds, settings and tables, without dbt, to be fast."""

from diorama.errors import DioramaError
from diorama.project import Project, find_project


def complete_world(incomplete: str) -> list[str]:
    """Completes worlds."""
    project = _project()
    return _starting(project.worlds if project else [], incomplete)


def complete_setting(incomplete: str) -> list[tuple[str, str]]:
    """Completes settings as `name=`, with their meaning."""
    project = _project()
    return [
        (f"{name}=", said["meaning"])
        for name, said in (project.settings if project else {}).items()
        if name.startswith(incomplete)
    ]


def complete_model(incomplete: str) -> list[str]:
    """Completes tables by model name."""
    project = _project()
    files = (project.root / "models").rglob("*.sql") if project else []
    return _starting(sorted(file.stem for file in files), incomplete)


def _starting(names: list[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _project() -> Project | None:
    try:
        return find_project()
    except DioramaError:
        return None
