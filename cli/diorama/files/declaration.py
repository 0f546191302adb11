"""YAML files that users write: parsed and checked as a whole, each mistake with its line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from diorama.errors import UsageError, nearest

KeyPath = tuple[str, ...]
MOST_NODES = 200_000  # aliases of aliases grow without end


class Part(BaseModel):
    """A mapping in such a file."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        populate_by_name=True,
    )


def printable(value: str) -> str:
    """Refuses control characters."""
    if not value.isprintable():
        raise ValueError("must have no line breaks, nor other control characters")
    return value


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Model = TypeVar("Model", bound=BaseModel)


def date(value: Any) -> Any:
    """A text as a date."""
    if value is None or isinstance(value, datetime.date):
        return value
    try:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
            raise ValueError
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("must be a date, such as 2025-01-31") from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML loader that keeps every value except null as text until Pydantic knows its type.

    A variant may be named 007, 1.0, no or False.
    """


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


class _Document:
    """A YAML file as data, and the line and column of everything in it."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise UsageError(f"{path} cannot be read: {reason}.") from error
        self.places: dict[KeyPath, tuple[int, int]] = {}
        self.problems: list[tuple[tuple[int, int], str]] = []
        self._above: set[yaml.Node] = set()
        self._count = 0
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            self.data = self._value(loader, node, ()) if node else {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            problem = getattr(error, "problem", None) or str(error).split("\n")[0]
            raise UsageError(
                f"{self.name}{place}: not valid YAML: {problem}."
            ) from error
        finally:
            loader.dispose()

    def _value(self, loader: Any, node: yaml.Node, path: KeyPath) -> Any:
        mark = node.start_mark
        self.places.setdefault(path, (mark.line + 1, mark.column + 1))
        self._count += 1
        if node in self._above or self._count > MOST_NODES:
            raise yaml.MarkedYAMLError(
                problem="an alias holds itself, or aliases hold too much",
                problem_mark=mark,
            )
        if isinstance(node, yaml.ScalarNode):
            try:
                return loader.construct_object(node, deep=True)
            except ValueError as error:
                raise yaml.MarkedYAMLError(
                    problem=f"'{node.value}' is not of the type of its tag",
                    problem_mark=mark,
                ) from error
        self._above.add(node)
        found: Any
        if isinstance(node, yaml.MappingNode):
            found = self._mapping(loader, node, path)
        else:
            found = [
                self._value(loader, each, (*path, str(number)))
                for number, each in enumerate(node.value)
            ]
        self._above.discard(node)
        return found

    def _mapping(
        self, loader: Any, node: yaml.MappingNode, path: KeyPath
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append((place, "A key must be a text."))
                continue
            name = str(key.value)
            if key.tag.endswith(":merge"):
                given = self._value(loader, value, path)
                for each in given if isinstance(given, list) else [given]:
                    if isinstance(each, dict):
                        merged = each | merged
                    else:
                        self.problems.append((place, "<< must be a mapping."))
                continue
            below = (*path, name)
            if name in found:
                said = f"{'.'.join(below)} stands here twice. Leave one out."
                self.problems.append((place, said))
            self.places[below] = place
            found[name] = self._value(loader, value, below)
        return merged | found

    def place(self, path: KeyPath) -> tuple[int, int]:
        """The line and column of a path, or of what is nearest above it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def load(
    path: Path,
    model: type[Model],
    noun: str,
    keys_of: Callable[[KeyPath, Any], Sequence[str]],
    contradictions: Callable[[dict[str, Any]], Iterable[tuple[KeyPath, str]]],
    advice: str,
) -> Model:
    """Reads and checks a file.

    Args:
        path: A file of YAML.
        model: The Pydantic model of the file.
        noun: What to call the file in messages, such as "plan".
        keys_of: Returns the keys that a mapping at a path may have.
        contradictions: Returns contradictions between parts of the file, as far as it parses.
        advice: The last line of an error.

    Returns:
        The parsed file.

    Raises:
        UsageError: Names every mistake, with line, column, and what is allowed.
    """
    document = _Document(path)
    problems = list(document.problems)
    if not isinstance(document.data, dict):
        problems.append(((1, 1), f"A {noun} is a mapping."))
    told = None
    if isinstance(document.data, dict):
        try:
            told = model.model_validate(document.data)
        except ValidationError as error:
            found = error.errors(include_url=False)
            problems += _problems(document, found, noun, keys_of)
        for where, said in contradictions(document.data):
            problems.append((document.place(where), said))
    if problems or told is None:
        lines = [
            f"{document.name}:{line}:{column}: {said}"
            for (line, column), said in sorted(set(problems))
        ]
        count = "one mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
        raise UsageError(f"{path} has {count}.\n" + "\n".join(lines) + f"\n{advice}")
    return told


TYPES = {
    "model": "a mapping",
    "dict": "a mapping",
    "list": "a list",
    "tuple": "a list of two, [first, last]",
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}


def _problems(
    document: _Document,
    errors: Sequence[Any],
    noun: str,
    keys_of: Callable[[KeyPath, Any], Sequence[str]],
) -> list[tuple[tuple[int, int], str]]:
    """The mistakes that Pydantic found, reworded.

    For a value of several allowed types, Pydantic reports what is wrong for each type: mistakes
    inside the value come first, wrong types only if nothing else is wrong.
    """
    problems = []
    others: dict[KeyPath, list[str]] = {}
    told: list[KeyPath] = []
    for error in errors:
        path, value = _find(document.data, error)
        kind, _, what = error["type"].partition("_")
        allowed = TYPES.get(kind) if what in TYPE_ERRORS else None
        if path and path[-1] == "margin" and kind == "model":
            allowed = "a number or a share such as -2%"
        options = [allowed] if allowed else []
        if error["type"] == "literal_error":
            expected = error["ctx"]["expected"].replace("'", "")
            options = expected.replace(" or ", ", ").split(", ")
        if options:
            others.setdefault(path, []).extend(options)
        else:
            told.append(path)
            problems.append(_problem(document, path, value, error, noun, keys_of))
    for path, types in others.items():
        if any(each[: len(path)] == path for each in told):
            continue
        below = [each for each in others if each[: len(path)] == path]
        if len(below) > 1:
            continue
        _, value = _find(document.data, {"loc": path, "type": ""})
        options = list(dict.fromkeys(types))
        allowed = " or ".join(filter(None, [", ".join(options[:-1]), options[-1]]))
        is_text = isinstance(value, str)
        problems.append(
            (
                document.place(path),
                f"{'.'.join(path)} is {shown(value)}, but must be {allowed}."
                f"{nearest(value, options) if is_text else ''}",
            )
        )
    return problems


TYPE_ERRORS = ("type", "parsing", "from_float", "attributes_type")


def shown(value: Any) -> str:
    """Formats a value for a message."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value)
    return (
        "nothing"
        if value is None
        else (f"'{text}'" if text.isprintable() else repr(text))
    )


def _find(data: Any, error: dict[str, Any]) -> tuple[KeyPath, Any]:
    """The path of a mistake, without the types that Pydantic tried, and the value there."""
    path: KeyPath = ()
    steps = [str(step) for step in error["loc"]]
    for number, step in enumerate(steps):
        is_last = number == len(steps) - 1
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        elif not (is_last and error["type"] == "missing"):
            continue
        path = (*path, step)
    return path, data


def _problem(
    document: _Document,
    path: KeyPath,
    given: Any,
    error: dict[str, Any],
    noun: str,
    keys_of: Callable[[KeyPath, Any], Sequence[str]],
) -> tuple[tuple[int, int], str]:
    """Rewords a mistake that Pydantic found."""
    path = tuple(step if step.isprintable() else repr(step) for step in path)
    whole = f"The {noun}"
    name = ".".join(path) or whole
    kind = error["type"]
    if kind == "missing":
        parent = ".".join(path[:-1]) or whole
        return document.place(path[:-1]), f"{parent} lacks {path[-1]}."
    if kind == "extra_forbidden":
        keys = keys_of(path[:-1], document.data)
        return document.place(path), (
            f"{'.'.join(path[:-1]) or whole} has no key '{path[-1]}'."
            f"{nearest(path[-1], keys)} The keys are {', '.join(keys)}."
        )
    if error["loc"][-1] == "[key]":
        it, said = f"named {shown(path[-1])}", error["msg"]
    else:
        it, said = shown(given), error["msg"]
    if kind in ("too_short", "too_long"):
        is_list = isinstance(given, list)
        said = (
            "must be a list of two, [first, last]" if is_list else "must have something"
        )
    elif kind == "string_too_short":
        said = "must not be empty"
    said = (
        said.removeprefix("Value error, ")
        .replace("Input should be", "must be")
        .replace("String should have", "must have")
        .rstrip(".")
    )
    return document.place(path), f"{name} is {it}, but {said}."
