"""The search world against the theory of its mechanism (worlds/search.md).

Rates are those of the control arm: a world without effects and without lost sessions. The treated
arm, the loss and the propensities are those of the default world. All checks of one world are one
family: each holds its p-value against 0.001 divided by their number (Bonferroni). What belongs to a
visitor is counted by visitor, what belongs to a session by session.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy import stats

from claims import LEVEL, Claims, chi_square
from worlds import World, Worlds, default_settings, seed_rows

SETTINGS = default_settings()
CONTROL = {"effect_scale": 0, "search_logging_loss": 0}
# whether a session has a click in its own arm
CLICKED = """
    with sessions as (
        select sessions.*, clicked.has_click
        from generate.gen_search__sessions as sessions
        inner join (
            select session_id, max(click_count) > 0 as has_click
            from generate.gen_search__search_outcomes where is_assigned group by all
        ) as clicked using (session_id)
    )
"""
POSITIONS = seed_rows("search/search_positions.csv")
PRODUCT_TYPES = seed_rows("search/search_product_types.csv")
TEMPLATES = seed_rows("search/search_templates.csv")


def shares(world: World, query: str, weights: dict[Any, float]) -> float:
    """p-value of a query of values and counts against the weight of each value."""
    counts = dict(world.rows(query))
    assert set(counts) <= set(weights), set(counts) - set(weights)
    total = sum(weights.values())
    return chi_square(
        [counts.get(value, 0) for value in weights],
        [weight / total for weight in weights.values()],
    )


def equal(world: World, query: str, values: Any) -> float:
    return shares(world, query, dict.fromkeys(values, 1.0))


def proportion(world: World, query: str, probability: float) -> float:
    """p-value of a query of successes and trials."""
    successes, trials = world.rows(query)[0]
    assert trials > 1000
    return float(stats.binomtest(int(successes), int(trials), probability).pvalue)


def uniform(world: World, query: str, low: float, high: float) -> float:
    """p-value of a column against a uniform distribution, by Kolmogorov and Smirnov."""
    (values,) = world.arrays(query).values()
    values = np.asarray(values, float)
    assert len(values) > 1000
    assert values.min() >= low
    assert values.max() <= high
    return float(stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue)


def hold(claims: Claims) -> None:
    failed = {name: p for name, p in claims.items() if not p > LEVEL / len(claims)}
    assert not failed


# --- the control arm ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def control(worlds: Worlds) -> World:
    """Without the models that nothing is asked of here; the default world is built beside it."""
    made = worlds.new("control", "search")
    chosen = ("search__sessions", "search__journeys", "stg_search__impressions")
    with ThreadPoolExecutor(2) as pool:
        default = pool.submit(worlds, name="search")
        made.build("--select", *(f"+{name}" for name in chosen), settings=CONTROL)
        default.result()
    return made


def test_sessions_are_as_many_as_settings_and_weekdays_say(control: World) -> None:
    assert control.value("select count(*) from marts.search__sessions") == 30_000
    percent = {
        row["weekday"]: row["weight_percent"]
        for row in seed_rows("search/search_weekdays.csv")
    }
    assert sum(percent.values()) == 700
    days = control.rows(
        """
        select session_date, isodow(session_date), count(*)
        from marts.search__sessions group by all
        """
    )
    assert len(days) == SETTINGS["search_days"]
    assert {
        (weekday, count)
        for _, weekday, count in days
        if count != percent[weekday] * SETTINGS["search_sessions_per_day"] / 100
    } == set()


def sessions(world: World) -> Claims:
    hours = {row["hour"]: row["weight"] for row in seed_rows("search/search_hours.csv")}
    campaigns = {
        (row["utm_source"], row["utm_medium"], row["utm_campaign"]): row["weight"]
        for row in seed_rows("search/search_campaigns.csv")
    }
    cities = {
        (row["country"], row["city"]): row["population"]
        for row in seed_rows("search/search_cities.csv")
    }
    ranks = np.arange(1, SETTINGS["search_user_pool_size"] + 1)
    activity = ranks ** -float(SETTINGS["search_user_activity_exponent"])
    return {
        "hours": shares(
            world,
            "select hour(started_at), count(*) from marts.search__sessions group by all",
            hours,
        ),
        "anonymous": proportion(
            world,
            "select count(anonymous_id), count(*) from marts.search__sessions",
            SETTINGS["search_anonymous_rate"],
        ),
        "activity of users": shares(
            world,
            """
            select (cast(substr(user_id, 6) as int) - 1) // 100, count(*)
            from marts.search__sessions where user_id is not null group by all
            """,
            dict(enumerate(activity.reshape(-1, 100).sum(axis=1))),
        ),
        "platform": equal(
            world,
            "select platform, count(*) from marts.search__sessions group by all",
            ["web", "ios", "android"],
        ),
        "device on the web": equal(
            world,
            """
            select device_type, count(*) from marts.search__sessions
            where platform = 'web' group by all
            """,
            ["desktop", "mobile", "tablet"],
        ),
        "campaigns": shares(
            world,
            """
            select (utm_source, utm_medium, utm_campaign), count(*)
            from marts.search__sessions group by all
            """,
            campaigns,
        ),
        "sources": equal(
            world,
            "select utm_source, count(*) from marts.search__sessions group by all",
            {source for source, _, _ in campaigns},
        ),
        "cities of visitors": shares(
            world,
            """
            select (geo_country, geo_city), count(distinct unit_id)
            from intermediate.int_search__sessions group by all
            """,
            cities,
        ),
        "searches in a session": equal(
            world,
            "select search_count, count(*) from marts.search__sessions group by all",
            range(1, 6),
        ),
        "seconds between searches": uniform(
            world,
            """
            select epoch_ms(timestamp) - epoch_ms(lag(timestamp) over (
                partition by session_id order by timestamp
            )) as gap
            from staging.stg_search__searches qualify gap is not null
            """,
            30_000,
            300_000,
        ),
    }


def searches(world: World) -> Claims:
    destinations = [
        row["destination"] for row in seed_rows("search/search_destinations.csv")
    ]
    claims = {
        # one search per session, since those of a session share destinations
        "queries": equal(
            world,
            """
            select query, count(*) from (
                from staging.stg_search__searches qualify row_number() over (
                    partition by session_id order by timestamp
                ) = 1
            ) group by all
            """,
            [
                row["template"].replace("{destination}", destination)
                for row in TEMPLATES
                for destination in destinations
            ],
        ),
        "results_count": equal(
            world,
            "select results_count, count(*) from staging.stg_search__searches group by all",
            range(10, 101),
        ),
        "first page": proportion(
            world,
            "select count_if(page = 1), count(*) from staging.stg_search__searches",
            0.9,
        ),
    }
    filters = """
        with filters as (
            select
                query like 'cheap %' as is_cheap,
                query like '%flights%' as is_flight,
                cast(filters ->> '$.price_max' as int) as price_max,
                cast(filters ->> '$.travelers' as int) as travelers,
                cast(filters ->> '$.dates[0]' as date) - event_date as days_ahead,
                cast(filters ->> '$.dates[1]' as date)
                - cast(filters ->> '$.dates[0]' as date) as nights
            from staging.stg_search__searches
        )
    """
    assert (
        world.rows(
            f"""
        {filters} from filters
        where is_cheap != (price_max is not null) or is_flight != (travelers is not null) limit 3
        """
        )
        == []
    )
    claims["dates given"] = proportion(
        world, f"{filters} select count(days_ahead), count(*) from filters", 0.7
    )
    for name, low, high in (
        ("price_max", 300, 500),
        ("travelers", 1, 4),
        ("days_ahead", 7, 90),
        ("nights", 3, 14),
    ):
        claims[name] = equal(
            world,
            f"{filters} select {name}, count(*) from filters where {name} is not null group by all",
            range(low, high + 1),
        )
    return claims


def clicks(world: World) -> Claims:
    by_search = """
        with numbered as (
            select
                clicks.*,
                row_number() over (
                    partition by search_event_id order by clicks.timestamp
                ) as number,
                epoch_ms(clicks.timestamp) - epoch_ms(coalesce(
                    lag(clicks.timestamp) over (
                        partition by search_event_id order by clicks.timestamp
                    ),
                    searches.timestamp
                )) as gap
            from staging.stg_search__clicks as clicks
            join staging.stg_search__searches as searches
            on clicks.search_event_id = searches.event_id
        )
    """
    claims = {
        "searches clicked": proportion(
            world,
            """
            select sum(clicked_search_count), sum(search_count) from marts.search__sessions
            """,
            SETTINGS["search_click_through_rate"],
        ),
        "clicks of a clicked search": equal(
            world,
            f"""
            {by_search} select clicks, count(*) from (
                select max(number) as clicks from numbered group by search_event_id
            ) group by all
            """,
            range(1, 4),
        ),
        "position of the first click": shares(
            world,
            f"""
            {by_search} select result_position, count(*) from numbered
            where number = 1 group by all
            """,
            {row["result_position"]: row["click_weight"] for row in POSITIONS},
        ),
        "seconds before a click": uniform(
            world, f"{by_search} select gap from numbered", 5_000, 60_000
        ),
        "providers clicked": equal(
            world,
            "select result_provider, count(*) from staging.stg_search__clicks group by all",
            [row["provider"] for row in seed_rows("search/search_providers.csv")],
        ),
        "converted": proportion(
            world,
            "select sum(conversion_count), sum(click_count) from marts.search__sessions",
            SETTINGS["search_conversion_rate"],
        ),
    }
    mixed = " or ".join(
        f"query like '{row['template'].replace('{destination}', '%')}'"
        for row in TEMPLATES
        if row["product_type"] is None
    )
    claims["types where the query says none"] = shares(
        world,
        f"""
        select impressions.result_type, count(*)
        from staging.stg_search__impressions as impressions
        join staging.stg_search__searches as searches
        on impressions.search_event_id = searches.event_id
        where {mixed}
        group by all
        """,
        {row["product_type"]: row["mixed_weight"] for row in PRODUCT_TYPES},
    )
    for row in PRODUCT_TYPES:
        # a cent is as likely as another, so that half a cent makes them a uniform amount
        for table in ("clicks", "impressions"):
            claims[f"prices of {row['product_type']} {table}"] = uniform(
                world,
                f"""
                select result_price from staging.stg_search__{table}
                where result_type = '{row["product_type"]}'
                """,
                row["lowest_price"],
                row["highest_price"],
            )
    return claims


def conversions(world: World) -> Claims:
    joined = """
        from marts.search__journeys where conversion_event_id is not null
        and result_price > 200
    """
    return {
        "seconds before a conversion": uniform(
            world,
            "select seconds_from_click_to_conversion from marts.search__journeys "
            "where conversion_event_id is not null",
            60,
            300,
        ),
        # cents round by at most 0.00005 of a price above 200
        "booking value": uniform(
            world, f"select booking_value / result_price {joined}", 0.9499, 1.0501
        ),
        "commission": uniform(
            world, f"select commission / booking_value {joined}", 0.0499, 0.1501
        ),
    }


def control_claims(world: World) -> Claims:
    return sessions(world) | searches(world) | clicks(world) | conversions(world)


def test_the_control_arm_is_as_documented(control: World) -> None:
    hold(control_claims(control))


def test_only_cookies_that_do_not_click_are_lost(worlds: Worlds) -> None:
    """The log of a treated cookie is sent with its first click."""
    lost, others = worlds(name="search").rows(
        f"""
        {CLICKED}
        select count(*), count_if(has_click or user_id is not null or not is_treated)
        from sessions where not is_logged
        """
    )[0]
    assert lost > 100
    assert others == 0


def test_rates_are_those_of_an_independent_run_of_the_mechanism(control: World) -> None:
    """Within five standard errors of it and of ours, both of about 30,000 sessions."""
    rates = control.rows(
        """
        select
            avg(cast(click_count > 0 as int)), avg(cast(conversion_count > 0 as int)),
            sum(click_count) / sum(search_count)
        from marts.search__sessions
        """
    )[0]
    for rate, expected, deviation in zip(
        rates, (0.614, 0.158, 0.603), (0.49, 0.37, 1.0), strict=True
    ):
        assert abs(rate - expected) < 5 * deviation * (2 / 30_000) ** 0.5
    value, deviation, count = control.rows(
        "select avg(booking_value), stddev(booking_value), count(*) "
        "from staging.stg_search__conversions"
    )[0]
    assert abs(value - 713) < 5 * deviation * (2 / count) ** 0.5


# --- the experiment -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(control: World, worlds: Worlds) -> World:
    return worlds(name="search")


def treated(world: World) -> Claims:
    lift = 1 + (SETTINGS["search_click_lift"] - 1) * SETTINGS["effect_scale"]
    boost = 1 + (SETTINGS["search_position_boost"] - 1) * SETTINGS["effect_scale"]
    outcomes = "from generate.gen_search__search_outcomes where variant = 'ranking_v2'"
    visitors = """
        with visitors as (
            select visitor_key, any_value(is_treated) as is_treated
            from generate.gen_search__sessions group by all
        )
    """
    return {
        "treated searches clicked": proportion(
            world,
            f"select count_if(click_count > 0), count(*) {outcomes}",
            SETTINGS["search_click_through_rate"] * lift,
        ),
        "treated position of the first click": shares(
            world,
            f"select position_1, count(*) {outcomes} and click_count > 0 group by all",
            {
                row["result_position"]: row["click_weight"]
                * (boost if row["is_boosted"] else 1)
                for row in POSITIONS
            },
        ),
        "visitors treated": proportion(
            world,
            f"{visitors} select count_if(is_treated), count(*) from visitors",
            0.5,
        ),
        "treated anonymous sessions without a click lost": proportion(
            world,
            f"{CLICKED} select count_if(not is_logged), count(*) from sessions "
            "where is_treated and user_id is null and not has_click",
            SETTINGS["search_logging_loss"],
        ),
        "visitors in both arms": proportion(
            world,
            "select count_if(is_multi_variant), count(*) from intermediate.int_search__exposures",
            SETTINGS["multi_variant_rate"],
        ),
        "late searches": proportion(
            world,
            """
            select count_if(received_at - timestamp > interval 2 seconds), count(*)
            from staging.stg_search__searches
            """,
            # a late one may be in time all the same
            SETTINGS["late_rate"] * (1 - 2 / (SETTINGS["late_max_days"] * 86400)),
        ),
    } | defects(world)


def defects(world: World) -> Claims:
    kinds: dict[str, dict[str, float]] = {}
    for row in seed_rows("defects/defect_kinds.csv"):
        kinds.setdefault(row["raw_table"], {})[row["kind"]] = row["share"]
    claims = {}
    for plural, rows in (
        ("searches", "search_events"),
        ("impressions", "impressions"),
        ("clicks", "click_events"),
        ("conversions", "conversion_events"),
    ):
        table = f"gen_search__{rows.removesuffix('_events').removesuffix('s')}_defects"
        claims[f"defective {plural}"] = proportion(
            world,
            f"""
            select (select count(*) from generate.{table}),
            (select count(*) from generate.gen_search__{rows})
            """,
            SETTINGS["defect_rate"],
        )
        if plural != "conversions":
            claims[f"kinds of defects of {plural}"] = shares(
                world,
                f"select kind, count(*) from generate.{table} group by all",
                kinds[f"raw_search__{plural}"],
            )
    return claims


def propensities(world: World) -> Claims:
    """Estimates against the truth, by the variance of a ratio of shares of the same searches."""
    rows = world.rows(
        """
        select
            variant, result_position, estimated.click_count, first.click_count,
            estimated.examination_propensity, truth.true_propensity
        from intermediate.int_search__position_propensities as estimated
        join truth.truth_search__position_propensities as truth using (variant, result_position)
        join (
            from intermediate.int_search__position_propensities where result_position = 1
        ) as first using (variant)
        where result_position > 1
        """
    )
    claims = {}
    for variant, position, count, first_count, estimate, truth in rows:
        if position > len(POSITIONS):
            assert estimate == truth == 0
            continue
        # of two shares of the same n searches, log p / q has the variance (1 - p) / np +
        # (1 - q) / nq - 2 cov / npq, and cov is at least -npq: where one excludes the other
        error = estimate * (1 / count + 1 / first_count) ** 0.5
        claims[f"propensity {variant} {position}"] = float(
            2 * stats.norm.sf(abs(estimate - truth) / error)
        )
    assert len(claims) == 14
    return claims


def test_the_experiment_is_as_documented(world: World) -> None:
    hold(treated(world) | propensities(world))


def test_the_fault_of_logging_shows_as_a_mismatch_of_anonymous_visitors_alone(
    world: World,
) -> None:
    """By the check that EXPERIMENTS.md asks for: chi-squared, alert below 0.0005."""
    counts = dict(
        world.rows(
            """
            select stratum, list(units order by variant) from (
                select stratum, variant, count(*) as units
                from intermediate.int_search__exposures group by all
            ) group by all
            """
        )
    )
    assert stats.chisquare(counts["anonymous"]).pvalue < 0.0005
    assert stats.chisquare(counts["known"]).pvalue > 0.0005


def test_clicks_tell_of_relevance_and_nothing_that_is_shown_does(world: World) -> None:
    """Clicked results are more relevant; the first of two in view alone would have mean 0.5."""
    chosen, everywhere = world.rows(
        """
        select
            avg(true_relevance) filter (is_clicked), avg(true_relevance)
        from marts.search__ranking_examples join truth.truth_search__relevance using (result_id)
        """
    )[0]
    assert everywhere == pytest.approx(0.5, abs=0.002)
    assert chosen > 0.54
    # providers and prices say nothing of it
    assert world.rows(
        """
        select count(distinct relevance) from (
            select result_provider, round(avg(true_relevance), 9) as relevance
            from truth.truth_search__relevance group by all
        )
        """
    ) == [(1,)]


def test_a_wrong_mechanism_is_found(
    control: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same checks fail, and no others, where other rates are expected than the world has."""
    wrong = {
        "search_anonymous_rate": 0.42,
        "search_click_through_rate": 0.31,
        "search_conversion_rate": 0.11,
        "search_user_activity_exponent": 0.55,
    }
    for name, value in wrong.items():
        monkeypatch.setitem(SETTINGS, name, value)
    claims = control_claims(control)
    assert {name for name, p in claims.items() if not p > LEVEL / len(claims)} == {
        "anonymous",
        "searches clicked",
        "converted",
        "activity of users",
    }
