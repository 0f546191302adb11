"""The default feed world against the theory of its mechanism (worlds/feed.md).

Every expected value is computed from the settings and the seed files. All checks are one family:
each holds its p-value against 0.001 divided by their number (Bonferroni). Where rows share a user,
the standard error is that of the users' sums, so that it is clustered by user.
"""

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
from worlds import World, Worlds, default_settings, seed_rows

SETTINGS = default_settings()
SEGMENTS = seed_rows("feed/feed_segments.csv")
HOURS = seed_rows("feed/feed_hours.csv")
DEFECT_KINDS = seed_rows("defects/defect_kinds.csv")
TREATED = next(
    row["variant"] for row in seed_rows("feed/feed_variants.csv") if row["is_treated"]
)
DAY_MS = 86_400_000
# the longest delivery of a row that is not late
ON_TIME_MS = 2000

CHECKS: list[Callable[[World], Claims]] = []


def check(function: Callable[[World], Claims]) -> Callable[[World], Claims]:
    """Adds a function to the family; it returns a p-value for each claim."""
    CHECKS.append(function)
    return function


# --- theory ---------------------------------------------------------------------------------------


def segment_shares() -> np.ndarray:
    beta = stats.beta(SETTINGS["feed_engagement_a"], SETTINGS["feed_engagement_b"])
    return np.array(
        [
            beta.cdf(row["engagement_up_to"]) - beta.cdf(row["engagement_above"])
            for row in SEGMENTS
        ]
    )


def view_rate(segment: dict[str, Any], is_boosted: bool) -> float:
    factor = 1 + (SETTINGS["feed_novelty_factor"] - 1) * SETTINGS["effect_scale"]
    return segment["card_view_rate"] * (factor if is_boosted else 1)


def view_moments(rate: float) -> tuple[float, float]:
    """Mean and variance of max(1, Poisson(rate))."""
    mean = rate + np.exp(-rate)
    return mean, rate + rate**2 + np.exp(-rate) - mean**2


def expected_sessions_and_views(
    segment: dict[str, Any], is_treated: bool
) -> tuple[float, float]:
    """Means per user of a segment and arm, over the span of active days and early churn."""
    spans = np.arange(SETTINGS["feed_min_active_days"], SETTINGS["feed_days"])
    churns = is_treated and segment["is_churn_prone"]
    churn = (
        SETTINGS["feed_churn_probability"] * SETTINGS["effect_scale"] if churns else 0
    )
    sessions = views = 0.0
    for probability, longest in (
        (1 - churn, np.inf),
        (churn, SETTINGS["feed_churn_after_day"] + 1),
    ):
        lengths = np.minimum(spans, longest)
        boosted = (
            np.minimum(lengths, SETTINGS["feed_novelty_days"])
            if is_treated
            else 0 * lengths
        )
        sessions += probability * lengths.mean()
        views += probability * (
            boosted.mean() * view_moments(view_rate(segment, True))[0]
            + (lengths - boosted).mean() * view_moments(view_rate(segment, False))[0]
        )
    return sessions, views


def shares_of_arms() -> list[tuple[dict[str, Any], bool, float]]:
    """Each segment and arm with its share of the users."""
    return [
        (segment, is_treated, share * (p if is_treated else 1 - p))
        for segment, share in zip(SEGMENTS, segment_shares(), strict=True)
        for is_treated, p in (
            (True, segment["exposure_probability"]),
            (False, segment["exposure_probability"]),
        )
    ]


# --- users ----------------------------------------------------------------------------------------


@check
def signups_are_uniform_over_the_first_days(world: World) -> Claims:
    days = SETTINGS["feed_signup_days"]
    counts = counts_up_to(
        world,
        f"""
        select datediff('day', date '{SETTINGS["feed_start_date"]}', signup_date), count(*)
        from staging.stg_feed__users group by all
        """,
        days + 1,
    )
    assert counts[days] == 0
    return {"signup day": chi_square(counts[:days], np.full(days, 1 / days))}


@check
def engagement_is_beta(world: World) -> Claims:
    scores = world.arrays("select engagement_score from generate.gen_feed__users")[
        "engagement_score"
    ]
    beta = stats.beta(SETTINGS["feed_engagement_a"], SETTINGS["feed_engagement_b"])
    return {"engagement": kolmogorov(scores, beta)}


@check
def segments_have_their_shares(world: World) -> Claims:
    counts = dict(
        world.rows("select segment, count(*) from staging.stg_feed__users group by all")
    )
    observed = [counts[row["segment"]] for row in SEGMENTS]
    return {"segments": chi_square(observed, segment_shares())}


@check
def exposure_depends_on_the_segment_alone(world: World) -> Claims:
    claims = {}
    users = world.arrays(
        f"""
        select
            segment, feature_flag = '{TREATED}' as is_treated,
            engagement_score, active_days, signup_day
        from generate.gen_feed__users
        """
    )
    for row in SEGMENTS:
        own = users["segment"] == row["segment"]
        treated, control = own & users["is_treated"], own & ~users["is_treated"]
        claims[f"exposed {row['segment']}"] = proportion(
            treated.sum(), own.sum(), row["exposure_probability"]
        )
        for column in ("engagement_score", "active_days", "signup_day"):
            claims[f"{column} of exposed and control {row['segment']}"] = float(
                stats.ks_2samp(users[column][treated], users[column][control]).pvalue
            )
    return claims


@check
def active_days_are_uniform(world: World) -> Claims:
    low, high = SETTINGS["feed_min_active_days"], SETTINGS["feed_days"]
    counts = counts_up_to(
        world,
        """
        with users as (select user_id, count(*) as days from generate.gen_feed__days group by all)
        select days, count(*) from users group by all
        """,
        high + 1,
    )
    assert counts[:low].sum() == 0
    assert counts[high] == 0
    return {
        "active days": chi_square(
            counts[low:high], np.full(high - low, 1 / (high - low))
        )
    }


@check
def exposed_new_users_churn_early(world: World) -> Claims:
    after = SETTINGS["feed_churn_after_day"]
    claims = {}
    # users whose span goes on after the day: those with no later session have churned
    rows = world.rows(
        f"""
        with spans as (
            select user_id, max(day_since_exposure) as last_day
            from generate.gen_feed__days group by all
        ),
        seen as (
            select user_id, max(days_since_exposure) as last_day
            from marts.feed__sessions group by all
        )
        select
            segment, feature_flag = '{TREATED}', count(*),
            count_if(seen.last_day <= {after}),
            count_if(seen.last_day between {after + 1} and spans.last_day - 1)
        from staging.stg_feed__users
        join spans using (user_id)
        join seen using (user_id)
        where spans.last_day > {after}
        group by all
        """
    )
    churn_prone = {row["segment"] for row in SEGMENTS if row["is_churn_prone"]}
    assert len(rows) == 2 * len(SEGMENTS)
    for segment, is_treated, users, churned, cut_short in rows:
        assert cut_short == 0, (
            "users leave by early churn or at the end of their span, never between"
        )
        if is_treated and segment in churn_prone:
            probability = SETTINGS["feed_churn_probability"] * SETTINGS["effect_scale"]
            claims[f"churn of exposed {segment}"] = proportion(
                churned, users, probability
            )
        else:
            assert churned == 0, f"{segment} users of this arm do not churn early"
    return claims


@check
def retention_follows_from_active_days(world: World) -> Claims:
    rows = world.rows(
        f"""
        with retained as (
            select distinct user_id from marts.feed__sessions
            where days_since_exposure between 6 and 8
        )
        select segment, feature_flag = '{TREATED}', count(*), count(retained.user_id)
        from staging.stg_feed__users left join retained using (user_id)
        group by all
        """
    )
    spans = np.arange(SETTINGS["feed_min_active_days"], SETTINGS["feed_days"])
    stays = (spans > 6).mean()
    claims = {}
    for segment, is_treated, users, retained in rows:
        churn_prone = next(
            row["is_churn_prone"] for row in SEGMENTS if row["segment"] == segment
        )
        left = SETTINGS["feed_churn_probability"] if is_treated and churn_prone else 0
        claims[f"retained {segment} {is_treated}"] = proportion(
            retained, users, stays * (1 - left)
        )
    assert stays == pytest.approx(23 / 27)
    return claims


# --- sessions -------------------------------------------------------------------------------------


@check
def card_views_are_poisson_by_segment_and_novelty(world: World) -> Claims:
    claims = {}
    for segment in SEGMENTS:
        for is_boosted in (False, True):
            counts = counts_up_to(
                world,
                f"""
                select card_view_count, count(*)
                from marts.feed__sessions
                join staging.stg_feed__users using (user_id)
                where segment = '{segment["segment"]}' and {is_boosted} = (
                    stg_feed__users.feature_flag = '{TREATED}'
                    and days_since_exposure < {SETTINGS["feed_novelty_days"]}
                )
                group by all
                """,
                100,
            )
            rate = view_rate(segment, is_boosted)
            probabilities = stats.poisson.pmf(np.arange(100), rate)
            probabilities[1] += probabilities[0]
            assert counts[0] == 0
            name = f"views of {segment['segment']}, boosted {is_boosted}"
            claims[name] = chi_square(counts[1:], probabilities[1:])
            mean, variance = view_moments(rate)
            assert mean == pytest.approx(np.arange(1, 100) @ probabilities[1:])
            z = (counts @ np.arange(100) / counts.sum() - mean) / np.sqrt(
                variance / counts.sum()
            )
            claims[f"mean {name}"] = float(2 * stats.norm.sf(abs(z)))
    return claims


@check
def sessions_and_views_per_user_have_their_means(world: World) -> Claims:
    users = world.arrays(
        f"""
        select
            segment, feature_flag = '{TREATED}' as is_treated,
            sum(session_count) as sessions, sum(card_view_count) as views
        from marts.feed__user_daily
        group by user_id, segment, feature_flag
        """
    )
    expected = [
        (share, is_treated, *expected_sessions_and_views(segment, is_treated))
        for segment, is_treated, share in shares_of_arms()
    ]
    mean_sessions = sum(share * sessions for share, _, sessions, _ in expected)
    mean_views = sum(share * views for share, _, _, views in expected)
    share_of_views = mean_views / (mean_views + 2 * mean_sessions)
    claims = {
        "sessions per user": mean_is_zero(users["sessions"] - mean_sessions),
        "share of views in events": mean_is_zero(
            users["views"] - share_of_views * (users["views"] + 2 * users["sessions"])
        ),
    }
    for arm in (True, False):
        own = users["is_treated"] == arm
        views = sum(
            share * views for share, treated, _, views in expected if treated == arm
        )
        sessions = sum(
            share * sessions
            for share, treated, sessions, _ in expected
            if treated == arm
        )
        claims[f"views per session, treated {arm}"] = mean_is_zero(
            users["views"][own] - views / sessions * users["sessions"][own]
        )
    # the numbers that worlds/feed.md prints follow from the parameters
    assert mean_sessions == pytest.approx(15.7, abs=0.05)
    assert share_of_views == pytest.approx(0.618, abs=0.001)
    return claims


@check
def sessions_start_by_the_hour_profile(world: World) -> Claims:
    counts = counts_up_to(
        world,
        "select hour(started_at), count(*) from marts.feed__sessions group by all",
        24,
    )
    weights = np.array(
        [row["weight"] for row in sorted(HOURS, key=lambda row: row["hour"])]
    )
    offsets = world.arrays(
        "select epoch_ms(started_at) % 3600000 as ms from marts.feed__sessions"
    )["ms"]
    return {
        "hour": chi_square(counts, weights / weights.sum()),
        "time within the hour": kolmogorov(offsets, stats.uniform(0, 3_600_000)),
    }


@check
def views_are_uniform_and_sessions_end_soon_after_the_last(world: World) -> Claims:
    minute = 60_000
    views = world.arrays(
        """
        select epoch_ms(event_time) - epoch_ms(started_at) as ms
        from staging.stg_feed__events
        join marts.feed__sessions using (session_id)
        where event_name = 'card_view'
        """
    )["ms"]
    assert views.min() >= minute
    assert views.max() < 29 * minute
    gaps = world.arrays(
        """
        select
            max(epoch_ms(event_time))
            - max(epoch_ms(event_time)) filter (event_name = 'card_view') as ms
        from staging.stg_feed__events group by session_id
        """
    )["ms"]
    # no session is cut at 35 minutes before the gap is six minutes long
    uncut, scale = 6 * minute, 1000 * SETTINGS["feed_session_end_gap_seconds"]
    short = gaps[gaps < uncut]
    gap_distribution = stats.truncexpon(uncut / scale, scale=scale)
    durations = world.value("select max(duration_seconds) from marts.feed__sessions")
    assert durations <= 35 * 60
    return {
        "view time": kolmogorov(views, stats.uniform(minute, 28 * minute)),
        "gap before the end": kolmogorov(short, gap_distribution),
        "long gaps": proportion(
            len(gaps) - len(short), len(gaps), np.exp(-uncut / scale)
        ),
    }


@check
def content_is_zipf(world: World) -> Claims:
    length = SETTINGS["feed_content_count"] + 1
    counts = counts_up_to(
        world,
        """
        select cast(substr(content_id, 6) as integer), count(*)
        from staging.stg_feed__events where content_id is not null group by all
        """,
        length + 1,
    )
    assert counts[0] == 0
    assert counts[length] == 0
    zipf = stats.zipfian(
        SETTINGS["feed_content_zipf_exponent"], SETTINGS["feed_content_count"]
    )
    return {"content": chi_square(counts[1:length], zipf.pmf(np.arange(1, length)))}


# --- delivery and dirt ----------------------------------------------------------------------------


@check
def deliveries_are_late_at_the_known_rate(world: World) -> Claims:
    longest = SETTINGS["late_max_days"] * DAY_MS
    claims = {}
    for name, relation, moment in (
        ("events", "staging.stg_feed__events", "event_time"),
        ("users", "staging.stg_feed__users", "signup_date"),
        ("exposures", "staging.stg_feed__exposures", "exposed_at"),
    ):
        # a unit in both arms has one delay
        filtered = "where not is_multi_variant" if name == "exposures" else ""
        joined = (
            "join intermediate.int_feed__exposures using (unit_id)" if filtered else ""
        )
        delays = world.arrays(
            f"""
            select epoch_ms(received_at) - epoch_ms({moment}) as ms
            from {relation} {joined} {filtered}
            """
        )["ms"]
        late = delays[delays >= ON_TIME_MS]
        assert delays.min() >= 0
        assert delays.max() <= longest
        claims[f"late {name}"] = proportion(
            len(late), len(delays), SETTINGS["late_rate"] * (1 - ON_TIME_MS / longest)
        )
        claims[f"delay of late {name}"] = kolmogorov(
            late, stats.uniform(ON_TIME_MS, longest - ON_TIME_MS)
        )
    return claims


@check
def defects_come_at_the_known_rate_and_shares(world: World) -> Claims:
    claims = {}
    for table, generated, defects in (
        ("raw_feed__users", "gen_feed__users", "gen_feed__user_defects"),
        (
            "raw_feed__exposures",
            "gen_feed__exposures where is_assigned",
            "gen_feed__exposure_defects",
        ),
        ("raw_feed__events", "gen_feed__events", "gen_feed__event_defects"),
    ):
        kinds = [row for row in DEFECT_KINDS if row["raw_table"] == table]
        total = world.value(f"select count(*) from generate.{generated}")
        counted = dict(
            world.rows(f"select kind, count(*) from generate.{defects} group by all")
        )
        assert counted.keys() <= {row["kind"] for row in kinds}
        counts = [counted.get(row["kind"], 0) for row in kinds]
        shares = [SETTINGS["defect_rate"] * row["share"] for row in kinds]
        claims[f"defects of {table}"] = chi_square(
            [*counts, total - sum(counts)], [*shares, 1 - sum(shares)]
        )
    return claims


@check
def few_units_are_logged_in_both_arms(world: World) -> Claims:
    both, units = world.rows(
        "select count_if(is_multi_variant), count(*) from intermediate.int_feed__exposures"
    )[0]
    assigned = world.value(
        """
        select count(*) from intermediate.int_feed__exposures
        join staging.stg_feed__users on unit_id = cast(user_id as varchar)
        where variant = feature_flag
        """
    )
    assert assigned == units, "the first exposure is that of the assigned arm"
    return {"multi-variant": proportion(both, units, SETTINGS["multi_variant_rate"])}


@check
def examples_are_split_at_random(world: World) -> Claims:
    counts = world.arrays(
        """
        select split, is_treated, count(*) as users from marts.feed__uplift_training_set
        group by all order by all
        """
    )
    by_arm = counts["users"].reshape(3, 2)
    assert list(counts["split"][::2]) == ["test", "train", "validation"]
    return {
        "split": chi_square(by_arm.sum(axis=1), [0.2, 0.6, 0.2]),
        "split and arm": float(stats.chi2_contingency(by_arm).pvalue),
    }


# --- the family -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds()


@pytest.fixture(scope="module")
def p_values(world: World) -> dict[str, Claims | Exception]:
    """The p-values of all checks, or what one of them failed with."""
    found: dict[str, Claims | Exception] = {}
    for function in CHECKS:
        try:
            found[function.__name__] = function(world)
        except Exception as error:
            found[function.__name__] = error
    return found


@pytest.mark.parametrize("name", [function.__name__ for function in CHECKS])
def test_feed(name: str, p_values: dict[str, Claims | Exception]) -> None:
    claims = p_values[name]
    if isinstance(claims, Exception):
        raise claims
    size = sum(len(family) for family in p_values.values() if isinstance(family, dict))
    refused = {claim: p for claim, p in claims.items() if not p >= LEVEL / size}
    assert not refused, f"p-values below {LEVEL / size:.1e}: {refused}"


def test_the_default_world_has_the_documented_size(world: World) -> None:
    users, events = world.rows(
        """
        select
            (select count(*) from staging.stg_feed__users),
            (select count(*) from staging.stg_feed__events)
        """
    )[0]
    assert users == SETTINGS["feed_users"] == 50_000
    assert 4_000_000 <= events <= 4_300_000


def test_both_arms_occur_in_every_segment(world: World) -> None:
    """A fault of earlier implementations: one draw per segment, so that it lands in one arm."""
    rows = world.rows(
        "select segment, count(distinct feature_flag) from staging.stg_feed__users group by all"
    )
    assert dict(rows) == {row["segment"]: 2 for row in SEGMENTS}
    # each unit logs the probability of the arm that it is in
    logged = world.rows(
        """
        select distinct segment, variant, assignment_probability
        from intermediate.int_feed__exposures
        """
    )
    assert sorted(logged) == sorted(
        (row["segment"], variant, probability)
        for row in SEGMENTS
        for variant, probability in (
            ("SmartFeed_v2", row["exposure_probability"]),
            ("control", pytest.approx(1 - row["exposure_probability"], rel=1e-15)),
        )
    )
