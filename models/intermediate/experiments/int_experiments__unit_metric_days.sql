-- one row per experiment, unit with one variant, metric through whose window the unit
-- was followed, and day on which there is anything of it; negative before the exposure
with

unit_facts as (

    select * from {{ ref('int_experiments__unit_facts') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

aggregated_to_day as (

    {{ metric_days('unit_facts', 'metrics', ['unit_hash']) }}

)

select * from aggregated_to_day
