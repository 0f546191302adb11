"""The truth of the labels is calibrated, and a ceiling that a model on the features stays below."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score

from worlds import World, Worlds

# at the default 120 days no user can churn before the training split of 18 days is over
LONG = {"learning_days": 240, "learning_users": 900, "learning_signup_during_window": 0}
PLAIN = {"learning_users": 2000}
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
SETTINGS = {"plain": PLAIN, "knobs": KNOBS, "course": COURSE, "long": LONG}
REPLICATES = 200


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
    """In each interval of probability, and in each arm: labels are as frequent as they should be.

    Days of a user are dependent, so that the standard error is that of the users' sums.
    """
    found = worlds(name="learning", **SETTINGS[name]).rows(
        """
        with judged as (
            select user_id, churn_label - churn_label_probability as gap,
                least(floor(churn_label_probability * 5), 4) as bin,
                date_diff('day', as_of_date, date '2025-01-01') // 30 as month
            from truth.truth_learning__churn_labels
            join marts.learning__churn_labels using (user_id, as_of_date)
        ),
        grouped as (
            select user_id, 'all' as part, gap from judged
            union all select user_id, 'bin ' || bin, gap from judged
            union all select user_id, 'month ' || month, gap from judged
            union all select user_id, variant, gap from judged
            join generate.gen_learning__users using (user_id)
        ),
        by_user as (select part, user_id, sum(gap) as gap from grouped group by all)
        select part, sum(gap) / sqrt(sum(gap * gap)), count(*) from by_user group by part
        """
    )
    # sums over fewer than thirty users are not normal
    found = [(part, z) for part, z, users in found if users >= 30]
    assert len(found) >= 8
    bound = stats.norm.isf(0.001 / (2 * len(SETTINGS) * 20))
    assert len(found) <= 20
    assert {part: z for part, z in found if abs(z) > bound} == {}


def test_a_model_beats_recency_and_not_the_truth(world: World) -> None:
    """On the test split, by paired differences; users are resampled whole."""
    with world.connect() as connection:
        table = connection.execute(
            """
            select * from marts.learning__training_set
            join truth.truth_learning__churn_labels using (user_id, as_of_date)
            order by user_id, as_of_date
            """
        ).df()
    features = table.drop(
        columns=[
            *("user_id", "as_of_date", "signup_date", "split", "future_active_days"),
            *("churn_label", "churn_label_probability"),
        ]
    )
    for column in ("plan", "country", "marketing_source"):
        features[column] = features[column].astype("category").cat.codes
    features = features.astype(float)
    train, test = table["split"] == "train", table["split"] == "test"
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=8, random_state=0
    )
    model.fit(features[train], table.loc[train, "churn_label"])
    scored = pd.DataFrame(
        {
            "user_id": table.loc[test, "user_id"],
            "label": table.loc[test, "churn_label"],
            "model": model.predict_proba(features[test])[:, 1],
            "recency": table.loc[test, "days_since_last_activity"].astype(float),
            "truth": table.loc[test, "churn_label_probability"],
        }
    )
    assert train.sum() > 50_000
    assert 0.05 < scored["label"].mean() < 0.95

    def gaps(rows: pd.DataFrame) -> np.ndarray:
        auc = {
            name: roc_auc_score(rows["label"], rows[name])
            for name in ("model", "recency", "truth")
        }
        clipped = {name: rows[name].clip(1e-9, 1 - 1e-9) for name in ("model", "truth")}
        losses = {name: log_loss(rows["label"], p) for name, p in clipped.items()}
        return np.array(
            [
                auc["model"] - auc["recency"],
                auc["model"] - auc["truth"],
                losses["truth"] - losses["model"],
            ]
        )

    by_user = [rows for _, rows in scored.groupby("user_id")]
    generator = np.random.default_rng(0)
    resampled = [
        gaps(
            pd.concat(
                [by_user[i] for i in generator.integers(0, len(by_user), len(by_user))]
            )
        )
        for _ in range(REPLICATES)
    ]
    above_recency, above_truth, better_than_truth = gaps(scored)
    errors = np.std(resampled, axis=0, ddof=1)
    assert above_recency > 0
    assert above_truth < 4 * errors[1]
    assert better_than_truth < 4 * errors[2]


def test_a_leak_is_above_the_truth(world: World) -> None:
    """The comparison can fail: the future itself has an AUC that no model may have."""
    with world.connect() as connection:
        table = connection.execute(
            """
            select churn_label, future_active_days, churn_label_probability
            from marts.learning__training_set
            join truth.truth_learning__churn_labels using (user_id, as_of_date)
            where split = 'test'
            """
        ).df()
    leak = roc_auc_score(table["churn_label"], -table["future_active_days"])
    truth = roc_auc_score(table["churn_label"], table["churn_label_probability"])
    assert leak == 1
    assert 0.9 < truth < 1
