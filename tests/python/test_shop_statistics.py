"""The shop world against the theory of its mechanism (docs/worlds/shop.md).

Every expected value is computed from the settings and the seed files. All checks are one family:
each holds its p-value against 0.001 divided by their number (Bonferroni). Where rows share a user,
the standard error is that of the sums by user, so that it is clustered.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from claims import (
    LEVEL,
    Claims,
    chi_square,
    counts_up_to,
    kolmogorov,
    mean_is_zero,
    proportion,
)
from worlds import ROOT, World, Worlds, default_settings, seed_rows

sys.path.append(str(ROOT / "bench"))
import calibrate_shop

SETTINGS = default_settings()
CATEGORIES = seed_rows("shop/shop_categories.csv")
PERSONAS = seed_rows("shop/shop_personas.csv")
VARIANTS = seed_rows("shop/shop_variants.csv")
EVENT_TYPES = seed_rows("shop/shop_event_types.csv")
DEFECT_KINDS = seed_rows("defects/defect_kinds.csv")
DAY_MS = 86_400_000

# the default world, and one of the original's form
DOCUMENTED: dict[str, Any] = {}
DENSE = {
    "shop_profile": "dense",
    "shop_mechanism": "plain",
    "shop_users": 2000,
    "effect_scale": 0,
}
WORLDS = {"documented": DOCUMENTED, "dense": DENSE}
# what the checks look at of the second
DENSE_PARTS = ["+stg_shop__rejects", "+stg_shop__events", "+stg_shop__items"]

CHECKS: list[Callable[[World, dict[str, Any]], Claims]] = []


def check(
    function: Callable[[World, dict[str, Any]], Claims],
) -> Callable[[World, dict[str, Any]], Claims]:
    """Adds a function to the family; it returns a p-value for each claim."""
    CHECKS.append(function)
    return function


def personas_of(settings: dict[str, Any]) -> list[dict[str, Any]]:
    """The personas of the world's profile."""
    return [row for row in PERSONAS if row["profile"] == settings["shop_profile"]]


def normal_p(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


# --- catalogue ------------------------------------------------------------------------------------


@check
def the_catalogue_has_the_documented_prices(
    world: World, settings: dict[str, Any]
) -> Claims:
    claims = {}
    for row in CATEGORIES:
        items = world.arrays(
            f"""
            select cast(base_price as double) as base, cast(current_price as double) as price,
                discount_pct
            from staging.stg_shop__items where category = '{row["category"]}'
            """
        )
        share = row["item_share_thousandths"] / 1000
        assert len(items["base"]) == share * settings["shop_items"]
        low, high = row["price_min_usd"], row["price_max_usd"]
        assert items["base"].min() >= low
        assert items["base"].max() <= high
        assert np.allclose(
            items["price"],
            items["base"] * (1 - items["discount_pct"] / 100),
            atol=0.00501,
        )
        # the range is two standard deviations to both sides of the middle
        z = (np.log(items["base"]) - np.log(low * high) / 2) / (np.log(high / low) / 4)
        inside = (items["base"] > low) & (items["base"] < high)
        claims[f"price of {row['category']}"] = kolmogorov(
            z[inside], stats.truncnorm(-2, 2)
        )
        claims[f"clipped prices of {row['category']}"] = proportion(
            (~inside).sum(), len(z), 2 * stats.norm.sf(2)
        )
        discounts = items["discount_pct"][items["discount_pct"] > 0]
        claims[f"discounts of {row['category']}"] = proportion(
            len(discounts), len(z), row["discount_probability"]
        )
        lowest, highest = row["discount_min_percent"], row["discount_max_percent"]
        assert lowest <= discounts.min() <= discounts.max() <= highest
        middle = (lowest + highest + 1) // 2
        claims[f"discount in {row['category']}"] = proportion(
            (discounts < middle).sum(),
            len(discounts),
            (middle - lowest) / (highest + 1 - lowest),
        )
    return claims


@check
def items_and_users_are_as_old_as_documented(
    world: World, settings: dict[str, Any]
) -> Claims:
    end = f"date '{settings['shop_start_date']}' + {settings['shop_days']}"
    mean, longest = (
        settings["shop_history_mean_days"],
        settings["shop_history_max_days"],
    )
    claims = {}
    for name, relation, moment in (
        ("items", "staging.stg_shop__items", "created_at"),
        ("users", "staging.stg_shop__users", "registration_date"),
    ):
        ages = world.arrays(
            f"""
            select (epoch_ms(cast({end} as timestamp)) - epoch_ms({moment})) / {DAY_MS} as days
            from {relation}
            """
        )["days"]
        assert ages.min() > 0
        assert ages.max() <= longest + 1 / DAY_MS
        below = ages[ages < longest]
        claims[f"age of {name}"] = kolmogorov(
            below, stats.truncexpon(longest / mean, scale=mean)
        )
        claims[f"oldest {name}"] = proportion(
            len(ages) - len(below), len(ages), np.exp(-longest / mean)
        )
    return claims


# --- users ----------------------------------------------------------------------------------------


@check
def users_have_the_documented_personas(
    world: World, settings: dict[str, Any]
) -> Claims:
    users = world.arrays(
        """
        select persona, sessions_per_week, price_level, variant, affinity_0, affinity_4
        from generate.gen_shop__users
        """
    )
    claims = {
        "personas": chi_square(
            [
                (users["persona"] == row["persona"]).sum()
                for row in personas_of(settings)
            ],
            [row["share"] for row in personas_of(settings)],
        ),
        "price levels": chi_square(
            np.bincount(users["price_level"], minlength=5), [0.2] * 5
        ),
        "arms": chi_square(
            [(users["variant"] == row["variant"]).sum() for row in VARIANTS],
            [row["share"] for row in VARIANTS],
        ),
    }
    for row in personas_of(settings):
        own = users["sessions_per_week"][users["persona"] == row["persona"]]
        mean = row["sessions_per_week"]
        if row["has_whole_rate"]:
            rates, shares = calibrate_shop.weekly_rates(
                {key: str(value) for key, value in row.items()}
                | {"has_whole_rate": "true"}
            )
            counts = [(own == rate).sum() for rate in rates]
            assert sum(counts) == len(own)
            claims[f"rate of {row['persona']}"] = chi_square(counts, shares)
        else:
            assert own.min() > 0
            claims[f"rate of {row['persona']}"] = kolmogorov(
                own, stats.norm(mean, 0.3 * mean)
            )
    if settings["shop_mechanism"] == "full":
        for category in (0, 4):
            claims[f"affinity {category}"] = kolmogorov(
                users[f"affinity_{category}"], stats.expon
            )
    return claims


# --- sessions in time -----------------------------------------------------------------------------


@check
def users_come_by_their_rate_and_the_weekday(
    world: World, settings: dict[str, Any]
) -> Claims:
    days = world.arrays(
        """
        select days.arrival_count as came, persona,
            isodow(date_of_day) as weekday, sessions_per_week / 7 * rate_factor as rate
        from generate.gen_shop__days as days
        join generate.gen_shop__users using (user_number)
        join generate.gen_shop__calendar as calendar on calendar.day = days.day
        """
    )
    came, rate = days["came"], days["rate"]
    weights = {
        row["weekday"]: row["weight"] for row in seed_rows("shop/shop_weekdays.csv")
    }
    mean_weight = sum(weights.values()) / 7
    base = world.arrays(
        "select isodow(date_of_day) as d, rate_factor as f from generate.gen_shop__calendar"
    )
    assert np.allclose(
        base["f"], [weights[d] / mean_weight for d in base["d"]], atol=2e-9
    )
    claims = {}
    for name in ("persona", "weekday"):
        for value in np.unique(days[name]):
            own = days[name] == value
            claims[f"arrivals of {value}"] = normal_p(
                (came[own] - rate[own]).sum() / np.sqrt(rate[own].sum())
            )
    none = np.exp(-rate)
    claims["days without"] = normal_p(
        ((came == 0) - none).sum() / np.sqrt((none * (1 - none)).sum())
    )
    two = none * (1 + rate)
    claims["days with two or more"] = normal_p(
        ((came > 1) - (1 - two)).sum() / np.sqrt((two * (1 - two)).sum())
    )
    return claims


@check
def sessions_start_by_the_hour_profile(
    world: World, settings: dict[str, Any]
) -> Claims:
    # on the day of registration the hours before it are missing
    arrived = world.arrays(
        """
        select hour(make_timestamp_ms(arrived_at_ms)) as hour, arrived_at_ms % 3600000 as ms
        from generate.gen_shop__arrivals
        join generate.gen_shop__users using (user_number)
        join generate.gen_shop__calendar using (day)
        where registered_at_ms < day_ms
        """
    )
    weights = np.array([row["weight"] for row in seed_rows("shop/shop_hours.csv")])
    return {
        "hour": chi_square(
            np.bincount(arrived["hour"], minlength=24), weights / weights.sum()
        ),
        "time within the hour": kolmogorov(arrived["ms"], stats.uniform(0, 3_600_000)),
    }


def test_hardly_any_arrival_is_moved_or_dropped(built: dict[str, World]) -> None:
    """What is kept apart is rare, so that the profiles of sessions are those of arrivals."""
    moved, dropped, arrivals = built["documented"].rows(
        """
        select
            count_if(sessions.started_at_ms > arrivals.arrived_at_ms),
            count_if(sessions.session_key is null),
            count(*)
        from generate.gen_shop__arrivals as arrivals
        left join generate.gen_shop__sessions as sessions using (session_key)
        """
    )[0]
    assert 0 < moved < 0.01 * arrivals
    assert 0 < dropped < 0.002 * arrivals


# --- in a session ---------------------------------------------------------------------------------


@check
def sessions_and_items_follow_the_persona(
    world: World, settings: dict[str, Any]
) -> Claims:
    claims = {}
    start = settings["shop_days"] // 2
    later = settings["shop_return_purchase_probability"]
    for row in personas_of(settings):
        name, number = row["persona"], row["persona_number"]
        counts = counts_up_to(
            world,
            f"""
            select item_count, count(*) from generate.gen_shop__sessions
            where persona_number = {number} group by all
            """,
            60,
        )
        probabilities = stats.poisson.pmf(np.arange(60), row["items_per_session"])
        probabilities[1] += probabilities[0]
        assert counts[0] == 0
        claims[f"items of {name}"] = chi_square(counts[1:], probabilities[1:])
        seen = world.arrays(
            f"""
            select scroll_tenths > 0 as scrolled, cart_tenths > 0 as carted,
                scroll_count = 0 as none_scrolled
            from generate.gen_shop__views
            join generate.gen_shop__sessions using (first_event_id)
            where persona_number = {number}
            """
        )
        claims[f"scrolled by {name}"] = proportion(
            seen["scrolled"].sum(), len(seen["scrolled"]), row["scroll_probability"]
        )
        for case, able in (
            ("scrolled", seen["scrolled"]),
            ("none scrolled", seen["none_scrolled"]),
        ):
            if not able.any():
                assert case == "none scrolled"
                continue
            claims[f"carted by {name}, {case}"] = proportion(
                seen["carted"][able].sum(), able.sum(), row["cart_probability"]
            )
        assert not seen["carted"][~seen["scrolled"] & ~seen["none_scrolled"]].any()
        for variant, is_late in (
            ("control", False),
            ("banner", False),
            ("control", True),
            ("banner", True),
            ("large_banner", True),
        ):
            outcomes = dict(
                world.rows(
                    f"""
                    select outcome, count(*) from generate.gen_shop__cart_outcomes
                    join generate.gen_shop__sessions using (first_event_id)
                    where persona_number = {number} and is_assigned
                        and gen_shop__cart_outcomes.variant = '{variant}'
                        and {is_late} = (day >= {start})
                    group by all
                    """
                )
            )
            added = {"banner": 1, "large_banner": 1.5}.get(variant, 0) * is_late
            p = row["purchase_probability"] * (
                1 + added * (row["free_shipping_factor"] - 1) * settings["effect_scale"]
            )
            total = sum(outcomes.values())
            bought = outcomes.get("purchase", 0)
            claims[f"bought by {name}, {variant}, late {is_late}"] = proportion(
                bought, total, min(p, 1)
            )
            removed = outcomes.get("remove_from_cart", 0)
            if settings["shop_mechanism"] == "plain":
                assert removed == 0
            else:
                claims[f"removed by {name}, {variant}, late {is_late}"] = proportion(
                    removed, total - bought, settings["shop_remove_probability"]
                )
    lags = dict(
        world.rows(
            "select coalesce(return_lag, 0), count(*) from generate.gen_shop__carts group by all"
        )
    )
    if settings["shop_mechanism"] == "plain":
        assert set(lags) == {0}
    else:
        first = [later * (1 - later) ** lag for lag in range(3)]
        claims["later purchases"] = chi_square(
            [lags[1], lags[2], lags[3], lags[0]], [*first, 1 - sum(first)]
        )
    return claims


@check
def durations_are_uniform(world: World, settings: dict[str, Any]) -> Claims:
    claims = {}
    for row in EVENT_TYPES:
        low, high = row["shortest_tenths"], row["longest_tenths"]
        tenths = world.arrays(
            f"""
            select cast(duration_seconds * 10 as bigint) as tenths from staging.stg_shop__events
            where event_type = '{row["event_type"]}'
            """
        )["tenths"]
        if len(tenths) == 0:
            assert settings["shop_mechanism"] == "plain"
            continue
        counts = np.bincount(tenths, minlength=high + 1)
        assert counts[:low].sum() == 0
        assert len(counts) == high + 1
        # of neighbouring durations together, so that each cell expects enough
        parts = np.array_split(counts[low:], 25)
        claims[f"duration of {row['event_type']}"] = chi_square(
            [part.sum() for part in parts],
            [len(part) / (high + 1 - low) for part in parts],
        )
    return claims


@check
def events_have_their_documented_shares(
    world: World, settings: dict[str, Any]
) -> Claims:
    expected = calibrate_shop.expected(settings["shop_profile"], settings)
    users = world.arrays(
        """
        select
            count_if(event_type = 'view') as views, count_if(event_type = 'scroll') as scrolls,
            count_if(event_type = 'add_to_cart') as carts,
            count_if(event_type = 'purchase') as purchases,
            count(distinct session_id) as sessions,
            count(distinct case when event_type = 'purchase' then session_id end) as paid,
            any_value(persona) as persona
        from generate.gen_shop__users left join staging.stg_shop__events using (user_id)
        group by user_id
        """
    )
    claims = {
        # sessions without room are left out: less than one in a thousand
        "sessions": mean_is_zero(
            users["sessions"] - 0.9995 * expected["sessions"] / settings["shop_users"]
        ),
    }
    for name in ("scrolls", "carts", "purchases"):
        ratio = expected[name] / expected["views"]
        claims[f"{name} per view"] = mean_is_zero(users[name] - ratio * users["views"])
    claims["views per session"] = mean_is_zero(
        users["views"] - expected["views"] / expected["sessions"] * users["sessions"]
    )
    claims["sessions with purchase"] = mean_is_zero(
        users["paid"] - expected["sessions with purchase"] * users["sessions"]
    )
    for row in personas_of(settings):
        own = users["persona"] == row["persona"]
        share = expected[f"sessions with purchase, {row['persona']}"]
        claims[f"sessions with purchase of {row['persona']}"] = mean_is_zero(
            users["paid"][own] - share * users["sessions"][own]
        )
    return claims


@check
def the_first_items_are_chosen_by_their_weights(
    world: World, settings: dict[str, Any]
) -> Claims:
    """Each session's first item against the weights of its day and user, item by item."""
    chosen = world.arrays(
        """
        select sessions.day, sessions.price_level, user_number, item_number
        from generate.gen_shop__sessions as sessions
        join generate.gen_shop__views using (first_event_id)
        where position = 0
        """
    )
    items, days = settings["shop_items"], settings["shop_days"]
    cube = np.zeros((days, 5, items))
    weights = world.arrays(
        "select day, price_level, item_number, weight from generate.gen_shop__item_weights"
    )
    cube[weights["day"], weights["price_level"], weights["item_number"]] = weights[
        "weight"
    ]
    category = world.arrays(
        "select category_number from generate.gen_shop__items order by item_number"
    )["category_number"]
    affinity = np.column_stack(
        list(
            world.arrays(
                """
                select affinity_0, affinity_1, affinity_2, affinity_3, affinity_4
                from generate.gen_shop__users order by user_number
                """
            ).values()
        )
    )
    expected = np.zeros(items)
    variance = np.zeros(items)
    for part in np.array_split(np.arange(len(chosen["day"])), 40):
        p = cube[chosen["day"][part], chosen["price_level"][part]]
        p = p * affinity[chosen["user_number"][part]][:, category]
        p /= p.sum(axis=1, keepdims=True)
        expected += p.sum(axis=0)
        variance += (p * (1 - p)).sum(axis=0)
    counts = np.bincount(chosen["item_number"], minlength=items)
    assert counts[expected == 0].sum() == 0, "an item was viewed before it was offered"
    # rare items together, and the sum of squares against its expectation
    rare = expected < 10
    z = (counts - expected)[~rare] / np.sqrt(variance[~rare])
    claims = {
        "first items": float(stats.chi2.sf((z**2).sum(), (~rare).sum())),
        "rare first items": normal_p(
            (counts - expected)[rare].sum() / np.sqrt(variance[rare].sum() + 1e-9)
        ),
    }
    rank = world.arrays(
        "select popularity_rank from generate.gen_shop__items order by item_number"
    )["popularity_rank"]
    top = rank <= 20
    claims["most popular items"] = normal_p(
        (counts - expected)[top].sum() / np.sqrt(variance[top].sum())
    )
    return claims


@check
def dirt_and_delivery_come_at_the_known_rates(
    world: World, settings: dict[str, Any]
) -> Claims:
    claims = {}
    for table, generated, defects in (
        ("raw_shop__items", "gen_shop__items", "gen_shop__item_defects"),
        ("raw_shop__users", "gen_shop__users", "gen_shop__user_defects"),
        ("raw_shop__events", "gen_shop__events", "gen_shop__event_defects"),
    ):
        kinds = [row for row in DEFECT_KINDS if row["raw_table"] == table]
        total = world.value(f"select count(*) from generate.{generated}")
        counted = dict(
            world.rows(f"select kind, count(*) from generate.{defects} group by all")
        )
        counts = [counted.get(row["kind"], 0) for row in kinds]
        shares = [settings["defect_rate"] * row["share"] for row in kinds]
        claims[f"defects of {table}"] = chi_square(
            [*counts, total - sum(counts)], [*shares, 1 - sum(shares)]
        )
    late, events = world.rows(
        """
        select count_if(epoch_ms(received_at) - epoch_ms(timestamp) >= 2000), count(*)
        from staging.stg_shop__events
        """
    )[0]
    longest = settings["late_max_days"] * DAY_MS
    claims["late events"] = proportion(
        late, events, settings["late_rate"] * (1 - 2000 / longest)
    )
    return claims


# --- the family -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(worlds: Worlds) -> dict[str, World]:
    dense = worlds.new("shop_dense", "shop")
    dense.build("--select", *DENSE_PARTS, settings=DENSE)
    return {"documented": worlds(name="shop"), "dense": dense}


@pytest.fixture(scope="module")
def p_values(built: dict[str, World]) -> dict[tuple[str, str], Claims | Exception]:
    """The p-values of all checks, or what one of them failed with."""
    found: dict[tuple[str, str], Claims | Exception] = {}
    for name, options in WORLDS.items():
        world, settings = built[name], SETTINGS | options
        for function in CHECKS:
            try:
                found[name, function.__name__] = function(world, settings)
            except Exception as error:
                found[name, function.__name__] = error
    return found


@pytest.mark.parametrize("name", [function.__name__ for function in CHECKS])
@pytest.mark.parametrize("profile", WORLDS)
def test_shop(
    profile: str, name: str, p_values: dict[tuple[str, str], Claims | Exception]
) -> None:
    claims = p_values[profile, name]
    if isinstance(claims, Exception):
        raise claims
    size = sum(len(family) for family in p_values.values() if isinstance(family, dict))
    refused = {claim: p for claim, p in claims.items() if not p >= LEVEL / size}
    assert not refused, f"p-values below {LEVEL / size:.1e}: {refused}"


# --- documented figures ---------------------------------------------------------------------------


def test_the_documented_profile_is_calibrated() -> None:
    """Its cart probabilities are the solution, and what they come to lies within the targets."""
    solved = calibrate_shop.solved_cart_probabilities(SETTINGS)
    assert {
        row["persona"]: row["cart_probability"]
        for row in PERSONAS
        if row["profile"] == "documented"
    } == solved
    expected = calibrate_shop.expected("documented", SETTINGS)
    for name, (low, high) in calibrate_shop.TARGETS.items():
        assert low < expected[name] < high, name


def test_the_default_world_is_the_documented_dataset(built: dict[str, World]) -> None:
    world = built["documented"]
    assert world.value("select count(*) from staging.stg_shop__users") == 10_000
    assert world.value("select count(*) from staging.stg_shop__items") == 1000
    counted = dict(
        world.rows(
            "select event_type, count(*) from staging.stg_shop__events group by all"
        )
    )
    sessions, paid = world.rows(
        "select count(*), count_if(has_purchase) from marts.shop__sessions"
    )[0]
    found = {
        "events": sum(counted.values()),
        "sessions": sessions,
        "scrolled per view": counted["scroll"] / counted["view"],
        "carted per view": counted["add_to_cart"] / counted["view"],
        "purchased per view": counted["purchase"] / counted["view"],
        "sessions with purchase": paid / sessions,
    }
    by_persona = world.rows(
        """
        select persona, avg(cast(has_purchase as integer))
        from marts.shop__sessions join generate.gen_shop__users using (user_id) group by all
        """
    )
    found |= {f"sessions with purchase, {name}": share for name, share in by_persona}
    assert found.keys() == calibrate_shop.TARGETS.keys()
    for name, (low, high) in calibrate_shop.TARGETS.items():
        assert low <= found[name] <= high, (name, found[name])


def test_the_dense_profile_is_what_the_original_was() -> None:
    """About 4 million events; with the plain mechanism, the shares of an independent run of it."""
    values = SETTINGS | {"effect_scale": 0}
    assert calibrate_shop.expected("dense", SETTINGS)["events"] == pytest.approx(
        4e6, rel=0.05
    )
    plain = calibrate_shop.expected("dense", values | {"shop_mechanism": "plain"})
    shares = {
        name: plain[name] / plain["events"]
        for name in ("views", "scrolls", "carts", "purchases")
    }
    assert shares["views"] == pytest.approx(0.554, abs=0.002)
    assert shares["scrolls"] == pytest.approx(0.395, abs=0.002)
    assert shares["carts"] == pytest.approx(0.048, abs=0.001)
    assert shares["purchases"] == pytest.approx(0.0028, abs=0.0002)
    assert plain["events"] / plain["sessions"] == pytest.approx(19.3, abs=0.3)
    assert plain["sessions with purchase"] == pytest.approx(0.051, abs=0.002)
    for persona, share in (("browser", 0.0024), ("researcher", 0.086), ("buyer", 0.24)):
        found = plain[f"sessions with purchase, {persona}"]
        assert found == pytest.approx(share, rel=0.05)


def test_a_plain_dense_session_lasts_as_long_as_the_original(
    built: dict[str, World],
) -> None:
    minutes, error = built["dense"].rows(
        """
        with users as (
            select sum(epoch_ms(last_at) - epoch_ms(started_at)) / 60000 as minutes, count(*) as n
            from (
                select user_id, session_id, min(timestamp) as started_at, max(timestamp) as last_at
                from staging.stg_shop__events group by all
            ) group by user_id
        )
        select sum(minutes) / sum(n),
            sqrt(sum((minutes - n * (select sum(minutes) / sum(n) from users)) ** 2)) / sum(n)
        from users
        """
    )[0]
    # 7.3 is rounded
    assert abs(minutes - 7.3) < 0.05 + 4 * error


# --- choice ---------------------------------------------------------------------------------------


def test_plain_items_are_drawn_uniformly(built: dict[str, World]) -> None:
    """All items that are offered on a day are equally likely, and never twice in a session."""
    world = built["dense"]
    statistic, cells, views = world.rows(
        """
        with sessions as (
            select day, sum(item_count) as views, sum(item_count ** 2) as squares
            from generate.gen_shop__sessions group by all
        ),
        offered as (
            select day, item_number, count(*) over (partition by day) as items
            from generate.gen_shop__item_weights where price_level = 0 and weight > 0
        ),
        items as (
            select item_number, sum(views / items) as expected,
                -- a session takes an item with probability n / N
                sum(views / items - squares / (items * items)) as variance
            from offered join sessions using (day) group by all
        ),
        seen as (
            select item_number, count(*) as views from generate.gen_shop__views group by all
        )
        select
            sum((coalesce(seen.views, 0) - expected) ** 2 / variance), count(*), sum(seen.views)
        from items left join seen using (item_number)
        where expected > 10
        """
    )[0]
    assert views > 100_000
    # chi-squared but for the sum being given: mean k, standard deviation sqrt(2 k); five of them
    assert abs(statistic - cells) < 5 * np.sqrt(2 * cells)
