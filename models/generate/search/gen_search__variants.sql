-- one row per variant: how likely a search is clicked, where, and how likely it is lost
with

variants as (

    select * from {{ ref('search_variants') }}

),

positions as (

    select * from {{ ref('search_positions') }}

),

weighted as (

    select
        variants.experiment_id,
        variants.variant,
        variants.is_treated,
        variants.assignment_probability,
        positions.result_position,
        cast(
            floor(
                1000000 * positions.click_weight * case
                    when variants.is_treated and positions.is_boosted
                        then greatest(
                            0e0,
                            1e0 + {{ double_literal(
                                (setting('search_position_boost') - 1)
                                * setting('effect_scale')
                            ) }}
                        )
                    else 1e0
                end
                + 0.5
            ) as bigint
        ) as click_weight

    from variants
    cross join positions

),

aggregated_to_variant as (

    select
        experiment_id,
        variant,
        is_treated,
        assignment_probability,
        cast(
            sum(case when result_position <= 1 then click_weight end) as bigint
        ) as weight_up_to_1,
        cast(
            sum(case when result_position <= 2 then click_weight end) as bigint
        ) as weight_up_to_2,
        cast(
            sum(case when result_position <= 3 then click_weight end) as bigint
        ) as weight_up_to_3,
        cast(
            sum(case when result_position <= 4 then click_weight end) as bigint
        ) as weight_up_to_4,
        cast(
            sum(case when result_position <= 5 then click_weight end) as bigint
        ) as weight_up_to_5,
        cast(
            sum(case when result_position <= 6 then click_weight end) as bigint
        ) as weight_up_to_6,
        cast(
            sum(case when result_position <= 7 then click_weight end) as bigint
        ) as weight_up_to_7,
        cast(
            sum(case when result_position <= 8 then click_weight end) as bigint
        ) as weight_up_to_8

    from weighted

    group by experiment_id, variant, is_treated, assignment_probability

)

select
    experiment_id,
    variant,
    is_treated,
    assignment_probability,
    case
        when is_treated
            then least(1e0, greatest(0e0, {{ double_literal(
                setting('search_click_through_rate')
                * (1 + (setting('search_click_lift') - 1) * setting('effect_scale'))
            ) }}))
        else {{ double_literal(setting('search_click_through_rate')) }}
    end as click_probability,
    case
        when is_treated then {{ double_literal(setting('search_logging_loss')) }}
        else 0e0
    end as loss_probability,
    weight_up_to_1,
    weight_up_to_2,
    weight_up_to_3,
    weight_up_to_4,
    weight_up_to_5,
    weight_up_to_6,
    weight_up_to_7,
    weight_up_to_8

from aggregated_to_variant
