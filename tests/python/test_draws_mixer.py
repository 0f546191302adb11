"""The mixer under every draw: golden values, and an independent implementation in Python."""

import hashlib

import numpy as np
import pytest

from draw_harness import FOLD_CONSTANT, compile_sql, connection, fold_in, mix

# Computed with the Python implementation in draw_harness.py; never to change, or every world does.
GOLDEN_MIX = {
    0: 0,
    1: 2358998009538179176,
    2: 1030393681958789417,
    3: 4065901894239259491,
    4: 4267971355525595518,
    42: 3599966565285372793,
    4294967295: 2369833907572583272,
    4294967296: 5775080745128392403,
    9007199254740992: 2550643981929924902,
    4611686018427387904: 5566550140061886186,
    9223372036854775807: 6586878143497781956,
    -1: 2469965904784923180,
    -9223372036854775808: 4116912239039204587,
}


def sql(expression: str):
    """The value of one expression over macros."""
    return connection().execute(compile_sql("select " + expression)).fetchall()[0][0]


def stream_constant(stream: str) -> int:
    """60 bits of the md5 of the name, as the macro documents it."""
    return int(hashlib.md5(stream.encode()).hexdigest()[:15], 16)


@pytest.mark.parametrize("x", GOLDEN_MIX)
def test_golden_values_of_mix(x):
    literal = f"cast('{x}' as bigint)"
    assert sql(f'{{{{ mix("{literal}") }}}}') == mix(x) == GOLDEN_MIX[x]


def test_golden_values_of_the_first_draws():
    root = GOLDEN_MIX[42]
    user = fold_in(root, 0)
    day = fold_in(user, 3)
    assert (user, day) == (3149520456096167877, 5883550960526813965)
    chain = f"fold_in(fold_in({root}, 0), 3)"
    assert sql(f"{{{{ fold_in({root}, 0) }}}}") == user
    assert sql("{{ " + chain + " }}") == day
    bits = mix(day ^ stream_constant("feed.users.activity"))
    assert bits == 2691403676707045465
    assert sql("{{ bits(" + chain + ", 'feed.users.activity') }}") == bits
    assert (
        sql("{{ bits(" + chain + ", 'feed.users.activity', 2) }}")
        == 2510917406581034687
    )
    assert (
        sql("{{ uniform(" + chain + ", 'feed.users.activity') }}") == 0.2918025713321253
    )


def test_python_and_duckdb_agree_on_thousands_of_values():
    random = np.random.default_rng(3)
    keys = [0, 1, 2**62, 2**63 - 1, *map(int, random.integers(0, 2**63, 5000))]
    data = [0, -1, -1000, 2**61, *map(int, random.integers(-(2**61), 2**62, 5000))]
    connection().execute(
        "create or replace temp table pairs as "
        "select unnest(?::bigint[]) as a, unnest(?::bigint[]) as b, unnest(range(?)) as position",
        [keys, data, len(keys)],
    )
    query = compile_sql(
        "select {{ mix('a') }}, {{ mix('b') }}, {{ fold_in('a', 'b') }}, "
        "{{ bits('a', 'tests.mixer.a') }}, {{ bits('a', 'tests.mixer.a', 7) }}, "
        "{{ uniform('a', 'tests.mixer.a') }} from pairs order by position"
    )
    constant = stream_constant("tests.mixer.a")
    for key, datum, found in zip(
        keys, data, connection().execute(query).fetchall(), strict=True
    ):
        drawn = mix(key ^ constant)
        assert found == (
            mix(key),
            mix(datum),
            fold_in(key, datum),
            drawn,
            mix(key ^ (constant + 7)),
            (drawn >> 10) * 2.0**-53,
        )
        assert all(0 <= value < 2**63 for value in found[:5])


def test_an_integer_of_any_width_is_mixed_as_a_bigint():
    assert sql("{{ mix('-1::integer') }}") == sql("{{ mix('-1::bigint') }}") == mix(-1)
    assert sql("{{ fold_in(1, '2::smallint') }}") == fold_in(1, 2)


def test_the_constant_of_fold_in_keeps_zero_apart():
    assert mix(0) == 0
    assert FOLD_CONSTANT < 2**62
    assert fold_in(0, 0) != 0
