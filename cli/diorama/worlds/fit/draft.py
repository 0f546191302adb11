"""The draft of a world's file while it is fitted: data, comments and estimates."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from diorama.engines.sql import reserved_words
from diorama.files.declaration import KeyPath
from diorama.worlds.file import END, OF_EVENTS, OF_ITEMS, OF_USERS, Drawn

WIDTH = 96
# words that mean something else where a name of the data could stand
RESERVED = {"by_segment", "weights", *Drawn.model_fields}


@dataclass(frozen=True)
class Figure:
    """A number of the file, and its standard error.

    Attributes:
        path: Where it stands in the file.
        value: The estimate.
        error: Its standard error; 0 of what is counted and not estimated.
    """

    path: KeyPath
    value: float
    error: float


@dataclass
class Draft:
    """A draft of the file.

    Attributes:
        data: The keys of the file.
        comments: Comments on them.
        figures: The estimates.
        limits: Properties of the data that the file cannot reproduce.
        notes: Notes on how the data was treated.
        event_names: Event names of the file by event names of the data.
    """

    data: dict[str, Any] = field(default_factory=dict)
    comments: dict[KeyPath, str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    event_names: dict[str, str] = field(default_factory=dict)

    def figure(self, path: KeyPath, value: float, error: float) -> None:
        """Records an estimate."""
        self.figures.append(Figure(path, value, error))

    def comment(self, path: KeyPath, text: str) -> None:
        """Puts a comment beside a key, behind those that are there."""
        before = self.comments.get(path)
        self.comments[path] = f"{before}; {text}" if before else text

    def text(self, title: str) -> str:
        """The file."""
        lines = [f"# {_printable(title)}"]
        for heading, sentences in (
            ("What was done with the data:", self.notes),
            ("What this file cannot reproduce:", self.limits),
        ):
            if sentences:
                lines += ["#", f"# {heading}"]
                for sentence in sentences:
                    lines += _wrapped(f"#   {_printable(sentence)}", "#     ")
        lines.append("")
        for key, value in self.data.items():
            lines += self._lines((key,), value, 0)
        return "\n".join(lines) + "\n"

    def _lines(self, path: KeyPath, value: Any, depth: int) -> list[str]:
        indent = "  " * depth
        name = _scalar(path[-1])
        flow = f"{indent}{name}: {_flow(value)}"
        below = [
            key for key in self.comments if key[: len(path)] == path and key != path
        ]
        comment = self.comments.get(path)
        is_block = isinstance(value, dict) and value and (below or len(flow) > WIDTH)
        line = f"{indent}{name}:" if is_block else flow
        found = []
        if comment and len(line) + len(comment) + 4 <= WIDTH:
            line = f"{line}  # {comment}"
        elif comment:
            found = _wrapped(f"{indent}# {comment}", f"{indent}# ")
        found.append(line)
        if is_block:
            for key, each in value.items():
                found += self._lines((*path, key), each, depth + 1)
        return found


def _printable(text: str) -> str:
    """A text for a comment, which no line break and no control character may end."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _wrapped(text: str, indent: str) -> list[str]:
    """Lines of a comment, in which an error stays with its figure."""
    words, lines = re.split("(?<!±) (?!±)", text), [""]
    for n, word in enumerate(words):
        if n and len(lines[-1]) + len(word) + 1 > WIDTH:
            lines.append(indent + word)
        else:
            lines[-1] += (" " if n else "") + word
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in value.items())
        return "{" + inner + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return number(value)
    text = str(value)
    is_plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_ ./%+-]*", text)
    if is_plain and text.lower() not in ("null", "~") and text == text.strip():
        return text
    return json.dumps(text, ensure_ascii=False)


def number(value: float, digits: int = 5) -> str:
    """A number with so many digits that count, and without an exponent."""
    if isinstance(value, int) or value == 0 or not math.isfinite(value):
        return str(int(value) if value == int(value) else value)
    rounded = float(f"{value:.{digits}g}")
    if rounded == int(rounded):
        return str(int(rounded))
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:.{places}f}".rstrip("0").rstrip(".")


def with_error(value: float, error: float) -> str:
    """A figure and its error, to the digits that the error leaves."""
    if error <= 0 or not math.isfinite(error):
        return number(value, 4)
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{min(places, 9)}f} ± {error:.{min(places, 9)}f}"


class Names:
    """Names of the data as the file can hold them, each once."""

    def __init__(self, draft: Draft, taken: set[str] | None = None) -> None:
        """Takes where what is renamed is told, and names that are taken."""
        self.draft = draft
        self.taken = set(taken or ())
        self.found: dict[str, str] = {}

    def of(self, name: str, what: str) -> str:
        """The name of something of the data in the file."""
        if name in self.found:
            return self.found[name]
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:36].strip("_")
        if not plain or not plain[0].isalpha() or not plain[0].isascii():
            plain = f"{what}_{plain}".strip("_")
        new, count = plain, 1
        while new in self.taken:
            count += 1
            new = f"{plain}_{count}"
        self.taken.add(new)
        self.found[name] = new
        if new != name:
            self.draft.notes.append(
                f"The {what} {json.dumps(name, ensure_ascii=False)} is named {new} in the file."
            )
        return new


def event_names(draft: Draft) -> Names:
    """Names of events."""
    return Names(draft, {END, "active", "session", "event", *RESERVED})


def property_names(draft: Draft, kinds: list[str]) -> Names:
    """Names of properties, which become columns."""
    return Names(
        draft,
        {
            *(*OF_EVENTS, *OF_USERS, "session", "event", "count", *OF_ITEMS, *RESERVED),
            *reserved_words(),
            *kinds,
            *(f"{kind}_id" for kind in kinds),
        },
    )
