"""Colours of the page and its charts, light and dark.

The categories are those of Okabe and Ito (2008), "Color universal design", darkened or lightened to
a contrast of 3:1 with the background; the ramps are of one hue, so that print and colour blindness
keep their order.
"""

from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"

LIGHT = {
    "scheme": "light",
    "background": "#ffffff",
    "surface": "#f6f7f9",
    "text": "#1b2430",
    "muted": "#566373",
    "line": "#dde2e8",
    "accent": "#0a5fa8",
    "truth": "#111820",
    "good": "#1a7f4b",
    "warning": "#9a6700",
    "bad": "#c1121f",
    "categories": [
        "#0b69ad",
        "#c96a00",
        "#00835f",
        "#a8487f",
        "#6b5bb3",
        "#8a6d1b",
        "#3d8fb8",
        "#6f7680",
    ],
    "ramp": ["#eef4fa", "#9cc3e3", "#3f86bd", "#0b4a7d"],
}

DARK = {
    "scheme": "dark",
    "background": "#12171e",
    "surface": "#1a212b",
    "text": "#e6ebf1",
    "muted": "#9aa7b6",
    "line": "#2c3642",
    "accent": "#6db5f2",
    "truth": "#ffffff",
    "good": "#5ccf97",
    "warning": "#e3b341",
    "bad": "#ff7b72",
    "categories": [
        "#5aa9e6",
        "#f2a03d",
        "#3fbf95",
        "#e08ebd",
        "#a99be8",
        "#d1b45a",
        "#8fd0ef",
        "#a9b1bb",
    ],
    "ramp": ["#182433", "#22507a", "#4690c8", "#b9dcf7"],
}


def vega_config(theme: dict[str, Any]) -> dict[str, Any]:
    """The theme as Vega-Lite wants it.

    Args:
        theme: `LIGHT` or `DARK`.

    Returns:
        A config, by which a chart is drawn without colours of its own.
    """
    text = {"labelColor": theme["muted"], "titleColor": theme["muted"]}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **text,
            "labelFontSize": 11,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
            "gridColor": theme["line"],
            "domain": False,
            "ticks": False,
            "labelPadding": 5,
            "labelLimit": 150,
            "labelOverlap": True,
            "labelSeparation": 8,
        },
        "legend": {
            **text,
            "orient": "top",
            "direction": "horizontal",
            "title": None,
            "labelFontSize": 11,
            "labelLimit": 150,
            "symbolStrokeWidth": 2,
        },
        "title": {"color": theme["text"]},
        "range": {
            "category": theme["categories"],
            "heatmap": theme["ramp"],
            "ramp": theme["ramp"],
        },
        "mark": {"color": theme["categories"][0]},
        "line": {"strokeWidth": 2},
        "rule": {"color": theme["muted"]},
        "text": {"color": theme["text"], "fontSize": 11},
        "style": {
            "truth": {"color": theme["truth"], "fill": theme["truth"]},
            "truth-line": {"stroke": theme["truth"], "strokeWidth": 2},
            "threshold": {"stroke": theme["bad"], "strokeDash": [4, 3]},
            "zero": {"stroke": theme["muted"], "strokeDash": [2, 3]},
            "inside": {"fill": theme["background"], "fontSize": 11},
            "outline": {"stroke": theme["background"], "strokeWidth": 0.5},
        },
    }
