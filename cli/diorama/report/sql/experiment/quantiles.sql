-- one row per metric and quantile: the difference of the arms' quantiles
create or replace temp table figure as
select
    replace(metric, '_', ' ') as panel,
    (quantile * 100) || ' % quantile' as quantile,
    control_units + treatment_units as amount,
    control_quantile,
    treatment_quantile,
    effect,
    ci_lower,
    ci_upper
from marts.experiments__quantile_effects
where experiment_id = getvariable('experiment') and ci_lower is not null
order by metric, experiments__quantile_effects.quantile;

-- one row: what the sentence says
select
    arg_max(panel, abs(effect) order by panel) as metric,
    arg_max(quantile, abs(effect) order by panel) as quantile,
    arg_max(control_quantile, abs(effect) order by panel) as control,
    arg_max(treatment_quantile, abs(effect) order by panel) as treatment
from figure
