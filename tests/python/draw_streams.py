"""Finds the named streams of draws in the Jinja of models and macros."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, nodes

# `<world>.<table>.<decision>`; a world's own key stands above its tables
STREAM_NAME = re.compile(r"[a-z]+(\.[a-z][a-z0-9_]*){2}|[a-z]+\.world")
# what is declared in a world's file has streams below a table of its own: `custom.properties.`
DECLARED = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*\.")

JINJA = Environment(extensions=["jinja2.ext.do"])
# a tag of dbt's own
MATERIALIZATION = re.compile(r"\{%-?\s*(end)?materialization\b.*?%\}")


@dataclass(frozen=True)
class Use:
    """One call of a draw macro.

    Its stream is what stands in the source, a literal or the literal that the name of something
    declared is joined to (`custom.properties.`), and None where it is neither.
    """

    place: str
    macro: str
    stream: str | None


def draw_macros(sources: dict[str, str]) -> dict[str, int]:
    """Macros with a parameter `stream`, and its position."""
    found = {}
    for source in sources.values():
        for macro in JINJA.parse(source).find_all(nodes.Macro):
            names = [argument.name for argument in macro.args]
            if "stream" in names:
                found[macro.name] = names.index("stream")
    return found


def stream_uses(sources: dict[str, str], macros: dict[str, int]) -> Iterator[Use]:
    """Every call of a draw macro, but for macros that hand on the stream they were given."""
    for path, source in sources.items():
        tree = JINJA.parse(source)
        handing_on = {
            id(call)
            for macro in tree.find_all(nodes.Macro)
            if "stream" in [argument.name for argument in macro.args]
            for call in macro.find_all(nodes.Call)
        }
        assigned = {
            each.target.name: each.node
            for each in tree.find_all(nodes.Assign)
            if isinstance(each.target, nodes.Name)
        }
        for call in tree.find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name) or call.node.name not in macros:
                continue
            position = macros[call.node.name]
            named = [
                argument.value for argument in call.kwargs if argument.key == "stream"
            ]
            argument = (named + call.args[position : position + 1])[0]
            if isinstance(argument, nodes.Name) and argument.name in assigned:
                argument = assigned[argument.name]
            if isinstance(argument, nodes.Concat):
                argument = argument.nodes[0]
                is_stem = isinstance(argument, nodes.Const)
                if not is_stem or not DECLARED.fullmatch(argument.value):
                    argument = None
            literal = argument.value if isinstance(argument, nodes.Const) else None
            if literal is not None or id(call) not in handing_on:
                yield Use(f"{path}:{call.lineno}", call.node.name, literal)


def faults(uses: list[Use]) -> list[str]:
    """What is wrong with these uses, a line for each fault."""
    found, first_use = [], {}
    stems = {use.stream for use in uses if use.stream and use.stream.endswith(".")}
    for use in uses:
        if use.stream is None:
            found.append(f"{use.place}: the stream of {use.macro}() is not a literal")
        elif use.stream in stems:
            continue
        elif use.stream.startswith(tuple(stems)):
            found.append(f"{use.place}: '{use.stream}' could be declared")
        elif not STREAM_NAME.fullmatch(use.stream):
            found.append(
                f"{use.place}: '{use.stream}' is not <world>.<table>.<decision>"
            )
        elif use.stream in first_use:
            found.append(
                f"{use.place}: '{use.stream}' is used at {first_use[use.stream]} already"
            )
        else:
            first_use[use.stream] = use.place
    return found


def project_sources(project: Path) -> dict[str, str]:
    """All SQL files of models and macros, by their path in the project."""
    files = sorted([*project.glob("models/**/*.sql"), *project.glob("macros/**/*.sql")])
    return {
        str(file.relative_to(project)): MATERIALIZATION.sub("", file.read_text())
        for file in files
    }


def project_streams(project: Path) -> list[Use]:
    """Every use of a stream in the project."""
    sources = project_sources(project)
    return list(stream_uses(sources, draw_macros(sources)))
