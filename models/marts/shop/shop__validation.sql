-- one row per session and item viewed in it, of the sessions that are for validation
with

validation_examples as (

    {{ shop_training_split('validation') }}

)

select * from validation_examples
