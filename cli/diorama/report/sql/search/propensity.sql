-- one row per arm, position and source: how likely a result there is looked at, against
-- the first
create or replace temp table figure as
with

estimated as (

    select distinct
        variant,
        result_position,
        examination_propensity

    from marts.search__ranking_examples

),

compared as (

    select
        variant,
        result_position,
        'estimated from the log' as source,
        examination_propensity as propensity

    from estimated

    union all

    select
        variant,
        result_position,
        'true' as source,
        true_propensity as propensity

    from truth.truth_search__position_propensities

)

select * from compared
order by variant, source, result_position;

-- one row: what the sentence says
with

pairs as (

    select
        variant,
        result_position,
        max(propensity) filter (source = 'true') as truth,
        max(propensity) filter (source != 'true') as estimate

    from figure

    group by variant, result_position

)

select
    max(truth) filter (result_position = 3 and variant = 'control') as third,
    max(estimate) filter (result_position = 3 and variant = 'control')
        as third_estimate,
    max(abs(estimate - truth)) as largest_error
from pairs
