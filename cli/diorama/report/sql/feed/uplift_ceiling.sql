-- one row per hundredth of the test users and rule of targeting: the gain from treating
-- so many
create or replace temp table figure as
with

users as (

    select
        examples.segment,
        effects.unit_id,
        effects.effect

    from marts.feed__uplift_training_set as examples
    inner join truth.truth__unit_effects as effects
        on cast(examples.user_id as varchar) = effects.unit_id

    where
        examples.split = 'test'
        and effects.experiment_id = 'smartfeed_v2'
        and effects.metric = 'card_views_14d'

),

segments as (

    select
        segment,
        cast(sum(effect) as double) / nullif(count(*), 0) as segment_effect

    from users

    group by segment

),

ranked as (

    select
        users.effect,
        segments.segment_effect,
        row_number() over (order by users.effect desc, users.unit_id asc) as true_rank,
        row_number() over (order by segments.segment_effect desc, users.unit_id asc)
            as segment_rank,
        count(*) over () as user_count,
        sum(users.effect) over () as total_effect

    from users
    inner join segments on users.segment = segments.segment

),

rules as (

    select
        'by the true effect' as rule,
        (true_rank - 1) * 100 // nullif(user_count, 0) + 1 as hundredth,
        effect,
        total_effect

    from ranked

    union all

    select
        'by segment' as rule,
        (segment_rank - 1) * 100 // nullif(user_count, 0) + 1 as hundredth,
        effect,
        total_effect

    from ranked

),

hundredths as (

    select
        rule,
        hundredth,
        sum(effect) as effect,
        max(total_effect) as total_effect

    from rules

    group by rule, hundredth

)

select
    rule,
    cast(hundredth as double) / 100 as treated_share,
    cast(sum(effect) over (partition by rule order by hundredth) as double)
    / nullif(total_effect, 0) as gain
from hundredths
order by rule desc, hundredth asc;

-- one row: what the sentence says
select
    max(gain) filter (rule = 'by the true effect' and treated_share = 0.5) as best_half,
    max(gain) filter (rule = 'by segment' and treated_share = 0.5) as segment_half,
    max(gain) as best_gain,
    arg_max(treated_share, gain order by treated_share) as best_cut
from figure
