"""`diorama explain`: one user under every variant, read from tables or generated alone."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from diorama.engines.dbt import Dbt, Watcher
from diorama.engines.sql import literal
from diorama.errors import DioramaError, UsageError, headline
from diorama.files.scratch import scratch_directory
from diorama.project import Project
from diorama.project.catalogue import (
    Catalogue,
    Relation,
    declared_relations,
    open_database,
)

EVERYWHERE = "user_number"


@dataclass(frozen=True)
class ExplainRequest:
    """A request to explain one user.

    Attributes:
        user_id: The user's id; None if the number is given.
        user_number: The user's number in the world, from 0 (in search from 1), or None.
        worlds: The worlds to search; empty for all.
        generate: Whether to generate only this user instead of reading tables.
        variables: With generate: settings that differ from those of the built world.
    """

    user_id: str | None
    user_number: int | None
    worlds: list[str]
    generate: bool
    variables: dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """The `meta.explain` of a world's models: how to explain its users.

    Attributes:
        world: The world.
        user: SQL expressions of the user's id, number and variant.
        knows: The relation with one row per user.
        sections: The sections to show: those of that relation first, then in model order.
    """

    world: str
    user: dict[str, str]
    knows: Relation
    sections: list[tuple[Relation, dict[str, Any]]]


def explain(project: Project, path: Path, request: ExplainRequest) -> dict[str, Any]:
    """Explains one user.

    Args:
        project: The project.
        path: The database file; with `generate` it need not exist.
        request: The user to explain.

    Returns:
        The user, the effect of each treatment on the user, and the sections to show.

    Raises:
        DioramaError: There is no such user.
    """
    if (request.user_id is None) == (request.user_number is None):
        raise UsageError("Give either a user's id, or --number and --world.")
    if request.user_number is not None and len(request.worlds) != 1:
        raise UsageError(
            "--number counts the users of one world. Add --world, such as --world feed."
        )
    if request.variables and not request.generate:
        raise UsageError(
            "--seed and --set need --generate, which generates the user anew."
        )
    worlds = request.worlds or project.worlds
    if request.generate:
        found = _generated(project, path, worlds, request)
    else:
        with open_database(path) as catalogue:
            catalogue.check_holds(request.worlds)
            found = _read(catalogue, worlds, request)
    if found is None:
        asked = request.user_id or f"number {request.user_number}"
        where = f"world {worlds[0]}" if len(worlds) == 1 else "any world"
        where += "" if request.generate else f" of {path}"
        hint = "Check the id." if request.user_id else "Give a smaller --number."
        raise DioramaError(f"There is no user {asked} in {where}. {hint}")
    return found


def declared(relations: Iterable[Relation], world: str) -> Declared | None:
    """Collects the `meta.explain` of a world's models.

    Args:
        relations: All relations, in order.
        world: The world.

    Returns:
        The declarations, or None if there are none.
    """
    user, knows, sections = None, None, []
    for model in relations:
        said = model.meta.get("explain") if model.world == world else None
        if said and "user" in said:
            user, knows = {"is_in_experiment": "true", **said["user"]}, model
        sections += [(model, section) for section in (said or {}).get("sections", [])]
    if user is None or knows is None:
        return None
    sections.sort(key=lambda of: of[0].name != knows.name)
    return Declared(world, user, knows, sections)


def _read(
    catalogue: Catalogue, worlds: list[str], request: ExplainRequest
) -> dict[str, Any] | None:
    """Reads the user from the first world with that id or number."""
    for world in worlds:
        found = declared(catalogue.relations.values(), world)
        if found is None or found.knows.form is None:
            continue
        missing = [model.name for model, _ in found.sections if model.form is None]
        if missing:
            raise DioramaError(
                f"{catalogue.path} does not hold {missing[0]}. "
                f"Build it with `diorama build --world {world}`."
            )
        user = _user(catalogue, found, request.user_id, request.user_number)
        if user:
            return _told(catalogue, found, user)
    return None


def _generated(
    project: Project, path: Path, worlds: list[str], request: ExplainRequest
) -> dict[str, Any] | None:
    """Generates only this user, with the settings of the built world if there is one."""
    for world in worlds:
        found = declared(declared_relations(project), world)
        if found is None:
            continue
        variables, number = dict(request.variables), request.user_number
        if path.is_file():
            with open_database(path) as catalogue:
                built = declared(catalogue.relations.values(), world)
                if built and built.knows.form:
                    for name, value in built.knows.settings.items():
                        if value != project.settings.get(name, {}).get("default"):
                            variables.setdefault(name, value)
                    if number is None:
                        user = _user(catalogue, built, request.user_id, None)
                        number = user["user_number"] if user else None
        place = Path(tempfile.gettempdir())
        with scratch_directory(
            place, "explain", "Interrupted. Nothing was made."
        ) as scratch:
            database = scratch / "diorama.duckdb"
            if number is None:
                # an id says nothing of the number: all users are drawn to find it
                _build(Dbt(project, database, variables), [found.knows.name])
                with open_database(database) as catalogue:
                    user = _user(catalogue, found, request.user_id, None)
                if not user:
                    continue
                number = user["user_number"]
            variables["user_number"] = number
            names = [found.knows.name, *(model.name for model, _ in found.sections)]
            _build(Dbt(project, database, variables), names)
            with open_database(database) as catalogue:
                made = declared(catalogue.relations.values(), world)
                user = _user(catalogue, found, None, number)
                if made and user:
                    return _told(catalogue, made, user)
    return None


def _build(dbt: Dbt, names: list[str]) -> None:
    select = [f"+{name}" for name in dict.fromkeys(names)]
    kinds = ["resource_type:test", "resource_type:unit_test"]
    for step in dbt.build(select, kinds, True, Watcher()):
        if step.failed:
            raise DioramaError(
                f"{step.kind} {step.name} failed: {headline(step.message)}"
            )


def _user(
    catalogue: Catalogue, found: Declared, user_id: str | None, number: int | None
) -> dict[str, Any] | None:
    """Id, number and variant of the user; None if the tables have no such user."""
    of = found.user
    wanted = f"{of['number']} = {number}"
    if number is None:
        wanted = f"cast({of['id']} as varchar) = {literal(user_id)}"
    users = _rows(
        catalogue,
        f"""
        select
            cast({of["id"]} as varchar) as user_id,
            {of["number"]} as user_number,
            cast({of["variant"]} as varchar) as variant,
            {of["is_in_experiment"]} as is_in_experiment
        from {found.knows.sql}
        where {wanted}
        limit 1
        """,
    )
    return users[0] if users else None


def _told(
    catalogue: Catalogue, found: Declared, user: dict[str, Any]
) -> dict[str, Any]:
    """The sections and effects of a user, read from the tables."""
    told = {"world": found.world, **user, "effect": {}, "sections": []}
    for model, section in found.sections:
        of = section.get("of", EVERYWHERE)
        value = user["user_number"] if of == EVERYWHERE else literal(user["user_id"])
        lived = f"select * from {model.sql} where {of} = {value}"
        measures, by = section.get("measures"), section.get("by")
        if measures:
            variants = catalogue.relations[section["variants"]].sql
            has_effect = user["is_in_experiment"]
            rows = _rows(
                catalogue, arms_query(lived, variants, measures, by, has_effect)
            )
        else:
            columns = ", ".join(section["columns"])
            rows = _rows(
                catalogue,
                f"select distinct {columns} from ({lived}) as given order by {columns}",
            )
        names = list(rows[0]) if rows else section.get("columns", [])
        told["sections"].append(
            {
                "title": section["title"],
                "table": model.name,
                "meanings": {n: model.columns[n] for n in names if n in model.columns},
                "rows": rows,
            }
        )
        if measures:
            told["sections"][-1] |= {"by": by, "measures": list(measures)}
            for total in _rows(
                catalogue, arms_query(lived, variants, measures, [], has_effect)
            ):
                effects = told["effect"].setdefault(total["treatment"], {})
                for measure in measures:
                    effects[measure] = {
                        arm: total[f"{arm}_{measure}"]
                        for arm in ("control", "treated", "effect")
                    }
    return told


def arms_query(
    lived: str,
    variants: str,
    measures: dict[str, str],
    by: list[str],
    is_in_experiment: bool,
) -> str:
    """A user's potential outcomes, each treatment beside control.

    Args:
        lived: Query of the user's rows under every variant.
        variants: Relation that says which variants are treatments.
        measures: Additive expressions by name.
        by: Columns to group by; empty for one row per treatment.
        is_in_experiment: Whether the user is in the experiment; effects are null otherwise.

    Returns:
        A query with, per treatment and group, the sum of each measure in control and under the
        treatment, and their difference, the effect.
    """
    keys = "".join(f"lived.{name}, " for name in by)
    sums = ", ".join(f"{of} as {name}" for name, of in measures.items())
    arms, effects = [], []
    for name in measures:
        treated = f"coalesce(sum(lived.{name}) filter (lived.is_treated), 0)"
        arms.append(
            f"coalesce(sum(lived.{name}) filter (not lived.is_treated), 0) as control_{name}, "
            f"{treated if is_in_experiment else 'null'} as treated_{name}"
        )
        effects.append(
            f"control_{name}, treated_{name}, treated_{name} - control_{name} as effect_{name}"
        )
    grouped = ", ".join(["treatment", *by])
    return f"""
        with lived as (
            select {keys} variants.variant, variants.is_treated, {sums}
            from ({lived}) as lived
            left join {variants} as variants on lived.variant = variants.variant
            group by {keys} variants.variant, variants.is_treated
        ),
        side_by_side as (
            select treatments.variant as treatment, {keys} {", ".join(arms)}
            from {variants} as treatments
            {"inner" if by else "left"} join lived
                on not lived.is_treated or lived.variant = treatments.variant
            where treatments.is_treated
            group by {keys} treatments.variant
        )
        select {grouped}, {", ".join(effects)} from side_by_side order by {grouped}
    """


def _rows(catalogue: Catalogue, query: str) -> list[dict[str, Any]]:
    """The rows of a query as dicts; values without a JSON type as text."""
    found = catalogue.connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [
        dict(zip(names, map(_portable, row), strict=True)) for row in found.fetchall()
    ]


def _portable(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return (
        value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
    )
