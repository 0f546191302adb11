"""The process that builds further days: python -m diorama.stream.window_worker ORDER_AS_JSON."""

import json
import os
import shutil
import sys
from pathlib import Path

from diorama.engines.dbt import Dbt, Watcher
from diorama.engines.workers import end_with_parent
from diorama.errors import DioramaError, headline
from diorama.project import find_project

UNTESTED = ["resource_type:test", "resource_type:unit_test"]


def main(order: str) -> int:
    """Builds the event tables of some days.

    Args:
        order: `Source.window_order()`.

    Returns:
        The exit code.
    """
    end_with_parent()
    given = json.loads(order)
    path = Path(given["path"])
    os.environ["DBT_TARGET_PATH"] = str(path.parent / "target")
    # where others are, since a failure takes the directory of the database away
    logs = Path(find_project().log).parent / path.parent.name
    os.environ["DBT_LOG_PATH"] = str(logs)
    try:
        dbt = Dbt(find_project(), path, given["variables"])
        steps = dbt.build(given["select"], UNTESTED, False, Watcher())
    except DioramaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    failed = [step for step in steps if step.failed]
    for step in failed:
        sys.stderr.write(
            f"{step.kind} {step.name} failed: {headline(step.message).rstrip('.')}. "
            f"The whole story is in {logs / 'dbt.log'}.\n"
        )
    if not failed:
        shutil.rmtree(logs, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
