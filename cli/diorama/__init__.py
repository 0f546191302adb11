"""diorama: synthetic product worlds in SQL, with the truth attached."""

from typing import Any

from diorama.api import build
from diorama.errors import DioramaError, UsageError

__all__ = ["DioramaError", "UsageError", "__version__", "build"]


def __getattr__(name: str) -> Any:
    """Looks up `__version__` on first use, since that is slow."""
    if name != "__version__":
        raise AttributeError(f"module 'diorama' has no attribute '{name}'")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("diorama")
    except PackageNotFoundError:  # a checkout that was not installed
        return "0.0.0"
