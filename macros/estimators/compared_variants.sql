{#
  Relation: rows by experiment and variant, once for each comparison that the variant is in: `treatment`
  names the comparison with control, `is_treated` the arm. Control's rows are in as many comparisons as
  there are treatments.
#}
{% macro compared_variants(relation) -%}
    with

    variants as (

        select * from {{ ref('int_experiments__variants') }}

    ),

    comparisons as (

        select
            variants.experiment_id,
            variants.variant as compared_variant,
            treatments.variant as treatment,
            not variants.is_control as is_treated

        from variants
        inner join variants as treatments
            on
                variants.experiment_id = treatments.experiment_id
                and (variants.is_control or variants.variant = treatments.variant)

        where not treatments.is_control

    )

    select
        compared.*,
        comparisons.treatment,
        comparisons.is_treated

    from {{ relation }} as compared
    inner join comparisons
        on
            compared.experiment_id = comparisons.experiment_id
            and compared.variant = comparisons.compared_variant
{%- endmacro %}
