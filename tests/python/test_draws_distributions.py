"""Every distribution against scipy at a million draws: one family of tests at level 0.001."""

import itertools

import numpy as np
import pytest
from scipy import stats

from draw_harness import (
    chi_square,
    compile_sql,
    connection,
    draw,
    kolmogorov_smirnov,
    values,
)


def relation(call: str) -> str:
    return "relation:{{ " + call + " }}"


def gamma(shape):
    return relation(f"gamma('keys', 'key', 'tests.gamma.shape_{shape}', {shape}, 'x')")


def beta(a, b):
    return relation(f"beta('keys', 'key', 'tests.beta.shapes_{a}_{b}', {a}, {b}, 'x')")


def truncated_normal(loc, scale, low, high):
    stream = f"tests.truncated_normal.{loc}_{scale}_{low}_{high}"
    return relation(
        f"truncated_normal('keys', 'key', '{stream}', {loc}, {scale}, {low}, {high}, 'x')"
    )


def categorical(decision, weights):
    u = f"{{{{ uniform('key', 'tests.categorical.{decision}') }}}}"
    return (
        f"relation:select {{{{ categorical('u', {weights!r}) }}}} as x "
        f"from (select {u} as u from keys) as drawn"
    )


def truncnorm(loc, scale, low, high):
    return stats.truncnorm((low - loc) / scale, (high - loc) / scale, loc, scale)


CONTINUOUS = (
    {
        "uniform": ("{{ uniform('key', 'tests.uniform.a') }}", stats.uniform()),
        "uniform, counter 1": (
            "{{ uniform('key', 'tests.uniform.a', 1) }}",
            stats.uniform(),
        ),
        "normal": ("{{ normal('key', 'tests.normal.a') }}", stats.norm()),
        "normal(50, 15)": (
            "{{ normal('key', 'tests.normal.b', 50, 15) }}",
            stats.norm(50, 15),
        ),
        "normal, counter 1": (
            "{{ normal('key', 'tests.normal.a', counter=1) }}",
            stats.norm(),
        ),
        "lognormal": (
            "{{ lognormal('key', 'tests.lognormal.a', 3.5, 0.6) }}",
            stats.lognorm(0.6, scale=np.exp(3.5)),
        ),
        "exponential": (
            "{{ exponential('key', 'tests.exponential.a', 180) }}",
            stats.expon(scale=180),
        ),
        "truncated_exponential": (
            "{{ truncated_exponential('key', 'tests.truncated_exponential.a', 180, 730) }}",
            stats.truncexpon(730 / 180, scale=180),
        ),
        "truncated_exponential, short": (
            "{{ truncated_exponential('key', 'tests.truncated_exponential.b', 180, 5) }}",
            stats.truncexpon(5 / 180, scale=180),
        ),
        "truncated_normal below open": (
            truncated_normal(2, 0.6, 0, "none"),
            truncnorm(2, 0.6, 0, np.inf),
        ),
        "truncated_normal above open": (
            truncated_normal(5, 2, "none", 4),
            truncnorm(5, 2, -np.inf, 4),
        ),
        "truncated_normal both": (
            truncated_normal(0, 1, -1, 2),
            truncnorm(0, 1, -1, 2),
        ),
        "truncated_normal unbounded": (
            truncated_normal(1, 3, "none", "none"),
            stats.norm(1, 3),
        ),
        "truncated_normal upper tail": (
            truncated_normal(0, 1, 9, 11),
            truncnorm(0, 1, 9, 11),
        ),
        "truncated_normal lower tail": (
            truncated_normal(0, 1, -6, -4),
            truncnorm(0, 1, -6, -4),
        ),
    }
    | {
        f"gamma({shape})": (gamma(shape), stats.gamma(shape))
        for shape in (0.1, 0.5, 1, 2.5, 8)
    }
    | {
        f"beta({a}, {b})": (beta(a, b), stats.beta(a, b))
        for a, b in ((2, 5), (2, 2.5), (0.5, 0.5), (0.3, 4), (1, 1))
    }
)

SHARES = {"a": 0.35, "b": 0.25, "c": 0, "d": 0.15, "it's": 0.25}

DISCRETE = {
    "bernoulli(0.003)": (
        "{{ bernoulli('key', 'tests.bernoulli.a', 0.003) }}",
        {True: 0.003, False: 0.997},
    ),
    "bernoulli(0.5)": (
        "{{ bernoulli('key', 'tests.bernoulli.b', 0.5) }}",
        {True: 0.5, False: 0.5},
    ),
    "integers(0, 10)": (
        "{{ integers('key', 'tests.integers.a', 0, 10) }}",
        dict.fromkeys(range(10), 0.1),
    ),
    "integers(-5, 2)": (
        "{{ integers('key', 'tests.integers.b', -5, 2) }}",
        dict.fromkeys(range(-5, 2), 1 / 7),
    ),
    "integers(0, 1000)": (
        "{{ integers('key', 'tests.integers.c', 0, 1000) }}",
        dict.fromkeys(range(1000), 0.001),
    ),
    "geometric(0.3)": (
        "{{ geometric('key', 'tests.geometric.a', 0.3) }}",
        {k: stats.geom.pmf(k, 0.3) for k in range(1, 200)},
    ),
    "geometric(0.01)": (
        "{{ geometric('key', 'tests.geometric.b', 0.01) }}",
        {k: stats.geom.pmf(k, 0.01) for k in range(1, 5000)},
    ),
    "categorical, dict": (
        categorical("a", SHARES),
        SHARES,
    ),
    "categorical, list": (
        categorical("b", ["IN", "US", "UK", "CA", "AU", "SG"]),
        dict.fromkeys(["IN", "US", "UK", "CA", "AU", "SG"], 1 / 6),
    ),
}

LADDER_RATES = (0.01, 0.1, 0.5, 1, 2)
QUANTILE_RATES = (2, 3, 4, 6, 8, 12)
ZIPF_EXPONENTS = (0, 0.8, 1.5)
CHOICE_WEIGHTS = {1: 1, 2: 2, 3: 3, 4: 4}
FAMILY_SIZE = (
    len(CONTINUOUS)
    + len(DISCRETE)
    + len(LADDER_RATES)
    + len(QUANTILE_RATES)
    + len(ZIPF_EXPONENTS)
    + 1  # choice without replacement
    + 1  # bits of UUIDs
)
LEVEL = 0.001 / FAMILY_SIZE


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_draws_follow_their_distribution(name):
    template, distribution = CONTINUOUS[name]
    sample = draw(template)
    assert len(sample) == 1_000_000
    low, high = distribution.support()
    assert sample.min() >= low
    assert sample.max() <= high
    assert kolmogorov_smirnov(sample, distribution.cdf) > LEVEL


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete_draws_follow_their_distribution(name):
    template, probabilities = DISCRETE[name]
    sample = draw(template)
    assert len(sample) == 1_000_000
    assert chi_square(sample, list(probabilities), list(probabilities.values())) > LEVEL


@pytest.fixture(scope="module")
def ladder():
    """Counts by rate where the rate changes from row to row, rate 0 among them."""
    rates = " ".join(f"when {i} then {rate}" for i, rate in enumerate(LADDER_RATES))
    query = compile_sql(
        f"""
        with drawn as (
            select
                cast(
                    case row_number % {len(LADDER_RATES) + 1} {rates} else 0 end as double
                ) as rate,
                {{{{ uniform('key', 'tests.poisson.ladder') }}}} as u
            from keys
        )
        select rate, {{{{ poisson('u', 'rate') }}}} as x from drawn
        """
    )
    columns = connection().execute(query).fetchnumpy()
    return {rate: columns["x"][columns["rate"] == rate] for rate in (0, *LADDER_RATES)}


@pytest.mark.parametrize("rate", LADDER_RATES)
def test_poisson_follows_a_rate_that_varies_by_row(ladder, rate):
    counts = np.arange(40)
    assert len(ladder[rate]) > 160_000
    assert chi_square(ladder[rate], counts, stats.poisson.pmf(counts, rate)) > LEVEL


def test_poisson_with_rate_zero_is_zero(ladder):
    assert ladder[0].max() == 0


def poisson_by_join(rates, highest, stream):
    """Counts by rate_id, drawn through the quantile table as gen_feed__sessions does it."""
    rows = ", ".join(f"({i}, cast({rate} as double))" for i, rate in enumerate(rates))
    query = compile_sql(
        f"""
        with rates as (select * from (values {rows}) as rates (rate_id, rate)),
        quantiles as ({{{{ poisson_quantiles('rates', {highest}) }}}}),
        drawn as (
            select
                row_number % {len(rates)} as rate_id,
                cast(floor(1000000000 * {{{{ uniform('key', '{stream}') }}}}) as bigint) as u_ppb
            from keys
        )
        select drawn.rate_id, quantiles.outcome_count as x
        from drawn
        left join quantiles
            on drawn.rate_id = quantiles.rate_id
            and {{{{ integer_quotient('drawn.u_ppb', 1000000) }}}} = quantiles.bucket
            and drawn.u_ppb >= quantiles.lower_ppb
            and drawn.u_ppb < quantiles.upper_ppb
        """
    )
    columns = connection().execute(query).fetchnumpy()
    assert len(columns["x"]) == 1_000_000, "a draw met two counts"
    assert not np.ma.is_masked(columns["x"]), "a draw met no count"
    return {rate: columns["x"][columns["rate_id"] == i] for i, rate in enumerate(rates)}


@pytest.fixture(scope="module")
def joined():
    return poisson_by_join(QUANTILE_RATES, 100, "tests.poisson.join")


@pytest.mark.parametrize("rate", QUANTILE_RATES)
def test_poisson_quantiles_follow_the_poisson_distribution(joined, rate):
    counts = np.arange(80)
    assert chi_square(joined[rate], counts, stats.poisson.pmf(counts, rate)) > LEVEL


def test_poisson_quantiles_hold_rate_zero_and_a_highest_count_that_is_too_low():
    drawn = poisson_by_join((0, 700, 5), 20, "tests.poisson.edges")
    assert drawn[0].max() == 0
    assert set(drawn[700]) == {20}
    assert drawn[5].max() <= 20


@pytest.mark.parametrize("exponent", ZIPF_EXPONENTS)
def test_zipf_ranks_drawn_through_the_alias_table_follow_their_weights(exponent):
    ranks = np.arange(1, 500)
    weights = ranks ** -float(exponent)
    sample = values(
        compile_sql(
            f"""
            with cards as (
                select rank as category, {{{{ zipf_weight('rank', {exponent}) }}}} as weight
                from {{{{ series(1, 500, 'rank') }}}} as cards
            ),
            aliases as ({{{{ alias_table('cards') }}}}),
            drawn as (
                select 499 * {{{{ uniform('key', 'tests.zipf.exponent_{exponent}') }}}} as position
                from keys
            )
            select
                case
                    when drawn.position - aliases.bucket < aliases.own_share then aliases.category
                    else aliases.alias_category
                end as x
            from drawn
            left join aliases on cast(floor(drawn.position) as bigint) = aliases.bucket
            """
        )
    )
    assert chi_square(sample, ranks, weights / weights.sum()) > LEVEL


def test_choice_without_replacement_has_the_probabilities_of_successive_draws():
    total = sum(CHOICE_WEIGHTS.values())
    expected = {
        10 * first + second: a / total * b / (total - a)
        for (first, a), (second, b) in itertools.permutations(CHOICE_WEIGHTS.items(), 2)
    }
    sample = values(
        compile_sql(
            """
            with raced as (
                select
                    user_number, day // 4 as basket, day % 4 + 1 as item,
                    {{ choice_key('key', 'tests.choice.item', 'day % 4 + 1') }} as choice_key
                from keys
            ),
            ranked as (
                select
                    user_number, basket, item,
                    row_number() over (
                        partition by user_number, basket order by choice_key, item
                    ) as place
                from raced
            )
            select sum(case place when 1 then 10 * item when 2 then item else 0 end)::bigint as x
            from ranked
            group by user_number, basket
            """
        )
    )
    assert len(sample) == 250_000
    assert chi_square(sample, list(expected), list(expected.values())) > LEVEL


def test_uuids_are_of_version_4_unique_and_have_122_even_bits():
    query = compile_sql(
        "with drawn as (select {{ uuid4('key', 'tests.uuid.a') }} as id from keys) "
        "select count(distinct id) as ids, "
        "count(*) filter (where regexp_full_match(cast(id as varchar), "
        "'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')) as good, "
        "list(cast(id as varchar)) as texts from drawn"
    )
    ids, good, texts = connection().execute(query).fetchall()[0]
    assert ids == good == 1_000_000
    raw = np.frombuffer(bytes.fromhex("".join(texts).replace("-", "")), dtype=np.uint8)
    ones = np.unpackbits(raw.reshape(-1, 16), axis=1).sum(axis=0, dtype=np.int64)
    free = np.delete(ones, [48, 49, 50, 51, 64, 65])
    z = (free - 500_000) / 500
    assert stats.chi2.sf((z**2).sum(), 122) > LEVEL


def test_the_tests_of_this_file_find_small_faults():
    """Faults of half a percent are refused at the level of the family."""
    sample = draw("{{ uniform('key', 'tests.uniform.b') }}")
    assert kolmogorov_smirnov(sample, stats.uniform().cdf) > LEVEL
    assert kolmogorov_smirnov(sample**1.01, stats.uniform().cdf) < LEVEL
    assert chi_square(sample < 0.5, [True, False], [0.5, 0.5]) > LEVEL
    assert chi_square(sample < 0.503, [True, False], [0.5, 0.5]) < LEVEL
    assert chi_square(np.floor(sample * 3), [0, 1], [0.5, 0.5]) == 0


def test_certain_and_impossible_outcomes_are_exact():
    row = (
        connection()
        .execute(
            compile_sql(
                """
            select
                count(*) filter (where {{ bernoulli('key', 'tests.edges.a', 0) }}),
                count(*) filter (where {{ bernoulli('key', 'tests.edges.a', 1) }}),
                max({{ geometric('key', 'tests.edges.b', 1) }}),
                min({{ geometric('key', 'tests.edges.b', 1.0) }}),
                max({{ integers('key', 'tests.edges.c', 7, 8) }}),
                min({{ clip(normal('key', 'tests.edges.d'), -1, 2) }}),
                max({{ clip(normal('key', 'tests.edges.d'), -1, 2) }})
            from keys
            """
            )
        )
        .fetchall()[0]
    )
    assert row == (0, 1_000_000, 1, 1, 7, -1.0, 2.0)


@pytest.mark.parametrize(
    ("expression", "draw_bits"),
    [
        ("uniform", (0.0, 1 - 2**-53)),
        ("exponential", (0.0, 53 * np.log(2))),
        ("truncated_exponential", (0.0, 1.0)),
        ("geometric", (1, 103)),
        ("integers", (0, 2**53 - 1)),
    ],
)
def test_the_first_and_the_last_of_the_possible_draws_are_in_range(
    expression, draw_bits
):
    """All bits zero and all bits one in the place of the 63 drawn bits."""
    calls = {
        "uniform": "uniform('key', 's')",
        "exponential": "exponential('key', 's', 1)",
        "truncated_exponential": "truncated_exponential('key', 's', 1, 1)",
        "geometric": "geometric('key', 's', 0.3)",
        "integers": "integers('key', 's', 0, 9007199254740992)",
    }
    sql = compile_sql("{{ " + calls[expression] + " }}")
    bits_sql = compile_sql("{{ bits('key', 's') }}")
    assert bits_sql in sql
    for bits, expected in zip((0, 2**63 - 1), draw_bits, strict=True):
        found = (
            connection()
            .execute(f"select {sql.replace(bits_sql, f'{bits}::bigint')}")
            .fetchall()
        )
        assert found[0][0] == pytest.approx(expected, rel=1e-15)


def test_truncated_normal_reaches_no_infinity_at_its_first_and_last_draw():
    template = "{{ truncated_normal('one', 'key', 's', 0, 1, none, none, 'x') }}"
    sql = compile_sql(template)
    bits_sql = compile_sql("{{ bits('key', 's') }}")
    for bits, expected in (
        (0, stats.norm.ppf(2.0**-54)),
        (2**63 - 1, stats.norm.isf(2.0**-53)),
    ):
        drawn = sql.replace(bits_sql, f"{bits}::bigint")
        query = f"with one as (select 1 as key) select x from ({drawn})"
        assert connection().execute(query).fetchall()[0][0] == pytest.approx(
            expected, rel=1e-14
        )


@pytest.mark.parametrize(
    "call",
    [
        "categorical('u', {'a': -1, 'b': 2})",
        "categorical('u', {'a': 0})",
        "categorical('u', [])",
        "gamma('keys', 'key', 's', 0.01, 'x')",
    ],
)
def test_impossible_parameters_are_refused_when_compiled(call, capsys):
    with pytest.raises(RuntimeError):
        compile_sql("{{ " + call + " }}")
    assert f"{call.split('(')[0]}: " in capsys.readouterr().out


def test_a_null_parameter_gives_null_and_not_a_count():
    row = (
        connection()
        .execute(
            compile_sql(
                """
            with one as (
                select 1 as key, 0.5e0 as u, cast(null as double) as missing
            )
            select
                {{ poisson('u', 'missing') }}, {{ poisson('missing', 'u') }},
                {{ categorical('missing', {'a': 1, 'b': 1}) }},
                {{ bernoulli('key', 's', 'missing') }}, {{ geometric('key', 's', 'missing') }}
            from one
            """
            )
        )
        .fetchall()[0]
    )
    assert row == (None,) * 5


def test_event_ids_are_distinct_at_the_corners_of_their_fields():
    fields = [(0, 1, 2**32 - 1), (-1000, 0, 7191), (0, 63), (0, 4095)]
    sql = compile_sql("{{ pack_event_id('a - 1 + 1', 'b', 'c', 'd') }}")
    rows = ", ".join(
        f"({a}::bigint, {b}, {c}, {d})" for a, b, c, d in itertools.product(*fields)
    )
    found = (
        connection()
        .execute(f"select {sql} from (values {rows}) as t (a, b, c, d)")
        .fetchall()
    )
    ids = {row[0] for row in found}
    assert len(ids) == 36
    assert (min(ids), max(ids)) == (0, 2**63 - 1)
