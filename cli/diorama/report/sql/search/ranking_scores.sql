-- one row per example and score: rank 0 is the truth
create or replace temp view scored as
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

)

select
    split,
    2 as rank,
    'position alone' as score,
    -cast(result_position as double) as value,
    cast(is_clicked as integer) as label
from marts.search__ranking_examples

union all

select
    examples.split,
    1 as rank,
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
from weighed;
