-- one row per metric and quantile: the difference of the arms' quantiles
create or replace temp table figure as
select
    replace(quantiles.metric, '_', ' ') as panel,
    (quantiles.quantile * 100) || ' % quantile' as quantile,
    quantiles.control_units + quantiles.treatment_units as amount,
    quantiles.control_quantile,
    quantiles.treatment_quantile,
    quantiles.effect,
    quantiles.ci_lower,
    quantiles.ci_upper
from marts.experiments__quantile_effects as quantiles
where
    quantiles.experiment_id = getvariable('experiment')
    and quantiles.ci_lower is not null
order by quantiles.metric, quantiles.quantile;

-- one row: what the sentence says
select
    arg_max(panel, abs(effect) order by panel) as metric,
    arg_max(quantile, abs(effect) order by panel) as quantile,
    arg_max(control_quantile, abs(effect) order by panel) as control,
    arg_max(treatment_quantile, abs(effect) order by panel) as treatment
from figure
