"""The file of a declared world. These models are its one definition."""

from __future__ import annotations

import ast
import datetime
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from diorama.analysis.plan import CONTROLS, ESTIMATORS, Metric
from diorama.engines.sql import reserved_words
from diorama.errors import nearest
from diorama.files.declaration import KeyPath, Part, date, load, printable

SCHEMA = Path(__file__).with_name("world.schema.json")
ADVICE = "docs/own-world.md describes every key; `diorama init world` writes a file to start from."
END = "end"
MOST_EVENTS = 2000  # of one session
HOURS = {
    "flat": [1] * 24,
    "morning": [
        *(1, 1, 1, 1, 2, 5, 9, 12, 12, 10, 8, 7),
        *(7, 6, 6, 5, 5, 5, 5, 4, 4, 3, 2, 1),
    ],
    "office": [
        *(1, 1, 1, 1, 1, 1, 2, 5, 10, 13, 14, 13),
        *(10, 12, 14, 13, 12, 9, 5, 3, 2, 2, 2, 1),
    ],
    "evening": [
        *(3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6),
        *(7, 6, 6, 6, 7, 8, 10, 12, 13, 12, 9, 5),
    ],
    "night": [
        *(12, 11, 9, 7, 5, 3, 2, 2, 2, 3, 3, 4),
        *(4, 4, 4, 4, 5, 5, 6, 7, 8, 9, 11, 12),
    ],
}
UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
# columns that every event, user or item has, on the way to the tables or in them
OF_BOTH = (
    *("event_id", "user_id", "session_id", "event_name", "event_time", "event_date"),
    *("received_at", "accepted_at", "reject_reason", "raw_fault", "kind"),
    *("segment_number", "user_number", "user_key", "defect_draw", "is_extra_row"),
    "drawn_value",
)
OF_EVENTS = (
    *OF_BOTH,
    *("state", "previous_state", "gap_ms", "elapsed_ms", "event_ms", "started_at_ms"),
    *("day_number", "session_number", "event_number"),
    *("variant_number", "assigned_number", "session_key", "event_key"),
    *("exposure_day", "is_before_effect", "is_assigned", "has_defect"),
    *("delay_ms", "has_fresh_id", "event_shift_ms"),
    *("delivery_shift_ms", "delivery_number", "copy_number", "duration_seconds"),
    *("session_date", "started_at", "ended_at"),
)
OF_USERS = (
    *("signup_date", "segment", "latent_segment"),
    *("experiment_id", "variant", "experiment_number", "variant_number"),
    *("trigger_number", "experiment_from_day", "signup_day", "rate_factor_ppm"),
    *("sessions_per_active_day", "stay_draw", "assignment_probability"),
    *OF_BOTH,
)
OF_ITEMS = (
    *("item_id", "item_kind", "popularity_rank", "item_key", "kind_number"),
    *("segment_number", "event_count", "drawn_value"),
)


def _percent(value: Any) -> Any:
    """Parses a percentage, with or without the sign, into a share."""
    text = str(value).strip().removesuffix("%").strip()
    try:
        return float(text) / 100
    except ValueError:
        raise ValueError("must be per cent, such as 30 or 2.5%") from None


def _duration(value: Any) -> Any:
    """Parses a duration such as `20 s` into milliseconds."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*(ms|s|min|h)\s*", str(value))
    try:
        return float(found[1]) * UNITS[found[2]]  # type: ignore[index]
    except (TypeError, ValueError):
        raise ValueError(
            "must be a time with its unit: ms, s, min or h, such as 20 s"
        ) from None


def _column(value: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]{0,40}", value):
        raise ValueError(
            "must be of small letters, digits and underscores, such as add_to_cart"
        )
    return value


def _label(value: str) -> str:
    printable(value)
    if value != value.strip() or not value:
        raise ValueError("must not begin or end with a blank")
    changed = [c for c in value if c.upper().lower() != c.lower() and c != "ß"]
    if changed:
        raise ValueError(f"has {changed[0]}, which no cleaning finds again in capitals")
    return value


def _count(value: Any) -> Any:
    """Parses a count such as 2_000_000."""
    text = str(value)
    return text.replace("_", "") if re.fullmatch("[0-9_]+", text) else value


def _plain_weights(value: Any) -> Any:
    """{US: 50, by_segment: …} with the weights under a key of their own."""
    if isinstance(value, dict) and "weights" not in value:
        weights = {key: of for key, of in value.items() if key != "by_segment"}
        by = {"by_segment": value["by_segment"]} if "by_segment" in value else {}
        return {"weights": weights, **by}
    return value


def _values(value: Any) -> Any:
    """What a property may be, by its form: an expression, a distribution, or categories."""
    if value is None or isinstance(value, list):
        raise ValueError(
            "must be a distribution, categories with their weights, or an expression"
        )
    if isinstance(value, dict):
        is_drawn = bool(set(value) & set(Drawn.model_fields))
        return value if is_drawn else {"categories": _plain_weights(value)}
    return {"expression": str(value)}


Column = Annotated[str, BeforeValidator(lambda v: _column(str(v)))]
Label = Annotated[str, Field(max_length=60), BeforeValidator(lambda v: _label(str(v)))]
# what the schema knows of texts that stand for numbers
PercentText = Annotated[str, Field(examples=["2.5%"])]
Percent = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False),
    BeforeValidator(
        _percent,
        json_schema_input_type=Annotated[float, Field(ge=0, le=100)] | PercentText,
    ),
]
Weight = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Duration = Annotated[
    float,
    Field(ge=1, le=86_400_000),
    BeforeValidator(
        _duration, json_schema_input_type=Annotated[str, Field(examples=["20 s"])]
    ),
]
Spread = Annotated[float, Field(ge=1, le=10)]
Finite = Annotated[float, Field(ge=-1e9, le=1e9)]
Day = Annotated[int, Field(ge=1, le=3650)]


class Segment(Part):
    """A segment of users."""

    share: Weight = Field(description="Share of users in the segment, as a weight.")


class Signups(Part):
    """When users sign up."""

    # defaults are written as in a file, for the schema and the page made of it
    before: Percent = Field(
        "40%",
        validate_default=True,
        description="Share of users who signed up before the start, per cent.",
    )
    before_days: int = Field(
        28,
        ge=1,
        le=365,
        description="Those users signed up within this many days before the start.",
    )
    weekly_growth: Annotated[
        float,
        Field(ge=-0.9, le=10),
        BeforeValidator(
            _percent,
            json_schema_input_type=Annotated[float, Field(ge=-90, le=1000)]
            | PercentText,
        ),
    ] = Field(
        "0%",
        validate_default=True,
        description="Weekly growth of sign-ups after the start, per cent.",
    )


class Lognormal(Part):
    """Log-normal, by its median and geometric standard deviation."""

    median: float = Field(gt=0, le=1e9)
    spread: Spread = Field(
        description="Two thirds of the values lie between median / spread and median * spread."
    )


class Normal(Part):
    """Normal, by mean and standard deviation."""

    mean: Finite
    sd: float = Field(gt=0, le=1e9)


class Weights(Part):
    """Categories with their weights."""

    weights: dict[Label, Weight] = Field(min_length=1)
    by_segment: dict[Label, dict[Label, Weight]] = Field(
        default={},
        description="Weights for some segments that differ from the others'.",
    )

    def of(self, segment: str) -> dict[str, float]:
        """The weights in a segment."""
        return self.by_segment.get(segment, self.weights)


class Drawn(Part):
    """A property: a number or text that is drawn, or computed from others."""

    lognormal: Lognormal | None = None
    normal: Normal | None = None
    uniform: tuple[Finite, Finite] | None = Field(
        None, description="Uniform between low and high."
    )
    integers: tuple[int, int] | None = Field(
        None, description="Uniform whole numbers from low to high, both included."
    )
    exponential: float | None = Field(None, gt=0, le=1e9, description="Mean.")
    geometric: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Success probability; values are the trials up to a success: 1, 2, …",
    )
    poisson: float | None = Field(None, gt=0, le=50, description="Mean.")
    categories: Weights | None = Field(None, description="Texts with their weights.")
    expression: str | None = Field(
        None,
        description="Arithmetic on other numbers of the same event and its item.",
    )
    decimals: int | None = Field(
        None,
        ge=0,
        le=6,
        description="Decimal places. Default: 2; whole numbers have none.",
    )

    @property
    def method(self) -> str:
        """Which of them it is."""
        return next(
            name
            for name in type(self).model_fields
            if name != "decimals" and getattr(self, name) is not None
        )

    @property
    def is_number(self) -> bool:
        """Whether it is no text."""
        return self.method != "categories"

    @property
    def places(self) -> int:
        """Its decimals."""
        if self.method in ("integers", "geometric", "poisson"):
            return 0
        return 2 if self.decimals is None else self.decimals

    @model_validator(mode="after")
    def _is_one(self) -> Drawn:
        given = [
            name
            for name in type(self).model_fields
            if name != "decimals" and getattr(self, name) is not None
        ]
        if len(given) != 1:
            found = " and ".join(given) or "nothing that is drawn"
            raise ValueError(f"must have one distribution, but has {found}")
        for pair in (self.uniform, self.integers):
            if pair and pair[0] >= pair[1]:
                raise ValueError("must have [low, high] with low below high")
        if self.integers and max(map(abs, self.integers)) > 10**9:
            raise ValueError("must lie between -10^9 and 10^9")
        return self


BySegment = Annotated[
    dict[str, dict[str, float]], Field(description="as `by_segment`, those of segments")
]
Shares = Annotated[
    dict[str, float | BySegment],
    Field(description="texts with their weights, as `categories` has them"),
]
Arithmetic = Annotated[
    str, Field(description="an expression, such as price * quantity")
]
Property = Annotated[
    Drawn,
    BeforeValidator(_values, json_schema_input_type=Drawn | Shares | Arithmetic),
]
Choices = Annotated[
    Weights, BeforeValidator(_plain_weights, json_schema_input_type=Shares)
]


class Popularity(Part):
    """Popularity of the items."""

    zipf: float = Field(
        ge=0,
        le=3,
        description="Zipf exponent of popularity; 0 makes all items equally popular.",
    )


class Items(Part):
    """A kind of item that events are about."""

    count: int = Field(ge=1, le=1_000_000, description="Number of items.")
    popularity: Popularity = Popularity(zipf=0.8)
    has: dict[Column, Property] = Field(
        default={}, description="Properties of an item."
    )


class After(Part):
    """Time since the previous event, log-normal."""

    median: Duration = Field(
        description="Median time since the previous event, in ms, s, min or h."
    )
    spread: Spread = Field(2.0, description="Geometric standard deviation.")


class Event(Part):
    """An event, and the events that may follow it in a session."""

    next: Choices = Field(
        description="Weights of the next event; `end` is the end of the session."
    )
    after: After = Field(
        After(median="10 s"),  # type: ignore[arg-type]
        json_schema_extra={"default": {"median": "10 s", "spread": 2}},
    )
    picks: Column | None = Field(
        None, description="A kind of item, of which the event picks one."
    )
    keeps: Column | None = Field(
        None,
        description="A kind of item: the event is about the one picked last in the session.",
    )
    has: dict[Column, Property] = Field(
        default={}, description="Properties of the event."
    )


class Novelty(Part):
    """An effect that wears off."""

    extra: float = Field(
        gt=0,
        le=100,
        description="Extra factor on the day of the exposure, which wears off.",
    )
    half_life_days: float = Field(
        gt=0, le=1000, description="Days until half of the extra effect is left."
    )


class Effect(Part):
    """An effect of a variant."""

    on: str = Field(
        description="`a -> b` (share of events a that are followed by b), `retention`, "
        "`sessions`, or `b.after` (median time before b)."
    )
    times: float = Field(gt=0, le=100, description="Factor by which it is multiplied.")
    novelty: Novelty | None = None
    segments: list[Label] = Field(
        default=[], description="Segments with the effect. Default: all."
    )

    @property
    def edge(self) -> tuple[str, str] | None:
        """The transition that it is on."""
        source, arrow, target = (part.strip() for part in self.on.partition("->"))
        return (source, target) if arrow else None

    @property
    def gap(self) -> str | None:
        """The event whose `after` it is on."""
        return self.on.removesuffix(".after") if self.on.endswith(".after") else None

    @property
    def most(self) -> float:
        """Its largest factor."""
        return self.times * max(1.0, self.novelty.extra if self.novelty else 1.0)


class Exposed(Part):
    """When a user is exposed: at an event, from a day on."""

    first: Column | None = Field(
        None, description="Exposing event. Default: the first event of a session."
    )
    from_day: int = Field(
        0,
        ge=0,
        le=3650,
        description="Day of the world, from 0, on which the experiment starts.",
    )


Split = dict[Label, Weight]


class WorldExperiment(Part):
    """An experiment that runs in the world."""

    split: Split | dict[Label, Split] = Field(
        description="Weights of the variants, or weights by segment (then the design is biased)."
    )
    control: Label | None = Field(
        None,
        description=f"Control variant. Default: {', '.join(CONTROLS)}, or the first.",
    )
    exposed: Exposed = Field(default_factory=Exposed)
    effects: dict[Label, list[Effect]] = Field(
        default={}, description="Effects by variant. None: an A/A test."
    )
    users: Percent | None = Field(
        None,
        description="Share of users in the experiment, per cent. Default: all in equal parts, "
        "since a user is in one experiment at most.",
    )
    estimator: str | None = Field(
        None,
        json_schema_extra={"enum": [*ESTIMATORS, None]},
        description="Decisive estimator. Default: chosen by design, segments and covariates.",
    )
    covariate_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="Length in days of the pre-period, over which the metric is the covariate.",
    )

    @property
    def is_biased(self) -> bool:
        """Whether the split differs between segments."""
        return any(isinstance(of, dict) for of in self.split.values())

    def split_of(self, segment: str) -> dict[str, float]:
        """The weights of the variants in a segment."""
        first = next(iter(self.split.values()))
        if isinstance(first, dict):
            return self.split.get(segment, first)  # type: ignore[return-value]
        return self.split  # type: ignore[return-value]

    @property
    def variants(self) -> list[str]:
        """All variants, control first."""
        splits = self.split.values() if self.is_biased else [self.split]
        named = list(dict.fromkeys(name for of in splits for name in of))  # type: ignore
        known = [name for name in named if name.lower() in CONTROLS]
        control = self.control or (known or named)[0]
        return [control, *(name for name in named if name != control)]


class World(Part):
    """A world: a product's users, what they do, and its experiments."""

    world: Label = Field(
        "custom", description="Name of the product, in titles and exports."
    )
    users: Annotated[int | None, BeforeValidator(_count)] = Field(
        None, ge=1, le=500_000_000, description="Number of users. Default: 10,000."
    )
    target_events: Annotated[int | None, BeforeValidator(_count)] = Field(
        None,
        ge=1,
        le=10**11,
        description="Approximate number of events; the number of users then follows from it.",
    )
    start: Annotated[datetime.date, BeforeValidator(date)] = Field(
        datetime.date(2026, 1, 1), description="First day of the world."
    )
    days: int = Field(60, ge=2, le=2000, description="Length of the world in days.")
    segments: dict[Label, Segment] = Field(
        default={}, description="Segments of users. Default: one, `all`."
    )
    visible_segments: bool = Field(
        False,
        description="Whether the users table has the segment as a column; else it is latent.",
    )
    signups: Signups = Field(default_factory=Signups)
    retention: dict[Label, Percent | dict[Day, Percent]] = Field(
        default={"1": "40%", "7": "20%", "30": "10%"},
        validate_default=True,
        description="Share of users, per cent, who are active that many days after signing up; or, "
        "by segment, different ones. Between the days log-linear, after the last one constant.",
    )
    sessions_per_active_day: (
        Annotated[float, Field(ge=1, le=50)]
        | dict[Label, Annotated[float, Field(ge=1, le=50)]]
    ) = Field(
        1.2,
        description="Mean number of sessions per active day, at least 1; or one for each segment.",
    )
    activity_spread: float = Field(
        0.5,
        ge=0,
        le=1.5,
        description="How much users differ in activity: standard deviation of the log of their "
        "further sessions per day.",
    )
    hours: Literal["flat", "morning", "office", "evening", "night"] | list[Weight] = (
        Field(
            "evening",
            description="Hours at which sessions start: a profile, or 24 weights.",
        )
    )
    weekdays: list[Weight] = Field(
        [1.0] * 7, description="Weights of activity, from Monday to Sunday."
    )
    users_have: dict[Column, Property] = Field(
        default={}, description="Properties of users."
    )
    sessions_have: dict[Column, Property] = Field(
        default={},
        description="Properties of sessions, which every event of the session has as columns.",
    )
    items: dict[Column, Items] = Field(
        default={}, description="Kinds of items that events are about."
    )
    events: dict[Column, Event] = Field(
        min_length=1,
        max_length=60,
        description="Events by name; a session begins with the first one.",
    )
    experiments: dict[Label, WorldExperiment] = Field(
        default={}, description="Experiments; a user is in one at most."
    )
    metrics: dict[Label, Metric] = Field(
        default={},
        description="Metrics of the experiments: of `active`, an event, or a number of an event "
        "such as `buy.amount`.",
    )

    @property
    def segment_names(self) -> list[str]:
        """The segments."""
        return list(self.segments) or ["all"]

    @property
    def shares(self) -> dict[str, float]:
        """The share of each segment."""
        if not self.segments:
            return {"all": 1.0}
        total = math.fsum(each.share for each in self.segments.values())
        return {name: each.share / total for name, each in self.segments.items()}

    def retention_of(self, segment: str) -> dict[int, float]:
        """Shares by day since signing up, in a segment."""
        own = self.retention.get(segment)
        points: Any = own if isinstance(own, dict) else self.retention
        return {
            int(day): share
            for day, share in sorted(points.items(), key=lambda each: int(each[0]))
        }

    def sessions_of(self, segment: str) -> float:
        """Sessions per active day, in a segment."""
        told = self.sessions_per_active_day
        return told[segment] if isinstance(told, dict) else told

    @property
    def hour_weights(self) -> list[float]:
        """The weights of the hours."""
        hours = self.hours
        return [float(w) for w in (HOURS[hours] if isinstance(hours, str) else hours)]

    @property
    def weekday_factors(self) -> list[float]:
        """Factors on activity from Monday on, with mean 1."""
        total = math.fsum(self.weekdays)
        return [7 * weight / total for weight in self.weekdays]

    @property
    def first_event(self) -> str:
        """The event that begins a session."""
        return next(iter(self.events))

    def numbers_of(self, event: str) -> dict[str, Drawn]:
        """The properties of an event that are numbers."""
        has = self.events[event].has
        return {name: drawn for name, drawn in has.items() if drawn.is_number}

    @property
    def facts(self) -> list[str]:
        """What metrics may be of."""
        numbers = [
            f"{event}.{name}"
            for event in self.events
            for name in self.numbers_of(event)
        ]
        return ["active", *self.events, *numbers]


def load_world(path: Path) -> World:
    """Reads and checks a file of a world.

    Args:
        path: A file of YAML.

    Returns:
        The world.

    Raises:
        UsageError: Names every mistake, with line, column, and what is allowed.
    """
    from diorama.worlds.expectation import impossibilities

    def contradictions(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
        found = list(_references(data))
        yield from found
        if found:
            return
        try:
            world = World.model_validate(data)
        except ValueError:
            return
        yield from impossibilities(world)

    return load(path, World, "world", _keys, contradictions, ADVICE)


def schema() -> dict[str, Any]:
    """The JSON Schema of such files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A world of diorama",
        **World.model_json_schema(by_alias=True, mode="validation"),
    }


def names_in(expression: str) -> list[str]:
    """The names in an arithmetic expression.

    Raises:
        ValueError: It is none.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("is no arithmetic of numbers and names") from None
    allowed = (
        *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant),
        *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub),
    )
    names = []
    if re.search(r"[0-9.][eE]|_[0-9]|[0-9]_|[0-9][xXoObBjJ]", expression):
        raise ValueError("may have numbers, names, + - * / and brackets")
    for node in ast.walk(tree):
        is_number = not isinstance(node, ast.Constant) or (
            isinstance(node.value, (int, float))
            and not isinstance(node.value, bool)
            and math.isfinite(node.value)
        )
        if not isinstance(node, allowed) or not is_number:
            raise ValueError("may have numbers, names, + - * / and brackets")
        if isinstance(node, ast.Name):
            names.append(node.id)
    return list(dict.fromkeys(names))


def _keys(path: KeyPath, data: Any) -> list[str]:
    """The keys that a mapping of the file may have."""
    model: type[BaseModel] = World
    parts: dict[str, type[BaseModel]] = {
        **{"signups": Signups, "segments": Segment, "items": Items, "events": Event},
        **{"experiments": WorldExperiment, "metrics": Metric},
    }
    within: dict[str, type[BaseModel]] = {
        **{"popularity": Popularity, "after": After, "exposed": Exposed},
        **{"novelty": Novelty, "lognormal": Lognormal, "normal": Normal},
    }
    if path and path[0] in parts:
        model = parts[path[0]]
    if path[:1] == ("experiments",) and len(path) >= 4 and path[2] == "effects":
        model = Effect
    if path and path[-1] in within:
        model = within[path[-1]]
    elif (path and "has" in path[-2:]) or path[:1] in (
        ("users_have",),
        ("sessions_have",),
    ):
        model = Drawn
    return [field.alias or name for name, field in model.model_fields.items()]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _same_but_for_case(names: Any) -> str | None:
    seen: dict[str, str] = {}
    for name in names:
        if seen.setdefault(str(name).lower(), name) != name:
            return f"{seen[str(name).lower()]} and {name}"
    return None


def _references(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Names that mean nothing, as far as the file can be read."""
    events = _mapping(data.get("events"))
    items = _mapping(data.get("items"))
    segments = list(_mapping(data.get("segments"))) or ["all"]
    yield from _of_names(data, segments)
    for key in ("retention", "sessions_per_active_day"):
        told = _mapping(data.get(key))
        is_by_segment = bool(told) and (
            key == "sessions_per_active_day"
            or any(isinstance(value, dict) for value in told.values())
        )
        if is_by_segment:
            yield from _exactly(key, told, segments)
    if isinstance(data.get("hours"), list) and len(data["hours"]) != 24:
        yield ("hours",), f"hours has {len(data['hours'])} weights, but must have 24."
    if isinstance(data.get("weekdays"), list) and len(data["weekdays"]) != 7:
        count = len(data["weekdays"])
        yield ("weekdays",), f"weekdays has {count} weights, but must have 7."
    for name, event in events.items():
        path = ("events", name)
        if name == END:
            yield (
                path,
                "events.end is the end of a session. Give the event another name.",
            )
        yield from _of_event(path, _mapping(event), events, items, segments)
    for scope in ("users_have", "sessions_have"):
        for name, value in _mapping(data.get(scope)).items():
            yield from _of_property((scope, name), value, {}, segments)
    for kind, item in items.items():
        for name, value in _mapping(_mapping(item).get("has")).items():
            yield from _of_property(("items", kind, "has", name), value, {}, segments)
    yield from _of_columns(data)
    for name, experiment in _mapping(data.get("experiments")).items():
        path = ("experiments", name)
        yield from _of_experiment(path, _mapping(experiment), events, segments)
    yield from _of_metrics(data)


def _exactly(
    key: str, told: dict[str, Any], segments: list[str]
) -> Iterator[tuple[KeyPath, str]]:
    for name in told:
        if name not in segments:
            yield (
                (key, name),
                f"{key} has '{name}', but no segment has that name.{nearest(name, segments)} "
                f"The segments are {', '.join(segments)}.",
            )
    lacking = [name for name in segments if name not in told]
    if lacking:
        yield (key,), f"{key} lacks {', '.join(lacking)}."


def _of_names(
    data: dict[str, Any], segments: list[str]
) -> Iterator[tuple[KeyPath, str]]:
    """Labels that a careless tracker would make equal."""
    labels: list[tuple[KeyPath, Any]] = [(("segments",), segments)]
    for name, experiment in _mapping(data.get("experiments")).items():
        split = _mapping(_mapping(experiment).get("split"))
        variants = [v for of in split.values() for v in _mapping(of)] or list(split)
        labels.append((("experiments", name, "split"), dict.fromkeys(variants)))
    labels.append((("experiments",), _mapping(data.get("experiments"))))
    for path, names in labels:
        same = _same_but_for_case(names)
        if same:
            yield path, f"{'.'.join(path)} has {same}, which differ in case alone."


def _of_weights(
    path: KeyPath, value: Any, segments: list[str]
) -> Iterator[tuple[KeyPath, str]]:
    weights = {k: v for k, v in _mapping(value).items() if k != "by_segment"}
    by_segment = _mapping(_mapping(value).get("by_segment"))
    for name in by_segment:
        if name not in segments:
            yield (
                (*path, "by_segment", name),
                f"{'.'.join(path)}.by_segment has '{name}', but no segment has that name."
                f"{nearest(name, segments)} The segments are {', '.join(segments)}.",
            )
    for where, each in [
        (path, weights),
        *(
            ((*path, "by_segment", name), _mapping(of))
            for name, of in by_segment.items()
        ),
    ]:
        numbers = []
        for weight in each.values():
            try:
                numbers.append(float(weight))
            except (TypeError, ValueError):
                return
        if not any(numbers):
            yield where, f"{'.'.join(where)} has no weight above 0."
        same = _same_but_for_case(each)
        if same:
            yield where, f"{'.'.join(where)} has {same}, which differ in case alone."


def _of_property(
    path: KeyPath, value: Any, numbers: dict[str, str], segments: list[str]
) -> Iterator[tuple[KeyPath, str]]:
    """A property: weights that add up, names in an expression that are numbers."""
    if isinstance(value, dict):
        if not set(value) & set(Drawn.model_fields):
            yield from _of_weights(path, value, segments)
        return
    if value is None or isinstance(value, list):
        return
    name = ".".join(path)
    try:
        names = names_in(str(value))
    except ValueError as error:
        yield path, f"{name} is '{value}', but {error}."
        return
    for each in names:
        if each not in numbers:
            known = ", ".join(numbers) or "none here"
            yield (
                path,
                f"{name} has '{each}', which is no number of the event or its item."
                f"{nearest(each, numbers)} Numbers are {known}.",
            )


def _is_drawn_number(value: Any) -> bool:
    return bool(
        isinstance(value, dict)
        and set(value) & (set(Drawn.model_fields) - {"categories", "expression"})
    )


def _of_event(
    path: KeyPath,
    event: dict[str, Any],
    events: dict[str, Any],
    items: dict[str, Any],
    segments: list[str],
) -> Iterator[tuple[KeyPath, str]]:
    name = ".".join(path)
    follows = _mapping(event.get("next"))
    yield from _of_weights((*path, "next"), follows, segments)
    targets = {key: (*path, "next", key) for key in follows if key != "by_segment"}
    for segment, weights in _mapping(follows.get("by_segment")).items():
        for key in _mapping(weights):
            targets[key] = (*path, "next", "by_segment", segment, key)
    for target, where in targets.items():
        if target not in events and target != END:
            yield (
                where,
                f"{name}.next has '{target}', but no event has that name."
                f"{nearest(target, [*events, END])} There are {', '.join([*events, END])}.",
            )
    kinds = [event.get(key) for key in ("picks", "keeps")]
    for key, kind in zip(("picks", "keeps"), kinds, strict=True):
        if isinstance(kind, str) and kind not in items:
            known = ", ".join(items) or "none"
            yield (
                (*path, key),
                f"{name}.{key} is '{kind}', but no kind of item has that name."
                f"{nearest(kind, items)} Kinds are {known}.",
            )
    if all(isinstance(kind, str) for kind in kinds):
        yield (*path, "keeps"), f"{name} picks and keeps an item. Leave one out."
    has = _mapping(event.get("has"))
    kind = next((kind for kind in kinds if isinstance(kind, str)), None)
    of_item = _mapping(_mapping(items.get(kind or "")).get("has"))
    numbers = {key: key for key in of_item if _is_drawn_number(of_item[key])}
    numbers |= {key: key for key in has if _is_drawn_number(has[key])}
    for key, value in has.items():
        yield from _of_property((*path, "has", key), value, numbers, segments)


def _of_columns(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Properties whose columns would have the name of another column, or a word of SQL."""
    for name in _mapping(data.get("users_have")):
        if name in OF_USERS:
            yield (
                ("users_have", name),
                f"users_have.{name}: users have such a column already.",
            )
    owners: dict[str, tuple[KeyPath, bool]] = {}
    for kind, item in _mapping(data.get("items")).items():
        path: KeyPath = ("items", kind)
        owners[f"{kind}_id"] = (path, True)
        if f"{kind}_id" in OF_EVENTS:
            yield (
                path,
                f"items.{kind}: events have a column {kind}_id already. "
                "Give the kind another name.",
            )
        for name in _mapping(_mapping(item).get("has")):
            if name in OF_ITEMS:
                yield (
                    (*path, "has", name),
                    f"items.{kind}.has.{name}: items have such a column.",
                )
    places: list[tuple[KeyPath, str, Any]] = [
        (("sessions_have", name), name, value)
        for name, value in _mapping(data.get("sessions_have")).items()
    ]
    for event, said in _mapping(data.get("events")).items():
        for name, value in _mapping(_mapping(said).get("has")).items():
            places.append((("events", event, "has", name), name, value))
    of_others = [("users_have", name) for name in _mapping(data.get("users_have"))]
    for kind, item in _mapping(data.get("items")).items():
        has = _mapping(_mapping(item).get("has"))
        of_others += [("items", kind, "has", name) for name in has]
    yield from _of_counts(data)
    for path in [*of_others, *(path for path, *_ in places)]:
        if path[-1] in reserved_words():
            yield (
                path,
                f"{'.'.join(path)}: {path[-1]} is a word of SQL. Give it another name.",
            )
    for path, name, value in places:
        is_text = isinstance(value, dict) and not _is_drawn_number(value)
        scope = path[0]
        if name in OF_EVENTS or name in ("session", "event"):
            yield path, f"{'.'.join(path)}: events have such a column already."
            continue
        first, was_text = owners.setdefault(name, (path, is_text))
        if first != path and (
            was_text != is_text
            or "events" not in (first[0], scope)
            or first[0] != scope
        ):
            yield (
                path,
                f"{'.'.join(path)} would share its column with {'.'.join(first)}. "
                "Give it another name.",
            )


def _of_counts(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Counts and sums by event that would have the name of another column of their table."""
    taken: dict[str, str] = {
        "session_count": "the number of sessions",
        "event_count": "the number of events",
    }
    owned: list[tuple[KeyPath, Any]] = [(("sessions_have",), data.get("sessions_have"))]
    for kind, item in _mapping(data.get("items")).items():
        owned.append((("items", kind, "has"), _mapping(item).get("has")))
    for path, has in owned:
        for name in _mapping(has):
            if name in ("session_count", "event_count"):
                yield (
                    (*path, name),
                    f"{'.'.join((*path, name))} would share its column with {taken[name]}. "
                    "Give it another name.",
                )
            taken.setdefault(name, ".".join((*path, name)))
    for event, said in _mapping(data.get("events")).items():
        path = ("events", event)
        if event == "active":
            yield path, "events.active: metrics call active who has a session on a day."
        columns = {f"{event}_count": path}
        for name in _mapping(_mapping(said).get("has")):
            columns.setdefault(f"{event}_{name}", (*path, "has", name))
            if name == "count":
                yield (
                    (*path, "has", name),
                    f"events.{event}.has.count would share {event}_count with the number of "
                    f"{event} events. Give it another name.",
                )
        for column, where in columns.items():
            other = taken.setdefault(column, ".".join(where))
            if other != ".".join(where):
                yield (
                    where,
                    f"{'.'.join(where)} would share the column {column} with {other}. "
                    "Give it another name.",
                )


def _of_experiment(
    path: KeyPath,
    experiment: dict[str, Any],
    events: dict[str, Any],
    segments: list[str],
) -> Iterator[tuple[KeyPath, str]]:
    name = ".".join(path)
    split = _mapping(experiment.get("split"))
    by_segment = any(isinstance(of, dict) for of in split.values())
    if by_segment:
        yield from (
            ((*path, *where), f"{name}.{said}")
            for where, said in _exactly("split", split, segments)
        )
    splits = [_mapping(of) for of in split.values()] if by_segment else [split]
    variants = list(dict.fromkeys(each for of in splits for each in of))
    if split and (len(variants) < 2 or any(set(of) != set(variants) for of in splits)):
        yield (
            (*path, "split"),
            f"{name}.split must name two variants or more, the same in every segment.",
        )
    for of in splits:
        with_weight = []
        for weight in of.values():
            try:
                with_weight.append(float(weight) > 0)
            except (TypeError, ValueError):
                with_weight.append(True)
        if of and not all(with_weight):
            yield (
                (*path, "split"),
                f"{name}.split gives a variant no weight, so that it has no users.",
            )
    control = experiment.get("control")
    known = [each for each in variants if each.lower() in CONTROLS]
    if isinstance(control, str) and control not in variants:
        yield (
            (*path, "control"),
            f"{name}.control is '{control}', but the split has no such variant."
            f"{nearest(control, variants)} It has {', '.join(variants)}.",
        )
    first = _mapping(experiment.get("exposed")).get("first")
    if isinstance(first, str) and first not in events:
        yield (
            (*path, "exposed", "first"),
            f"{name}.exposed.first is '{first}', but no event has that name."
            f"{nearest(first, events)} The events are {', '.join(events)}.",
        )
    baseline = (
        control if isinstance(control, str) else next(iter(known or variants), None)
    )
    for variant, effects in _mapping(experiment.get("effects")).items():
        where = (*path, "effects", variant)
        if variant not in variants or variant == baseline:
            treatments = [each for each in variants if each != baseline]
            yield (
                where,
                f"{name}.effects has '{variant}', which is no treatment."
                f"{nearest(variant, treatments)} Treatments are {', '.join(treatments)}.",
            )
        for number, effect in enumerate(effects if isinstance(effects, list) else []):
            yield from _of_effect(
                (*where, str(number)), _mapping(effect), events, segments
            )
    estimator = experiment.get("estimator")
    if estimator is not None and estimator not in ESTIMATORS:
        yield (
            (*path, "estimator"),
            f"{name}.estimator is '{estimator}', but must be one of {', '.join(ESTIMATORS)}."
            f"{nearest(str(estimator), ESTIMATORS)}",
        )


def _of_effect(
    path: KeyPath, effect: dict[str, Any], events: dict[str, Any], segments: list[str]
) -> Iterator[tuple[KeyPath, str]]:
    name, on = ".".join(path), effect.get("on")
    for segment in effect.get("segments") or []:
        if isinstance(segment, str) and segment not in segments:
            yield (
                (*path, "segments"),
                f"{name}.segments has '{segment}', but no segment has that name."
                f"{nearest(segment, segments)} The segments are {', '.join(segments)}.",
            )
    if not isinstance(on, str):
        return
    source, arrow, target = (part.strip() for part in on.partition("->"))
    if arrow:
        follows = _mapping(_mapping(events.get(source)).get("next"))
        edges = set(follows) | {
            each
            for of in _mapping(follows.get("by_segment")).values()
            for each in _mapping(of)
        }
        if source not in events or target not in edges - {"by_segment"}:
            some = [
                f"{s} -> {t}"
                for s in events
                for t in _mapping(_mapping(events[s]).get("next"))
            ]
            yield (
                (*path, "on"),
                f"{name}.on is '{on}', but no event {source} is followed by {target}."
                f"{nearest(on, some)}",
            )
    elif on not in ("retention", "sessions") and not (
        on.endswith(".after") and on.removesuffix(".after") in events
    ):
        known = ["retention", "sessions", *(f"{event}.after" for event in events)]
        yield (
            (*path, "on"),
            f"{name}.on is '{on}', but must be `a -> b` of two events, retention, sessions, or an "
            f"event's .after.{nearest(on, known)}",
        )


def _of_metrics(data: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    events = _mapping(data.get("events"))
    numbers = [
        f"{event}.{name}"
        for event, said in events.items()
        for name, value in _mapping(_mapping(said).get("has")).items()
        if _is_drawn_number(value) or not isinstance(value, (dict, list))
    ]
    facts = ["active", *events, *numbers]
    for name, metric in _mapping(data.get("metrics")).items():
        said = _mapping(metric)
        for key in ("fact", "per"):
            fact = said.get(key)
            if isinstance(fact, str) and fact not in facts:
                yield (
                    ("metrics", name, key),
                    f"metrics.{name}.{key} is '{fact}', but must be active, an event, or a number "
                    f"of an event.{nearest(fact, facts)} There are {', '.join(facts)}.",
                )
        if said.get("kind") == "ratio" and not said.get("per"):
            yield (
                ("metrics", name, "kind"),
                f"metrics.{name} is a ratio, but lacks per.",
            )
        if said.get("kind") in ("mean", "proportion") and said.get("per"):
            yield ("metrics", name, "per"), f"metrics.{name} is no ratio, but has per."
        days = said.get("days")
        pair = days if isinstance(days, list) else []
        is_pair = len(pair) == 2 and all(str(day).isdecimal() for day in pair)
        if is_pair and not int(pair[0]) <= int(pair[1]) <= 3650:
            yield (
                ("metrics", name, "days"),
                f"metrics.{name}.days is {pair}, but must be [first, last], from 0 on.",
            )
    if data.get("experiments") and not data.get("metrics"):
        yield ("experiments",), "experiments need metrics, by which they are judged."
