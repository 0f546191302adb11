-- one row per metric and quantile: the difference of the arms' quantiles
create or replace temp table figure as
select
    replace(metric, '_', ' ') as panel,
    concat(quantile * 100, ' % quantile') as quantile,
    control_units + treatment_units as amount,
    control_quantile,
    treatment_quantile,
    effect,
    ci_lower,
    ci_upper,
    p_value_holm as p_value,
    metric,
    quantile as quantile_level
from marts.experiments__quantile_effects
where
    experiment_id = getvariable('experiment')
    and treatment = getvariable('treatment')
    and ci_lower is not null
order by metric, quantile_level;

-- one row: what the sentence says
with

totals as (

    select
        case
            when count(*) = 0 then 'untested'
            when min(p_value) < 0.05 then 'found'
            else 'nothing'
        end as says,
        count(*) as tested,
        list(
            concat(quantile, ' of ', panel)
            order by panel, quantile_level
        ) filter (p_value < 0.05) as quantiles

    from figure

),

clearest as (

    select
        quantile,
        panel as metric,
        p_value,
        treatment_quantile,
        control_quantile

    from figure

    order by p_value, panel, quantile_level

    limit 1

)

select
    totals.*,
    clearest.*
from totals
left join clearest on totals.says != 'untested'
