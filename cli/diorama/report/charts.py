"""Vega-Lite charts. Colours are named by the theme, so one chart serves light and dark."""

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import altair as alt

from diorama.report.figures import Panel, Row, knows_truth

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
ROW_HEIGHT = 24
HEIGHT = 220
BAR = {"cornerRadius": 1}


class Rows(alt.InlineData):
    """Rows that nobody changes: Altair copies and checks each value several times otherwise."""

    _class_is_valid_at_instantiation = False

    def __deepcopy__(self, memo: Any) -> "Rows":
        """The rows themselves."""
        return self


def data_of(rows: Iterable[Row]) -> Rows:
    """Rows as JSON, with numbers rounded to eight digits and dates as local midnight.

    JavaScript reads a bare date as midnight UTC, which in America would show the day before.
    """
    return Rows([{k: _plain(v) for k, v in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00"
    if isinstance(value, Decimal | float):
        return float(f"{value:.8g}") if math.isfinite(value) else None
    return value


def tooltip(**fields: str) -> list[alt.Tooltip]:
    """The tooltip of a mark.

    Args:
        **fields: The field and its format, `events=",:Events"`: a format of d3 and the label.

    Returns:
        The channels.
    """
    channels = []
    for field, told in fields.items():
        form, _, label = told.partition(":")
        if form == "date":
            channels.append(
                alt.Tooltip(field, type="temporal", format="%a %-d %b %Y", title=label)
            )
        elif form:
            channels.append(
                alt.Tooltip(field, type="quantitative", format=form, title=label)
            )
        else:
            channels.append(alt.Tooltip(field, type="nominal", title=label))
    return channels


def in_order(rows: Iterable[Row], field: str) -> list[Any]:
    """The distinct values of a field, in the order of the rows."""
    return list(dict.fromkeys(row[field] for row in rows))


def largest(rows: Iterable[Row], *fields: str) -> float:
    """The largest number in some fields, or 1 if none is above 0, so that the axis has a length."""
    return (
        max((float(row[f]) for row in rows for f in fields if row[f]), default=0) or 1
    )


def height_of(rows: Iterable[Row], field: str, each: int = ROW_HEIGHT) -> int:
    """The height of a chart with one row per value of a field.

    A number, because Vega-Lite does not fit a chart to a width if its height is in steps.
    """
    return each * len(in_order(rows, field))


def colour_of(rows: list[Row], field: str) -> alt.Color:
    """Colours by a field, in the order of the rows."""
    return alt.Color(field, type="nominal", sort=in_order(rows, field), title=None)


def dash_of(rows: list[Row], field: str) -> alt.StrokeDash:
    """Dashes by a field, in the order of the rows."""
    return alt.StrokeDash(
        field,
        type="nominal",
        sort=in_order(rows, field),
        title=None,
        legend=alt.Legend(symbolType="stroke"),
    )


def volume(rows: list[Row]) -> list[Panel]:
    """Stacked bars by period: columns `period`, `unit` (day, week, month), `kind`, `amount`.

    All on one day is no matter of time: then a bar for each kind.
    """
    if len(in_order(rows, "period")) == 1:
        return ranked("kind")(rows)
    unit = rows[0]["unit"]
    by = {"day": "yearmonthdate", "week": "yearweek", "month": "yearmonth"}[unit]
    chart = (
        alt.Chart(data_of(rows))
        .mark_bar()
        .encode(
            x=alt.X("period:T", timeUnit=by, title=None, axis=alt.Axis(grid=False)),
            y=alt.Y("sum(amount):Q", title=f"per {unit}", axis=alt.Axis(format="~s")),
            color=colour_of(rows, "kind"),
            order=alt.Order("rank:Q"),
            tooltip=tooltip(period=f"date:{unit}", kind=":kind", amount=",:number"),
        )
        .properties(height=HEIGHT + 20)
    )
    return [Panel(chart, is_wide=True)]


def labels(rows: list[Row]) -> list[Panel]:
    """Bars by `as_of_date` as high as `share`, in the colour of the `split`."""
    chart = (
        alt.Chart(data_of(rows))
        .mark_bar()
        .encode(
            x=alt.X(
                "as_of_date:T",
                timeUnit="yearmonthdate",
                title=None,
                axis=alt.Axis(grid=False),
            ),
            y=alt.Y("share:Q", title="label 1", axis=alt.Axis(format="~%")),
            color=colour_of(rows, "split"),
            tooltip=tooltip(
                as_of_date="date:date",
                split=":split",
                share=".2%:label 1",
                amount=",:users",
            ),
        )
        .properties(height=HEIGHT)
    )
    return [Panel(chart, is_wide=True)]


def heat_map(rows: list[Row]) -> list[Panel]:
    """Squares by `weekday` (1 Monday) and `hour`, darker where `amount` is higher."""
    named = [row | {"day": WEEKDAYS[row["weekday"] - 1]} for row in rows]
    chart = (
        alt.Chart(data_of(named))
        .mark_rect(style="outline")
        .encode(
            x=alt.X("hour:O", title="hour (UTC)", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("day:O", sort=WEEKDAYS, title=None),
            color=alt.Color(
                "amount:Q",
                scale=alt.Scale(zero=True),
                legend=alt.Legend(gradientLength=150, format="~s"),
            ),
            tooltip=tooltip(day=":weekday", hour="d:hour", amount=",.1f:mean number"),
        )
        .properties(height=7 * ROW_HEIGHT)
    )
    return [Panel(chart, is_wide=True)]


def histograms(rows: list[Row]) -> list[Panel]:
    """One histogram per `panel`: bins from `low` to `high`, as high as `share`.

    Several kinds are drawn as steps, since bars would hide each other.
    """

    def chart(rows: list[Row]) -> alt.Chart:
        is_one = len(in_order(rows, "kind")) == 1
        up = alt.Y("share:Q", stack=None, title=None, axis=alt.Axis(format="~%"))
        shown = tooltip(
            **({} if is_one else {"kind": ":kind"}),
            low=",:from",
            high=",:to below",
            amount=",:number",
            share=".1%:share",
        )
        base = alt.Chart(data_of(rows)).encode(y=up, tooltip=shown)
        if is_one:
            across = alt.X("low:Q", bin="binned", title=None, axis=alt.Axis(grid=False))
            return base.mark_bar(binSpacing=1).encode(x=across, x2="high:Q")
        steps = base.mark_line(interpolate="step-after").encode(
            x=alt.X("low:Q", title=None, axis=alt.Axis(grid=False)),
            color=colour_of(rows, "kind"),
        )
        touch = base.mark_point(size=60, opacity=0, filled=True).encode(
            x="low:Q", color=colour_of(rows, "kind")
        )
        return alt.layer(steps, touch)

    return [
        Panel(chart(of).properties(height=HEIGHT - 40), title)
        for title, of in by_panel(rows)
    ]


def lines(
    x: str,
    y: str,
    x_title: str,
    y_title: str,
    form: str = ".1%",
    colour: str | None = None,
    dash: str | None = None,
    band: bool = False,
    zero: bool = True,
    is_wide: bool = True,
    axis: str = "~%",
    log: bool = False,
) -> Callable[[list[Row]], list[Panel]]:
    """Lines, one chart per `panel` where the rows have one.

    Args:
        x: The field to the right; a date where the rows hold one.
        y: The field upwards.
        x_title: What it is.
        y_title: What it is.
        form: The format of its values.
        colour: The field whose values become lines.
        dash: The field whose values become dashes.
        band: Whether `ci_lower` and `ci_upper` are drawn as a band.
        zero: Whether the axis starts at 0.
        is_wide: Whether a panel takes the whole width.
        axis: The format of the axis.
        log: Whether both axes are logarithmic.

    Returns:
        The drawing of rows.
    """

    def drawn(rows: list[Row]) -> list[Panel]:
        return [Panel(chart(of), title, is_wide) for title, of in by_panel(rows)]

    def chart(rows: list[Row]) -> alt.LayerChart:
        is_date = isinstance(rows[0][x], date)
        is_whole = isinstance(rows[0][x], int)
        scale = alt.Scale(type="log", nice=False) if log else alt.Undefined
        across = alt.X(
            x,
            type="temporal" if is_date else "quantitative",
            title=x_title,
            axis=alt.Axis(grid=False, tickMinStep=1 if is_whole else alt.Undefined),
            scale=scale if log else alt.Scale(nice=False),
        )
        up = alt.Y(
            f"{y}:Q",
            title=y_title,
            axis=alt.Axis(format=axis),
            scale=scale if log else alt.Scale(zero=zero),
        )
        shown = tooltip(
            **({colour: f":{colour.replace('_', ' ')}"} if colour else {}),
            **({dash: f":{dash.replace('_', ' ')}"} if dash else {}),
            **{
                x: f"date:{x_title}" if is_date else f",:{x_title}",
                y: f"{form}:{y_title}",
            },
            **({"ci_lower": f"{form}:from", "ci_upper": f"{form}:to"} if band else {}),
            **({"amount": ",:out of"} if "amount" in rows[0] else {}),
        )
        encoding: dict[str, Any] = {"x": across, "tooltip": shown}
        if colour:
            encoding["color"] = colour_of(rows, colour)
        if dash:
            encoding["strokeDash"] = dash_of(rows, dash)
        base = alt.Chart(data_of(rows)).encode(**encoding)
        layers = [base.mark_line().encode(y=up)]
        if band:
            layers.insert(
                0,
                base.mark_area(opacity=0.2).encode(
                    y=alt.Y("ci_lower:Q", title=y_title), y2="ci_upper:Q"
                ),
            )
        # a point under the pointer is easier to hit than a line
        layers.append(base.mark_point(size=90, opacity=0, filled=True).encode(y=up))
        return alt.layer(*layers).properties(height=HEIGHT)

    return drawn


def funnel(rows: list[Row]) -> list[Panel]:
    """A bar for each `step`, with `amount`, `share` of the first and `share_of_previous`."""
    told = [
        row
        | {
            "label": f"{row['amount']:,} · {row['share']:.1%}"
            if row["share"] is not None
            else "0"
        }
        for row in rows
    ]
    panels = []
    for title, of_panel in by_panel(told):
        base = alt.Chart(data_of(of_panel)).encode(
            y=alt.Y(
                "step:N",
                sort=in_order(of_panel, "step"),
                title=None,
                axis=alt.Axis(labelLimit=220),
            ),
            tooltip=tooltip(
                step=":step",
                amount=",:number",
                share=".1%:of the first",
                share_of_previous=".1%:of the step before",
            ),
        )
        bars = base.mark_bar(**BAR).encode(
            x=alt.X(
                "amount:Q",
                title=None,
                axis=None,
                # room for the label behind the longest bar
                scale=alt.Scale(domain=[0, 1.45 * largest(of_panel, "amount")]),
            )
        )
        label = base.mark_text(align="left", dx=5).encode(x="amount:Q", text="label:N")
        chart = alt.layer(bars, label).properties(
            height=height_of(of_panel, "step", ROW_HEIGHT + 6)
        )
        panels.append(Panel(chart, title, is_wide=not title))
    return panels


def ranked(
    category: str, amount: str = "amount", form: str = ",", colour: str | None = None
) -> Callable[[list[Row]], list[Panel]]:
    """Horizontal bars in the order of the rows, with the number behind each.

    Args:
        category: The field of the bars.
        amount: The field of their lengths.
        form: Its format, as Python and d3 both know it.
        colour: The field of their colours; bars of one category are stacked and have no number.

    Returns:
        The drawing of rows.
    """

    def drawn(rows: list[Row]) -> list[Panel]:
        panels = []
        for title, of_panel in by_panel(rows):
            base = alt.Chart(data_of(of_panel)).encode(
                y=alt.Y(
                    category,
                    type="nominal",
                    sort=in_order(of_panel, category),
                    title=None,
                    axis=alt.Axis(labelLimit=200),
                ),
                tooltip=tooltip(
                    **{category: f":{category.replace('_', ' ')}"},
                    **({colour: f":{colour.replace('_', ' ')}"} if colour else {}),
                    **{amount: f"{form}:{amount.replace('_', ' ')}"},
                ),
            )
            if colour:
                bars = base.mark_bar(**BAR).encode(
                    x=alt.X(f"{amount}:Q", title=None, axis=alt.Axis(format="~s")),
                    color=colour_of(of_panel, colour),
                )
                chart: Any = bars
            else:
                bars = base.mark_bar(**BAR).encode(
                    x=alt.X(
                        f"{amount}:Q",
                        title=None,
                        axis=None,
                        scale=alt.Scale(domain=[0, 1.25 * largest(of_panel, amount)]),
                    )
                )
                label = base.mark_text(align="left", dx=5).encode(
                    x=f"{amount}:Q", text=alt.Text(f"{amount}:Q", format=form)
                )
                chart = alt.layer(bars, label)
            panels.append(
                Panel(
                    chart.properties(height=height_of(of_panel, category)),
                    title,
                    is_wide=not title,
                )
            )
        return panels

    return drawn


def splits(rows: list[Row]) -> list[Panel]:
    """Two panels by `split`: its number of rows, and the share of each `kind` in it."""
    order = in_order(rows, "split")
    base = alt.Chart(data_of(rows)).encode(
        y=alt.Y("split:N", sort=order, title=None),
        color=colour_of(rows, "kind"),
        order=alt.Order("rank:Q"),
        tooltip=tooltip(
            split=":split", kind=":class", amount=",:rows", share=".2%:share"
        ),
    )
    sizes = base.mark_bar(**BAR).encode(
        x=alt.X("amount:Q", title=None, axis=alt.Axis(format="~s"))
    )
    shares = base.mark_bar(**BAR).encode(
        x=alt.X(
            "share:Q",
            title=None,
            axis=alt.Axis(format="~%"),
            scale=alt.Scale(domain=[0, 1]),
        )
    )
    height = height_of(rows, "split", ROW_HEIGHT + 10)
    return [
        Panel(sizes.properties(height=height), "Rows"),
        Panel(shares.properties(height=height), "Shares of the classes"),
    ]


def scores(rows: list[Row]) -> list[Panel]:
    """Points by `split`, one for each `score`, at its `auc`; the last score is the truth's."""
    base = alt.Chart(data_of(rows)).encode(
        y=alt.Y("split:N", sort=in_order(rows, "split"), title=None),
        x=alt.X(
            "auc:Q",
            title="AUC",
            scale=alt.Scale(zero=False, padding=20),
            axis=alt.Axis(tickCount=6),
        ),
        color=colour_of(rows, "score"),
        shape=alt.Shape("score:N", sort=in_order(rows, "score"), legend=None),
        tooltip=tooltip(
            split=":split",
            score=":score",
            auc=".4f:AUC",
            log_loss=".4f:log-loss",
            amount=",:rows",
        ),
    )
    chart = base.mark_point(filled=True, size=110, opacity=0.9)
    return [
        Panel(
            chart.properties(height=height_of(rows, "split", ROW_HEIGHT + 12)),
            is_wide=True,
        )
    ]


def calibration(rows: list[Row]) -> list[Panel]:
    """Points of `predicted` and `observed`, and the line where both are one."""
    top = largest(rows, "predicted", "observed")
    diagonal = (
        alt.Chart(data_of([{"at": 0}, {"at": top}]))
        .mark_line(style="zero", strokeWidth=1)
        .encode(x="at:Q", y="at:Q")
    )
    points = (
        alt.Chart(data_of(rows))
        .mark_point(filled=True, opacity=0.85)
        .encode(
            x=alt.X(
                "predicted:Q",
                title="probability by the truth",
                axis=alt.Axis(format="~%"),
            ),
            y=alt.Y("observed:Q", title="share of label 1", axis=alt.Axis(format="~%")),
            size=alt.Size("amount:Q", legend=None, scale=alt.Scale(range=[30, 250])),
            tooltip=tooltip(
                predicted=".2%:probability",
                observed=".2%:share of label 1",
                amount=",:rows",
            ),
        )
    )
    return [Panel(alt.layer(diagonal, points).properties(height=HEIGHT), is_wide=True)]


def by_panel(rows: list[Row]) -> Iterable[tuple[str, list[Row]]]:
    """The rows of each `panel`, in their order; one panel without title where there is none."""
    if "panel" not in rows[0]:
        return [("", rows)]
    return [
        (title, list(of)) for title, of in groupby(rows, key=lambda row: row["panel"])
    ]


def intervals(category: str) -> Callable[[list[Row]], list[Panel]]:
    """Estimates with their intervals, and the true effects where known, one chart per metric.

    Args:
        category: The field of which each value is a line: the estimator, the segment.

    Returns:
        The drawing of rows with `effect`, `ci_lower`, `ci_upper`; perhaps with `true_effect` and
        `verdict`: does the interval hold it?
    """

    def drawn(rows: list[Row]) -> list[Panel]:
        return [Panel(chart(of_panel), title) for title, of_panel in by_panel(rows)]

    def chart(rows: list[Row]) -> alt.LayerChart:
        has_truth = knows_truth(rows)
        base = alt.Chart(data_of(rows)).encode(
            y=alt.Y(
                category, type="nominal", sort=in_order(rows, category), title=None
            ),
            tooltip=tooltip(
                **{category: f":{category.replace('_', ' ')}"}
                | ({"estimator": ":estimator"} if "estimator" in rows[0] else {}),
                effect=".4~g:estimate",
                ci_lower=".4~g:from",
                ci_upper=".4~g:to",
                **({"true_effect": ".4~g:truth"} if has_truth else {}),
                amount=",:units",
            ),
        )
        across = alt.X(
            "ci_lower:Q",
            title="effect",
            scale=alt.Scale(zero=False, nice=False, padding=8),
        )
        coloured = base
        if has_truth:
            verdicts = alt.Scale(domain=["holds the truth", "misses it"])
            coloured = base.encode(
                color=alt.Color("verdict:N", scale=verdicts, legend=None)
            )
        zero = (
            alt.Chart(data_of([{"zero": 0}]))
            .mark_rule(style="zero")
            .encode(x=alt.X("zero:Q", title="effect"))
        )
        spans = coloured.mark_rule(strokeWidth=2.5).encode(x=across, x2="ci_upper:Q")
        points = coloured.mark_point(filled=True, size=60, opacity=1).encode(
            x="effect:Q"
        )
        layers: list[Any] = [zero, spans, points]
        if has_truth:
            truth = base.mark_point(
                shape="diamond", size=55, filled=True, opacity=1, style="truth"
            )
            layers.append(truth.encode(x="true_effect:Q"))
        return alt.layer(*layers).properties(
            height=height_of(rows, category, ROW_HEIGHT - 2)
        )

    return drawn


def effect_days(rows: list[Row]) -> list[Panel]:
    """The effect by `day` since exposure with its band, and the true one, one chart per metric."""

    def chart(rows: list[Row]) -> alt.LayerChart:
        has_truth = knows_truth(rows)
        base = alt.Chart(data_of(rows)).encode(
            x=alt.X(
                "day:Q",
                title="days since exposure",
                axis=alt.Axis(grid=False, tickMinStep=1),
                scale=alt.Scale(nice=False),
            ),
            tooltip=tooltip(
                day="d:day",
                effect=".4~g:estimate",
                ci_lower=".4~g:from",
                ci_upper=".4~g:to",
                **({"true_effect": ".4~g:truth"} if has_truth else {}),
                amount=",:units",
            ),
        )
        title = alt.Y("ci_lower:Q", title="effect")
        zero = (
            alt.Chart(data_of([{"zero": 0}]))
            .mark_rule(style="zero")
            .encode(y=alt.Y("zero:Q", title="effect"))
        )
        band = base.mark_area(opacity=0.2).encode(y=title, y2="ci_upper:Q")
        line = base.mark_line().encode(y="effect:Q")
        touch = base.mark_point(size=90, opacity=0, filled=True).encode(y="effect:Q")
        layers: list[Any] = [zero, band, line, touch]
        if has_truth:
            truth = base.mark_point(
                shape="diamond", size=35, filled=True, opacity=1, style="truth"
            )
            layers.append(truth.encode(y="true_effect:Q"))
        return alt.layer(*layers).properties(height=HEIGHT - 40)

    return [Panel(chart(of_panel), title) for title, of_panel in by_panel(rows)]


def p_values(rows: list[Row]) -> list[Panel]:
    """p-values by `date` and `kind`, logarithmic, with the `level`, one chart per metric."""

    def chart(rows: list[Row]) -> alt.LayerChart:
        known = [row["p_value"] for row in rows if row["p_value"] is not None]
        lowest = max(1e-6, min([0.01, *known]))
        base = alt.Chart(data_of(rows)).encode(
            x=alt.X("date:T", title=None, axis=alt.Axis(grid=False, format="%-d %b")),
            color=colour_of(rows, "kind"),
            tooltip=tooltip(date="date:date", kind=":kind", p_value=".4~g:p-value"),
        )
        up = alt.Y(
            "p_value:Q",
            title="p-value",
            scale=alt.Scale(type="log", domain=[lowest, 1], clamp=True, nice=True),
            axis=alt.Axis(format="~g", tickCount=4),
        )
        line = base.mark_line(interpolate="step-after").encode(y=up)
        dot = base.mark_point(size=14, opacity=1, filled=True).encode(y=up)
        touch = base.mark_point(size=70, opacity=0, filled=True).encode(y=up)
        level = (
            alt.Chart(data_of([{"level": rows[0]["level"]}]))
            .mark_rule(style="threshold")
            .encode(y=alt.Y("level:Q", title="p-value"))
        )
        return alt.layer(level, line, dot, touch).properties(height=HEIGHT - 40)

    return [Panel(chart(of_panel), title) for title, of_panel in by_panel(rows)]


def contributions(rows: list[Row]) -> list[Panel]:
    """Bars to both sides of zero by `part`, with `amount`, one chart per metric."""

    def chart(rows: list[Row]) -> alt.LayerChart:
        base = alt.Chart(data_of(rows)).encode(
            y=alt.Y("part:N", sort=in_order(rows, "part"), title=None),
            tooltip=tooltip(part=":part", amount="+.4~g:amount"),
        )
        bars = base.mark_bar(**BAR).encode(
            x=alt.X("amount:Q", title=None),
            color=alt.Color("kind:N", sort=in_order(rows, "kind"), legend=None),
        )
        zero = (
            alt.Chart(data_of([{"zero": 0}])).mark_rule(style="zero").encode(x="zero:Q")
        )
        return alt.layer(bars, zero).properties(height=height_of(rows, "part"))

    return [Panel(chart(of_panel), title) for title, of_panel in by_panel(rows)]


def dots(
    category: str,
    amount: str,
    colour: str,
    form: str,
    axis: str,
    title: str,
    level: str | None = None,
) -> Callable[[list[Row]], list[Panel]]:
    """Dots by category and colour, one chart per `panel` where the rows have one.

    Args:
        category: The field downwards.
        amount: The field to the right.
        colour: The field of the colours.
        form: The format of the amounts.
        axis: The format of the axis.
        title: What the amounts are.
        level: A field whose first value is a line to compare with.

    Returns:
        The drawing of rows.
    """

    def drawn(rows: list[Row]) -> list[Panel]:
        return [Panel(chart(of), name, is_wide=not name) for name, of in by_panel(rows)]

    def chart(rows: list[Row]) -> alt.LayerChart:
        base = alt.Chart(data_of(rows)).encode(
            y=alt.Y(
                category, type="nominal", sort=in_order(rows, category), title=None
            ),
            x=alt.X(
                f"{amount}:Q",
                title=title,
                axis=alt.Axis(format=axis),
                scale=alt.Scale(zero=False, padding=8),
            ),
            color=colour_of(rows, colour),
            tooltip=tooltip(
                **{
                    category: f":{category}",
                    colour: f":{colour}",
                    amount: f"{form}:{title}",
                }
            ),
        )
        layers: list[Any] = [base.mark_point(filled=True, size=70, opacity=0.85)]
        if level:
            line = alt.Chart(data_of([{"level": rows[0][level]}])).mark_rule(
                style="threshold"
            )
            layers.insert(0, line.encode(x=alt.X("level:Q", title=title)))
        return alt.layer(*layers).properties(height=height_of(rows, category))

    return drawn
