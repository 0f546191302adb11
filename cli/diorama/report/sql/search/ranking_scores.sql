-- one row per split and score: how well it puts the rows of label 1 above the others
-- (AUC), and, for probabilities, the mean log-loss
create or replace temp table figure as
with

weighed as (

    -- two positions are drawn, and the more relevant of their results is clicked
    select
        examples.split,
        examples.is_clicked,
        propensities.true_first_click_probability as chance,
        coalesce(
            sum(propensities.true_first_click_probability) over (
                partition by examples.search_event_id
                order by relevance.true_relevance, examples.result_position
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as chance_of_less_relevant

    from marts.search__ranking_examples as examples
    inner join truth.truth_search__relevance as relevance
        on examples.result_id = relevance.result_id
    inner join truth.truth_search__position_propensities as propensities
        on
            examples.variant = propensities.variant
            and examples.result_position = propensities.result_position

),

scored as (

    select
        split,
        3 as rank,
        'position alone' as score,
        -cast(result_position as double) as value,
        cast(is_clicked as integer) as label

    from marts.search__ranking_examples

    union all

    select
        examples.split,
        2 as rank,
        'true relevance alone' as score,
        relevance.true_relevance as value,
        cast(examples.is_clicked as integer) as label

    from marts.search__ranking_examples as examples
    inner join truth.truth_search__relevance as relevance
        on examples.result_id = relevance.result_id

    union all

    select
        split,
        0 as rank,
        'the truth: chance of the first click' as score,
        round(chance * (chance + 2 * chance_of_less_relevant), 9) as value,
        cast(is_clicked as integer) as label

    from weighed

),

levels as (

    -- rows of equal score, counted: AUC takes them for half right
    select
        split,
        rank,
        score,
        value,
        count(*) as amount,
        cast(sum(label) as bigint) as positives

    from scored

    group by split, rank, score, value

),

cumulated as (

    select
        *,
        coalesce(
            sum(amount - positives) over (
                partition by split, rank order by value
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as negatives_below,
        case
            when rank = 0 and value between 0 and 1
                then
                    -positives * ln(greatest(value, 1e-9))
                    - (amount - positives) * ln(greatest(1 - value, 1e-9))
        end as loss

    from levels

),

aggregated as (

    select
        split,
        rank,
        score,
        sum(amount) as amount,
        sum(positives) as positives,
        sum(2 * positives * negatives_below + positives * (amount - positives))
            as half_wins,
        sum(cast(loss as decimal(28, 9))) as loss

    from cumulated

    group by split, rank, score

)

select
    split,
    rank,
    score,
    cast(amount as bigint) as amount,
    cast(positives as bigint) as positives,
    cast(half_wins as double) / nullif(2 * positives * (amount - positives), 0) as auc,
    cast(loss as double) / nullif(amount, 0) as log_loss
from aggregated
where positives between 1 and amount - 1
order by list_position(['train', 'validation', 'test'], split), rank desc;

-- one row: what the sentence says
with

last_split as (

    select
        *,
        list_position(['train', 'validation', 'test'], split) as number

    from figure

)

select
    arg_max(split, number) as split,
    arg_max(auc, number) filter (rank = 3) as position_auc,
    arg_max(auc, number) filter (rank = 2) as relevance_auc,
    arg_max(auc, number) filter (rank = 0) as truth_auc
from last_split
