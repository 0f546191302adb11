-- one row per experiment and treatment
with

health_checks as (

    select * from {{ ref('experiments__health_checks') }}

),

results as (

    select * from {{ ref('experiments__results') }}

    where is_decisive and role in ('primary', 'guardrail')

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

    where not is_control

),

blocking_checks as (

    select distinct
        experiment_id,
        treatment,
        check_name

    from health_checks

    where severity = 'block' and status = 'alert'

),

checked_experiments as (

    select distinct experiment_id

    from health_checks

),

comparisons as (

    select
        variants.experiment_id,
        variants.variant as treatment

    from variants
    inner join checked_experiments
        on variants.experiment_id = checked_experiments.experiment_id

),

-- a check of the whole experiment is one of each comparison
blocks as (

    select distinct
        comparisons.experiment_id,
        comparisons.treatment,
        checks.check_name

    from comparisons
    inner join blocking_checks as checks
        on
            comparisons.experiment_id = checks.experiment_id
            and comparisons.treatment
            = coalesce(checks.treatment, comparisons.treatment)

),

blocked as (

    select
        experiment_id,
        treatment,
        {{ joined_text('check_name', 'check_name') }} as blocked_by

    from blocks

    group by experiment_id, treatment

),

-- of the harm to guardrails one in a thousand is enough to be sure without a primary
judged as (

    select
        results.experiment_id,
        results.treatment,
        results.metric,
        results.role,
        results.p_value_holm < 0.05e0 as is_significant,
        results.p_value_holm < 0.001e0 as is_certain,
        (results.effect > 0) = (metrics.direction = 'increase') as is_better,
        case
            when metrics.margin is null
                then
                    results.relative_ci_lower > -0.01e0
                    and results.relative_ci_upper < 0.01e0
            when metrics.margin_is_relative
                then
                    results.relative_ci_lower > -metrics.margin
                    and results.relative_ci_upper < metrics.margin
            else
                results.ci_lower > -metrics.margin
                and results.ci_upper < metrics.margin
        end as is_flat

    from results
    inner join metrics
        on
            results.experiment_id = metrics.experiment_id
            and results.metric = metrics.metric

),

aggregated_to_comparison as (

    select
        experiment_id,
        treatment,
        {{ joined_text(
            "case when role = 'primary' and is_significant and is_better then metric end",
            'metric'
        ) }} as better_primaries,
        {{ joined_text(
            "case when role = 'primary' and is_significant and not is_better "
            ~ "then metric end",
            'metric'
        ) }} as worse_primaries,
        {{ joined_text(
            "case when role = 'guardrail' and is_significant and not is_better "
            ~ "then metric end",
            'metric'
        ) }} as harmed_guardrails,
        {{ joined_text("case when role = 'primary' then metric end", 'metric') }}
            as primaries,
        max(
            case
                when role = 'guardrail' and is_certain and not is_better then 1
                else 0
            end
        ) as has_certain_harm,
        min(
            case
                when role = 'primary' and not coalesce(is_flat, false) then 0
                else 1
            end
        ) as has_flat_primaries

    from judged

    group by experiment_id, treatment

),

decided as (

    select
        comparisons.experiment_id,
        comparisons.treatment,
        blocked.blocked_by,
        metrics.better_primaries,
        metrics.worse_primaries,
        metrics.harmed_guardrails,
        metrics.primaries,
        case
            when blocked.blocked_by is not null then 'not_trustworthy'
            when metrics.primaries is null then 'inconclusive'
            when metrics.worse_primaries is not null then 'loss'
            when metrics.has_certain_harm = 1 then 'loss'
            when metrics.better_primaries is null and metrics.has_flat_primaries = 1
                then 'flat'
            when metrics.better_primaries is null then 'inconclusive'
            when metrics.harmed_guardrails is not null then 'loss'
            else 'win'
        end as verdict

    from comparisons
    left join aggregated_to_comparison as metrics
        on
            comparisons.experiment_id = metrics.experiment_id
            and comparisons.treatment = metrics.treatment
    left join blocked
        on
            comparisons.experiment_id = blocked.experiment_id
            and comparisons.treatment = blocked.treatment

)

select
    experiment_id,
    treatment,
    verdict,
    case
        when verdict = 'not_trustworthy' then concat('blocked by ', blocked_by)
        when primaries is null then 'no primary metric can be estimated'
        when verdict = 'win' then concat('better: ', better_primaries)
        when verdict = 'loss' and worse_primaries is not null
            then concat('worse: ', worse_primaries)
        when harmed_guardrails is not null
            then concat('harmed: ', harmed_guardrails)
        when verdict = 'flat' then concat('no effect that matters: ', primaries)
        else concat('undecided: ', primaries)
    end as reason,
    blocked_by

from decided
