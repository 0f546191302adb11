-- metrics of which one unit makes much of the spread
insert into marts.experiments__input_checks
with

spreads as (

    select
        experiment_id,
        metric,
        count(*) as unit_count,
        avg(numerator) as mean,
        var_pop(numerator) * count(*) as spread,
        max(numerator) as highest,
        min(numerator) as lowest,
        arg_max(unit_id, numerator) as highest_unit,
        arg_min(unit_id, numerator) as lowest_unit

    from intermediate.int_experiments__unit_metrics

    where kind != 'proportion'

    group by experiment_id, metric

),

farthest as (

    select
        *,
        highest - mean > mean - lowest as is_high,
        power(greatest(highest - mean, mean - lowest), 2) / nullif(spread, 0) as share

    from spreads

)

select
    'outlier',
    'warn',
    'metrics',
    farthest.experiment_id,
    1,
    [case when is_high then highest_unit else lowest_unit end],
    concat(
        'one unit has ', round(100 * share), ' % of the squares of ', farthest.metric, ', with ',
        case when is_high then highest else lowest end / metrics.divisor,
        case
            when metrics.cap_quantile is null then '; cap it, such as with cap: p99'
            else '; it is capped'
        end
    )
from farthest
inner join inputs.metrics as metrics
    on
        farthest.experiment_id = metrics.experiment_id
        and farthest.metric = metrics.metric
where share > 0.1 and unit_count >= 100;
