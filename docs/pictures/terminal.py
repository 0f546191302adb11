"""Records the first commands of the README as an animated SVG, from what they really print.

    python docs/pictures/terminal.py

The build runs in an empty directory. Its lines come at the moments at which they were printed, the
whole of it in the time of `BUILD_SECONDS`.
"""

import os
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path

FILE = Path(__file__).with_name("terminal.svg")
COMMANDS = [
    "diorama build --world feed --users 500",
    "diorama analyse smartfeed_v2",
]
ROWS, COLUMNS, LINE, COLUMN = 19, 122, 18, 7.3
BUILD_SECONDS = 6.0
HOLD_SECONDS = 9.0
Event = tuple[float, str]


def recorded(command: str, directory: str) -> list[Event]:
    """The lines that a command prints, each with its moment in seconds."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DIORAMA_DATABASE": f"{directory}/diorama.duckdb",
        "COLUMNS": str(COLUMNS),
    }
    began, lines = time.monotonic(), []
    with subprocess.Popen(
        command.split(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env=environment,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text = line.rstrip("\n").replace(f"{directory}/", "")[:COLUMNS]
            lines.append((time.monotonic() - began, text))
    assert process.returncode == 0, lines[-1]
    return lines


def timeline() -> list[Event]:
    """All lines with the moments at which the picture shows them."""
    now, events = 0.0, []
    with tempfile.TemporaryDirectory() as directory:
        for command in COMMANDS:
            events.append((now, f"$ {command}"))
            lines = recorded(command, directory)
            speed = max(1.0, lines[-1][0] / BUILD_SECONDS)
            events += [(now + 0.4 + moment / speed, text) for moment, text in lines]
            now = events[-1][0] + 1.5
    return events


def drawn(events: list[Event]) -> str:
    """The SVG: all lines below one another, moved up by one whenever a line comes."""
    length = events[-1][0] + HOLD_SECONDS
    # a picture that does not move shows the first command
    frames = {f"0%{{transform:translateY({(ROWS - 1) * LINE}px)}}": None}
    for number, (moment, _) in enumerate(events, start=1):
        upwards = (ROWS - number) * LINE
        frames[f"{100 * moment / length:.2f}%{{transform:translateY({upwards}px)}}"] = (
            None
        )
    last = (ROWS - len(events)) * LINE
    width, height = COLUMNS * COLUMN + 28, ROWS * LINE + 24
    texts = [
        f'<text id="p{number}" y="{number * LINE + 13}">{escape(text)}</text>'
        if text.startswith("$ ")
        else f'<text y="{number * LINE + 13}">{escape(text)}</text>'
        for number, (_, text) in enumerate(events)
        if text.strip()
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" role="img"><style>'
        "text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
        "fill:#d7dee6;white-space:pre}[id^=p]{fill:#5ccf97;font-weight:bold}"
        f"#l{{transform:translateY({last}px);animation:s {length:.1f}s step-end infinite}}"
        "@media(prefers-reduced-motion:reduce){#l{animation:none}}"
        f"@keyframes s{{{''.join(frames)}}}</style>"
        f"<title>{escape('; '.join(COMMANDS))}</title>"
        f'<rect width="100%" height="100%" rx="8" fill="#12171e"/>'
        f'<svg x="14" y="12" width="{width - 28:.0f}" height="{ROWS * LINE}">'
        f'<g id="l">\n{chr(10).join(texts)}\n</g></svg></svg>\n'
    )


if __name__ == "__main__":
    FILE.write_text(drawn(timeline()), encoding="utf-8")
