"""The process that builds one shard: python -m diorama.engines.shard_worker INDEX REQUEST."""

import json
import sys
from pathlib import Path

from diorama.engines.shards import ShardsRequest, build_shard
from diorama.engines.workers import end_with_parent
from diorama.errors import DioramaError
from diorama.project import find_project


def main(index: str, order: str) -> int:
    """Builds one shard.

    Args:
        index: The shard, from 0.
        order: The request.

    Returns:
        The exit code.
    """
    end_with_parent()
    given = json.loads(order)
    request = ShardsRequest(**{**given, "directory": Path(given["directory"])})
    try:
        build_shard(find_project(), request, int(index))
    except DioramaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
