"""The HTML page: figures, styles, scripts and the chart library in one file."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from diorama.report.figures import Drawn, Panel, Table
from diorama.report.themes import DARK, FONT, LIGHT, vega_config

if TYPE_CHECKING:
    from diorama.report.summary import Answers

TEMPLATES = Path(__file__).parent / "templates"


@dataclass
class Part:
    """A part of a section: the figures below one heading.

    Attributes:
        id: Its anchor.
        title: Its heading.
        about: A sentence or two on what it is.
        warning: Why no conclusion may be drawn from it, or empty.
        figures: The figures.
        absent: Titles of figures whose tables are not in the database.
    """

    id: str
    title: str
    about: str = ""
    warning: str = ""
    figures: list[Drawn] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


@dataclass
class Section:
    """A world.

    Attributes:
        id: Its anchor.
        title: Its heading.
        about: What happens in it.
        settings: Settings that differ from their defaults.
        parts: Its parts.
    """

    id: str
    title: str
    about: str
    settings: dict[str, Any]
    parts: list[Part]


def render(
    sections: list[Section],
    absent: list[str],
    origin: dict[str, str],
    cache: Path,
    has_truth: bool = True,
    answers: Sequence["Answers"] = (),
) -> str:
    """Writes the page.

    Args:
        sections: The worlds.
        absent: A line for each world that is not there.
        origin: What it was made from, as pairs of name and value.
        cache: Where the charts' library is kept between reports.
        has_truth: Whether the database holds what is true.
        answers: The tables of the first screen.

    Returns:
        HTML.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts: dict[str, Any] = {}
    for section in sections:
        for part in section.parts:
            for drawn in part.figures:
                charts |= _charts(drawn)
    scheme = {"light": vega_config(LIGHT), "dark": vega_config(DARK)}
    return environment.get_template("page.html.jinja").render(
        sections=sections,
        absent=absent,
        answers=answers,
        origin=origin,
        has_truth=has_truth,
        light=LIGHT,
        dark=DARK,
        font=FONT,
        style=(TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "page.js").read_text(encoding="utf-8"),
        library=_library(cache),
        data=_script_json({"themes": scheme, "charts": charts}),
        is_table=lambda drawing: isinstance(drawing, Table),
    )


def _charts(drawn: Drawn) -> dict[str, Any]:
    """The specifications of a figure's charts, by the id of the element that shows each."""
    if drawn.drawing is None or isinstance(drawn.drawing, Table):
        return {}
    specifications = {}
    for number, panel in enumerate(drawn.drawing):
        specifications[f"{drawn.id}-{number}"] = _specification(drawn, panel)
    return specifications


def _specification(drawn: Drawn, panel: Panel) -> dict[str, Any]:
    title = ": ".join(filter(None, [drawn.figure.title, panel.title]))
    chart = panel.chart.properties(width="container", description=title)
    specification = chart.to_dict(validate=False)
    # Altair's own theme; ours is chosen in the browser
    specification.pop("config", None)
    specification["autosize"] = {"type": "fit-x", "contains": "padding"}
    return specification


def _script_json(document: dict[str, Any]) -> str:
    """JSON that can stand in a script element, whatever texts are in it."""
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")


def _library(cache: Path) -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, bundled once in seconds, and then kept."""
    file = cache / f"vega-{version('vl-convert-python')}.js"
    with contextlib.suppress(OSError):
        return file.read_text(encoding="utf-8")
    import vl_convert

    library = vl_convert.javascript_bundle().replace("</script", "<\\/script")
    with contextlib.suppress(OSError):  # a checkout that cannot be written to
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(library, encoding="utf-8")
        unfinished.replace(file)
    return library
