"""diorama: synthetic product worlds in SQL, with the truth attached."""

from importlib.metadata import PackageNotFoundError, version

from diorama.api import build
from diorama.errors import DioramaError, UsageError

__all__ = ["DioramaError", "UsageError", "__version__", "build"]

try:
    __version__ = version("diorama")
except PackageNotFoundError:  # a checkout that was not installed
    __version__ = "0.0.0"
