"""The alias table gives each category exactly its weight: rational arithmetic, no tolerance."""

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from draw_harness import compile_sql, connection


def alias_rows(weights: list[int]) -> list[tuple[int, int, int, float]]:
    """Bucket, category, alias category and own share; category i has weights[i]."""
    rows = ", ".join(
        f"({category}::bigint, {weight}::bigint)"
        for category, weight in enumerate(weights)
    )
    table = compile_sql("{{ alias_table('weights') }}")
    weights_table = f"select * from (values {rows}) as w (category, weight)"
    query = f"with weights as ({weights_table}), a as ({table})"
    return (
        connection()
        .execute(f"{query} select bucket, category, alias_category, own_share from a")
        .fetchall()
    )


def drawn_weights(rows, total: int) -> dict[int, int]:
    """What the buckets add up to, in units of total weight per bucket."""
    shares = defaultdict(int)
    for _, category, alias_category, own_share in rows:
        own = round(Fraction(own_share) * total)
        # own_share is the double nearest to a whole number of units
        assert own / total == own_share
        shares[category] += own
        shares[alias_category] += total - own
    return shares


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any))
@example([1])
@example([7])
@example([1] * 24)
@example([0, 0, 5, 0])
@example([1, 10**13])
@example([10**13, 1, 1, 10**13, 0])
@example([10**13] + [1] * 39)
@example([1] * 39 + [10**13])
@example([5, 2, 2, 2, 2, 2])
@example([3, 2, 3, 1, 1])
@example([2**k for k in range(40)])
def test_buckets_add_up_to_the_weights_exactly(weights):
    rows = alias_rows(weights)
    count, total = len(weights), sum(weights)
    assert sorted(row[0] for row in rows) == list(range(count))
    assert sorted(row[1] for row in rows) == list(range(count))
    assert all(0 <= row[3] <= 1 for row in rows)
    shares = drawn_weights(rows, total)
    assert all(
        shares[category] == weight * count for category, weight in enumerate(weights)
    )


def test_the_largest_table_that_a_setting_allows_is_exact():
    """100,000 cards under an exponent of 5, where most weights are zero."""
    table = compile_sql(
        "with cards as (select rank as category, {{ zipf_weight('rank', 5) }} as weight "
        "from {{ series(1, 100001, 'rank') }} as cards) "
        "select a.bucket, a.category, a.alias_category, a.own_share, cards.weight "
        "from ({{ alias_table('cards') }}) as a inner join cards on a.category = cards.category"
    )
    rows = connection().execute(table).fetchall()
    total = sum(row[4] for row in rows)
    shares = drawn_weights([row[:4] for row in rows], total)
    assert all(shares[row[1]] == row[4] * len(rows) for row in rows)
    assert [row[4] for row in rows if row[1] == 1] == [10**8]


@pytest.mark.parametrize("exponent", [0, 0.8, 5])
def test_zipf_weights_are_rounded_powers(exponent):
    sql = compile_sql(
        f"select rank, {{{{ zipf_weight('rank', {exponent}) }}}} "
        "from {{ series(1, 500, 'rank') }} as ranks"
    )
    for rank, weight in connection().execute(sql).fetchall():
        assert weight == int(10**8 * float(rank) ** -exponent + 0.5)
