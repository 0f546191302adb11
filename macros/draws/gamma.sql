{#
  The relation with one more column: gamma with a numeric shape and scale 1, as
  numpy.random.Generator.standard_gamma. Method: Marsaglia and Tsang (2000), the first accepted of
  twelve attempts; each is refused with probability below 0.049, so that the twelfth is taken
  unseen less than once in 10^14. A shape below 1 is drawn as gamma(shape + 1) * u^(1 / shape);
  below 0.05 that would underflow. Attempts after the first are drawn only where it was refused.
  The attempts stay in the relation as columns; name the columns you want in the next CTE.
#}
{% macro gamma(relation, key, stream, shape, column) -%}
{%- if shape < 0.05 -%}
    {{ exceptions.raise_compiler_error('gamma: the shape of ' ~ stream ~ ' is ' ~ shape ~ ', but must be at least 0.05') }}
{%- endif -%}
{%- set boosted = shape if shape >= 1 else shape + 1 -%}
{%- set d = double_literal(boosted - 1 / 3) -%}
{%- set further = range(1, 12) | list -%}
    with

    {{ column }}_drawn as (

        select
            drawn.*,
            {{ normal(key, stream) }} as {{ column }}_z0,
            {{ uniform(key, stream, 24) }} as {{ column }}_u0

        from {{ relation }} as drawn

    ),

    -- a cube below zero becomes 1e-300, which is always refused
    {{ column }}_proposed as (

        select
            {{ column }}_drawn.*,
            greatest(power(1 + {{ column }}_z0 / sqrt(9 * {{ d }}), 3), 1e-300) as {{ column }}_v0

        from {{ column }}_drawn

    ),

    {{ column }}_tried as (

        select
            {{ column }}_proposed.*,
            {{ gamma_accepts(column, 0, d) }} as {{ column }}_is_accepted

        from {{ column }}_proposed

    ),

    {{ column }}_drawn_again as (

        select
            {{ column }}_tried.*,
            {%- for i in further %}
            case when not {{ column }}_is_accepted then {{ normal(key, stream, counter=i) }} end as {{ column }}_z{{ i }},
            case when not {{ column }}_is_accepted then {{ uniform(key, stream, 24 + i) }} end as {{ column }}_u{{ i }}{{ ',' if not loop.last }}
            {%- endfor %}

        from {{ column }}_tried

    ),

    {{ column }}_proposed_again as (

        select
            {{ column }}_drawn_again.*,
            {%- for i in further %}
            case
                when not {{ column }}_is_accepted
                    then greatest(power(1 + {{ column }}_z{{ i }} / sqrt(9 * {{ d }}), 3), 1e-300)
            end as {{ column }}_v{{ i }}{{ ',' if not loop.last }}
            {%- endfor %}

        from {{ column }}_drawn_again

    )

    select
        {{ column }}_proposed_again.*,
        {{ d }} * case
            when {{ column }}_is_accepted then {{ column }}_v0
            {%- for i in further[:-1] %}
            when {{ gamma_accepts(column, i, d) }} then {{ column }}_v{{ i }}
            {%- endfor %}
            else {{ column }}_v11
        end{% if shape < 1 %} * power(1 - {{ uniform(key, stream, 36) }}, {{ double_literal(1 / shape) }}){% endif %} as {{ column }}

    from {{ column }}_proposed_again
{%- endmacro %}
