-- one row per session and item viewed in it, of the sessions that are for training
with

train_examples as (

    {{ shop_training_split('train') }}

)

select * from train_examples
