"""Small feed worlds that several test modules share, so that each is built once."""

from typing import Any

USERS = 2000
# dirt, delivery and a log of both arms, none of which changes what happens
DIRTY: dict[str, Any] = {
    "feed_users": USERS,
    "defect_rate": 0.2,
    "late_rate": 0.3,
    "late_max_days": 9,
    "multi_variant_rate": 0.5,
}
