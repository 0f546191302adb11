"""What the four experiments of the default worlds teach, as docs/statistics.md tells it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from claims import LEVEL
from worlds import World, Worlds, default_settings


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    return worlds(name=None)


def frame(world: World, query: str, *index: str) -> pd.DataFrame:
    with world.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.execute(query).df()
    return found.set_index(list(index)).sort_index() if index else found


@pytest.fixture(scope="module")
def scorecard(world: World) -> pd.DataFrame:
    keys = ("experiment_id", "metric", "estimator", "estimand")
    return frame(world, "select * from truth.truth__scorecard", *keys)


def calibration(world: World) -> pd.DataFrame:
    keys = ("experiment_id", "metric", "estimator")
    return frame(world, "select * from truth.truth__calibration", *keys)


def test_naive_card_views_miss_the_truth_and_adjusted_ones_do_not(
    scorecard: pd.DataFrame,
) -> None:
    """Beyond 10 standard errors chance is no reason; within 4, as EXPERIMENTS.md asks."""
    for metric in ("card_views_7d", "card_views_14d"):
        rows = scorecard.loc[("smartfeed_v2", metric)].bias_in_std_errors
        assert rows.loc[("naive", "sate")] > 10
        for estimator in ("post_stratified", "ipw"):
            assert abs(rows.loc[(estimator, "sate")]) < 4, (metric, estimator)


def test_the_parts_of_the_bias_add_up(world: World) -> None:
    parts = frame(world, "select * from truth.truth__bias_decomposition")
    assert set(parts.experiment_id) == set(
        frame(world, "from intermediate.int_experiments__experiments").experiment_id
    )
    added = parts.selection + parts.within_strata + parts.treated_differ
    size = parts.naive_effect.abs() + parts.true_effect.abs()
    assert (
        (parts.naive_effect - parts.true_effect - added).abs() <= 1e-12 * size
    ).all()
    feed = parts.set_index(["experiment_id", "treatment", "metric"]).loc[
        ("smartfeed_v2", "SmartFeed_v2", "card_views_14d")
    ]
    # most of it is that the engaged were treated more often
    assert feed.selection > 0.5 * (feed.naive_effect - feed.true_effect) > 0


def test_the_effect_of_the_feed_wears_off(world: World) -> None:
    days = frame(
        world,
        "from marts.experiments__effect_by_day where metric = 'card_views_14d'",
        "days_since_exposure",
    )
    assert (days.loc[:6].ci_lower > 0).all()
    assert (days.loc[8:].effect < days.loc[:6].effect.min() / 2).all()
    assert (days.novelty_difference > 0).all()
    assert (days.novelty_p_value < LEVEL).all()


def test_days_of_all_experiments_agree_with_the_truth(world: World) -> None:
    """Each day is an estimate of its own: none is off by more than chance in so many."""
    days = frame(
        world,
        """
        select (days.effect - effects.true_effect) / days.std_error as z
        from marts.experiments__effect_by_day as days
        inner join truth.truth__effects as effects
            on days.experiment_id = effects.experiment_id
            and days.treatment = effects.treatment
            and days.metric = effects.metric
            and effects.scope = concat('day:', days.days_since_exposure)
        -- in search the logs that are left are a choice of those that click
        where days.std_error is not null and days.experiment_id != 'ranking_v2'
        """,
    )
    assert len(days) > 100
    assert days.z.abs().max() < stats.norm.isf(LEVEL / 2 / len(days))


def test_novelty_is_true(world: World) -> None:
    """Of every experiment: the mean of the true daily effects of a week less that of the next."""
    found = frame(
        world,
        """
        with true_days as (
            select
                experiment_id,
                treatment,
                metric,
                true_effect,
                cast(split_part(scope, ':', 2) as bigint) as day
            from truth.truth__effects where scope like 'day:%'
        ),
        true_novelty as (
            select
                experiment_id,
                treatment,
                metric,
                avg(true_effect) filter (day <= 6)
                - avg(true_effect) filter (day between 7 and 13) as true_difference
            from true_days group by all
        )
        select *, (novelty_difference - true_difference) / std_error as z
        from marts.experiments__novelty
        inner join true_novelty using (experiment_id, treatment, metric)
        """,
    )
    assert len(found) >= 5
    assert found.z.abs().max() < 4, found[["experiment_id", "metric", "z"]]
    feed = found[found.experiment_id == "smartfeed_v2"].iloc[0]
    # what the naive difference adds is many times its error
    assert feed.true_difference / feed.std_error > 50


def test_the_survival_of_search_is_compared_within_strata(world: World) -> None:
    """Anonymous visitors leave at once, and fewer of the treated are logged."""
    rows = frame(
        world,
        """
        select any_value(log_rank_p_value) as p_value
        from marts.experiments__survival
        where experiment_id = 'ranking_v2' and segment = 'all' and variant != 'control'
        """,
    )
    assert rows.p_value.iloc[0] > 0.05


def test_the_verdicts_of_the_worlds(world: World) -> None:
    verdicts = frame(
        world, "from marts.experiments__verdicts", "experiment_id", "treatment"
    ).droplevel("treatment")
    feed = verdicts.loc["smartfeed_v2"]
    assert (feed.verdict, feed.reason) == ("loss", "worse: retained_d7")
    learning = verdicts.loc["study_reminders"]
    assert (learning.verdict, learning.reason) == ("win", "better: active_days_28d")
    search = verdicts.loc["ranking_v2"]
    assert search.verdict == "not_trustworthy"
    assert search.blocked_by == "srm, srm_by_stratum, srm_sequential"
    shop = verdicts.loc[["free_shipping_banner"]]
    assert set(shop.verdict) <= {"inconclusive", "win"}


def test_no_check_alerts_by_design_except_that_of_search(world: World) -> None:
    alerts = frame(
        world, "from marts.experiments__health_checks where status = 'alert'"
    )
    assert set(alerts.experiment_id) == {"ranking_v2"}
    assert set(alerts.check_name) == {"srm", "srm_by_stratum", "srm_sequential"}


def test_exposed_new_users_of_the_feed_are_not_retained(world: World) -> None:
    rows = frame(
        world,
        "from marts.experiments__heterogeneity "
        "where metric = 'retained_d7' and dimension = 'segment'",
        "segment",
    )
    assert rows.loc["new"].p_value_holm < LEVEL
    assert rows.loc["new"].effect < 0
    assert rows.interaction_p_value.iloc[0] < LEVEL
    retained = frame(
        world,
        """
        select variant, sum(n_retained) / sum(n_at_risk) as share
        from marts.experiments__retention
        where experiment_id = 'smartfeed_v2' and segment = 'new'
            and days_since_exposure = 7
        group by variant
        """,
        "variant",
    ).share
    # 23 / 27 less 4 / 27 of the days up to the seventh, and 15 % of those that are left
    assert retained["SmartFeed_v2"] / retained["control"] == pytest.approx(
        0.85, abs=4 * np.sqrt(0.85 / 0.8 * (1 / 8000 + 1 / 20000))
    )


def test_cuped_narrows_by_what_its_correlation_implies(world: World) -> None:
    units = frame(
        world,
        "from intermediate.int_experiments__unit_metrics where experiment_id = 'study_reminders' "
        "and kind != 'ratio'",
    )
    results = frame(
        world,
        "from marts.experiments__results where experiment_id = 'study_reminders'",
        "experiment_id",
        "metric",
        "estimator",
        "estimand",
    )
    for metric, rows in units.groupby("metric"):
        past = rows.covariate.astype(float)
        past = past.fillna(past.mean())
        if past.std() == 0:
            # nobody had left before the experiment
            assert metric == "churned"
            assert ("study_reminders", metric, "cuped", "sate") not in results.index
            continue
        row = results.loc[("study_reminders", metric, "cuped", "sate")]
        within = [
            part.numerator - part.numerator.mean()
            for _, part in rows.groupby("is_treated")
        ]
        past_within = [
            past[part.index] - past[part.index].mean()
            for _, part in rows.groupby("is_treated")
        ]
        correlation = np.corrcoef(np.concatenate(within), np.concatenate(past_within))
        # equal arms: the slopes over all and within arms nearly agree
        assert row.variance_reduction == pytest.approx(
            correlation[0, 1] ** 2, abs=0.02
        ), metric
    rows = results.loc[("study_reminders", "active_days_28d")]
    assert rows.loc[("cuped", "sate")].variance_reduction > 0.3


def test_the_ratio_of_the_shop_has_the_error_of_clustered_sessions(
    world: World,
) -> None:
    """Sessions as rows, users as clusters, from the sessions themselves."""
    import statsmodels.api as sm

    sessions = frame(
        world,
        """
        select exposures.unit_id, exposures.is_treated, sessions.purchase_count
        from marts.shop__sessions as sessions
        inner join intermediate.int_experiments__exposures as exposures
            on sessions.user_id = exposures.unit_id
        where
            exposures.experiment_id = 'free_shipping_banner'
            and exposures.variant in ('control', 'banner')
            and not exposures.is_multi_variant
            and sessions.session_date - exposures.exposure_date between 0 and 27
            and exists (
                from intermediate.int_experiments__unit_metrics as units
                where units.unit_id = exposures.unit_id
                    and units.metric = 'purchases_per_session_28d'
            )
        """,
    )
    row = frame(
        world,
        """
        from marts.experiments__results
        where
            metric = 'purchases_per_session_28d'
            and treatment = 'banner'
            and estimator = 'naive'
        """,
    ).iloc[0]
    variance, means = 0.0, []
    for _, arm in sessions.groupby("is_treated"):
        fit = sm.OLS(arm.purchase_count, np.ones(len(arm))).fit(
            cov_type="cluster",
            cov_kwds={
                "groups": arm.unit_id.astype("category").cat.codes,
                "use_correction": False,
            },
        )
        clusters = arm.unit_id.nunique()
        variance += fit.bse.iloc[0] ** 2 * clusters / (clusters - 1)
        means.append(fit.params.iloc[0])
    assert row.effect == pytest.approx(means[1] - means[0], rel=1e-9)
    assert row.std_error == pytest.approx(np.sqrt(variance), rel=1e-9)
    plain = sessions.groupby("is_treated").purchase_count.agg(["var", "size"])
    assert row.std_error > 1.02 * np.sqrt((plain["var"] / plain["size"]).sum())


def checks_of(world: World, experiment: str) -> pd.DataFrame:
    return frame(
        world,
        f"from marts.experiments__health_checks where experiment_id = '{experiment}'",
        "check_name",
        "scope",
    )


def test_the_sample_ratio_of_search_is_found_wrong(world: World) -> None:
    checks = checks_of(world, "ranking_v2")
    for check, scope in (
        ("srm", "all"),
        ("srm_by_stratum", "stratum:anonymous"),
        ("srm_sequential", "all"),
    ):
        assert checks.loc[(check, scope)].p_value < 0.0005
        assert checks.loc[(check, scope)].status == "alert"
    assert checks.loc[("srm_by_stratum", "stratum:known")].status == "ok"


@pytest.fixture(scope="module")
def without_loss(worlds: Worlds) -> World:
    return worlds(
        name="search",
        experiments=True,
        search_logging_loss=0,
        experiments_bootstrap_replicates=40,
    )


def test_without_loss_the_sample_ratio_of_search_is_right(without_loss: World) -> None:
    checks = checks_of(without_loss, "ranking_v2").loc[
        ["srm", "srm_by_stratum", "srm_sequential"]
    ]
    assert (checks.status == "ok").all()
    assert (checks.p_value >= 0.0005).all()


def test_other_sample_ratios_are_right_and_other_arms_are_found(world: World) -> None:
    for experiment in ("smartfeed_v2", "study_reminders", "free_shipping_banner"):
        checks = checks_of(world, experiment)
        assert (
            checks.loc[["srm", "srm_by_stratum", "srm_sequential"]].status == "ok"
        ).all()
    rate = checks_of(world, "smartfeed_v2").loc[("multi_variant_rate", "all")]
    found = round(rate.statistic * 50_000)
    assert stats.binomtest(found, 50_000, 0.002).pvalue > LEVEL


# --- calibration ----------------------------------------------------------------------------------


# units of an arm, on average
EIGHT = {
    "feed_users": 20,
    "learning_users": 20,
    "shop_users": 40,
    "search_sessions_per_day": 1,
}
VALID_IN_FEED = ("post_stratified", "post_stratified_cuped", "ipw", "aipw")


def limits(rows: pd.DataFrame, probability: float) -> tuple[float, float]:
    """Shares that so many replicates may show, in a family of so many, at a level of 0.001."""
    replicates, tail = rows.replicate_count.iloc[0], LEVEL / 2 / len(rows)
    low, high = stats.binom.ppf([tail, 1 - tail], replicates, probability)
    return low / replicates, high / replicates


@pytest.mark.parametrize(
    ("arm_units", "replicates", "settings"),
    [
        (8, 100, EIGHT),
        pytest.param(8, 500, EIGHT, marks=pytest.mark.slow),
        pytest.param(
            26,
            500,
            {
                "feed_users": 300,
                "learning_users": 60,
                "shop_users": 300,
                "search_sessions_per_day": 8,
            },
            marks=pytest.mark.slow,
        ),
    ],
)
def test_small_arms_keep_the_level_or_are_withheld(
    worlds: Worlds, arm_units: int, replicates: int, settings: dict[str, int]
) -> None:
    """By every estimator whose assumptions hold; what is withheld may make the others cautious."""
    small = worlds(
        name=None, search_logging_loss=0, experiments_replicates=replicates, **settings
    )
    arms = small.rows(
        "select count(*) from intermediate.int_experiments__exposures "
        "group by experiment_id, variant"
    )
    assert min(arms)[0] <= arm_units
    rows = calibration(small)
    feed = rows.index.get_level_values("experiment_id") == "smartfeed_v2"
    rows = rows[~feed | rows.index.get_level_values("estimator").isin(VALID_IN_FEED)]
    assert {"smartfeed_v2", "study_reminders"} <= set(
        rows.index.get_level_values("experiment_id")
    )
    sequential = frame(small, "from truth.truth__sequential_calibration")
    tail = LEVEL / (2 * len(rows) + 3 * len(sequential))
    for row in rows.itertuples():
        low, high = (
            stats.binom.ppf(level, row.replicate_count, probability)
            / row.replicate_count
            for level, probability in ((tail, 0.95), (1 - tail, 0.05))
        )
        assert row.coverage >= low, row
        assert row.null_rejection_rate <= high, row
    for rule in ("always_valid", "obrien_fleming", "pocock"):
        rejected = sequential[f"{rule}_rejection_rate"] * sequential.replicate_count
        bound = stats.binom.ppf(1 - tail, sequential.replicate_count, 0.05)
        assert (rejected <= bound).all(), sequential


def valid(rows: pd.DataFrame) -> pd.DataFrame:
    """The estimators whose assumptions hold: in feed those that know of the strata."""
    feed = rows.index.get_level_values("experiment_id") == "smartfeed_v2"
    adjusted = rows.index.get_level_values("estimator").isin(VALID_IN_FEED)
    # of search the world without the fault of the logging
    lossy = rows.index.get_level_values("experiment_id") == "ranking_v2"
    return rows[(~feed | adjusted) & ~lossy]


def test_intervals_hold_the_truth_and_tests_their_level(
    world: World, without_loss: World
) -> None:
    """Cover may be above 0.95, since standard errors aim at a population, but not below."""
    rows = pd.concat([valid(calibration(world)), calibration(without_loss)])
    assert set(rows.index.get_level_values("experiment_id")) == set(
        frame(world, "from intermediate.int_experiments__experiments").experiment_id
    )
    assert (rows.replicate_count == default_settings()["experiments_replicates"]).all()
    low, _ = limits(rows, 0.95)
    assert rows.coverage.min() >= low, rows.coverage.nsmallest(5)
    low, high = limits(rows, 0.05)
    assert rows.null_rejection_rate.between(low, high).all(), (
        rows.null_rejection_rate.sort_values().iloc[[0, 1, -2, -1]]
    )
    family = stats.norm.isf(LEVEL / 2 / len(rows))
    assert (rows.bias.abs() <= family * rows.bias_mcse).all()


def test_the_invalid_estimator_is_visibly_invalid(world: World) -> None:
    rows: Any = calibration(world).xs("smartfeed_v2").xs("naive", level="estimator")
    for metric in ("card_views_7d", "card_views_14d"):
        assert rows.loc[metric].coverage < 0.01
        assert rows.loc[metric].bias > 10 * rows.loc[metric].model_std_error
        assert rows.loc[metric].null_rejection_rate > 0.99


def test_no_estimate_on_logged_units_repairs_the_loss_of_search(world: World) -> None:
    """In most assignments both miss the effect on all units by more than 3 standard errors."""
    rows = frame(
        world,
        """
        select
            estimator,
            avg(cast(effect - true_effect > 3 * std_error as int)) as share_missing
        from truth.truth__replicate_estimates
        where
            scenario = 'effect'
            and metric = 'search_click_rate_7d'
            and estimator in ('naive', 'post_stratified')
        group by all
        """,
        "estimator",
    )
    assert (rows.share_missing > 0.5).all()
    assert len(rows) == 2
