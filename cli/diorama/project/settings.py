"""Turns options of the command line into dbt's vars, and checks them with the project's macros.

dbt runs these checks before it builds anything; here they run without dbt, which takes seconds to
start.
"""

import datetime
import json
import math
import re
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, NoReturn

import jinja2

from diorama.errors import UsageError
from diorama.project import Project

LONGEST_INTEGER = 100
CONSTANTS = {"null": None, "~": None, "": None, "true": True, "false": False}


def parse_value(text: str) -> Any:
    """Parses one scalar of YAML 1.2 (core schema).

    YAML 1.1, which dbt reads, parses 042 as octal, 1:30 as ninety and `no` as false; here they
    stay text, so that the check of the setting refuses them.

    Args:
        text: The text after the equals sign.

    Returns:
        An integer, a float, a boolean, None, or the text itself.

    Raises:
        OverflowError: The number would overflow or underflow a double.
    """
    text = text.strip()
    if text.lower() in CONSTANTS:
        return CONSTANTS[text.lower()]
    if re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
        if len(text) > LONGEST_INTEGER:
            raise OverflowError(f"an integer has at most {LONGEST_INTEGER} digits")
        return int(text)
    if re.fullmatch(
        r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", text
    ) and not re.fullmatch(r"[-+]?0[0-9]+", text):
        number = float(text)
        is_zero = not re.search("[1-9]", re.split("[eE]", text)[0])
        if math.isinf(number) or (number == 0 and not is_zero):
            raise OverflowError("a number is at least 1e-308 and at most 1e308 from 0")
        return number
    return text


def collect_settings(
    project: Project,
    worlds: list[str],
    of_worlds: dict[str, str | None],
    of_all: dict[str, str | None],
    assignments: list[str],
) -> dict[str, Any]:
    """Collects and checks the settings given on a command line.

    Args:
        project: The project that declares them.
        worlds: The chosen worlds; empty for all.
        of_worlds: Values of options that set `<world>_<name>` of each chosen world, by name.
        of_all: Values of options that set one setting for all worlds, by name.
        assignments: The `name=value` of each `--set`.

    Returns:
        dbt's vars.

    Raises:
        UsageError: A chosen world has no such setting, an assignment cannot be read, a setting
            is given two values, or a value is not allowed.
    """
    given: list[tuple[str, str]] = []
    for name, value in of_worlds.items():
        if value is None:
            continue
        lacking = [
            world for world in worlds if f"{world}_{name}" not in project.settings
        ]
        if lacking:
            # the search world, which alone has no list of users
            size = " Its size is search_sessions_per_day." if name == "users" else ""
            raise UsageError(
                f"The {lacking[0]} world has no setting {lacking[0]}_{name} for "
                f"--{name.replace('_', '-')}.{size} "
                f"See `diorama list --settings --world {lacking[0]}`, and use --set name=value."
            )
        having = [
            world
            for world in worlds or project.worlds
            if f"{world}_{name}" in project.settings
        ]
        given += [(f"{world}_{name}", value) for world in having]
    given += [(name, value) for name, value in of_all.items() if value is not None]
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name.strip():
            raise UsageError(
                f"--set takes name=value, such as --set defect_rate=0.05, but got '{assignment}'."
            )
        given.append((name.strip(), value))

    settings: dict[str, Any] = {}
    for name, text in given:
        # also `settings`, under which dbt_project.yml declares them all
        if name not in project.settings:
            Macros(project, {})["unknown_setting"](name)
        try:
            value = parse_value(text)
        except OverflowError as error:
            raise UsageError(
                f"Setting '{name}' is {text[:40]}, but {error}. See `diorama list --settings`."
            ) from error
        if name in settings and settings[name] != value:
            raise UsageError(
                f"Setting '{name}' is given twice, as {settings[name]} and as {value}. "
                "Give it once."
            )
        settings[name] = value
    check_settings(project, settings)
    return settings


def described_settings(
    project: Project, worlds: list[str], built_from: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """All settings with meaning, range and current value.

    Args:
        project: The project.
        worlds: The worlds; empty for all.
        built_from: The settings that each table was built from.

    Returns:
        A record for each setting; its current value is that of the tables, a list if they differ.
    """
    built: dict[str, dict[str, Any]] = {}
    for values in built_from:
        for name, value in values.items():
            built.setdefault(name, {})[json.dumps(value)] = value
    allowed_values = Macros(project, {})["allowed_values"]
    settings = []
    for name, said in project.settings.items():
        prefix = name.split("_")[0]
        world = prefix if prefix in project.worlds else None
        if worlds and world is not None and world not in worlds:
            continue
        values = list(built.get(name, {}).values()) or [said["default"]]
        settings.append(
            {
                "world": world,
                "name": name,
                **{key: said[key] for key in ("meaning", "type")},
                "unit": said.get("unit"),
                "allowed": allowed_values(said),
                "default": said["default"],
                "current": values[0] if len(values) == 1 else values,
            }
        )
    return settings


def check_settings(project: Project, variables: dict[str, Any]) -> None:
    """Checks all settings as the macro check_settings does, and the names in `vars:`.

    Args:
        project: The project, whose `vars:` may set values as well.
        variables: dbt's vars.

    Raises:
        UsageError: There is no such setting, or a value is not allowed.
    """
    macros = Macros(project, variables)
    for name in project.given:
        if name not in project.settings:
            macros["unknown_setting"](name)
    macros["check_settings"]()


class _Returned(Exception):  # noqa: N818 (no error: how dbt's macros return a value)
    def __init__(self, value: Any) -> None:
        self.value = value


class Macros(dict[str, Any]):
    """The part of dbt's Jinja context that the macros of settings need, and these macros."""

    def __init__(self, project: Project, variables: dict[str, Any]) -> None:
        """Takes the project that has the macros, and dbt's vars."""
        self.environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        self.files = {
            file.stem: file
            for folder in ("project", "time", "engine")
            for file in (project.root / "macros" / folder).glob("*.sql")
        }
        given = {"settings": project.settings} | project.given
        super().__init__(
            self.environment.globals,
            exceptions=SimpleNamespace(raise_compiler_error=_raise_usage_error),
            execute=False,
            invocation_args_dict={"vars": variables},
            modules=SimpleNamespace(re=re, datetime=datetime),
            set=set,
            tojson=json.dumps,
            var=lambda name, default=None: given.get(name, default),
            zip=zip,
            **{"return": _give_back},
        )

    def __contains__(self, name: object) -> bool:
        """Whether there is such a name, or a macro of it that is not loaded yet."""
        return super().__contains__(name) or name in self.files

    def __missing__(self, name: str) -> Callable[..., Any]:
        """Loads a macro when it is called."""
        # under another name, so that a macro that calls itself calls what catches its value
        text = self.files[name].read_text(encoding="utf-8")
        text = re.sub(r"(\{%-? macro )", r"\1macro_", text)
        template = self.environment.from_string(text)
        macro = getattr(template.make_module(self, shared=True), f"macro_{name}")

        def call(*arguments: Any, **options: Any) -> Any:
            try:
                return macro(*arguments, **options)
            except _Returned as returned:
                return returned.value

        self[name] = call
        return call


def _raise_usage_error(message: str) -> NoReturn:
    raise UsageError(message.removeprefix("[usage] "))


def _give_back(value: Any = None) -> NoReturn:
    raise _Returned(value)
