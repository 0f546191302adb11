"""The figures of the report: one list per world, one for every experiment."""

from dataclasses import dataclass

from diorama.report.charts import (
    calibration,
    contributions,
    dots,
    effect_days,
    funnel,
    heat_map,
    histograms,
    intervals,
    labels,
    lines,
    p_values,
    ranked,
    scores,
    splits,
    volume,
)
from diorama.report.figures import Figure
from diorama.report.tables import facts, table

ESTIMATE_KEY = (
    "● estimate with its 95 % interval, blue where the interval holds the truth and orange where "
    "it does not · ◆ true effect"
)


@dataclass(frozen=True)
class World:
    """What the report says of a world.

    Attributes:
        about: What happens in it, in a sentence or two.
        figures: What happened in this build.
        learning: What there is to learn from: examples, labels, the best that can be done.
    """

    about: str
    figures: list[Figure]
    learning: list[Figure]


def _volume(world: str) -> Figure:
    return Figure(
        f"{world}/volume",
        "Events over time",
        "{events:,} events on {periods:,} {unit}s from {first_period:%-d %B %Y} to "
        "{last_period:%-d %B %Y}; {largest_share:.0%} of them are of the kind {largest_kind}, and "
        "the busiest {unit}, {busiest:%-d %B}, has {busiest_amount:,}.",
        volume,
        numbers="volume",
    )


def _hours(world: str, what: str) -> Figure:
    return Figure(
        f"{world}/hours",
        f"Hour and weekday of {what}",
        "The hour from {busiest_hour}:00 UTC has {busiest_share:.1%} of all "
        + what
        + ", the quietest, from {quietest_hour}:00, {quietest_share:.1%}; {busiest_day} is the "
        "busiest day of the week, {busiest_excess:.0%} above the quietest.",
        heat_map,
        numbers="hours",
    )


def _rejects(world: str) -> Figure:
    return Figure(
        f"{world}/rejects",
        "What staging rejected",
        "{rejected:,} delivered rows, {share:.2%} of all, were no good, most often for the reason "
        "{commonest}; the {accepted:,} others are as they were generated.",
        ranked("reason"),
    )


def _splits(name: str, what: str, positive: str) -> Figure:
    return Figure(
        name,
        f"{what}: splits and classes",
        "{rows:,} rows, {train_share:.0%} of them to train on; "
        + positive
        + " in {positive_share:.2%} of all rows and in {positive_train_share:.2%} of the training "
        "rows.",
        splits,
    )


def _ceiling(name: str) -> Figure:
    return Figure(
        name,
        "The ceiling for any model",
        "On the {split} rows the true probability ranks with an AUC of {ceiling:.3f} (log-loss "
        "{ceiling_loss:.4f}), which no honest model beats but by luck; {simple_score} alone comes "
        "to {simple:.3f}.",
        scores,
        caution="A split whose rows are all of one class has no AUC, and is left out.",
    )


def _calibration(name: str) -> Figure:
    return Figure(
        name,
        "Does the true probability keep its word?",
        "Of the twentieth of the {rows:,} rows with the highest true probability, {highest:.1%} on "
        "average, {highest_observed:.1%} have label 1.",
        calibration,
        key="Each point is a twentieth of the rows; on the dashed line both shares are one.",
    )


WORLDS = {
    "feed": World(
        "People open a content feed, view cards and leave. A personalised ranking, SmartFeed_v2, "
        "was switched on more often for the already engaged.",
        [
            Figure(
                "feed/facts",
                "Size",
                "{users:,} users with {sessions_per_user:.1f} sessions each, and "
                "{views_per_session:.2f} card views in a session.",
                facts,
            ),
            _volume("feed"),
            _hours("feed", "session starts"),
            Figure(
                "feed/distributions",
                "Distributions",
                "A session has {views_mean:.2f} card views on average, {views_median} in the "
                "median, more than {views_99} in one of a hundred, and lasts {minutes_median:.0f} "
                "minutes in the median.",
                histograms,
                caution="The last bar of each has all that is longer, or more.",
            ),
            Figure(
                "feed/retention",
                "Retention",
                "{share_7:.1%} of the users have a session on the seventh day after signup, "
                "{share_14:.1%} on the fourteenth; of the new users {new_treated_7:.1%} of the "
                "treated against {new_control_7:.1%} of the others on the seventh.",
                lines(
                    "days_since_signup",
                    "share",
                    "days since signup",
                    "with a session",
                    colour="segment",
                    dash="arm",
                ),
            ),
            Figure(
                "feed/funnel",
                "Who comes back",
                "Of {users:,} users {first_week_share:.1%} come back within a week, and "
                "{fourth_week_share:.1%} are there in each of four weeks.",
                funnel,
            ),
            Figure(
                "feed/content",
                "Popularity of the cards",
                "The most viewed of {cards:,} cards, {top_card}, has {top_share:.1%} of the views, "
                "the first ten together {top_ten_share:.1%}.",
                lines(
                    "rank",
                    "views",
                    "rank",
                    "views",
                    form=",",
                    axis="~s",
                    log=True,
                    is_wide=True,
                ),
            ),
            _rejects("feed"),
        ],
        [
            _splits("feed/uplift_splits", "Uplift", "treatment is found"),
            Figure(
                "feed/uplift_ceiling",
                "What targeting could gain",
                "Treating the half with the largest true effects gains {best_half:.0%} of what "
                "treating everybody would, and the best cut, {best_cut:.0%} of the test users, "
                "{best_gain:.0%}; choosing by segment gains {segment_half:.0%} with the half.",
                lines(
                    "treated_share",
                    "gain",
                    "share of the test users treated",
                    "gain",
                    colour="rule",
                    axis="~%",
                ),
                caution="Gain is the sum of true effects on card views in 14 days, as a share of "
                "what treating everybody gains. Individual effects depend on how the arms share "
                "their draws, which no data could tell: no model reaches that line.",
            ),
        ],
    ),
    "learning": World(
        "People take courses on an e-learning platform; some stop. The data asks who will.",
        [
            Figure(
                "learning/facts",
                "Size",
                "{users:,} users, {paying_share:.1%} of them on the paid plan, are active on "
                "{active_share:.1%} of all days, with {events_per_active_day:.1f} events on such a "
                "day.",
                facts,
            ),
            _volume("learning"),
            _hours("learning", "logins"),
            Figure(
                "learning/distributions",
                "Distributions",
                "A video is watched for {minutes_mean:.1f} minutes on average; quizzes have a mean "
                "score of {score_mean:.1f} and a median of {score_median:.1f}.",
                histograms,
                caution="The last bar of each has all that is longer, or more.",
            ),
            Figure(
                "learning/retention",
                "Retention",
                "In the first week {free_first:.1%} of the free and {paid_first:.1%} of the paid "
                "users are active, in the last full one of {weeks} weeks {free_last:.1%} and "
                "{paid_last:.1%}.",
                lines(
                    "week",
                    "share",
                    "week of the world",
                    "of the users",
                    colour="plan",
                    dash="measure",
                ),
                caution="Towards the end fewer are seen again only because nothing is seen later.",
            ),
            Figure(
                "learning/funnel",
                "From signup to payment",
                "Of {users:,} users {quiz_share:.1%} come as far as a quiz, and {paid_share:.1%} "
                "pay.",
                funnel,
            ),
            _rejects("learning"),
        ],
        [
            Figure(
                "learning/labels",
                "Labels by date",
                "Over {dates} labelled dates the share of users without activity ahead goes from "
                "{lowest:.1%} to {highest:.1%}, which it reaches on {highest_on:%-d %B %Y}.",
                labels,
                caution="Dates between training and test belong to no split, so that no label of "
                "one looks into the other.",
            ),
            _splits("learning/splits", "Churn", "nothing more happens"),
            _ceiling("learning/ceiling"),
            _calibration("learning/calibration"),
        ],
    ),
    "shop": World(
        "Shoppers view, scroll, fill carts and sometimes buy. The data asks who will buy what.",
        [
            Figure(
                "shop/facts",
                "Size",
                "{active_users:,} users with {sessions_per_user:.1f} sessions each, and "
                "{purchases:,} purchases at {average_price:,.0f} dollars on average.",
                facts,
            ),
            _volume("shop"),
            _hours("shop", "session starts"),
            Figure(
                "shop/distributions",
                "Distributions",
                "A session has {views_mean:.1f} views on average and {views_median} in the median, "
                "lasts {minutes_median:.1f} minutes in the median, and {purchase_share:.1%} of "
                "the sessions end with a purchase.",
                histograms,
                caution="The last bar of each has all that is longer, or more.",
            ),
            Figure(
                "shop/retention",
                "Retention",
                "Of those who were followed for so long, {share_1:.1%} have a session in the week "
                "after their first one, {share_4:.1%} in the fourth.",
                lines(
                    "week",
                    "share",
                    "weeks since the first session",
                    "with a session",
                    colour="cohort",
                ),
            ),
            Figure(
                "shop/funnel",
                "From view to purchase",
                "Of {sessions:,} sessions {cart_share:.1%} put something into the cart, and "
                "{purchase_share:.1%} buy.",
                funnel,
            ),
            Figure(
                "shop/categories",
                "Categories",
                "{most_viewed} has {most_viewed_share:.0%} of the views, {most_earning} "
                "{most_earning_share:.0%} of the revenue.",
                ranked("category", "share", ".1%"),
            ),
            _rejects("shop"),
        ],
        [
            _splits("shop/splits", "Purchase intent", "the item is bought"),
            _ceiling("shop/ceiling"),
            _calibration("shop/calibration"),
        ],
    ),
    "search": World(
        "Visitors of a travel site search, click results, and sometimes book.",
        [
            Figure(
                "search/facts",
                "Size",
                "{sessions:,} sessions, {anonymous_share:.1%} of them anonymous, with "
                "{searches_per_session:.2f} searches each; {bookings_per_click:.1%} of the clicks "
                "end in a booking.",
                facts,
            ),
            _volume("search"),
            _hours("search", "session starts"),
            Figure(
                "search/distributions",
                "Distributions",
                "{first_share:.1%} of the clicks are on the first result, half of them within "
                "{seconds_median:.0f} seconds of the search; half of the bookings are below "
                "{booking_median:,.0f} Canadian dollars, their mean is {booking_mean:,.0f}.",
                histograms,
                caution="The last bar of each has all that is longer, or more.",
            ),
            Figure(
                "search/retention",
                "Retention",
                "Of {users:,} known users {share_1:.1%} search again on the day after they were "
                "first seen, {share_7:.1%} a week after it.",
                lines("day", "share", "days since first seen", "with a session"),
                caution="Users come from a pool that was there before the world began: it is a "
                "share of the active, hardly a loss of them.",
            ),
            Figure(
                "search/funnel",
                "From search to booking",
                "Of {sessions:,} sessions {click_share:.1%} click a result, and "
                "{booking_share:.1%} book.",
                funnel,
            ),
            Figure(
                "search/attribution",
                "Revenue by source, four ways",
                "{revenue:,.0f} Canadian dollars of bookings, {largest_share:.0%} of them by the "
                "source {largest}; the models differ most on {most_disputed}, by {spread:,.0f} "
                "dollars.",
                dots(
                    "source",
                    "revenue",
                    "model",
                    ",.0f",
                    "~s",
                    "revenue, Canadian dollars",
                ),
            ),
            Figure(
                "search/segments",
                "Segments of known users",
                "Of {users:,} known users {largest_share:.0%} are of the segment {largest}; the "
                "{high_value_share:.0%} of high value bring {high_value_revenue_share:.0%} of the "
                "revenue.",
                ranked("segment"),
            ),
            _rejects("search"),
        ],
        [
            _splits("search/ranking_splits", "Ranking", "a click is found"),
            Figure(
                "search/propensity",
                "How likely a position is looked at",
                "In control the third result is looked at {third:.0%} as often as the first, "
                "estimated from the log as {third_estimate:.0%}; no estimate is off by more than "
                "{largest_error:.1%}.",
                lines(
                    "result_position",
                    "propensity",
                    "position",
                    "against the first",
                    colour="variant",
                    dash="source",
                ),
            ),
            Figure(
                "search/ranking_scores",
                "What tells a click from none",
                "On the {split} rows the true chance of the first click has an AUC of "
                "{truth_auc:.3f}, position alone {position_auc:.3f}, true relevance alone "
                "{relevance_auc:.3f}.",
                scores,
                caution="Later clicks of a search are not in that chance: it is near the ceiling, "
                "not it.",
            ),
        ],
    ),
}

EXPERIMENT = [
    Figure(
        "experiment/exposures",
        "Units by day of exposure",
        "{units:,} units from {first_date:%-d %B %Y} to {last_date:%-d %B %Y}, {treated_share:.1%} "
        "of them treated where {planned_share:.1%} were planned; {both_arms:,} were logged in both "
        "arms and are left out.",
        volume,
    ),
    Figure(
        "experiment/checks",
        "Health checks",
        "{alerts} of {checks} checks raise an alert: {alerting}.",
        table(
            {
                "check": "check",
                "scope": "scope",
                "status": "status",
                "statistic": "statistic",
                "p_value": "p-value",
                "threshold": "threshold",
            },
            right=("statistic", "p_value", "threshold"),
            badges=("status",),
        ),
    ),
    Figure(
        "experiment/effects",
        "Estimates beside the truth",
        "{holding} of {intervals} intervals hold the truth; the farthest off is {estimator} for "
        "{metric}, {effect:+sig} ({ci_lower:sig} to {ci_upper:sig}) where the truth is "
        "{true_effect:+sig}: {std_errors:.1f} standard errors.",
        intervals("estimator"),
        key=ESTIMATE_KEY,
        caution="SATE is the mean effect on all units, SATT on the treated, ATO on those who could "
        "as well have been in either arm; each estimate is held against its own truth.",
    ),
    Figure(
        "experiment/bias",
        "Where the naive estimate goes wrong",
        "For {metric} the naive estimate is {naive:+sig} and the truth {truth:+sig}; selection by "
        "stratum alone adds {selection:+sig}.",
        contributions,
    ),
    Figure(
        "experiment/days",
        "The effect by day",
        "It changes most for {metric}: {first_effect:+sig} on the day of exposure and "
        "{last_effect:+sig} on day {last_day}; the first week differs from the second by "
        "{novelty_difference:+sig} a day (p {novelty_p_value:p}).",
        effect_days,
        key="― estimate with its 95 % interval · ◆ true effect",
        caution="One cohort that was followed on all days shown; who left stays in with zeros. "
        "The estimate is the plain difference of the arms.",
    ),
    Figure(
        "experiment/segments",
        "The effect by segment",
        "Segments differ most clearly for {metric} (p {p_value:p}): {strongest_effect:+sig} "
        "for {strongest}, {weakest_effect:+sig} for {weakest}.",
        intervals("segment"),
        key=ESTIMATE_KEY,
    ),
    Figure(
        "experiment/peeking",
        "The p-value under peeking",
        "Who looks every day sees p below 0.05 at some time for {peeking} of {metrics} metrics, "
        "and for {taken_back} of these it ends above; the always-valid p-value goes below for "
        "{always_valid}.",
        p_values,
        key="- - p = 0.05; below a millionth the lines run along the edge",
        caution="Both compare the arms as they are: where the assignment "
        "was not random, a small p-value says that the arms differ, not why.",
    ),
    Figure(
        "experiment/guardrails",
        "Guardrails",
        "{kept} of {guardrails} guardrails are kept, {harmed} harmed for certain.",
        table(
            {
                "metric": "metric",
                "decision": "decision",
                "better": "better",
                "effect": "effect",
                "tolerated": "tolerated harm",
                "p_value": "p-value",
            },
            right=("effect", "tolerated", "p_value"),
            badges=("decision",),
        ),
    ),
    Figure(
        "experiment/quantiles",
        "The effect on quantiles",
        "The largest difference is at the {quantile} of {metric}: {treatment:sig} under treatment "
        "and {control:sig} in control.",
        intervals("quantile", has_truth=False),
        key="● difference of the arms' quantiles with its 95 % interval",
    ),
    Figure(
        "experiment/retention",
        "Retention by arm",
        "On day {day} {one_share:.1%} of the arm {one_arm} are there, and {other_share:.1%} of "
        "{other_arm}.",
        lines(
            "day",
            "share",
            "days since exposure",
            "active",
            colour="arm",
            is_wide=False,
        ),
    ),
    Figure(
        "experiment/survival",
        "Time until they leave",
        "The arms differ most clearly in the segment {segment} (log-rank p {p_value:p}): those "
        "of {longer_arm} stay {difference:.2f} days longer within {days} days.",
        lines(
            "day",
            "share",
            "days since exposure",
            "still there",
            colour="arm",
            band=True,
            zero=False,
            is_wide=False,
        ),
    ),
    Figure(
        "experiment/calibration",
        "Do the intervals keep their word?",
        "Over {replicates:,} assignments drawn anew, {good} of {pairs} pairs of metric and "
        "estimator hold the truth in 95 % of the cases or more, up to chance; {worst} for "
        "{worst_metric} holds it in {worst_coverage:.1%}.",
        dots(
            "estimator",
            "coverage",
            "measure",
            ".1%",
            "~%",
            "intervals that hold the truth",
            level="level",
        ),
        key="The dashed line is 95 %.",
    ),
]
