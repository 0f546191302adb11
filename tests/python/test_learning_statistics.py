"""Every formula of both profiles of the learning world, by conditional rates.

Latent engagement is known in the generated tables, so each outcome is held against its own
probability. All statistics of a profile are one family; the level of the family is 0.001.
"""

import numpy as np
import pytest
from scipy import stats

from learning import (
    Comparison,
    activity,
    churn_probability,
    clipped_normal,
    over_engagement,
    profile,
)
from worlds import World, Worlds, seed_rows

DAYS = {"standard": 120, "course": 180}
PROFILES = tuple(DAYS)
SETTINGS = {name: {"learning_profile": name} for name in PROFILES}


@pytest.fixture(scope="module", params=PROFILES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def world(worlds: Worlds, name: str) -> World:
    worlds.prepare(*({"name": "learning", **SETTINGS[each]} for each in PROFILES))
    return worlds(name="learning", **SETTINGS[name])


@pytest.fixture(scope="module")
def users(world: World) -> dict[str, np.ndarray]:
    columns = world.arrays(
        """
        select user_number, engagement_ppb / 1e9 as engagement, is_paid, country, marketing_source,
            signup_day, coalesce(churn_day, -1) as churn_day,
            coalesce(last_active_day, 1000000) as last_active_day,
            coalesce(payment_failure_day, -1000) as payment_failure_day,
            coalesce(ticket_day, -1000) as ticket_day, is_in_experiment,
            variant = 'reminders' as is_treated
        from generate.gen_learning__users order by user_number
        """
    )
    return {key: np.asarray(column) for key, column in columns.items()}


def deciles(engagement: np.ndarray) -> np.ndarray:
    return np.minimum((stats.beta.cdf(engagement, 2, 2.5) * 10).astype(int), 9)


def day_grid(name: str, users: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each user and day in control: is it within the user's life, and how likely is activity."""
    day = np.arange(DAYS[name])
    # 2025-01-01 is a Wednesday
    is_weekday = (day + 2) % 7 < 5
    full = np.broadcast_to(
        activity(name, users["engagement"][:, None], is_weekday[None, :]),
        (len(users["engagement"]), len(day)),
    )
    left = users["last_active_day"][:, None] - day[None, :] + 1
    share = np.clip(left / (profile(name)["decline_days"] + 1), 0, 1)
    return {
        "is_weekday": np.broadcast_to(is_weekday, full.shape),
        "is_declining": (share > 0) & (share < 1),
        "probability": 1 - (1 - full) ** share,
    }


def test_users_and_their_churn_follow_the_formulas(
    name: str, users: dict[str, np.ndarray]
) -> None:
    compared = Comparison.of(60)
    e, is_paid, churned = (
        users["engagement"],
        users["is_paid"],
        users["churn_day"] >= 0,
    )
    compared.p_value("engagement", stats.kstest(e, stats.beta(2, 2.5).cdf).pvalue)
    compared.rate("paid", is_paid, profile(name)["paid_share"])
    signup_days = max(30, DAYS[name] // 3)
    compared.uniform_integers("signup", -users["signup_day"], 0, signup_days)
    for column, values in (
        ("country", "IN US UK CA AU SG"),
        ("marketing_source", "organic referral ads youtube community"),
    ):
        found, counts = np.unique(users[column], return_counts=True)
        assert set(found) == set(values.split())
        compared.p_value(column, stats.chisquare(counts).pvalue)
    p = churn_probability(name, e, is_paid)
    for decile in range(10):
        for paid in (False, True):
            here = (deciles(e) == decile) & (is_paid == paid)
            compared.rate(f"churn {decile} {paid}", churned[here], p[here])
    compared.rate(
        "churn share",
        churned,
        over_engagement(
            lambda e, paid: churn_probability(name, e, paid),
            profile(name)["paid_share"],
        ),
    )
    first, below = (DAYS[name] // 4, DAYS[name]) if name == "standard" else (7, 150)
    compared.uniform_integers("churn day", users["churn_day"][churned], first, below)
    last = users["churn_day"][churned] - (0 if name == "standard" else 1)
    assert (users["last_active_day"][churned] == last).all()
    there = (~churned) | (users["churn_day"] >= DAYS[name] // 2)
    assert (users["is_in_experiment"] == there).all()
    compared.rate("variant", users["is_treated"][there], 0.5)
    compared.verify()


def test_activity_follows_engagement_weekday_and_decline(
    name: str, world: World, users: dict[str, np.ndarray]
) -> None:
    compared = Comparison.of(60)
    grid = day_grid(name, users)
    found = world.arrays(
        "select user_number, day_number from generate.gen_learning__days where variant = 'control'"
    )
    active = np.zeros(grid["probability"].shape, dtype=bool)
    active[found["user_number"], found["day_number"]] = True
    assert not active[grid["probability"] == 0].any()
    for decile in range(10):
        for weekday in (False, True):
            here = (
                (deciles(users["engagement"])[:, None] == decile)
                & (grid["is_weekday"] == weekday)
                & ~grid["is_declining"]
            )
            compared.rate(
                f"activity {decile} {weekday}", active[here], grid["probability"][here]
            )
    here = grid["is_declining"]
    assert here.any() == (name == "course")
    if here.any():
        compared.rate("decline", active[here], grid["probability"][here])
    # the mean over all users and days, integrated over engagement, plan and churn day
    days = np.arange(DAYS[name])
    lasts = (
        np.arange(DAYS[name] // 4, DAYS[name])
        if name == "standard"
        else np.arange(6, 149)
    )
    shares = np.clip(
        (lasts[:, None] - days[None, :] + 1) / (profile(name)["decline_days"] + 1), 0, 1
    )
    e = stats.beta.ppf((np.arange(1000) + 0.5) / 1000, 2, 2.5)
    paid_share, mean = profile(name)["paid_share"], 0.0
    for weekday in (False, True):
        of_kind = ((days + 2) % 7 < 5) == weekday
        full = activity(name, e, weekday)
        leaving = 1 - (1 - full[:, None, None]) ** shares[None, :, of_kind]
        for paid, share in ((True, paid_share), (False, 1 - paid_share)):
            p = churn_probability(name, e, paid)
            staying_sum = (1 - p) * full * of_kind.sum()
            leaving_sum = p * leaving.sum(axis=2).mean(axis=1)
            mean += share * np.mean(staying_sum + leaving_sum) / DAYS[name]
    per_user = active.mean(axis=1)
    standard_error = per_user.std(ddof=1) / np.sqrt(len(per_user))
    compared.add("mean activity", (per_user.mean() - mean) / standard_error)
    compared.verify()


def sessions_of(world: World) -> dict[str, np.ndarray]:
    found = world.arrays(
        """
        select s.*, u.engagement_ppb / 1e9 as engagement, u.is_paid,
            extract(day from date '2025-01-01' + cast(s.day_number as integer)) as day_of_month,
            own_watch_hundredths is not null as has_video,
            own_score_hundredths is not null as has_quiz,
            payment_cents is not null as has_payment
        from generate.gen_learning__sessions as s
        join generate.gen_learning__users as u using (user_number)
        where s.variant = 'control'
        """
    )
    return {key: np.ma.getdata(column) for key, column in found.items()}


def test_sessions_of_standard_follow_the_formulas(worlds: Worlds) -> None:
    compared = Comparison.of(120)
    s = sessions_of(worlds(name="learning", **SETTINGS["standard"]))
    e = s["engagement"]
    days = s["user_number"] * 1000 + s["day_number"]
    _, counts = np.unique(days, return_counts=True)
    compared.uniform_integers("sessions of a day", counts, 1, 4)
    compared.uniform_integers("course", s["course_number"], 0, 7)
    compared.rate("enrolment", s["has_enrolment"], 0.05)
    for decile in range(10):
        here = deciles(e) == decile
        compared.rate(f"video {decile}", s["has_video"][here], 0.5 + 0.4 * e[here])
        compared.rate(f"quiz {decile}", s["has_quiz"][here], 0.25 + 0.35 * e[here])
        for what, column, flag, low_mean, slope, sd, low, high in (
            ("minutes", "own_watch_hundredths", "has_video", 20, 40, 10, 2, 180),
            ("score", "own_score_hundredths", "has_quiz", 50, 40, 15, 0, 100),
        ):
            there = here & s[flag]
            values = s[column][there] / 100
            mean, variance = clipped_normal(low_mean + slope * e[there], sd, low, high)
            compared.total(f"{what} {decile}", values, mean, variance)
            squares = (values - mean) ** 2
            compared.add(
                f"{what} spread {decile}",
                np.sum(squares - variance) / np.sqrt(np.sum((squares - variance) ** 2)),
            )
            assert low <= values.min() <= values.max() <= high
    pays = (s["session_number"] == 0) & s["is_paid"] & (s["day_of_month"] <= 3)
    assert (s["has_payment"] == pays).all()
    compared.rate("payment succeeds", s["is_payment_successful"][pays], 0.93)
    amounts = s["payment_cents"][pays] / 100
    mean, variance = clipped_normal(np.full(len(amounts), 499.0), 80, 199, 999)
    compared.total("amount", amounts, mean, variance)
    compared.rate("ticket", s["has_ticket"][s["session_number"] == 0], 0.005)
    assert not s["has_ticket"][s["session_number"] > 0].any()
    weights = np.array(
        [
            row["weight"]
            for row in seed_rows("learning/learning_hours.csv")
            if row["profile"] == "standard"
        ]
    )
    hours = np.bincount(s["login_second"] // 3600, minlength=24)
    compared.p_value(
        "hours", stats.chisquare(hours, weights / weights.sum() * hours.sum()).pvalue
    )
    assert (s["further_count"] == 0).all()
    compared.verify()


def test_days_of_course_follow_the_formulas(worlds: Worlds) -> None:
    world = worlds(name="learning", **SETTINGS["course"])
    compared = Comparison.of(60)
    s = sessions_of(world)
    e, counts = s["engagement"], s["further_count"]
    assert (s["session_number"] == 0).all()
    for column in (
        "has_enrolment",
        "has_video",
        "has_quiz",
        "has_payment",
        "has_ticket",
    ):
        assert not s[column].any(), column
    for decile in range(10):
        here = deciles(e) == decile
        rate = 2 * e[here]
        compared.total(f"further {decile}", counts[here], rate, rate)
        # the fourth central moment of a Poisson count is rate + 3 rate^2
        squares = (counts[here] - rate) ** 2
        compared.total(f"further spread {decile}", squares, rate, rate + 2 * rate**2)
    compared.uniform_integers("hour", s["login_second"] // 3600, 7, 23)
    found = world.arrays(
        """
        select f.event_type, f.watch_hundredths, f.score_hundredths,
            u.engagement_ppb / 1e9 as engagement
        from generate.gen_learning__further_activities as f
        join generate.gen_learning__users as u using (user_number)
        where f.variant = 'control'
        """
    )
    _, types = np.unique(found["event_type"], return_counts=True)
    assert len(types) == 3
    compared.p_value("types", stats.chisquare(types).pvalue)
    minutes = found["watch_hundredths"].compressed() / 100
    assert 5 <= minutes.min() <= minutes.max() <= 60
    # rounded to hundredths, which is far below what this many draws can tell
    compared.p_value("minutes", stats.kstest(minutes, stats.uniform(5, 55).cdf).pvalue)
    scored = ~np.ma.getmaskarray(found["score_hundredths"])
    mean, variance = clipped_normal(50 + 30 * found["engagement"][scored], 15, 0, 100)
    compared.total(
        "score", found["score_hundredths"].compressed() / 100, mean, variance
    )
    compared.verify()


def test_signals_of_course_come_before_churn(worlds: Worlds) -> None:
    """And in standard there are none."""
    compared = Comparison.of(4)
    query = """
        select churn_day, is_paid, payment_failure_day, ticket_day from generate.gen_learning__users
        where churn_day is not null
    """
    found = worlds(name="learning", **SETTINGS["course"]).arrays(query)
    failing = ~np.ma.getmaskarray(found["payment_failure_day"])
    assert not failing[~found["is_paid"]].any()
    compared.rate("payment failure", failing[found["is_paid"]], 0.6)
    lead = (found["churn_day"] - found["payment_failure_day"]).compressed()
    compared.uniform_integers("payment failure day", lead, 14, 28)
    ticketed = ~np.ma.getmaskarray(found["ticket_day"])
    compared.rate("ticket", ticketed, 0.4)
    lead = (found["churn_day"] - found["ticket_day"]).compressed()
    compared.uniform_integers("ticket day", lead, 7, 21)
    compared.verify()
    none = worlds(name="learning", **SETTINGS["standard"])
    assert none.value("select count(*) from generate.gen_learning__churn_warnings") == 0


def test_signals_reach_the_log(worlds: Worlds) -> None:
    """Those of the assigned arm, on their day, as what they are."""
    world = worlds(name="learning", **SETTINGS["course"])
    assert (
        world.value("select count(*) from generate.gen_learning__churn_warnings") > 20
    )
    assert (
        world.rows(
            """
        select user_id, day_number, event_type
        from generate.gen_learning__churn_warnings where is_assigned
        except
        select user_id, date_diff('day', date '2025-01-01', event_date), event_type
        from staging.stg_learning__events
        where event_type in ('payment_failed', 'support_ticket')
        """
        )
        == []
    )
    assert world.rows(
        """
        select distinct amount from staging.stg_learning__events where event_type = 'payment_failed'
        """
    ) == [(999,)]


def test_a_default_world_has_the_documented_size(worlds: Worlds) -> None:
    world = worlds(name="learning", **SETTINGS["standard"])
    assert world.value("select count(*) from marts.learning__user_daily") == 240_000
    assert (
        440_000
        < world.value("select count(*) from staging.stg_learning__events")
        < 520_000
    )
    course = worlds(name="learning", **SETTINGS["course"])
    assert course.value("select count(*) from marts.learning__user_daily") == 180_000
    columns = [
        column for (column, *_) in world.rows("describe marts.learning__user_daily")
    ]
    assert ", ".join(columns) == (
        "user_id, as_of_date, signup_date, days_since_signup, plan, is_paid, country, "
        "marketing_source, is_active_day, total_events, logins_count, enroll_count, "
        "watch_minutes_sum, quiz_attempts_count, quiz_avg_score, payment_success_count, "
        "payment_failed_count, support_ticket_count"
    )


def test_reminders_raise_engagement_by_a_tenth_and_prevent_churn(
    world: World,
) -> None:
    """By the same draws: no churn is caused or moved, and those who stay are the likelier ones."""
    found = world.rows(
        """
        select
            count(*) filter (
                treated_churn_day is not null and treated_churn_day is distinct from churn_day
            ),
            count(*) filter (churn_day is not null and treated_churn_day is null),
            count(*) filter (
                treated_engagement_ppb != least(1000000000, floor(engagement_ppb * 1.1))
            )
        from generate.gen_learning__users where is_in_experiment
        """
    )[0]
    assert found[0] == 0
    assert found[1] > 0
    assert found[2] == 0


def test_events_are_numbered_by_user_and_time(world: World) -> None:
    disordered = world.value(
        """
        select count(*) from (
            select event_time, user_id,
                lag(user_id) over (order by event_id) as user_before,
                lag(event_time) over (order by event_id) as time_before
            from staging.stg_learning__events
        )
        where user_id < user_before or (user_id = user_before and event_time < time_before)
        """
    )
    assert disordered == 0
