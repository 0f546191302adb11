-- one row per metric and part: what the naive estimate adds to the truth
create or replace temp table figure as
with

parts as (

    select
        metric,
        naive_effect,
        true_effect,
        unnest(range(5)) as part_number,
        unnest(
            [
                'true effect (SATE)',
                'selection by stratum',
                'the rest of selection',
                'the treated differ',
                'naive estimate'
            ]
        ) as part,
        unnest(['truth', 'part', 'part', 'part', 'estimate']) as kind,
        unnest([true_effect, selection, within_strata, treated_differ, naive_effect])
            as amount,
        -- below it is what rounding left
        abs(naive_effect) + abs(true_effect) as size

    from truth.truth__bias_decomposition

    where
        experiment_id = getvariable('experiment')
        and treatment = getvariable('treatment')

)

select
    replace(metric, '_', ' ') as panel,
    part_number,
    part,
    kind,
    case when abs(amount) > 1e-12 * size then amount else 0 end as amount
from parts
where amount is not null and size > 0
order by metric, part_number;

-- one row: what the sentence says
with

metrics as (

    select
        panel as metric,
        max(amount) filter (part_number = 0) as truth,
        max(amount) filter (part_number = 1) as selection,
        max(amount) filter (part_number = 4) as naive

    from figure

    group by panel

)

select *
from metrics
order by abs(selection / nullif(truth, 0)) desc nulls last, metric
limit 1
