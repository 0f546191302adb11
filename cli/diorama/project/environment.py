"""Checks the environment variables that configure DuckDB before any work."""

import os
import re

from diorama.errors import UsageError

MEMORY = r"(\d+(?:\.\d+)?) ?([KMGT]i?B)"


def check_environment() -> None:
    """Checks variables that DuckDB would silently accept or refuse with an unclear message.

    Raises:
        UsageError: A value is not one of the allowed ones.
    """
    memory = os.environ.get("DIORAMA_MEMORY_LIMIT")
    if memory is not None:
        read = re.fullmatch(MEMORY, memory.strip(), re.IGNORECASE | re.ASCII)
        if read is None or float(read[1]) == 0:
            raise UsageError(
                f"DIORAMA_MEMORY_LIMIT is '{memory}', but must be a size such as 6GB or 512MiB. "
                "Unset it for the default, 3GB."
            )
    _check_integer("DIORAMA_THREADS", 1024, "Unset it to use every core.")
    _check_integer("DIORAMA_SPARK_PORT", 65535, "Leave it out for 10000.")


def _check_integer(name: str, highest: int, default: str) -> None:
    value = os.environ.get(name)
    is_integer = value is None or re.fullmatch("[1-9][0-9]{0,5}", value)
    if value and (not is_integer or int(value) > highest):
        raise UsageError(
            f"{name} is '{value}', but must be an integer from 1 to {highest}. {default}"
        )
