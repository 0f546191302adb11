{#
  The relation with one more column: gamma with a numeric shape and scale 1, as
  numpy.random.Generator.standard_gamma. Method: Marsaglia and Tsang (2000), the first accepted of
  twelve attempts; each is refused with probability below 0.049, so that the twelfth is taken
  unseen less than once in 10^14. A shape below 1 is drawn as gamma(shape + 1) * u^(1 / shape);
  below 0.05 that would underflow.
  The attempts stay in the relation as columns; name the columns you want in the next CTE.
#}
{% macro gamma(relation, key, stream, shape, column) -%}
{%- if shape < 0.05 -%}
    {{ exceptions.raise_compiler_error('gamma: the shape of ' ~ stream ~ ' is ' ~ shape ~ ', but must be at least 0.05') }}
{%- endif -%}
{%- set boosted = shape if shape >= 1 else shape + 1 -%}
{%- set d = double_literal(boosted - 1 / 3) -%}
{%- set attempts = range(12) | list -%}
    with

    {{ column }}_proposed as (

        select
            drawn.*,
            {%- for i in attempts %}
            {{ normal(key, stream, counter=i) }} as {{ column }}_z{{ i }},
            {{ uniform(key, stream, counter=24 + i) }} as {{ column }}_u{{ i }}{{ ',' if not loop.last }}
            {%- endfor %}

        from {{ relation }} as drawn

    ),

    {{ column }}_attempted as (

        select
            {{ column }}_proposed.*,
            -- a cube below zero becomes 1e-300, which the test below always refuses
            {%- for i in attempts %}
            greatest(power(1 + {{ column }}_z{{ i }} / sqrt(9 * {{ d }}), 3), 1e-300) as {{ column }}_v{{ i }}{{ ',' if not loop.last }}
            {%- endfor %}

        from {{ column }}_proposed

    )

    select
        {{ column }}_attempted.*,
        case
            {%- for i in attempts[:-1] %}
            when ln(1 - {{ column }}_u{{ i }})
                < 0.5 * {{ column }}_z{{ i }} * {{ column }}_z{{ i }}
                + {{ d }} * (1 - {{ column }}_v{{ i }} + ln({{ column }}_v{{ i }}))
                then {{ d }} * {{ column }}_v{{ i }}
            {%- endfor %}
            else {{ d }} * {{ column }}_v11
        end{% if shape < 1 %} * power(1 - {{ uniform(key, stream, 36) }}, {{ double_literal(1 / shape) }}){% endif %} as {{ column }}

    from {{ column }}_attempted
{%- endmacro %}
