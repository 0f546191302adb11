{#
  Relation: looks with two columns more, obrien_fleming_bound and pocock_bound: the absolute values of a
  normal statistic from which a group-sequential test of two-sided level `alpha` rejects. Each side spends
    O'Brien-Fleming  2 - 2 Phi(z(1 - alpha / 4) / sqrt(t)),   Pocock  alpha / 2 ln(1 + (e - 1) t)
  up to the information_fraction t (Lan and DeMets 1983), which is above 0, at most 1 and rises in the
  order of `look`. The test looks where at least 1 % of the information is new since it looked last; the
  bounds of other rows are null, and no bound is above 8. The density of a statistic that has stayed
  within its bounds is carried from look to look (Armitage, McPherson and Rowe 1969) on 40 panels of
  three Gauss points, of the upper half alone. Right to 1e-6.
#}
{% macro group_sequential_bounds(looks, keys, look, alpha) -%}
{%- set key_columns = keys | join(', ') -%}
{%- set spendings = ['obrien_fleming', 'pocock'] -%}
{%- set points, phases = 120, 12 -%}
    with

    looks_numbered as (

        select
            *,
            row_number() over (partition by {{ key_columns }} order by {{ look }}) as look_number,
            -{{ norm_ppf(double_literal(1 - alpha / 4)) | indent(12) }}
            / sqrt(information_fraction) as spending_score

        from {{ looks }}

    ),

    looks_spent as (

        select
            *,
            4 * {{ norm_cdf('spending_score') | indent(12) }} as obrien_fleming_spent,
            {{ double_literal(alpha) }} * ln(1 + (exp(1e0) - 1) * information_fraction) as pocock_spent

        from looks_numbered

    ),

    looks_listed as (

        select
            {{ key_columns }},
            {{ ordered_list('cast(information_fraction as double)', 'look_number') }} as path_fractions,
            {{ ordered_list('obrien_fleming_spent', 'look_number') }} as obrien_fleming_path,
            {{ ordered_list('pocock_spent', 'look_number') }} as pocock_path,
            count(*) as path_looks

        from looks_spent

        group by {{ key_columns }}

    ),

    -- metrics that are measured on the same units have the same looks
    paths as (

        {% for spending in spendings -%}
        select distinct
            '{{ spending }}' as spending,
            path_looks,
            path_fractions,
            {{ spending }}_path as path_spent

        from looks_listed
        {{ 'union all' if not loop.last }}
        {% endfor -%}
    ),

    paths_folded as (

        select
            spending,
            path_fractions,
            {{ iterate('path_looks * ' ~ phases, named_struct({
                'fraction': '0e0', 'spent': '0e0', 'spread': '0e0', 'bound': '0e0',
                'points': list_map(list_series(points), 'number', named_struct({
                    'place': '0e0', 'mass': double_literal(0.5 / points)
                })),
                'bounds': list_map(list_series('path_looks'), 'number', 'cast(null as double)'),
            }), group_sequential_step(points, phases)) }} as path_end

        from paths

    ),

    paths_bounded as (

        select
            spending,
            path_fractions,
            path_end.bounds as path_bounds

        from paths_folded

    )

    select
        looks_spent.*,
        {%- for spending in spendings %}
        {{ list_item(spending ~ '.path_bounds', 'looks_spent.look_number') }}
            as {{ spending }}_bound{{ ',' if not loop.last }}
        {%- endfor %}

    from looks_spent
    inner join looks_listed
        on
            {% for key in keys -%}
            looks_spent.{{ key }} = looks_listed.{{ key }}
            {{ 'and' if not loop.last }}
            {% endfor -%}
    {%- for spending in spendings %}
    inner join paths_bounded as {{ spending }}
        on
            {{ spending }}.spending = '{{ spending }}'
            and looks_listed.path_fractions = {{ spending }}.path_fractions
    {%- endfor %}
{%- endmacro %}
