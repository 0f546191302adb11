"""The truth of the labels is calibrated, and a ceiling that a model on the features stays below."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier

from worlds import World, Worlds

# The numbers of `standard`, where the training split has churn in it: at the default 120 days and
# labels of 30 it ends before anybody can churn.
LONG = {"learning_days": 240, "learning_users": 900, "learning_churn_window_days": 7}
KNOBS = {
    "learning_users": 1200,
    "learning_days": 100,
    "learning_churn_window_days": 20,
    "learning_weekday_factor": 1.3,
    "learning_decline_days": 10,
    "learning_signup_during_window": 0.3,
    "learning_experiment_day": 40,
    "learning_engagement_factor": 1.6,
    "learning_churn_base_rate": 0.6,
}
COURSE = {"learning_profile": "course", "learning_users": 800}
SETTINGS = {"long": LONG, "knobs": KNOBS, "course": COURSE}
PARTS_AT_MOST = 20


@pytest.fixture(scope="module")
def world(worlds: Worlds) -> World:
    worlds.prepare(
        *({"name": "learning", **settings} for settings in SETTINGS.values())
    )
    return worlds(name="learning", **LONG)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_probability_of_a_label_is_calibrated(
    worlds: Worlds, world: World, name: str
) -> None:
    """In each interval of probability, month and arm: labels are as frequent as they should be.

    Days of a user are dependent, so that the standard error is that of the users' sums. Arms are
    compared from the experiment on: before it, who is in one is known only from who stays.
    """
    found = worlds(name="learning", **SETTINGS[name]).rows(
        """
        with judged as (
            select user_id, churn_label - churn_label_probability as gap,
                churn_label_probability as p, as_of_date,
                cast(least(floor(churn_label_probability * 5), 4) as int) as bin,
                date_diff('day', date '2025-01-01', as_of_date) // 30 as month
            from truth.truth_learning__churn_labels
            join marts.learning__churn_labels using (user_id, as_of_date)
        ),
        started as (select min(assigned_at)::date as first_date from raw.raw_learning__exposures),
        grouped as (
            select user_id, 'all' as part, gap, p from judged
            union all select user_id, 'bin ' || bin, gap, p from judged
            union all select user_id, 'month ' || month, gap, p from judged
            union all select user_id, variant, gap, p from judged
            join generate.gen_learning__users using (user_id)
            join started on as_of_date >= first_date
        ),
        by_user as (
            select part, user_id, sum(gap) as gap, avg(p) as p from grouped group by all
        )
        select part, sum(gap) / sqrt(sum(gap * gap)), least(sum(p), sum(1 - p))
        from by_user group by part
        """
    )
    # where fewer than thirty users are expected to have, or not to have, the label, sums over
    # users are not normal
    found = {part: z for part, z, expected in found if expected >= 30}
    assert {"all", "bin 1", "bin 2", "control"} <= found.keys()
    assert 8 <= len(found) <= PARTS_AT_MOST
    bound = stats.norm.isf(0.001 / (2 * len(SETTINGS) * PARTS_AT_MOST))
    assert {part: z for part, z in found.items() if abs(z) > bound} == {}


class Scores:
    """The labels of the test split, to compare scores of the same rows on.

    Attributes:
        label: Whether each row's user churns.
        user: The user of each row, by which standard errors are clustered.
    """

    def __init__(self, test: pd.DataFrame) -> None:
        self.label = test["churn_label"].to_numpy() == 1
        self.user = test["user_id"].to_numpy()

    def placements(self, score: np.ndarray) -> np.ndarray:
        """For each row the share of the other class that it is on the right side of.

        The mean over either class is the area under the curve (DeLong et al. 1988).
        """
        among_all, found = stats.rankdata(score), np.empty(len(score))
        for side in (True, False):
            own = self.label == side
            below = among_all[own] - stats.rankdata(score[own])
            share = below / np.sum(~own)
            found[own] = share if side else 1 - share
        return found

    def auc(self, score: np.ndarray) -> float:
        return float(self.placements(score)[self.label].mean())

    def auc_gap(self, score: np.ndarray, other: np.ndarray) -> tuple[float, float]:
        """How much larger the first area is, and its standard error (Obuchowski 1997)."""
        gaps = self.placements(score) - self.placements(other)
        gap = gaps[self.label].mean()
        size = np.where(self.label, self.label.sum(), (~self.label).sum())
        return float(gap), self._by_user((gaps - gap) / size)

    def loss_gap(self, score: np.ndarray, other: np.ndarray) -> tuple[float, float]:
        """How much smaller the first log-loss is, and its standard error."""
        gaps = self._losses(other) - self._losses(score)
        gap = gaps.mean()
        return float(gap), self._by_user((gaps - gap) / len(gaps))

    def _losses(self, score: np.ndarray) -> np.ndarray:
        p = np.clip(score, 1e-9, 1 - 1e-9)
        return -np.where(self.label, np.log(p), np.log1p(-p))

    def _by_user(self, parts: np.ndarray) -> float:
        sums = pd.Series(parts).groupby(self.user).sum()
        return float(np.sqrt((sums**2).sum()))


@pytest.fixture(scope="module")
def examples(world: World) -> pd.DataFrame:
    """The training set with the truth beside it."""
    with world.connect() as connection:
        return connection.execute(
            """
            select * from marts.learning__training_set
            join truth.truth_learning__churn_labels using (user_id, as_of_date)
            order by user_id, as_of_date
            """
        ).df()


def test_a_model_beats_recency_and_not_the_truth(examples: pd.DataFrame) -> None:
    """By paired differences on the rows of the test split."""
    features = examples.drop(
        columns=[
            *("user_id", "as_of_date", "signup_date", "split", "future_active_days"),
            *("churn_label", "churn_label_probability"),
        ]
    )
    for column in ("plan", "country", "marketing_source"):
        features[column] = features[column].astype("category").cat.codes
    features = features.astype(float)
    train, test = examples["split"] == "train", examples["split"] == "test"
    # the windows of the first 29 days are cut short by the start of the world
    train &= examples["as_of_date"] >= pd.Timestamp("2025-01-30")
    assert examples.loc[train, "churn_label"].sum() > 1000
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=8, random_state=0
    ).fit(features[train], examples.loc[train, "churn_label"])
    predicted = model.predict_proba(features[test])[:, 1]
    recency = features.loc[test, "days_since_last_activity"].to_numpy()
    truth = examples.loc[test, "churn_label_probability"].to_numpy()
    scores = Scores(examples[test])
    above, error = scores.auc_gap(predicted, recency)
    assert above > 4 * error
    for gap, error in (
        scores.auc_gap(predicted, truth),
        scores.loss_gap(predicted, truth),
    ):
        assert gap < 4 * error


def test_a_leak_is_above_the_truth(examples: pd.DataFrame) -> None:
    """The comparison can fail: a peek at a few days of the future is no model's."""
    test = examples[examples["split"] == "test"]
    scores = Scores(test)
    truth = test["churn_label_probability"].to_numpy()
    assert 0.9 < scores.auc(truth) < 1
    # one day in ten is seen: its user will come
    seen = (test["future_active_days"] > 0) & (test["user_id"] % 10 == 0)
    leak = np.where(seen, 0, truth)
    for gap, error in (scores.auc_gap(leak, truth), scores.loss_gap(leak, truth)):
        assert gap > 4 * error
