-- one row per claim on a share of draws: what came out, and what is expected
with

shares as (

    {{ parameters('claimed_shares') }}

),

segment_groups as (

    {{ parameters('claim_groups') }}

),

draws as (

    select * from {{ ref('truth_custom__counted_draws') }}

),

draws_aggregated_to_group as (

    select
        draws.subject,
        segment_groups.segment_group,
        draws.drawn_value,
        cast(sum(draws.draw_count) as bigint) as draw_count

    from draws
    inner join segment_groups
        on
            -- items are of no segment
            draws.subject = segment_groups.subject
            and draws.segment_number = segment_groups.segment_number

    group by draws.subject, segment_groups.segment_group, draws.drawn_value

),

totals as (

    select
        subject,
        segment_group,
        cast(sum(draw_count) as bigint) as trial_count

    from draws_aggregated_to_group

    group by subject, segment_group

),

of_shares as (

    select
        shares.claim,
        shares.declared,
        coalesce(draws.draw_count, 0) as observed_sum,
        totals.trial_count * shares.probability as expected_sum,
        totals.trial_count * shares.probability * (1 - shares.probability) as variance,
        totals.trial_count

    from shares
    left join totals
        on
            shares.subject = totals.subject
            and shares.segment_group = totals.segment_group
    left join draws_aggregated_to_group as draws
        on
            shares.subject = draws.subject
            and shares.segment_group = draws.segment_group
            and shares.value = draws.drawn_value

)

select *, true as is_bounded from of_shares
