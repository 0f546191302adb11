{#
  Relation: looks (effect, std_error, n_units so far and planned_units in the end) with the half-width
  of the asymptotic confidence sequence of level 1 - alpha at each of them, and the smallest alpha at
  which it would exclude 0. It holds at all looks at once, however many there are (Waudby-Smith, Arbour,
  Sinha, Kennedy and Ramdas 2024, theorem 2.2): with V = SE^2 of the N units so far,
    sqrt(V N) sqrt(2 (N rho^2 + 1) / (N^2 rho^2) ln(sqrt(N rho^2 + 1) / alpha)),
    rho^2 = (-2 ln(alpha) + ln(1 - 2 ln(alpha))) / N*, which makes it narrowest at the N* units planned.
  Below, `information` is N rho^2. The p-value keeps that rho. Null where there is no standard error.
#}
{% macro confidence_sequence(looks, alpha) -%}
    with

    looks_informed as (

        select
            *,
            cast(n_units as double) / planned_units
            * (-2 * ln({{ double_literal(alpha) }}) + ln(1 - 2 * ln({{ double_literal(alpha) }})))
                as information

        from {{ looks }}

    )

    select
        *,
        std_error * sqrt(
            2 * (information + 1) / information
            * ln(sqrt(information + 1) / {{ double_literal(alpha) }})
        ) as sequence_margin,
        case
            when std_error is not null
                then least(
                    1e0,
                    sqrt(information + 1) * exp(
                        -(effect / std_error) * (effect / std_error)
                        * information / (2 * (information + 1))
                    )
                )
        end as sequence_p_value

    from looks_informed
{%- endmacro %}
