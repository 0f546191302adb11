"""Draws the picture at the top of the README from the tables of the default build.

    python docs/pictures/scorecard.py diorama.duckdb

The numbers are those of `truth.truth__scorecard`: of each world's experiment one primary metric, as
estimated naively and by the estimator of the design, and what is true of the same units.
"""

import sys
from pathlib import Path

import altair as alt
import duckdb
import vl_convert

FILE = Path(__file__).with_name("scorecard.svg")
PANELS = {
    ("SmartFeed_v2", "card_views_14d"): "feed: card views in two weeks",
    ("SmartFeed_v2", "retained_d7"): "feed: share of users back on day 7",
    ("reminders", "active_days_28d"): "learning: active days in four weeks",
    ("ranking_v2", "search_click_rate_7d"): "search: share of searches with a click",
}
QUERY = """
    select
        results.treatment,
        results.metric,
        case when results.estimator = 'naive' then 'naive' else 'adjusted' end as estimate,
        replace(results.estimator, '_', ' ') as estimator,
        results.effect,
        results.ci_lower,
        results.ci_upper,
        scorecard.true_effect_on_all as truth,
        scorecard.true_effect_on_all between results.ci_lower and results.ci_upper as holds
    from marts.experiments__results as results
    inner join truth.truth__scorecard as scorecard
        using (experiment_id, treatment, metric, estimator, estimand)
    where
        results.estimator in ('naive', 'post_stratified', 'cuped', 'ancova', 'lin')
        and (results.estimator = 'naive' or results.is_decisive or results.metric like 'search%')
        and results.estimand = 'sate'
    order by all
"""
ORDER = ["naive", "adjusted", "truth"]
COLOURS = ["#c96a00", "#0b69ad", "#111820"]


def panel(rows: list[dict], title: str) -> alt.LayerChart:
    """The estimates of one metric, each with its interval, and the truth below them."""
    truth = rows[0]["truth"]
    points = [{**row, "row": row["estimate"]} for row in rows] + [
        {"row": "truth", "effect": truth, "ci_lower": None, "ci_upper": None}
    ]
    colour = alt.Color(
        "row:N", scale=alt.Scale(domain=ORDER, range=COLOURS), legend=None
    )
    base = alt.Chart(alt.InlineData(points)).encode(
        y=alt.Y("row:N", sort=ORDER, title=None), color=colour
    )
    values = [
        0,
        truth,
        *(row[name] for row in rows for name in ("ci_lower", "ci_upper")),
    ]
    pad = (max(values) - min(values)) * 0.08
    x = alt.X(
        "effect:Q",
        title=None,
        scale=alt.Scale(domain=[min(values) - pad, max(values) + pad], nice=False),
        axis=alt.Axis(tickCount=5),
    )
    line = alt.Chart(alt.InlineData([{"truth": truth}])).mark_rule(
        color=COLOURS[2], strokeDash=[3, 3]
    )
    zero = alt.Chart(alt.InlineData([{"zero": 0}])).mark_rule(color="#b8c0ca")
    return alt.layer(
        zero.encode(x="zero:Q"),
        line.encode(x="truth:Q"),
        base.mark_rule(strokeWidth=3).encode(x=alt.X("ci_lower:Q"), x2="ci_upper:Q"),
        base.transform_filter("datum.row != 'truth'")
        .mark_point(filled=True, size=90, opacity=1)
        .encode(x=x),
        base.transform_filter("datum.row == 'truth'")
        .mark_point(filled=True, size=110, opacity=1, shape="diamond")
        .encode(x=x),
    ).properties(
        width=330,
        height=84,
        title=alt.TitleParams(title, anchor="start", fontSize=13, color="#1b2430"),
    )


def main(database: str) -> None:
    """Draws the picture of one database."""
    with duckdb.connect(database, read_only=True) as connection:
        result = connection.execute(QUERY)
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    panels = [
        panel([r for r in rows if (r["treatment"], r["metric"]) == key], title)
        for key, title in PANELS.items()
    ]
    chart = (
        alt.concat(
            *panels,
            columns=2,
            spacing={"row": 22, "column": 40},
            title=alt.TitleParams(
                "Effect of the treatment: estimate with 95 % interval, and the truth",
                anchor="start",
                fontSize=12,
                fontWeight="normal",
                color="#4a5563",
                offset=12,
            ),
        )
        .resolve_scale(x="independent")
        .configure(background="#ffffff", font="sans-serif", padding=14)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12,
            domain=False,
            ticks=False,
            gridColor="#e8ecf0",
            labelPadding=6,
        )
    )
    FILE.write_text(vl_convert.vegalite_to_svg(chart.to_json()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
