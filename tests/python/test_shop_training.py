"""The training set of the shop world: every feature computed again, models, and the truth."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from shop import BASE, EARLIER
from worlds import World, Worlds, default_settings

SETTINGS = default_settings()
DAY_MS = 86_400_000
# users whose features are computed again
USERS = 40
# labels are frequent enough to be learned
LEARNABLE = {
    "name": "shop",
    "shop_profile": "dense",
    "shop_users": 800,
    "shop_days": 45,
    "shop_return_purchase_probability": 0.1,
}


@pytest.fixture(scope="module", autouse=True)
def prepared(worlds: Worlds) -> None:
    worlds.prepare(LEARNABLE, BASE, EARLIER)


def frame(world: World, query: str) -> pd.DataFrame:
    return pd.DataFrame(
        {name: np.asarray(column) for name, column in world.arrays(query).items()}
    )


# --- features -------------------------------------------------------------------------------------


def ratio(dividend: float, divisor: float) -> float:
    return dividend / divisor if divisor else 0.0


def features_of_session(
    known: pd.DataFrame, own: pd.DataFrame, end: int, registered: int
) -> dict[str, Any]:
    """The features of a session, from the user's events up to its end."""
    found: dict[str, Any] = {}
    age = end - known["ms"]
    for event, name in (
        ("view", "view"),
        ("scroll", "scroll"),
        ("add_to_cart", "add_to_cart"),
        ("purchase", "purchase"),
    ):
        ages = age[known["event_type"] == event]
        found[f"hours_since_last_{name}"] = (
            ages.min() / 3_600_000 if len(ages) else 9999
        )
    found["days_since_registration"] = (end - registered) / DAY_MS
    counts: dict[tuple[str, int], int] = {}
    for days in (1, 7, 30):
        recent = known[age < days * DAY_MS]
        views = recent[recent["event_type"] == "view"]
        for event, name in (
            ("view", "views"),
            ("scroll", "scrolls"),
            ("add_to_cart", "cart_adds"),
            ("purchase", "purchases"),
        ):
            counts[event, days] = int((recent["event_type"] == event).sum())
            found[f"{name}_count_{days}d"] = counts[event, days]
        found[f"unique_items_viewed_{days}d"] = views["item_id"].nunique()
        found[f"unique_categories_viewed_{days}d"] = views["category"].nunique()
    found["view_to_scroll_ratio_7d"] = ratio(counts["scroll", 7], counts["view", 7])
    found["scroll_to_cart_ratio_7d"] = ratio(
        counts["add_to_cart", 7], counts["scroll", 7]
    )
    found["cart_to_purchase_ratio_30d"] = ratio(
        counts["purchase", 30], counts["add_to_cart", 30]
    )
    viewed = known[known["event_type"] == "view"]
    per_session = viewed.groupby("session_id").size()
    found["session_bounce_rate"] = (per_session == 1).sum() / known[
        "session_id"
    ].nunique()
    own_views = own[own["event_type"] == "view"]
    found["session_length_minutes"] = (end - own["ms"].min()) / 60_000
    found["session_items_viewed"] = len(own_views)
    found["session_items_scrolled"] = (own["event_type"] == "scroll").sum()
    found["session_items_carted"] = (own["event_type"] == "add_to_cart").sum()
    found["session_unique_items"] = own["item_id"].nunique()
    found["session_unique_categories"] = own["category"].nunique()
    found["session_avg_price"] = own_views["price"].mean()
    month = known[age < 30 * DAY_MS]
    month_views = month[month["event_type"] == "view"]
    bought = month[month["event_type"] == "purchase"]
    found["user_avg_price_viewed_30d"] = month_views["price"].mean()
    found["user_avg_price_purchased_30d"] = (
        bought["price"].mean() if len(bought) else 0.0
    )
    found["discount_affinity_score"] = (month_views["discount_pct"] > 0).mean()
    return found


def recomputed(world: World) -> pd.DataFrame:
    """The training set from the staged tables alone."""
    items = frame(
        world,
        """
        select item_id, category, cast(current_price as double) as price,
            cast(base_price as double) as base_price, discount_pct
        from staging.stg_shop__items
        """,
    )
    events = frame(
        world,
        """
        select user_id, session_id, item_id, event_type, event_id, epoch_ms(timestamp) as ms,
            cast(duration_seconds * 1000 as bigint) as duration_ms
        from staging.stg_shop__events order by user_id, timestamp, event_id
        """,
    ).merge(items, on="item_id")
    users = frame(
        world,
        "select user_id, epoch_ms(registration_date) as registered from staging.stg_shop__users",
    ).set_index("user_id")["registered"]
    first = pd.Timestamp(SETTINGS["shop_start_date"]).value // 10**6
    trained = events[events["ms"] < first + 45 * DAY_MS]
    by_item = {
        event: trained[trained["event_type"] == event].groupby("item_id").size()
        for event in ("view", "add_to_cart", "purchase")
    }
    most = by_item["view"].max()
    rows = []
    own_users = events["user_id"] < f"user_{USERS:06}"
    for user, history in events[own_users].groupby("user_id"):
        starts = history.groupby("session_id")["ms"].min().sort_values()
        for number, session in enumerate(starts.index[:-3]):
            own = history[history["session_id"] == session]
            end = int((own["ms"] + own["duration_ms"]).max())
            known = history[history["ms"] <= end]
            shared = features_of_session(known, own, end, int(users[user]))
            following = history[
                history["session_id"].isin(starts.index[number + 1 : number + 4])
            ]
            bought = set(following[following["event_type"] == "purchase"]["item_id"])
            day = (starts[session] - first) // DAY_MS
            for _, view in own[own["event_type"] == "view"].iterrows():
                item, category = view["item_id"], view["category"]
                of_item = known[known["item_id"] == item]["event_type"]
                views, carts, purchases = (
                    int(by_item[event].get(item, 0))
                    for event in ("view", "add_to_cart", "purchase")
                )
                rows.append(
                    shared
                    | {
                        "user_id": user,
                        "session_id": session,
                        "item_id": item,
                        "split": "train"
                        if day < 45
                        else "validation"
                        if day < 61
                        else "test",
                        "times_viewed_this_item": (of_item == "view").sum(),
                        "times_scrolled_this_item": (of_item == "scroll").sum(),
                        "times_carted_this_item": (of_item == "add_to_cart").sum(),
                        "times_viewed_this_category": (
                            (known["category"] == category)
                            & (known["event_type"] == "view")
                        ).sum(),
                        "price_vs_user_avg_ratio": view["price"]
                        / shared["user_avg_price_viewed_30d"],
                        "item_price": view["price"],
                        "item_base_price": view["base_price"],
                        "item_discount_pct": view["discount_pct"],
                        "item_has_discount": int(view["discount_pct"] > 0),
                        "item_category": category,
                        "item_popularity_score": views / most,
                        "item_conversion_rate": ratio(purchases, views),
                        "item_cart_abandonment_rate": ratio(carts - purchases, carts),
                        "label": int(item in bought),
                        "session_started_at": pd.Timestamp(
                            int(starts[session]), unit="ms"
                        ),
                        "session_ended_at": pd.Timestamp(end, unit="ms"),
                    }
                )
    return pd.DataFrame(rows)


KEY = ["user_id", "session_id", "item_id"]


def training_set(world: World) -> pd.DataFrame:
    table = frame(
        world,
        """
        select * replace (
            cast(item_price as double) as item_price,
            cast(item_base_price as double) as item_base_price
        ) from marts.shop__training_set
        """,
    )
    return table.sort_values(KEY).reset_index(drop=True)


def test_every_feature_is_what_its_definition_says(worlds: Worlds) -> None:
    """Value by value, in another language, from the cleaned events alone."""
    world = worlds(**BASE)
    built = training_set(world)
    built = built[built["user_id"] < f"user_{USERS:06}"].reset_index(drop=True)
    expected = recomputed(world).sort_values(KEY).reset_index(drop=True)
    assert len(built) == len(expected) > 600
    assert set(built.columns) == set(expected.columns)
    for column in built.columns:
        if pd.api.types.is_float_dtype(expected[column]):
            np.testing.assert_allclose(
                built[column].to_numpy(float),
                expected[column].to_numpy(float),
                rtol=1e-9,
                err_msg=column,
            )
        else:
            wrong = built[column].to_numpy() != expected[column].to_numpy()
            assert not wrong.any(), (column, built[wrong].head(3)[[*KEY, column]])


def test_nothing_later_than_the_session_changes_a_feature(worlds: Worlds) -> None:
    """On the 60th day the examples were the same, though none of the later events was there.

    But for the few users of whom an earlier event was delivered later.
    """
    full, early = training_set(worlds(**BASE)), training_set(worlds(**EARLIER))
    end = f"date '{EARLIER['as_of']}' + 1"
    late = {
        user
        for (user,) in worlds(**BASE).rows(
            f"""
            select distinct user_id from staging.stg_shop__events
            where timestamp < {end} and received_at >= {end}
            """
        )
    }
    assert len(late) < 10
    early = early[~early["user_id"].isin(late)]
    assert 500 < len(early) < len(full)
    both = early.merge(full, on=KEY, suffixes=("", "_full"))
    assert len(both) == len(early)
    for column in early.columns:
        if column not in (*KEY, "label"):
            assert (both[column] == both[f"{column}_full"]).all(), column


def test_the_last_three_sessions_of_each_user_are_left_out(worlds: Worlds) -> None:
    world = worlds(**BASE)
    assert world.rows(
        """
        with numbered as (
            select user_id, session_id, row_number() over (
                partition by user_id order by started_at desc, session_id desc
            ) as from_the_end
            from marts.shop__sessions
        )
        select count(*), count(training_set.session_id)
        from numbered
        left join (select distinct session_id from marts.shop__training_set) as training_set
            using (session_id)
        where (from_the_end > 3) != (training_set.session_id is not null)
        """
    ) == [(0, 0)]


def test_the_three_exports_are_the_training_set(worlds: Worlds) -> None:
    world = worlds(**BASE)
    columns = [column for (column, *_) in world.rows("describe marts.shop__train")]
    names = ", ".join(columns)
    parts = " union all ".join(
        f"select {names}, '{split}' as split from marts.shop__{split}"
        for split in ("train", "validation", "test")
    )
    whole = f"select {names}, split from marts.shop__training_set"
    for left, right in ((parts, whole), (whole, parts)):
        assert world.rows(f"({left}) except all ({right}) limit 3") == []


# --- truth and models -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learnable(worlds: Worlds) -> pd.DataFrame:
    return frame(
        worlds(**LEARNABLE),
        """
        select training_set.*, true_probability, sessions_in_cart
        from marts.shop__training_set as training_set
        join truth.truth_shop__training_probabilities using (user_id, session_id, item_id)
        """,
    )


def test_the_true_probabilities_are_those_of_the_labels(
    learnable: pd.DataFrame,
) -> None:
    """Calibrated, by what lies in the cart and by probability; errors clustered by user."""
    p = learnable["true_probability"]
    groups = {
        f"in the cart for {count}": learnable["sessions_in_cart"] == count
        for count in range(4)
    }
    bounds = p.quantile([0, 0.5, 0.8, 0.9, 0.95, 1]).to_numpy()
    groups["all"] = p >= 0
    groups |= {f"above {low:.3f}": p > low for low in bounds[1:-1] if low > 0.02}
    assert len(groups) > 6
    for name, group in groups.items():
        own = learnable[group]
        gaps = (own["label"] - own["true_probability"]).groupby(own["user_id"]).sum()
        z = gaps.sum() / np.sqrt((gaps**2).sum())
        assert abs(z) < stats.norm.isf(0.0005 / len(groups)), (name, z)


def test_items_are_viewed_again_as_often_as_the_truth_says(worlds: Worlds) -> None:
    """Views and carts of later sessions, by probability; errors clustered by user.

    The probability is an average over futures, so that its classes are those of another lag, whose
    futures are others.
    """
    rows = worlds(**LEARNABLE).arrays(
        """
        with again as (
            select
                user_number, item_number, session_number + lag as session_number, lag,
                view_probability, views_again.cart_probability,
                max(case when lag = 1 then view_probability end) over example as first,
                max(case when lag = 2 then view_probability end) over example as second
            from truth.truth_shop__repeat_view_probabilities as views_again
            join truth.truth_shop__examples using (session_id, item_id)
            window example as (partition by session_id, item_id)
        ),
        seen as (
            select user_number, session_number, item_number, cart_tenths > 0 as is_carted
            from generate.gen_shop__views join generate.gen_shop__sessions using (first_event_id)
        ),
        classed as (
            select *, ntile(6) over (
                order by case when lag = 1 then second else first end, user_number
            ) as class
            from again
        )
        select
            class, user_number,
            sum(view_probability) as views, count(is_carted) as viewed,
            sum(cart_probability) as carts, count_if(is_carted) as carted
        from classed left join seen using (user_number, session_number, item_number)
        group by all
        """
    )
    assert rows["viewed"].sum() > 10_000
    for class_ in range(1, 7):
        own = rows["class"] == class_
        for expected, found in (("views", "viewed"), ("carts", "carted")):
            gaps = (rows[found] - rows[expected])[own]
            z = gaps.sum() / np.sqrt((gaps**2).sum())
            assert abs(z) < stats.norm.isf(0.0005 / 12), (class_, found, z)


def test_a_model_beats_popularity_and_stays_below_the_truth(
    learnable: pd.DataFrame,
) -> None:
    columns = [
        column
        for column in learnable.columns
        if column
        not in (
            *KEY,
            "split",
            "label",
            "session_started_at",
            "session_ended_at",
            "true_probability",
            "sessions_in_cart",
        )
    ]
    data = learnable.assign(
        item_category=learnable["item_category"].astype("category").cat.codes
    )
    train, test = data[data["split"] == "train"], data[data["split"] == "test"]
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.1, max_leaf_nodes=15, random_state=0
    )
    model.fit(train[columns], train["label"])
    scores = {
        "popularity": test["item_popularity_score"],
        "model": model.predict_proba(test[columns])[:, 1],
        "truth": test["true_probability"],
    }
    auc = {name: roc_auc_score(test["label"], score) for name, score in scores.items()}
    # the standard error of an AUC is at most that of its positives
    error = np.sqrt(auc["truth"] * (1 - auc["truth"]) / test["label"].sum())
    assert auc["model"] > auc["popularity"] + 10 * error, auc
    assert auc["model"] < auc["truth"] + 3 * error, auc
    # far from the 0.52 of the original, whose label could not be learned
    assert auc["model"] > 0.75, auc
    brier = {
        name: float(((test["label"] - scores[name]) ** 2).mean())
        for name in ("model", "truth")
    }
    assert brier["truth"] < brier["model"], brier
