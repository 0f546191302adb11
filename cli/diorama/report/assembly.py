"""Selects the figures whose tables are in the database, and draws them."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from diorama.errors import DioramaError
from diorama.project import Project
from diorama.project.catalogue import missing_world
from diorama.report.catalogue import EXPERIMENT, TREATMENT, WORLDS
from diorama.report.figures import Figure, Sentence, draw
from diorama.report.page import Part, Section
from diorama.ui.terminal import BuildProgress
from diorama.worlds import CUSTOM

if TYPE_CHECKING:
    import duckdb

YOURS = "yours"  # the source of experiments that are of no world


class Assembly:
    """Draws the figures whose tables a database holds."""

    def __init__(
        self,
        project: Project,
        connection: "duckdb.DuckDBPyConnection",
        worlds: list[str],
        quiet: bool,
    ) -> None:
        """Reads which tables the database holds.

        Args:
            project: The project.
            connection: A connection to the database.
            worlds: The worlds asked for; empty for all that are built.
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
        self.has_truth = any(schema == "truth" for schema, _ in self.comments)

    def sections(self) -> tuple[list[Section], list[str]]:
        """The sections of built worlds, and a line for each world that is not built.

        Returns:
            Both.

        Raises:
            DioramaError: A world that was asked for is not built, or none is.
        """
        sections, absent = [], []
        with self.progress.showing():
            for world in self.asked or self.project.worlds:
                if not self._holds(world):
                    # who declares a product asks for no other, and the other way round
                    if not self.asked and (world == CUSTOM or self._holds(CUSTOM)):
                        continue
                    if world in self.asked:
                        raise DioramaError(
                            f"The database does not hold {missing_world(world)}"
                        )
                    absent.append(
                        f"Not built: the world {world} (`diorama build --world {world}`)."
                    )
                elif world not in WORLDS:
                    absent.append(f"Without figures: the world {world}.")
                else:
                    sections.append(self._section(world))
            if not self.asked and (parts := self._experiments(YOURS)):
                about = "What the files of a plan say."
                sections.append(Section(YOURS, "Your experiments", about, {}, parts))
                absent.clear()
        if not sections:
            raise DioramaError(
                "The database holds no world to report. Build one with `diorama build`."
            )
        return sections, absent

    def _holds(self, world: str) -> bool:
        return any(name.startswith(f"stg_{world}__") for _, name in self.comments)

    def _section(self, world: str) -> Section:
        told = WORLDS[world]
        parts = [
            self._part(f"{world}-world", "Activity", told.figures),
            *self._experiments(world),
            self._part(f"{world}-models", "Training sets", told.learning),
        ]
        title = self._product() if world == CUSTOM else world
        return Section(world, title, told.about, self._changed_settings(world), parts)

    def _product(self) -> str:
        """The product's name in the file of the declared world."""
        ((name,),) = self.connection.execute(
            "select declaration ->> 'name' from catalogue.declared_world"
        ).fetchall()
        return name

    def _part(
        self,
        anchor: str,
        title: str,
        figures: list[Figure],
        about: str = "",
        variables: dict[str, str] | None = None,
        blocked_by: str = "",
    ) -> Part:
        part = Part(anchor, title, about)
        if blocked_by:
            part.warning = (
                f"Not trustworthy: blocked by {blocked_by}. What follows is what was logged; no "
                "effect may be read from it."
            )
        for figure in figures:
            reads_truth = any(schema == "truth" for schema, _ in figure.relations)
            if figure.relations <= self.comments.keys():
                self.progress.start(figure.name)
                has_truth = figure.truth_relations <= self.comments.keys()
                drawn = draw(self.connection, figure, variables, has_truth, blocked_by)
                self.progress.finish(figure.name, "")
                if drawn.drawing or not reads_truth:
                    part.figures.append(drawn)
            elif self.has_truth or not reads_truth:
                part.absent.append(figure.title)
        return part

    def _experiments(self, world: str) -> list[Part]:
        """The parts on a world's experiments; empty before their marts are built."""
        if ("intermediate", "int_experiments__exposures") not in self.comments:
            return []
        # those of sums have no units
        has_verdicts = ("marts", "experiments__verdicts") in self.comments
        having = (
            "marts.experiments__verdicts"
            if has_verdicts
            else "intermediate.int_experiments__exposures"
        )
        found = self.connection.execute(
            "select experiments.experiment_id, control, design, estimator, "
            "list(variant order by variant) "
            "from intermediate.int_experiments__experiments as experiments "
            "inner join intermediate.int_experiments__variants as variants "
            "on experiments.experiment_id = variants.experiment_id and not is_control "
            "where source = ? and experiments.experiment_id in "
            f"(select experiment_id from {having}) "
            "group by all order by all",
            [world],
        ).fetchall()
        parts = []
        for name, control, design, estimator, treatments in found:
            about = "{} assignment; the design calls for the {:name} estimate."
            parts.append(
                self._part(
                    quote(name, safe=""),
                    f"Experiment {name}",
                    EXPERIMENT,
                    Sentence().format(about, design.capitalize(), estimator),
                    {"experiment": name},
                )
            )
            blocked = self._blocked(name)
            for treatment in treatments:
                parts.append(
                    self._part(
                        f"{quote(name, safe='')}-{quote(treatment, safe='')}",
                        f"{treatment} against {control}",
                        TREATMENT,
                        "",
                        {"experiment": name, "treatment": treatment},
                        blocked.get(treatment, ""),
                    )
                )
        return parts

    def _blocked(self, experiment: str) -> dict[str, str]:
        """The treatments of an experiment with blocked results, and the blocking checks."""
        if ("marts", "experiments__verdicts") not in self.comments:
            return {}
        return dict(
            self.connection.execute(
                "select treatment, replace(blocked_by, '_', ' ') from marts.experiments__verdicts "
                "where experiment_id = ? and blocked_by is not null",
                [experiment],
            ).fetchall()
        )

    def _changed_settings(self, world: str) -> dict[str, Any]:
        """The settings of a built world that differ from their defaults."""
        for (_, name), comment in sorted(self.comments.items()):
            if name.startswith(f"stg_{world}__") and comment:
                values = json.loads(comment).get("values") or {}
                return {
                    setting: value
                    for setting, value in values.items()
                    if value != self.project.settings.get(setting, {}).get("default")
                }
        return {}
