"""Small shop worlds that several test modules share, so that each is built once."""

from typing import Any

BASE: dict[str, Any] = {"name": "shop", "shop_users": 150}
# the same world as it was known on its 60th day
EARLIER = BASE | {"as_of": "2024-09-29"}
# more sessions than a day has room for, and every purchase comes later; of the items' weights
# only popularity is left
CROWDED: dict[str, Any] = {
    "name": "shop",
    "shop_users": 150,
    "shop_profile": "dense",
    "shop_session_gap_minutes": 240,
    "shop_return_purchase_probability": 1,
    "shop_remove_probability": 0,
    "shop_seasonal_amplitude": 1,
    "shop_zipf_exponent": 1.2,
    "shop_affinity_strength": 0,
    "shop_price_sensitivity": 0,
    "shop_popularity_half_life_days": 100000,
    "shop_futures": 1,
    "defect_rate": 0.2,
    "late_rate": 0.3,
}


def built_with(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of the project among those of a world."""
    return {k: v for k, v in settings.items() if k not in ("name", "threads")}
