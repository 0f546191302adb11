{#
  Relation: one row per key: Cochran's test that all groups have the same effect. With weights
  w = 1 / SE^2 about their weighted mean, Q = sum w (effect - mean)^2 is chi-square with one degree of
  freedom less than groups. That takes standard errors for known, so that groups with fewer than thirty
  units in an arm, or degrees of freedom, are left out; null below two groups.
#}
{% macro interaction_test(estimates, keys, group) -%}
{%- set key_columns = keys | join(', ') -%}
    with

    groups_weighted as (

        select
            {{ key_columns }},
            {{ group }},
            effect,
            1 / (std_error * std_error) as weight

        from {{ estimates }}

        where std_error is not null and least(control_units, treatment_units, dof) >= 30

    ),

    groups_averaged as (

        select
            {{ key_columns }},
            count(*) as group_count,
            {{ ordered_sum('weight * effect', group) }} / {{ ordered_sum('weight', group) }}
                as mean_effect

        from groups_weighted

        group by {{ key_columns }}

    ),

    keys_tested as (

        select
            {% for key in keys -%}
            groups_weighted.{{ key }},
            {% endfor -%}
            {{ ordered_sum(
                'groups_weighted.weight * power(groups_weighted.effect - groups_averaged.mean_effect, 2)',
                'groups_weighted.' ~ group
            ) }} as q_statistic,
            max(groups_averaged.group_count) - 1 as interaction_dof

        from groups_weighted
        inner join groups_averaged
            on {{ same_columns('groups_weighted', 'groups_averaged', keys) }}

        group by
            {% for key in keys -%}
            groups_weighted.{{ key }}{{ ',' if not loop.last }}
            {% endfor %}
        having max(groups_averaged.group_count) > 1

    ),

    keys_measured as (

        {{ chi_square_sf('keys_tested', 'q_statistic', 'interaction_dof', 'interaction_p_value') | indent(4) }}

    )

    select * from keys_measured
{%- endmacro %}
