"""`diorama fit`: parameters within their errors, what leaves a table, and refusals in words."""

import contextlib
import math
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from declared_events import write_events
from diorama.errors import UsageError
from diorama.project.catalogue import connected
from diorama.worlds.expectation import daily_shares
from diorama.worlds.file import Drawn, World, load_world
from diorama.worlds.fit import WEEK, Columns, Counts, Draft, FitRequest, fit

LEVEL = 0.001
USERS = 12_000
NAMES = Columns("user_id", "event_time", "event_name", "session_id")
COFFEE = """
world: coffee
start: 2026-01-01
days: 60
visible_segments: true
segments: {casual: {share: 70}, regular: {share: 30}}
signups: {before: 40, weekly_growth: 3%}
retention:
  casual: {1: 30, 7: 12, 30: 4}
  regular: {1: 65, 7: 45, 30: 30}
sessions_per_active_day: {casual: 1.1, regular: 1.8}
activity_spread: 0.8
weekdays: [1, 1, 1, 1, 1.2, 1.4, 1.3]
users_have:
  country: {US: 50, DE: 20, IN: 30}
  plan: {free: 80, pro: 20, by_segment: {regular: {free: 40, pro: 60}}}
sessions_have:
  channel: {direct: 50, search: 30, mail: 20}
items:
  drink:
    count: 200
    popularity: {zipf: 0.9}
    has:
      category: {coffee: 6, tea: 3, cake: 1}
      price: {lognormal: {median: 4.2, spread: 1.5}, decimals: 2}
events:
  open: {next: {view: 75, end: 25}}
  view:
    next: {view: 50, cart: 15, end: 35}
    after: {median: 20 s, spread: 2.5}
    picks: drink
  cart:
    next: {pay: 40, view: 40, end: 20, by_segment: {regular: {pay: 60, view: 20, end: 20}}}
    after: {median: 12 s, spread: 2}
    keeps: drink
  pay: {next: {buy: 75, end: 25}, after: {median: 40 s, spread: 1.8}, keeps: drink}
  buy:
    next: {view: 30, end: 70}
    keeps: drink
    has: {quantity: {geometric: 0.7}, amount: price * quantity}
"""


def fitted(table: Path | str, columns: Columns = NAMES, **options: Any) -> Draft:
    """A fit of a file or table; what it writes can be loaded."""
    request = FitRequest(str(table), Path.cwd(), columns, **options)
    with tempfile.TemporaryDirectory() as scratch, connected(scratch) as connection:
        draft = fit(connection, request)
        path = Path(scratch, "fitted.yml")
        path.write_text(draft.text("Fitted."), encoding="utf-8")
        try:
            load_world(path)
        except UsageError as error:
            raise AssertionError(
                f"{error}\n{path.read_text(encoding='utf-8')}"
            ) from error
    return draft


def declared_world(text: str, directory: Path) -> World:
    path = directory / "declared.yml"
    path.write_text(text)
    return load_world(path)


def declared_share(weights: dict[str, float], label: str) -> float:
    return weights.get(label, 0.0) / math.fsum(weights.values())


def declared_drawn(drawn: Drawn, rest: tuple[str, ...]) -> float | None:
    """A parameter of a property as it is declared; none of a mixture of segments."""
    if drawn.categories:
        if rest[0] == "by_segment":
            return declared_share(drawn.categories.of(rest[1]), rest[2])
        if drawn.categories.by_segment:
            return None
        return declared_share(drawn.categories.weights, rest[0])
    assert rest[0] == drawn.method, f"{rest} for {drawn}"
    value: Any = getattr(drawn, rest[0])
    if isinstance(value, tuple):
        return value[("low", "high").index(rest[1])]
    return value if len(rest) == 1 else getattr(value, rest[1])


def declared(world: World, users: int, path: tuple[str, ...]) -> float | None:
    """A number of a file by its path; none of what is a mixture of segments."""
    match path:
        case ("users",):
            return users
        case ("segments", name, "share"):
            return world.shares[name]
        case ("signups", name):
            return getattr(world.signups, name)
        case ("retention", *segment, day):
            name = segment[0] if segment else world.segment_names[0]
            return daily_shares(world, name, int(day) + 1)[int(day)]
        case ("sessions_per_active_day", *segment):
            return world.sessions_of(segment[0] if segment else "all")
        case ("activity_spread",):
            return world.activity_spread
        case ("hours", hour):
            return world.hour_weights[int(hour)] / sum(world.hour_weights)
        case ("weekdays", day):
            return world.weekday_factors[WEEK.index(day)]
        case ("users_have" | "sessions_have", name, *rest):
            return declared_drawn(getattr(world, path[0])[name], tuple(rest))
        case ("items", kind, "count"):
            return world.items[kind].count
        case ("items", kind, "popularity", "zipf"):
            return world.items[kind].popularity.zipf
        case ("items", kind, "has", name, *rest):
            return declared_drawn(world.items[kind].has[name], tuple(rest))
        case ("events", event, "after", name):
            return getattr(world.events[event].after, name)
        case ("events", event, "has", name, *rest):
            return declared_drawn(world.events[event].has[name], tuple(rest))
        case ("events", event, "next", "by_segment", segment, target):
            return declared_share(world.events[event].next.of(segment), target)
        case ("events", event, "next", target):
            following = world.events[event].next
            return (
                None
                if following.by_segment
                else declared_share(following.weights, target)
            )
    raise AssertionError(path)


def deviations(draft: Draft, world: World, users: int) -> dict[str, float]:
    """The deviation of each figure from what is declared, in standard errors."""
    found = {}
    for figure in draft.figures:
        truth = declared(world, users, figure.path)
        if truth is None:
            continue
        off = figure.value - truth
        if figure.error == 0:
            found[".".join(figure.path)] = (
                0.0 if abs(off) < 1e-9 else math.copysign(math.inf, off)
            )
        else:
            found[".".join(figure.path)] = off / figure.error
    return found


def assert_within_errors(found: dict[str, float]) -> None:
    """All deviations are normal ones, judged as one family."""
    limit = stats.norm.isf(LEVEL / 2 / len(found))
    far = {name: round(z, 2) for name, z in found.items() if not abs(z) < limit}
    assert not far, f"beyond {limit:.2f} of {len(found)}: {far}"


@pytest.fixture(scope="module")
def coffee(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """A world, and its events."""
    directory = tmp_path_factory.mktemp("coffee")
    world = declared_world(COFFEE, directory)
    write_events(world, USERS, 1, directory / "events.parquet")
    return world, directory / "events.parquet"


@pytest.fixture(scope="module")
def refitted(coffee: tuple[World, Path]) -> Draft:
    """The file fitted to it."""
    columns = Columns(
        *("user_id", "event_time", "event_name", "session_id", "segment"),
        {"drink_id": []},
    )
    return fitted(coffee[1], columns)


def test_fitted_parameters_lie_within_their_errors(
    coffee: tuple[World, Path], refitted: Draft
) -> None:
    found = deviations(refitted, coffee[0], USERS)
    assert len(found) > 90
    assert_within_errors(found)
    # errors are not so large that anything would lie within them
    assert 0.7 < np.std(list(found.values())) < 1.3


def test_fitted_structure_is_that_of_the_file(
    coffee: tuple[World, Path], refitted: Draft
) -> None:
    world = World.model_validate(refitted.data)
    assert not refitted.limits
    assert world.first_event == "open"
    assert world.items.keys() == {"drink"}
    for name, event in coffee[0].events.items():
        assert (world.events[name].picks, world.events[name].keeps) == (
            event.picks,
            event.keeps,
        )
        assert world.events[name].has.keys() == event.has.keys()
    amount = world.events["buy"].has["amount"].expression
    assert amount
    assert sorted(amount.split(" * ")) == ["price", "quantity"]
    assert set(world.events["cart"].next.by_segment) == {"casual", "regular"}
    assert not world.events["view"].next.by_segment


def random_file(seed: int) -> dict[str, Any]:
    """A file with every kind of key, its numbers drawn."""
    random = np.random.default_rng(seed)

    def weights(names: list[str]) -> dict[str, float]:
        return {name: round(float(random.uniform(5, 50)), 1) for name in names}

    def points() -> dict[int, float]:
        shares = np.sort(random.uniform(4, 60, 4))[::-1]
        return dict(
            zip((1, 7, 30, 45), (round(float(s), 1) for s in shares), strict=True)
        )

    names = ["open", *(f"event_{n}" for n in range(int(random.integers(2, 6))))]
    events: dict[str, Any] = {}
    for place, name in enumerate(names):
        targets = [names[(place + 1) % len(names)], *map(str, random.choice(names, 2))]
        events[name] = {
            "next": {**weights(list(dict.fromkeys(targets))), "end": 40},
            "after": {
                "median": f"{random.uniform(2, 200):.1f} s",
                "spread": round(float(random.uniform(1.2, 3)), 2),
            },
        }
    events["event_0"]["picks"] = "thing"
    distributions = [
        {"lognormal": {"median": 20, "spread": 2}, "decimals": 2},
        {"normal": {"mean": 50, "sd": 8}, "decimals": 2},
        {"uniform": [3, 9], "decimals": 3},
        {"integers": [1, 12]},
        {"exponential": 30, "decimals": 3},
        {"geometric": 0.3},
        {"poisson": 4},
    ]
    for number, place in enumerate(random.choice(len(distributions), 3, replace=False)):
        events[names[1 + number % (len(names) - 1)]].setdefault("has", {})[
            f"x{place}"
        ] = distributions[place]
    segments = ["one", "two"][: int(random.integers(1, 3))]
    file: dict[str, Any] = {
        "days": int(random.integers(56, 80)),
        "signups": {
            "before": round(float(random.uniform(10, 60)), 1),
            "before_days": int(random.integers(14, 60)),
            "weekly_growth": f"{random.uniform(-4, 6):.1f}%",
        },
        "retention": {s: points() for s in segments} if len(segments) > 1 else points(),
        "sessions_per_active_day": round(float(random.uniform(1.1, 2.5)), 2),
        "activity_spread": round(float(random.uniform(0.3, 1.1)), 2),
        "hours": [round(float(w), 2) for w in random.uniform(1, 10, 24)],
        "weekdays": [round(float(w), 2) for w in random.uniform(0.8, 1.3, 7)],
        "users_have": {"country": weights(["US", "DE", "IN"])},
        "sessions_have": {"device": weights(["phone", "desktop"])},
        "items": {
            "thing": {
                "count": 60,
                "popularity": {"zipf": round(random.uniform(0.5, 1.2), 2)},
            }
        },
        "events": events,
    }
    if len(segments) > 1:
        file["segments"] = {name: {"share": w} for name, w in weights(segments).items()}
        file["visible_segments"] = True
    return file


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_random_files_come_back(seed: int, tmp_path: Path) -> None:
    world = declared_world(yaml.safe_dump(random_file(seed), sort_keys=False), tmp_path)
    table = tmp_path / "events.parquet"
    write_events(world, 30_000, seed, table)
    segment = "segment" if world.segments else None
    columns = Columns(
        *("user_id", "event_time", "event_name", "session_id", segment),
        {"thing_id": ["event_0"]},
    )
    draft = fitted(table, columns, segment_count=1)
    assert_within_errors(deviations(draft, world, 30_000))


def table_of(rows: str, directory: Path) -> Path:
    path = directory / "events.parquet"
    duckdb.execute(f"copy ({rows}) to '{path}'")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5])
def test_built_worlds_come_back(diorama: Any, seed: int, tmp_path: Path) -> None:
    """As before, of the world that diorama builds of the file."""
    file = {**random_file(seed), "users": 30_000, "visible_segments": False}
    file.pop("segments", None)
    if file["retention"].keys() == {"one", "two"}:
        file["retention"] = file["retention"]["one"]
    path = tmp_path / "declared.yml"
    path.write_text(yaml.safe_dump(file, sort_keys=False))
    database = tmp_path / "built.duckdb"
    options = (
        "--only",
        "raw",
        "--set",
        "defect_rate=0",
        "--set",
        "late_rate=0",
        "--no-tests",
    )
    result = diorama("build", "--world", path, "--database", database, *options)
    assert result.exit_code == 0, result.stderr
    columns = Columns(
        *("user_id", "event_time", "event_name", "session_id"),
        items={"thing_id": ["event_0"]},
    )
    table = f"{database}:raw.raw_custom__events"
    draft = fitted(table, columns, segment_count=1)
    assert_within_errors(deviations(draft, load_world(path), 30_000))


SEARCH = """
    select anonymous_id, session_id, event_type, timestamp, device_type, geo_country
    from staging.stg_search__searches
    union all by name
    select anonymous_id, session_id, event_type, timestamp, result_type, result_price
    from staging.stg_search__clicks
    union all by name
    select anonymous_id, session_id, event_type, timestamp, booking_value
    from staging.stg_search__conversions
"""
# table, user, time, event, session and item of each world; and what its file cannot reproduce
FOUR_WORLDS = {
    "feed": (
        "from staging.stg_feed__events",
        Columns(
            "user_id",
            "event_time",
            "event_name",
            "session_id",
            "feature_flag",
            {"content_id": []},
        ),
        "as much as leaves the strongest weekday below 100 %",
    ),
    "learning": (
        "from staging.stg_learning__events",
        Columns("user_id", "event_time", "event_type", items={"course_id": []}),
        "of the quiz_attempt events are about another course_id than the one before",
    ),
    "shop": (
        "from staging.stg_shop__events",
        Columns(
            "user_id", "timestamp", "event_type", "session_id", items={"item_id": []}
        ),
        "of the remove_from_cart events are about the item_id before; in the file each picks anew",
    ),
    "search": (
        SEARCH,
        Columns("anonymous_id", "timestamp", "event_type", "session_id"),
        "users come back on any day that is counted",
    ),
}


@pytest.mark.parametrize("name", FOUR_WORLDS)
def test_the_four_worlds_can_be_fitted(worlds: Any, tmp_path: Path, name: str) -> None:
    query, columns, limit = FOUR_WORLDS[name]
    path = tmp_path / "events.parquet"
    with worlds.small().connect() as connection:
        connection.execute(f"copy ({query}) to '{path}'")
        kinds = connection.execute(
            f"select distinct {columns.event} from '{path}'"
        ).fetchall()
    draft = fitted(path, columns, min_users=5, segment_count=1)
    world = World.model_validate(draft.data)
    assert set(world.events) == {kind for (kind,) in kinds}
    said = draft.limits + draft.notes
    assert any(limit in line for line in said), said


# users who come every other day to view and sometimes buy; who and what is in $more
ROWS = """
    select
        i as user_id,
        timestamp '2026-03-01' + to_days(cast(d * 2 as integer)) + to_hours(8 + i % 10)
            + to_seconds(20 * k) as event_time,
        ['open', 'view', 'buy'][1 + k] as event_name,
        i * 100 + d as session_id
        {more}
    from range(300) as u (i), range(10) as t (d), range(3) as s (k)
    where k < 1 + (i + d) % 3
"""


def test_cells_of_few_users_are_merged(tmp_path: Path) -> None:
    """Nothing that fewer than the least number of users have is in the file or its comments."""
    more = """,
        case when i < 19 then 'secret-city' when i < 40 then 'Oslo' else 'Bonn' end as city,
        case when i < 5 and k = 2 then 'secret-word' when i % 2 = 0 then 'yes' else 'no' end
            as word,
        case when k = 2 then 100 + if(i < 19, 7654321, i % 7) end as amount
    """
    rare = """
        union all by name select 3 as user_id, timestamp '2026-03-05 03:00:00' as event_time,
        'secret_event' as event_name, 999999 as session_id from range(500)
    """
    draft = fitted(table_of(ROWS.format(more=more) + rare, tmp_path), NAMES)
    text = draft.text("Fitted.")
    assert "secret" not in text
    assert "7654" not in text
    world = World.model_validate(draft.data)
    assert set(world.users_have["city"].categories.weights) == {"Oslo", "Bonn"}  # type: ignore
    assert set(world.events) == {"open", "view", "buy"}
    # the rare event was at an hour of its own, of one user
    hours = world.hour_weights
    assert hours[3] == pytest.approx(hours[4])


def test_more_users_in_a_cell_let_it_be_told(tmp_path: Path) -> None:
    more = ", case when i < 20 then 'Oslo' else 'Bonn' end as city"
    table = table_of(ROWS.format(more=more), tmp_path)
    told = World.model_validate(fitted(table).data).users_have["city"]
    assert set(told.categories.weights) == {"Oslo", "Bonn"}  # type: ignore
    strict = World.model_validate(fitted(table, min_users=21).data).users_have["city"]
    assert set(strict.categories.weights) == {"Bonn"}  # type: ignore


def test_names_that_a_file_cannot_hold_are_changed(tmp_path: Path) -> None:
    rows = f"""
        select
            user_id, event_time, session_id,
            case event_name when 'open' then 'end' when 'view' then 'Zum Warenkorb!' else '2' end
                as event_name,
            case user_id % 3 when 0 then 'normal' when 1 then 'null' else ' by_segment: #' end
                as "User-Kind",
            ['by_segment', 'weights'][1 + session_id % 2] as event_id,
            if(event_name = 'buy', 'ja "so" \\', null) as kind,
            if(event_name = 'buy', ['x', 'y'][1 + (user_id + session_id) % 2], null) as "Order"
        from ({ROWS.format(more="")})
    """
    draft = fitted(table_of(rows, tmp_path))
    world = World.model_validate(draft.data)
    assert list(world.events) == ["end_2", "zum_warenkorb", "event_2"]
    kinds = world.users_have["user_kind"].categories
    assert kinds
    assert set(kinds.weights) == {"normal", "null", "by_segment: #"}
    assert any(
        '"Zum Warenkorb!" is named zum_warenkorb' in note for note in draft.notes
    )
    assert world.sessions_have.keys() == {"event_id_2"}
    assert "order_2" in world.events["event_2"].has


def test_a_pause_of_thirty_minutes_begins_a_session(tmp_path: Path) -> None:
    """Sessions are of one user each, though users and sessions are numbered alike."""
    rows = """
        select u as user_id,
            timestamp '2026-03-01' + to_minutes(cast(d * 1440 + 600 + s * 40 + k * 9 as integer))
                as event_time,
            ['a', 'b', 'c'][1 + k] as event_name
        from range(1, 200) as x (u), range(12) as y (d), range(3) as z (s), range(2) as w (k)
    """
    table = table_of(rows, tmp_path)
    columns = Columns("user_id", "event_time", "event_name")
    with tempfile.TemporaryDirectory() as scratch, connected(scratch) as connection:
        counts = Counts(connection, FitRequest(str(table), tmp_path, columns))
        assert counts.row(
            "select count(distinct session_key), max(n), max(users) from (select session_key, "
            "count(*) as n, count(distinct user_key) as users from steps group by session_key)"
        ) == (199 * 12 * 3, 2, 1)
    world = World.model_validate(fitted(table, columns, segment_count=1).data)
    assert world.sessions_of("all") == pytest.approx(3)
    assert world.events["a"].next.weights == {"b": 100}


def test_sessions_that_begin_otherwise_are_told(tmp_path: Path) -> None:
    rows = ROWS.format(more="") + " and not (k = 0 and i % 4 = 0)"
    draft = fitted(table_of(rows, tmp_path))
    assert any(
        "sessions begin otherwise than with open" in line for line in draft.limits
    )
    # expected events of the others are those of the data
    world = World.model_validate(draft.data)
    views = declared_share(world.events["open"].next.weights, "view")
    with duckdb.connect() as connection:
        connection.execute(
            f"create view events as from '{tmp_path / 'events.parquet'}'"
        )
        (share,) = connection.execute(
            "select count(*) filter (event_name = 'view') / count(distinct session_id) from events"
        ).fetchone()  # type: ignore[misc]
    assert views == pytest.approx(share)


@pytest.mark.parametrize("length", [5_000, 40])
def test_endless_sessions_are_shortened(tmp_path: Path, length: int) -> None:
    """A session that is longer than one of the file may be, in events or in hours."""
    seconds = 30 if length > 1000 else 1700
    rows = f"""
        select u as user_id, u * 10 + d as session_id, 'tick' as event_name,
            timestamp '2026-03-01' + to_days(cast(d as integer)) + to_seconds(k * {seconds})
                as event_time
        from range(40) as x (u), range(3) as y (d), range({length}) as z (k)
    """
    draft = fitted(table_of(rows, tmp_path))
    assert any("longer than sessions of the file" in line for line in draft.limits)


REFUSALS = {
    "no_such_file.parquet --unit user_id --time event_time --event event_name": "no such file",
    "events.parquet --unit usr_id --time event_time --event event_name": (
        "no column 'usr_id'. Did you mean user_id"
    ),
    "events.parquet --unit user_id --time session_id --event event_name": "not times",
    "events.parquet --unit user_id --time event_name --event event_name": "given for two options",
    "events.parquet --unit user_id --time event_time --event event_name --session word": (
        "no column 'word'"
    ),
    "events.parquet --unit user_id --time event_time --event event_name --items session_id:byu": (
        "no event is named 'byu'. Did you mean buy"
    ),
    "events.parquet --unit user_id --time event_time --event event_name --min-users 301": (
        "has 300 users"
    ),
    "empty.parquet --unit user_id --time event_time --event event_name": "has no rows",
    "words.csv --unit user_id --time event_time --event event_name": (
        "event_time holds values that are not times, such as 'noon'"
    ),
    "day.parquet --unit user_id --time event_time --event event_name": "are of 2026-03-01",
    "eons.parquet --unit user_id --time event_time --event event_name": "2,000 at most",
    "nobody.parquet --unit user_id --time event_time --event event_name": "no row with a user",
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tables")
    rows = ROWS.format(more="")
    for name, query in {
        "events": rows,
        "empty": f"select * from ({rows}) limit 0",
        "day": f"select * replace (timestamp '2026-03-01 10:00:00' as event_time) from ({rows})",
        "eons": f"select * replace (event_time + to_days(session_id) as event_time) from ({rows})",
        "nobody": f"select * replace (null as user_id) from ({rows})",
    }.items():
        duckdb.execute(f"copy ({query}) to '{directory / name}.parquet'")
    (directory / "words.csv").write_text("user_id,event_time,event_name\n1,noon,open\n")
    return directory


@pytest.mark.parametrize("arguments", REFUSALS)
def test_what_cannot_be_fitted_is_refused_in_words(
    diorama: Any, tables: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    monkeypatch.chdir(tables)
    result = diorama("fit", *arguments.split(), "--to", "fitted.yml")
    assert result.exit_code == 2, result.output
    assert REFUSALS[arguments] in " ".join(result.stderr.split())
    assert not Path("fitted.yml").exists()


def test_the_command_writes_a_file_and_says_what_is_lost(
    diorama: Any, tables: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tables)
    names = ("--unit", "user_id", "--time", "event_time", "--event", "event_name")
    to = ("--to", tmp_path / "fitted.yml", "--no-check")
    result = diorama("fit", "events.parquet", *names, *to)
    assert result.exit_code == 0, result.stderr
    assert "session_id is left out: it looks like an id" in result.stderr
    world = load_world(tmp_path / "fitted.yml")
    assert world.world == "fitted"
    assert re.search(
        r"after: \{median: 20 s, spread: 1\}", (tmp_path / "fitted.yml").read_text()
    )


def test_held_out_days_show_what_has_changed(
    diorama: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A world of the first days is like the last ones, but for what is other there."""
    monkeypatch.chdir(tmp_path)
    world = declared_world(COFFEE.replace("days: 60", "days: 32"), tmp_path)
    write_events(world, 6_000, 4, tmp_path / "before.parquet")
    # from day 24 on half of those who come to the counter pay in another way
    duckdb.execute(
        """
        copy (
            select * replace (
                if(
                    event_name = 'pay' and event_time >= timestamp '2026-01-25'
                    and session_id % 2 = 0, 'invoice', event_name
                ) as event_name
            )
            from 'before.parquet'
        ) to 'events.parquet'
        """
    )
    columns = "--unit user_id --time event_time --event event_name --session session_id"
    options = f"{columns} --segment segment --items drink_id --to fitted.yml"
    result = diorama("fit", "events.parquet", *options.split())
    assert result.exit_code == 0, result.stderr
    shown: dict[str, str] = {}
    for line in result.stdout.splitlines()[2:]:
        if line.startswith("  "):
            shown[line.split("  ")[1].strip()] = line
    assert {"active users", "view", "pay", "99 %", "12 to 16"} <= shown.keys()
    differing = {
        name for name, line in shown.items() if line.rstrip().endswith("differs")
    }
    assert differing == {"pay", "other"}
    assert "sessions with: pay" in result.stderr


TEXTS = st.text(max_size=8)


def tables_drawn(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Hands a test so many tables."""
    numbers = st.none() | st.floats(-1e12, 1e12) | st.integers(-3, 9)
    drawn = given(
        data=st.data(),
        users=st.integers(1, 40),
        days=st.integers(1, 90),
        names=st.lists(TEXTS, min_size=1, max_size=6),
        words=st.lists(st.none() | TEXTS, min_size=1, max_size=5),
        numbers=st.lists(numbers, min_size=1, max_size=6),
        has_sessions=st.booleans(),
    )
    options = settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    return lambda test: options(drawn(test))


def assert_fitted_or_refused(
    data: st.DataObject,
    users: int,
    days: int,
    names: list[str],
    words: list[str | None],
    numbers: list[float | None],
    has_sessions: bool,
) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    size = int(random.integers(1, 2000))
    minutes = random.integers(0, days * 1440, size) * random.choice([1, 1, 7])
    columns = {
        "user_id": random.integers(0, users, size),
        "event_time": np.datetime64("2026-01-01", "us")
        + minutes.astype("timedelta64[m]"),
        "event_name": np.array(names, dtype=object)[
            random.integers(0, len(names), size)
        ],
        "session_id": random.integers(0, max(1, size // 4), size),
        "Word": np.array(words, dtype=object)[random.integers(0, len(words), size)],
        "number": np.array([math.nan if n is None else float(n) for n in numbers])[
            random.integers(0, len(numbers), size)
        ],
        "item": random.integers(0, 9, size),
    }
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "events.parquet")
        with duckdb.connect() as connection:
            connection.register("columns", columns)
            connection.execute(f"copy (from columns) to '{path}'")
        session = "session_id" if has_sessions else None
        given_columns = Columns(
            *("user_id", "event_time", "event_name", session, None), {"item": []}
        )
        # a refusal is a UsageError; a file that cannot be loaded is not, nor any other error
        with contextlib.suppress(UsageError):
            fitted(path, given_columns, min_users=int(random.choice([1, 3, 20])))


@tables_drawn(4)
def test_some_tables_are_fitted_or_refused_in_words(**drawn: Any) -> None:
    assert_fitted_or_refused(**drawn)


@pytest.mark.slow
@tables_drawn(40)
def test_any_table_is_fitted_or_refused_in_words(**drawn: Any) -> None:
    assert_fitted_or_refused(**drawn)
