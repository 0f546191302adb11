"""Which figures a database has the tables for, and their drawing."""

import json
from typing import TYPE_CHECKING, Any

from diorama.errors import DioramaError
from diorama.project import Project
from diorama.report.catalogue import EXPERIMENT, WORLDS
from diorama.report.figures import Figure, draw
from diorama.report.page import Part, Section
from diorama.terminal import BuildProgress

if TYPE_CHECKING:
    import duckdb


class Assembly:
    """Draws the figures whose tables a database holds."""

    def __init__(
        self,
        project: Project,
        connection: "duckdb.DuckDBPyConnection",
        worlds: list[str],
        quiet: bool,
    ) -> None:
        """Sees what the database holds.

        Args:
            project: The project.
            connection: A connection to the database.
            worlds: The worlds that were asked for; none for all that are there.
            quiet: Whether no progress is shown.
        """
        self.project = project
        self.connection = connection
        self.asked = worlds
        self.progress = BuildProgress("Drawing", quiet)
        relations = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() "
            "union all select schema_name, view_name, comment from duckdb_views()"
        ).fetchall()
        self.comments = {(schema, name): comment for schema, name, comment in relations}

    def sections(self) -> tuple[list[Section], list[str]]:
        """The worlds that are built, and a line for each that is not.

        Returns:
            Both.

        Raises:
            DioramaError: A world that was asked for is not built, or none is.
        """
        sections, absent = [], []
        with self.progress.showing():
            for world in self.asked or self.project.worlds:
                if not any(
                    name.startswith(f"stg_{world}__") for _, name in self.comments
                ):
                    hint = f"`diorama build --world {world}`"
                    if world in self.asked:
                        raise DioramaError(
                            f"The database does not hold the world {world}. Make it with {hint}."
                        )
                    absent.append(f"Not built: the world {world} ({hint}).")
                elif world not in WORLDS:
                    absent.append(f"Without figures: the world {world}.")
                else:
                    sections.append(self._section(world))
        if not sections:
            raise DioramaError(
                "The database holds no world to report. Make one with `diorama build`."
            )
        return sections, absent

    def _section(self, world: str) -> Section:
        told = WORLDS[world]
        parts = [self._part(f"{world}-world", "What happened", "", told.figures)]
        for name, about in self._experiments(world).items():
            parts.append(
                self._part(
                    name, f"Experiment {name}", about, EXPERIMENT, {"experiment": name}
                )
            )
        parts.append(self._part(f"{world}-models", "To learn from", "", told.learning))
        return Section(world, world, told.about, self._changed_settings(world), parts)

    def _part(
        self,
        anchor: str,
        title: str,
        about: str,
        figures: list[Figure],
        variables: dict[str, str] | None = None,
    ) -> Part:
        part = Part(anchor, title, about)
        for figure in figures:
            if figure.relations <= self.comments.keys():
                self.progress.start(figure.name)
                part.figures.append(draw(self.connection, figure, variables))
                self.progress.finish(figure.name, "")
            else:
                part.absent.append(figure.title)
        return part

    def _experiments(self, world: str) -> dict[str, str]:
        """The experiments of a world, each with a sentence; none before their marts are built."""
        if ("intermediate", "int_experiments__exposures") not in self.comments:
            return {}
        found = self.connection.execute(
            "select experiment_id, string_agg(variant, ' and ' order by variant), max(control) "
            "from intermediate.int_experiments__experiments "
            "inner join intermediate.int_experiments__variants using (experiment_id) "
            "where source = ? and not is_control and experiment_id in "
            "(select experiment_id from intermediate.int_experiments__exposures) "
            "group by experiment_id order by experiment_id",
            [world],
        ).fetchall()
        return {
            name: f"{treatments} against {control}."
            for name, treatments, control in found
        }

    def _changed_settings(self, world: str) -> dict[str, Any]:
        """The settings of a world, as it was built, that are not at their defaults."""
        for (_, name), comment in sorted(self.comments.items()):
            if name.startswith(f"stg_{world}__") and comment:
                values = json.loads(comment).get("values") or {}
                return {
                    setting: value
                    for setting, value in values.items()
                    if value != self.project.settings.get(setting, {}).get("default")
                }
        return {}
