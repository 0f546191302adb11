{#
  Query of a user's potential outcomes, each treatment beside control: for each treatment and value
  of the columns `by` (one row in all, where there are none) and each measure its sum in control, its
  sum under the treatment, and the difference, which is the effect; null for a user who is not in the
  experiment. `section` is {measures, variants}: expressions by name, which add up over rows, and the
  relation {schema, name} that says which variants are treatments.
#}
{% macro explain_arms(rows, section, by, is_in_experiment=true) -%}
{%- set measures = section['measures'] -%}
{%- set grouped = ['treatment'] + by -%}
    with

    variants as (

        select
            variant,
            is_treated
        from {{ section['variants']['schema'] }}.{{ section['variants']['name'] }} as variants

    ),

    lived as (

        select
            {% for name in by %}lived.{{ name }}, {% endfor -%}
            variants.variant,
            variants.is_treated
            {%- for name, expression in measures.items() %},
            {{ expression }} as {{ name }}
            {%- endfor %}
        from ({{ rows }}) as lived
        left join variants on lived.variant = variants.variant
        group by {% for name in by %}lived.{{ name }}, {% endfor %}variants.variant, variants.is_treated

    ),

    side_by_side as (

        select
            treatments.variant as treatment
            {%- for name in by %},
            lived.{{ name }}
            {%- endfor %}
            {%- for name in measures %},
            coalesce(sum(case when not lived.is_treated then lived.{{ name }} end), 0) as control_{{ name }},
            {{ 'coalesce(sum(case when lived.is_treated then lived.' ~ name ~ ' end), 0)' if is_in_experiment else 'null' }}
                as treated_{{ name }}
            {%- endfor %}
        from variants as treatments
        {{ 'inner' if by else 'left' }} join lived
            on not lived.is_treated or lived.variant = treatments.variant
        where treatments.is_treated
        group by treatments.variant{% for name in by %}, lived.{{ name }}{% endfor %}

    )

    select
        {{ grouped | join(', ') }}
        {%- for name in measures %},
        control_{{ name }},
        treated_{{ name }},
        treated_{{ name }} - control_{{ name }} as effect_{{ name }}
        {%- endfor %}
    from side_by_side
    order by {{ grouped | join(', ') }}
{%- endmacro %}
