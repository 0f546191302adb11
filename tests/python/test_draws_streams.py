"""Streams are named once, and their draws are independent of each other and of their neighbours."""

import itertools

import numpy as np
import pytest
from scipy import stats

from draw_harness import PROJECT, columns, compile_sql, connection
from draw_streams import (
    Use,
    draw_macros,
    faults,
    project_sources,
    project_streams,
    stream_uses,
)

# with a property `a` for those that a file declares
STREAMS = sorted(
    {
        f"{use.stream}users.a" if use.stream.endswith(".") else use.stream
        for use in project_streams(PROJECT)
        if use.stream
    }
)
SEEDS = range(42, 47)
NEIGHBOURS = (
    "users",
    "days",
    "sessions",
    "events",
    "counters",
    "parent and child",
    *SEEDS[:-1],
)
FAMILY_SIZE = len(STREAMS) * (len(STREAMS) - 1) // 2 + len(NEIGHBOURS)
LEVEL = 0.001 / FAMILY_SIZE


def correlation_p_value(correlation, count: int):
    """Two-sided p-value of a sample correlation of independent draws."""
    return 2 * stats.norm.sf(np.abs(correlation) * np.sqrt(count))


def test_every_stream_name_of_the_project_is_used_once_and_well_formed():
    assert len(STREAMS) > 20, "the parser has lost the streams"
    assert faults(project_streams(PROJECT)) == []


MACROS = {"uniform.sql": "{% macro uniform(key, stream, counter=0) %}{% endmacro %}"}


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        (
            "{{ uniform('k', 'feed.users.a') }} {{ uniform('k', 'feed.users.a') }}",
            "used at m.sql:1",
        ),
        (
            "{{ uniform('k', 'feed.users.a') }} {{ uniform('k', 'feed.users.a', 1) }}",
            "used at",
        ),
        (
            "{{ uniform('k', stream='feed.users.a') }} {{ uniform(1, 'feed.users.a') }}",
            "used at",
        ),
        (
            "{{ clip(uniform('k', 'feed.users.a'), uniform('k', 'feed.users.a'), 1) }}",
            "used at",
        ),
        ("{{ uniform('k', 'activity') }}", "is not <world>"),
        ("{{ uniform('k', 'feed.users.Activity') }}", "is not <world>"),
        ("{{ uniform('k', 'feed.' ~ name) }}", "is not a literal"),
        ("{{ uniform('k', name ~ 'feed.users.') }}", "is not a literal"),
        ("{{ uniform('k', 'a.b.' ~ n) }} {{ uniform(1, 'a.b.c') }}", "be declared"),
        ("{{ uniform('k', 'a.b.' ~ n) }} {{ uniform(1, 'a.b.' ~ n) }}", None),
        ("{% set s = 'a.b.' ~ n %} {{ uniform('k', s) }} {{ uniform(1, s) }}", None),
        (
            "{% macro m(key) %}{{ uniform(key, name) }}{% endmacro %}",
            "is not a literal",
        ),
        ("{{ uniform('k', 'feed.users.a') }} {# uniform('k', 'feed.users.a') #}", None),
        ("{% macro m(key, stream) %}{{ uniform(key, stream) }}{% endmacro %}", None),
        ("{{ uniform('k', 'feed.users.a') }} {{ uniform('k', 'feed.users.b') }}", None),
    ],
)
def test_the_checker_of_stream_names_finds_each_fault(model, fault):
    found = faults(list(stream_uses({"m.sql": model}, draw_macros(MACROS))))
    if fault is None:
        assert found == []
    else:
        assert len(found) == 1
        assert fault in found[0]


def test_the_checker_sees_macros_that_hand_on_their_stream():
    macros = draw_macros(project_sources(PROJECT))
    assert {"uniform", "bits", "normal", "beta", "delivery_delay_ms"} <= set(macros)
    uses = stream_uses(
        {"m.sql": "{{ beta('r', 'k', 'feed.users.a', 2, 5, 'x') }}"}, macros
    )
    assert list(uses) == [Use("m.sql:1", "beta", "feed.users.a")]


def test_stream_constants_are_distinct_and_stay_below_two_to_the_62_with_counters():
    calls = " ".join(f"{{{{ stream_constant('{stream}') }}}}" for stream in STREAMS)
    constants = sorted(int(constant) for constant in compile_sql(calls).split())
    assert len(constants) == len(STREAMS)
    assert constants[0] >= 0
    assert constants[-1] + 1000 < 2**62
    # counters of one stream do not reach into another
    assert min(b - a for a, b in itertools.pairwise(constants)) > 1000


def test_draws_of_all_pairs_of_streams_are_uncorrelated():
    count = 200_000
    draws = ", ".join(
        f"{{{{ uniform('key', '{stream}') }}}} as s{i}"
        for i, stream in enumerate(STREAMS)
    )
    sample = columns(f"select {draws} from keys where row_number < {count}")
    correlations = np.corrcoef(np.array(sample))[np.triu_indices(len(STREAMS), 1)]
    assert correlation_p_value(correlations, count).min() > LEVEL


@pytest.mark.parametrize("neighbours", NEIGHBOURS[:6])
def test_draws_of_neighbours_are_uncorrelated(neighbours):
    """Keys whose numbers differ by one, or that descend from one another."""
    pairs = {
        "users": "select {{ uniform(fold_in(7, 'row_number'), 'tests.pairs.a') }}, "
        "{{ uniform(fold_in(7, 'row_number + 1'), 'tests.pairs.a') }} from keys",
        "days": "select {{ uniform(fold_in('key', 3), 'tests.pairs.a') }}, "
        "{{ uniform(fold_in('key', 4), 'tests.pairs.a') }} from keys",
        "sessions": "select {{ uniform(fold_in('key', 0), 'tests.pairs.a') }}, "
        "{{ uniform(fold_in('key', 1), 'tests.pairs.a') }} from keys",
        "events": "select {{ uniform(fold_in('key', 'day'), 'tests.pairs.a') }}, "
        "{{ uniform(fold_in('key', 'day + 1'), 'tests.pairs.a') }} from keys",
        "counters": "select {{ uniform('key', 'tests.pairs.a') }}, "
        "{{ uniform('key', 'tests.pairs.a', 1) }} from keys",
        "parent and child": "select {{ uniform('key', 'tests.pairs.a') }}, "
        "{{ uniform(fold_in('key', 0), 'tests.pairs.a') }} from keys",
    }
    one, other = columns(pairs[neighbours])
    assert correlation_p_value(np.corrcoef(one, other)[0, 1], len(one)) > LEVEL


def root_key(seed: int) -> int:
    """The root key that the project draws from a seed, as gen__run does it."""
    query = compile_sql("select {{ root_key() }}", f"{{seed: {seed}}}")
    return connection().execute(query).fetchall()[0][0]


def test_two_different_seeds_give_different_root_keys_and_equal_seeds_equal_ones():
    # 1000003 is the modulus of what goes to setseed
    seeds = [0, 1, 2, 42, 43, 1000003, 1000045, 2**53 - 1]
    keys = [root_key(seed) for seed in seeds]
    assert len(set(keys)) == len(seeds)
    assert all(0 <= key < 2**63 for key in keys)
    assert [root_key(seed) for seed in seeds] == keys
    assert root_key(42) == 8215519925853078424


def test_every_integer_seed_lies_in_the_range_of_setseed():
    seeds = (0, 1, 1000002, 1000003, 2**53 - 1, 2**63 - 1, -1, -(2**62))
    bits = [int(compile_sql(f"{{{{ seeded_bits({seed}) }}}}")) for seed in seeds]
    assert all(0 <= found < 2**53 for found in bits)
    # equal where the remainders are, which keep their sign, and nowhere else
    remainders = {abs(seed) % 1000003 * (1 if seed >= 0 else -1) for seed in seeds}
    assert len(set(bits)) == len(remainders)


@pytest.mark.parametrize("seed", SEEDS[:-1])
def test_draws_under_neighbouring_seeds_are_uncorrelated(seed):
    one, other = columns(
        "select "
        f"{{{{ uniform(fold_in({root_key(seed)}, 'row_number'), 'tests.pairs.a') }}}}, "
        f"{{{{ uniform(fold_in({root_key(seed + 1)}, 'row_number'), 'tests.pairs.a') }}}} from keys"
    )
    assert correlation_p_value(np.corrcoef(one, other)[0, 1], len(one)) > LEVEL


def test_the_trap_of_hashes_with_several_arguments():
    """Two streams over the same ids: the bad form is correlated, ours is not."""
    count = 1_000_000
    bad = columns(
        "select hash(row_number, 1) / 18446744073709551616.0, "
        "hash(row_number, 2) / 18446744073709551616.0 from keys"
    )
    ours = columns(
        "select {{ uniform('key', 'tests.trap.a') }}, "
        "{{ uniform('key', 'tests.trap.b') }} from keys"
    )
    assert abs(np.corrcoef(*bad)[0, 1]) > 0.4
    assert correlation_p_value(np.corrcoef(*bad)[0, 1], count) < LEVEL
    assert correlation_p_value(np.corrcoef(*ours)[0, 1], count) > LEVEL
    # two 50/50 splits over the same ids: the bad ones are one split, or depend on each other
    bad_split = stats.chi2_contingency(np.histogram2d(*bad, bins=2)[0]).pvalue
    our_split = stats.chi2_contingency(np.histogram2d(*ours, bins=2)[0]).pvalue
    assert bad_split < LEVEL < our_split


def test_the_trap_of_a_small_seed_in_the_hash():
    """2^16 ids under 16 seeds: the bad form permutes one set of values, ours draws anew."""
    ids, seeds = 2**16, range(16)
    bad = columns(
        "select "
        + ", ".join(
            f"hash(xor(row_number, {seed}::bigint)) / 18446744073709551616.0"
            for seed in seeds
        )
        + f" from keys where row_number < {ids}"
    )
    ours = columns(
        "select "
        + ", ".join(
            f"{{{{ uniform(fold_in(mix({seed + 42}), 'row_number'), 'tests.trap.c') }}}}"
            for seed in seeds
        )
        + f" from keys where row_number < {ids}"
    )

    def spread_p_value(draws):
        """The means of independent uniform samples vary with 1 / (12 n), no more and no less."""
        z = (np.array([draw.mean() for draw in draws]) - 0.5) * np.sqrt(12 * ids)
        statistic = ((z - z.mean()) ** 2).sum()
        return 2 * min(
            stats.chi2.cdf(statistic, len(z) - 1), stats.chi2.sf(statistic, len(z) - 1)
        )

    assert all(np.array_equal(np.sort(draw), np.sort(bad[0])) for draw in bad)
    assert spread_p_value(bad) < 1e-12
    assert spread_p_value(ours) > 0.001
