"""What a shop world is expected to look like, and the numbers that make it the documented one.

All expected values are computed from seeds/shop and the settings, none by simulation. In a session,
N = max(1, Poisson(m)) items are viewed, each is scrolled with probability s, and each scrolled one
(each viewed one, where none was scrolled) is carted with probability c. With h(x) = E[x^N], the
generating function of the number K of carted items is therefore

    g(z) = h(1 - s + s y) - h(1 - s) + h((1 - s) y)    with    y = 1 - c + c z.

A carted item is bought at once with probability p, otherwise removed with probability r, otherwise
bought in each of the next three sessions with probability q. A session has no purchase with
probability g(1 - p) times g(1 - (1 - p) (1 - r) (1 - q)^(lag - 1) q) for each of the three sessions
before it. (An item that is carted again while it lies in the cart counts twice; that is rare.)

Run as a script, it solves for the cart probabilities of the profile `documented`, given its other
numbers, and prints what both profiles come to.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table
from scipy import optimize, stats

ROOT = Path(__file__).parents[1]
LAGS = (1, 2, 3)
# the share of sessions with a purchase that the documented dataset has, by persona
SESSIONS_WITH_PURCHASE = {"browser": 0.01, "researcher": 0.05, "buyer": 0.25}
# what worlds/shop.md asks of the profile `documented`, lowest and highest
TARGETS = {
    "events": (500_000, 1_000_000),
    "sessions": (50_000, 100_000),
    "scrolled per view": (0.40, 0.50),
    "carted per view": (0.05, 0.10),
    "purchased per view": (0.01, 0.03),
    "sessions with purchase": (0.03, 0.07),
    "sessions with purchase, browser": (0.008, 0.012),
    "sessions with purchase, researcher": (0.04, 0.06),
    "sessions with purchase, buyer": (0.22, 0.28),
}


def settings() -> dict[str, Any]:
    """The declared default of every setting."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return {name: spec["default"] for name, spec in project["vars"]["settings"].items()}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a seed file of the shop world."""
    with (ROOT / "seeds" / "shop" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Session:
    """What happens in a session of a persona.

    Attributes:
        items: Rate of the Poisson number of items.
        scroll: Probability that a viewed item is scrolled.
        cart: Probability that a scrolled item is carted.
        purchase: Probability that a carted item is bought at once.
        remove: Probability that another one is removed.
        later: Probability that a remaining one is bought in each of the next sessions.
    """

    items: float
    scroll: float
    cart: float
    purchase: float
    remove: float
    later: float

    def power(self, x: float) -> float:
        """E[x^N] of the number of items."""
        return np.exp(self.items * (x - 1)) + np.exp(-self.items) * (x - 1)

    def mean_items(self) -> float:
        """E[N]."""
        return self.items + np.exp(-self.items)

    def mean_carted(self) -> float:
        """E[K]."""
        unscrolled = 1 - self.scroll
        none_scrolled = unscrolled * (
            self.items * np.exp(self.items * (unscrolled - 1)) + np.exp(-self.items)
        )
        return self.cart * (self.scroll * self.mean_items() + none_scrolled)

    def carted(self, z: float) -> float:
        """E[z^K] of the number of carted items."""
        y = 1 - self.cart + self.cart * z
        unscrolled = 1 - self.scroll
        return (
            self.power(unscrolled + self.scroll * y)
            - self.power(unscrolled)
            + self.power(unscrolled * y)
        )

    def later_purchase(self, lag: int) -> float:
        """Probability that a carted item is bought in the session after so many."""
        left = (1 - self.purchase) * (1 - self.remove)
        return left * (1 - self.later) ** (lag - 1) * self.later

    def has_purchase(self, predecessors: int) -> float:
        """Probability that a session with so many before it has a purchase."""
        none = self.carted(1 - self.purchase)
        for lag in LAGS[:predecessors]:
            none *= self.carted(1 - self.later_purchase(lag))
        return 1 - none


def weekly_rates(persona: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """The sessions per week that users of a persona have, and how many have them."""
    mean = float(persona["sessions_per_week"])
    normal = stats.norm(mean, 0.3 * mean)
    if persona["has_whole_rate"] == "true":
        whole = np.arange(1, int(4 * mean) + 2)
        shares = normal.cdf(whole + 1) - normal.cdf(whole)
        shares[0] += normal.cdf(1)
        return whole.astype(float), shares
    middles = normal.ppf((np.arange(200) + 0.5) / 200)
    return np.maximum(middles, 1e-6), np.full(200, 1 / 200)


def rate_factors(values: dict[str, Any]) -> np.ndarray:
    """The factor of each day of the window on the sessions per day."""
    first = date.fromisoformat(str(values["shop_start_date"]))
    weights = {int(row["weekday"]): int(row["weight"]) for row in rows("shop_weekdays")}
    days = [first + timedelta(days=day) for day in range(values["shop_days"])]
    wave = [
        1
        + values["shop_seasonal_amplitude"]
        * np.cos(2 * np.pi * (day.timetuple().tm_yday - 349) / 365.25)
        for day in days
    ]
    mean = sum(weights.values()) / 7
    return np.array([weights[day.isoweekday()] / mean for day in days]) * wave


def registrations(values: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Days before the window's end at which users register, and how many do."""
    points = 400
    before = -values["shop_history_mean_days"] * np.log(
        1 - (np.arange(points) + 0.5) / points
    )
    return np.minimum(before, values["shop_history_max_days"]), np.full(
        points, 1 / points
    )


def active_days(values: dict[str, Any], until: float | None = None) -> np.ndarray:
    """For each registration, the sum of the day factors that it leaves, from a day on."""
    factors = rate_factors(values)
    ends = np.arange(1, len(factors) + 1)
    before, _ = registrations(values)
    registered = np.maximum(len(factors) - before, until or 0)
    shares = np.clip(ends[None, :] - registered[:, None], 0, 1)
    return shares @ factors


def session_of(
    persona: dict[str, str], values: dict[str, Any], factor: float = 1.0
) -> Session:
    """The session of a persona, with a factor on the probability of purchase."""
    is_plain = values["shop_mechanism"] == "plain"
    return Session(
        items=values["shop_items_per_session"] or float(persona["items_per_session"]),
        scroll=float(persona["scroll_probability"]),
        cart=float(persona["cart_probability"]),
        purchase=min(float(persona["purchase_probability"]) * factor, 1),
        remove=0 if is_plain else values["shop_remove_probability"],
        later=0 if is_plain else values["shop_return_purchase_probability"],
    )


def expected(profile: str, values: dict[str, Any]) -> dict[str, float]:
    """What a world of a profile is expected to have.

    Args:
        profile: The profile.
        values: All settings.

    Returns:
        Counts and shares, by the names of TARGETS and others.
    """
    start = values["shop_experiment_day"]
    start = values["shop_days"] // 2 if start is None else start
    all_days, late_days = active_days(values), active_days(values, start)
    users = values["shop_users"] * values["scale"]
    found: dict[str, float] = dict.fromkeys(
        ("sessions", "views", "scrolls", "carts", "removals", "purchases", "paid"), 0.0
    )
    for persona in rows("shop_personas"):
        if persona["profile"] != profile:
            continue
        rates, shares = weekly_rates(persona)
        number = users * float(persona["share"])
        means = np.outer(rates / 7, all_days)
        weights = np.outer(shares, np.full(len(all_days), 1 / len(all_days)))
        # how many sessions have at least so many before them
        with_earlier = {
            lag: float(
                (
                    weights
                    * (
                        means * stats.poisson.sf(lag - 1, means)
                        - lag * stats.poisson.sf(lag, means)
                    )
                ).sum()
            )
            for lag in (0, *LAGS)
        }
        treated = 0.5 * (np.outer(rates / 7, late_days) * weights).sum()
        treated /= with_earlier[0]
        effect = (
            1 + (float(persona["free_shipping_factor"]) - 1) * values["effect_scale"]
        )
        paid = 0.0
        for share, factor in ((1 - treated, 1.0), (treated, effect)):
            session = session_of(persona, values, factor)
            sessions = number * with_earlier[0] * share
            carts = sessions * session.mean_carted()
            found["sessions"] += sessions
            found["views"] += sessions * session.mean_items()
            found["scrolls"] += sessions * session.mean_items() * session.scroll
            found["carts"] += carts
            found["removals"] += carts * (1 - session.purchase) * session.remove
            found["purchases"] += carts * (
                session.purchase
                + sum(
                    session.later_purchase(lag) * with_earlier[lag] / with_earlier[0]
                    for lag in LAGS
                )
            )
            for earlier in range(4):
                exactly = (
                    _exactly(weights, means, earlier)
                    if earlier < 3
                    else with_earlier[3]
                )
                paid += number * share * exactly * session.has_purchase(earlier)
        found["paid"] += paid
        found[f"sessions with purchase, {persona['persona']}"] = paid / (
            number * with_earlier[0]
        )
    found["events"] = sum(
        found[name] for name in ("views", "scrolls", "carts", "removals", "purchases")
    )
    found["scrolled per view"] = found["scrolls"] / found["views"]
    found["carted per view"] = found["carts"] / found["views"]
    found["purchased per view"] = found["purchases"] / found["views"]
    found["sessions with purchase"] = found.pop("paid") / found["sessions"]
    return found


def _exactly(weights: np.ndarray, means: np.ndarray, earlier: int) -> float:
    """How many sessions have exactly so many before them."""
    return float((weights * stats.poisson.sf(earlier, means)).sum())


def solved_cart_probabilities(values: dict[str, Any]) -> dict[str, float]:
    """The cart probabilities that give the documented share of sessions with a purchase.

    Args:
        values: All settings.

    Returns:
        By persona, to three decimals, as they stand in the seed file.
    """
    found = {}
    for persona in rows("shop_personas"):
        if persona["profile"] != "documented":
            continue
        rates, shares = weekly_rates(persona)
        means = np.outer(rates / 7, active_days(values))
        weights = np.outer(shares, np.full(means.shape[1], 1 / means.shape[1]))
        exactly = [_exactly(weights, means, earlier) for earlier in range(3)]
        exactly.append((weights * means).sum() - sum(exactly))

        def miss(
            cart: float, persona: dict[str, str] = persona, exactly: Any = exactly
        ) -> float:
            session = session_of(persona | {"cart_probability": str(cart)}, values)
            paid = sum(
                number * session.has_purchase(earlier)
                for earlier, number in enumerate(exactly)
            )
            return paid / sum(exactly) - SESSIONS_WITH_PURCHASE[persona["persona"]]

        found[persona["persona"]] = round(optimize.brentq(miss, 0.0001, 0.9999), 3)
    return found


def main() -> None:
    """Example: python bench/calibrate_shop.py."""
    values = settings()
    console = Console()
    console.print(
        "Cart probabilities without the banner:", solved_cart_probabilities(values)
    )
    table = Table("expected", "documented", "target", "dense")
    found = {profile: expected(profile, values) for profile in ("documented", "dense")}
    for name, value in found["documented"].items():
        low, high = TARGETS.get(name, ("", ""))
        table.add_row(
            name,
            f"{value:,.4f}" if value < 1 else f"{value:,.0f}",
            f"{low} to {high}" if name in TARGETS else "",
            f"{found['dense'][name]:,.4f}"
            if value < 1
            else f"{found['dense'][name]:,.0f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
