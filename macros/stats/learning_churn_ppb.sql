{#
  Probability to churn in the learning world, in parts per billion: base rate, times a factor of paid
  users, times floor + slope (1 - engagement)^power, at most the profile's maximum.
#}
{% macro learning_churn_ppb(engagement_ppb, is_paid, profile) -%}
    cast(
        floor(
            1000000000 * least(
                {{ profile }}.churn_probability_max,
                {{ profile }}.churn_base_rate
                * case when {{ is_paid }} then {{ profile }}.churn_paid_factor else 1 end
                * (
                    {{ profile }}.churn_floor + {{ profile }}.churn_slope * power(
                        1 - {{ engagement_ppb }} / cast(1000000000 as double),
                        {{ profile }}.churn_power
                    )
                )
            )
        ) as bigint
    )
{%- endmacro %}
