{{ config(materialized=large_view_or_table()) }}

-- one row per search and variant: whether and where it is clicked, by the same draws
with

searches as (

    select * from {{ ref('gen_search__searches') }}

),

variants as (

    select * from {{ ref('gen_search__variants') }}

),

both_arms as (

    select
        searches.*,
        variants.variant,
        variants.weight_up_to_1,
        variants.weight_up_to_2,
        variants.weight_up_to_3,
        variants.weight_up_to_4,
        variants.weight_up_to_5,
        variants.weight_up_to_6,
        variants.weight_up_to_7,
        variants.weight_up_to_8,
        searches.is_treated = variants.is_treated as is_assigned,
        not variants.is_treated or not searches.is_lost_if_treated as is_logged_in_arm,
        searches.click_draw < variants.click_probability as is_clicked

    from searches
    cross join variants

),

weighed as (

    select
        *,
        cast(floor(first_position_draw * weight_up_to_8) as bigint) as first_weight,
        cast(floor(rival_position_draw * weight_up_to_8) as bigint) as rival_weight

    from both_arms

),

-- two positions by the same weights, and the more relevant of their results: its
-- position has these weights too, because relevance and position are independent
rivalled as (

    select
        *,
        {{ interval_number('first_weight', position_ends()) }} as first_position,
        {{ interval_number('rival_weight', position_ends()) }} as rival_position

    from weighed

),

compared as (

    select
        *,
        case
            when
                {{ relevance_grade(catalogue_slot(
                    'catalogue_start', 'catalogue_step', 'rival_position'
                )) }}
                > {{ relevance_grade(catalogue_slot(
                    'catalogue_start', 'catalogue_step', 'first_position'
                )) }}
                then rival_position
            else first_position
        end as position_1

    from rivalled

),

bounded as (

    select
        *,
        {{ interval_start('position_1', position_ends()) }} as start_1,
        {{ interval_width('position_1', position_ends()) }} as width_1

    from compared

),

-- further clicks: by the weights of the positions that are left, past the gaps in them
second_weighed as (

    select
        *,
        cast(floor(second_position_draw * (weight_up_to_8 - width_1)) as bigint)
            as second_rest

    from bounded

),

second_placed as (

    select
        *,
        second_rest + case when second_rest >= start_1 then width_1 else 0 end
            as second_weight

    from second_weighed

),

second_chosen as (

    select
        *,
        {{ interval_number('second_weight', position_ends()) }} as position_2

    from second_placed

),

second_bounded as (

    select
        *,
        {{ interval_start('position_2', position_ends()) }} as start_2,
        {{ interval_width('position_2', position_ends()) }} as width_2

    from second_chosen

),

third_weighed as (

    select
        *,
        cast(
            floor(third_position_draw * (weight_up_to_8 - width_1 - width_2)) as bigint
        ) as third_rest,
        least(start_1, start_2) as lower_start,
        greatest(start_1, start_2) as upper_start,
        case when start_1 < start_2 then width_1 else width_2 end as lower_width,
        case when start_1 < start_2 then width_2 else width_1 end as upper_width

    from second_bounded

),

third_past_one as (

    select
        *,
        third_rest + case when third_rest >= lower_start then lower_width else 0 end
            as third_past_lower

    from third_weighed

),

third_placed as (

    select
        *,
        third_past_lower
        + case when third_past_lower >= upper_start then upper_width else 0 end
            as third_weight

    from third_past_one

),

outcomes as (

    select
        search_key,
        session_id,
        user_id,
        anonymous_id,
        variant,
        destination_number,
        type_number,
        catalogue_start,
        catalogue_step,
        case when is_clicked then click_count_draw else cast(0 as bigint) end
            as click_count,
        position_1,
        position_2,
        {{ interval_number('third_weight', position_ends()) }} as position_3,
        click_gap_1_ms,
        click_gap_1_ms + click_gap_2_ms as click_gap_2_ms,
        click_gap_1_ms + click_gap_2_ms + click_gap_3_ms as click_gap_3_ms,
        delay_ms,
        first_defect,
        is_assigned,
        is_logged_in_arm as is_logged,
        searched_at_ms

    from third_placed

)

select * from outcomes
