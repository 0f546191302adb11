"""The command line: the application with all its commands."""

from diorama.commands import (  # noqa: F401 (each registers itself)
    analyse,
    app,
    build,
    diff,
    explain,
    export,
    fingerprint,
    fit,
    guide,
    init,
    list,
    report,
    stream,
)
