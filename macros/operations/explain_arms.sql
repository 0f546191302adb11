{#
  Query of a user's potential outcomes side by side: for each value of the columns `by` (one row in
  all, where there are none) and each measure its sum in control, its sum under the treatment, and the
  difference, which is the effect; null for a user who is not in the experiment. `section` is
  {measures, variants}: expressions by name, which add up over rows, and the relation {schema, name}
  that says which variant is the treatment.
#}
{% macro explain_arms(rows, section, by, is_in_experiment=true) -%}
{%- set measures = section['measures'] -%}
{%- set grouped = by | join(', ') ~ ', ' if by else '' -%}
    with

    -- of several treatments the first by name
    compared_variants as (

        select
            variant,
            is_treated
        from {{ section['variants']['schema'] }}.{{ section['variants']['name'] }} as variants
        where
            not is_treated
            or variant = (
                select min(variant)
                from {{ section['variants']['schema'] }}.{{ section['variants']['name'] }}
                where is_treated
            )

    ),

    lived as (

        select
            {% for name in by %}lived.{{ name }}, {% endfor -%}
            variants.is_treated
            {%- for name, expression in measures.items() %},
            {{ expression }} as {{ name }}
            {%- endfor %}
        from ({{ rows }}) as lived
        left join compared_variants as variants on lived.variant = variants.variant
        group by {% for name in by %}lived.{{ name }}, {% endfor %}variants.is_treated

    ),

    side_by_side as (

        select
            {{ grouped }}
            {%- for name in measures %}
            coalesce(sum(case when not is_treated then {{ name }} end), 0) as control_{{ name }},
            {{ 'coalesce(sum(case when is_treated then ' ~ name ~ ' end), 0)' if is_in_experiment else 'null' }}
                as treated_{{ name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from lived
        {{ 'group by ' ~ by | join(', ') if by }}

    )

    select
        {{ grouped }}
        {%- for name in measures %}
        control_{{ name }},
        treated_{{ name }},
        treated_{{ name }} - control_{{ name }} as effect_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from side_by_side
    {{ 'order by ' ~ by | join(', ') if by }}
{%- endmacro %}
