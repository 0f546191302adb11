{{ config(enabled=not is_left_out(model)) }}

-- one row: the run
with

run as (

    select
        cast({{ setting('seed') }} as bigint) as seed,
        {{ root_key() }} as root_key

)

select * from run
