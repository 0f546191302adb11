"""The figures of the report: one list per world and one that serves every experiment."""

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

ESTIMATE_KEY = "● estimate with its 95 % interval"
TRUTH_KEY = " (blue where it holds the truth, orange where it does not) · ◆ true effect"
HOLDING = "{holding} of {intervals} intervals hold the truth."
FARTHEST = (
    "{holding} of {intervals} intervals hold the truth, {decisive_holding} of {decisive} by the "
    "estimator of the design; the farthest off is {estimator} for {metric}, {effect:+sig} where "
    "the truth is {true_effect:+sig}: {std_errors:.1f} standard errors"
)


@dataclass(frozen=True)
class World:
    """The figures of a world.

    Attributes:
        about: The world in one or two sentences.
        figures: Figures on activity.
        learning: Figures on training sets: examples, labels, best possible scores.
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
        shared="volume",
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
        shared="hours",
    )


def _rejects(world: str) -> Figure:
    return Figure(
        f"{world}/rejects",
        "Rejected rows",
        "{rejected:,} delivered rows, {share:.2%} of all, were rejected, most often for the reason "
        "{commonest}; the {accepted:,} accepted ones equal the generated rows.",
        ranked("reason"),
        shared="rejects",
    )


def _splits(name: str, what: str, positive: str) -> Figure:
    return Figure(
        name,
        f"{what}: splits and classes",
        "{rows:,} rows, {train_share:.0%} of them to train on; {positive_share:.2%} of all rows "
        "and {positive_train_share:.2%} of the training rows are of the class "
        + f"{positive}.",
        splits,
        shared="splits",
        summary=("{rows:,}", f"{{positive_share:.1%}} {positive}"),
    )


def _ceiling(name: str) -> Figure:
    return Figure(
        name,
        "Ceiling for any model",
        "On the {split} rows the true probability ranks with an AUC of {ceiling:.3f} (log-loss "
        "{ceiling_loss:.4f}), which no model without a leak exceeds except by chance; "
        "{simple_score} alone reaches {simple:.3f}.",
        scores,
        shared="scores",
        caution="A split whose rows are all of one class has no AUC, and is left out.",
        summary=("AUC {ceiling:.3f}",),
    )


def _calibration(name: str) -> Figure:
    return Figure(
        name,
        "Calibration of the true probability",
        "Of the twentieth of the {rows:,} rows with the highest true probability, {highest:.1%} on "
        "average, {highest_observed:.1%} have label 1.",
        calibration,
        shared="calibration",
        key="Each point is a twentieth of the rows; on the dashed line both shares are one.",
    )


WORLDS = {
    "custom": World(
        "A product that a file declares: its events, its retention, its experiments.",
        [
            Figure(
                "custom/facts",
                "Size",
                "{users:,} users with {sessions_per_user:.1f} sessions each, and "
                "{events_per_session:.2f} events in a session.",
                facts,
            ),
            _volume("custom"),
            _hours("custom", "session starts"),
            Figure(
                "custom/retention",
                "Retention",
                "{share_1:.1%} of the users are active on the day after signing up, {share_7:.1%} "
                "on the seventh and {share_30:.1%} on the thirtieth.",
                lines(
                    "days_since_signup", "share", "days since signup", "with a session"
                ),
            ),
            Figure(
                "custom/funnel",
                "Sessions with an event of each kind",
                "Of {sessions:,} sessions {rarest_share:.2%} have the rarest kind of event, "
                "{rarest}.",
                funnel,
            ),
            _rejects("custom"),
            Figure(
                "custom/claims",
                "Declared numbers and what was built",
                "{holding} of {claims} declared numbers hold, as one family at level 0.001; the "
                "farthest is off by {farthest:.1f} standard errors. The table has the forty "
                "farthest.",
                table(
                    {
                        "claim": "{claim}",
                        "declared": "{declared:sig}",
                        "observed": "{observed:sig}",
                        "standard error": "{std_error:sig}",
                        "z": "{z:.2f}",
                        "draws": "{trial_count:,}",
                        "": "{verdict}",
                    },
                    right=("declared", "observed", "standard error", "z", "draws"),
                ),
            ),
        ],
        [],
    ),
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
                "Returning users",
                "Of {users:,} users {second_share:.1%} come back within a week, and "
                "{last_share:.1%} are there in each of four weeks.",
                funnel,
                shared="funnel",
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
            _splits("feed/uplift_splits", "Uplift", "treated"),
            Figure(
                "feed/uplift_ceiling",
                "Gain from targeting",
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
                summary=("{best_gain:.0%} of the gain of treating everyone",),
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
                "Of {users:,} users {fourth_share:.1%} come as far as a quiz, and {last_share:.1%} "
                "pay.",
                funnel,
                shared="funnel",
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
            _splits("learning/splits", "Churn", "churned"),
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
            _splits("shop/splits", "Purchase intent", "bought"),
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
                "Revenue by source and attribution model",
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
            _splits("search/ranking_splits", "Ranking", "clicked"),
            Figure(
                "search/propensity",
                "Position propensities",
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
                "Predictors of a click",
                "On the {split} rows the true chance of the first click has an AUC of "
                "{ceiling:.3f}, position alone {simpler:.3f}, true relevance alone {simple:.3f}.",
                scores,
                shared="scores",
                caution="Later clicks of a search are not in that chance: it is near the ceiling, "
                "not it.",
                summary=("AUC {ceiling:.3f}",),
            ),
        ],
    ),
}

EXPERIMENT = [
    Figure(
        "experiment/verdict",
        "Verdict",
        {
            "win": "{treatment} wins ({reason}).",
            "loss": "{treatment} loses ({reason}).",
            "flat": "{treatment} makes no difference that matters ({reason}).",
            "inconclusive": "{treatment} is inconclusive ({reason}).",
            "not trustworthy": "{treatment} is not trustworthy ({reason}): no effect may be read "
            "from its numbers.",
        },
        table(
            {
                "treatment": "{treatment}",
                "verdict": "{verdict}",
                "primary metric": "{metric}",
                "effect": "{effect:+sig}",
                "95 % interval": "{ci_lower:+sig} to {ci_upper:+sig}",
                "relative": "{relative_effect:+.1%}",
                "p (Holm)": "{p_value_holm:p}",
                "estimator": "{estimator:name}",
            },
            right=("effect", "95 % interval", "relative", "p (Holm)"),
            badges=("verdict",),
        ),
    ),
    Figure(
        "experiment/checks",
        "Health checks",
        {
            "block": "Results must not be used before this is explained: {checks}.",
            "warn": "Worth an explanation before results are used: {checks}.",
            "info": "Worth knowing: {checks}.",
            "nothing": "No check raises an alert.",
            "unknown": "Not computed for all scopes: {checks}.",
        },
        table(
            {
                "check": "{check}",
                "severity": "{severity}",
                "status": "{status}",
                "found": "{found}",
                "p": "{p_value:p}",
                "threshold": "{threshold:g}",
                "where": "{scope}",
            },
            right=("p", "threshold"),
            badges=("status",),
        ),
    ),
    Figure(
        "experiment/exposures",
        "Units by day of exposure",
        {
            "undated": "{units:,} units: {arms}; {several_arms:,} were logged in several arms and "
            "are left out.",
            "day": "{units:,} units on {first_date:%-d %B %Y}: {arms}; {several_arms:,} were "
            "logged in several arms and are left out.",
            "days": "{units:,} units from {first_date:%-d %B %Y} to {last_date:%-d %B %Y}: {arms}; "
            "{several_arms:,} were logged in several arms and are left out.",
        },
        volume,
    ),
]

TREATMENT = [
    Figure(
        "experiment/metrics",
        "Scorecard",
        {
            "found": "Found in the {roles} metrics: {changes}.",
            "nothing": "No change is found in the {roles} metrics.",
            "unused": "Nothing is concluded on the {roles} metrics.",
        },
        table(
            {
                "metric": "{metric}",
                "role": "{role}",
                "decision": "{decision}",
                "effect": "{effect:+sig}",
                "95 % interval": "{ci_lower:+sig} to {ci_upper:+sig}",
                "p (Holm)": "{p_value_holm:p}",
                "true effect": "{true_effect:+sig}",
                "relative": "{relative_effect:+.1%}",
                "control": "{control_mean:sig}",
                "treatment": "{treatment_mean:sig}",
                "unit": "{unit}",
                "estimator": "{estimator:name}",
                "tolerated harm": "{tolerated}",
            },
            right=(
                *("effect", "95 % interval", "p (Holm)", "true effect", "relative"),
                *("control", "treatment", "tolerated harm"),
            ),
            badges=("decision",),
        ),
        truth="{holding} of {metrics} intervals hold the truth.",
        caution="By the estimator of the design. p-values are corrected by Holm for the metrics "
        "and treatments of a role; a guardrail is not inferior where harm beyond the tolerated is "
        "ruled out.",
    ),
    Figure(
        "experiment/effects",
        "Estimators compared",
        {
            "range": "For {metric} the design calls for the {estimator:name} estimate, "
            "{effect:+sig}; all {estimates} go from {lowest:+sig} to {highest:+sig}.",
            "withheld": "Withheld ({reason}) for {metric}: {estimators:name}.",
        },
        intervals("estimator"),
        truth={
            "logged": f"{FARTHEST}.",
            "unlogged": FARTHEST + ". With the units that were not logged the truth is "
            "{true_effect_on_all:+sig}.",
        },
        key=ESTIMATE_KEY,
        truth_key=TRUTH_KEY,
        caution="The effect is the mean over all units; SATT is that over the treated, ATO over "
        "those who could as well have been in either arm.",
    ),
    Figure(
        "experiment/bias",
        "Bias of the naive estimate",
        "For {metric} the naive estimate is {naive:+sig} and the truth {truth:+sig}; "
        "selection by stratum alone adds {selection:+sig}.",
        contributions,
    ),
    Figure(
        "experiment/days",
        "Effect by day",
        {
            "found": "The effect of the first week differs from that of the second: {changes} "
            "({estimators:name}, Holm-corrected p {p_value:p}).",
            "nothing": "No effect of the first week is found to differ from that of the second "
            "({tested}; {estimators:name}, smallest Holm-corrected p {smallest:p}).",
            "untested": "A change between weeks is not tested: no total of two weeks or more can "
            "be estimated.",
        },
        effect_days,
        truth="{holding} of {days} daily intervals hold the truth.",
        key="― estimate with its 95 % interval",
        truth_key=" · ◆ true effect",
        caution="One cohort that was followed on all days shown; who left stays in with zeros. "
        "By the estimator of the design; each interval is for one day looked at alone.",
    ),
    Figure(
        "experiment/segments",
        "Effect by segment",
        {
            "found": "Segments differ in the effect on {differing} of {tested} metrics, most "
            "clearly on {metric}: {weakest_effect:+sig} for {weakest}, {strongest_effect:+sig} for "
            "{strongest} ({estimators:name}, Holm-corrected p {p_value:p}).",
            "nothing": "No effect is found to differ between segments ({tested} metrics; "
            "{estimators:name}, smallest Holm-corrected p {p_value:p}).",
            "untested": "A difference between segments is not tested: no metric can be estimated "
            "in two of them with thirty units in each arm.",
        },
        intervals("segment"),
        truth=HOLDING,
        key=ESTIMATE_KEY,
        truth_key=TRUTH_KEY,
        caution="Each interval is for one segment looked at alone.",
    ),
    Figure(
        "experiment/quantiles",
        "Effect on quantiles",
        {
            "found": "A change is found of the {quantiles}; most clearly the {quantile} of "
            "{metric} is {treatment_quantile:sig} under treatment and {control_quantile:sig} in "
            "control (order statistics, Holm-corrected p {p_value:p}).",
            "nothing": "No quantile is found to change ({tested} tested by order statistics; "
            "smallest Holm-corrected p {p_value:p}).",
            "untested": "No metric has quantiles that can be compared.",
        },
        intervals("quantile"),
        truth=HOLDING,
        key="● difference of the arms' quantiles with its 95 % interval",
        truth_key=TRUTH_KEY,
    ),
    Figure(
        "experiment/survival",
        "Survival",
        {
            "found": "The arms differ in when units leave (log-rank test within strata, "
            "Holm-corrected p {p_value:p}): within {days} days the treated stay {difference:+.2f} "
            "days longer ({lower:+.2f} to {upper:+.2f}).",
            "nothing": "The arms are not found to differ in when units leave (log-rank test within "
            "strata, Holm-corrected p {p_value:p}).",
            "untested": "A difference in when units leave is not tested: too few leave.",
        },
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
        caution="Curves are of the arms as they are, the test compares within strata.",
    ),
    Figure(
        "experiment/peeking",
        "P-values under peeking",
        {
            "found": "Who looks every day finds an effect on {metrics}, first on "
            "{found_on:%-d %B %Y} (always-valid p after Bonferroni's correction for {comparisons} "
            "comparisons {p_value:p}).",
            "nothing": "Who looks every day finds no effect (smallest always-valid p after "
            "Bonferroni's correction for {comparisons} comparisons {p_value:p}).",
            "untested": "No day has enough units for a p-value.",
        },
        p_values,
        key="- - p = 0.05; below a millionth the lines run along the edge",
        caution="The p-value of a day is right for one planned look: who stops at the first day on "
        "which it is small finds effects where there are none. The always-valid one may be looked "
        "at every day. Lines are of each metric alone.",
    ),
    Figure(
        "experiment/calibration",
        "Interval coverage",
        {
            "missing": "Over {replicates:,} assignments drawn anew, {bad} of {pairs} pairs of "
            "metric and estimator hold the truth less often than in 95 % of the cases, by more "
            "than chance; {worst} for {worst_metric} holds it in {worst_coverage:.1%}.",
            "nothing": "Over {replicates:,} assignments drawn anew, all {pairs} pairs of metric "
            "and estimator hold the truth in 95 % of the cases, up to chance.",
        },
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
