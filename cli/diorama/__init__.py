"""diorama: synthetic product worlds in SQL, with the truth attached."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("diorama")
except PackageNotFoundError:  # a checkout that was not installed
    __version__ = "0.0.0"
