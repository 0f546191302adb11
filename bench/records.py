"""Files with the figures of benches."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def new_record(results: Path, what: str, commit: str = "") -> Path:
    """The path of a new file, named by the date; earlier ones of the day are kept.

    Args:
        results: The directory, which is made.
        what: What is measured; empty for the feed world.
        commit: The commit that is measured, if it is part of the name.

    Returns:
        The path.
    """
    results.mkdir(parents=True, exist_ok=True)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    name = "-".join(filter(None, (what, day, commit)))
    taken = len(list(results.glob(f"{name}*.json")))
    return results / f"{name}{f'-{taken + 1}' if taken else ''}.json"


def write_record(path: Path, record: dict[str, Any]) -> None:
    """Writes the figures."""
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
