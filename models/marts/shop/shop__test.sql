-- one row per session and item viewed in it, of the sessions that are for testing
with

test_examples as (

    {{ shop_training_split('test') }}

)

select * from test_examples
