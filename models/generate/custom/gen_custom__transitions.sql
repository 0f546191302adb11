-- one row per regime (0: without effects), segment, event and event that follows it: the interval of the
-- draw in which it does, and after how long
with

transitions as (

    {{ parameters('transitions') }}

),

events as (

    {{ parameters('events') }}

),

effects as (

    select * from {{ ref('gen_custom__effects') }}

),

regimes as (

    select 0 as regime

    union all

    select regime from {{ ref('gen_custom__regimes') }}

),

changed as (

    select
        regimes.regime,
        transitions.segment_number,
        transitions.event_number,
        transitions.next_number,
        transitions.probability,
        effects.factor is not null as is_changed,
        transitions.probability * coalesce(effects.factor, 1) as changed_probability

    from regimes
    cross join transitions
    left join effects
        on
            regimes.regime = effects.regime
            and transitions.segment_number = effects.segment_number
            and effects.target = 'transition'
            and transitions.event_number = effects.event_number
            and transitions.next_number = effects.next_number

),

summed as (

    select
        regime,
        segment_number,
        event_number,
        sum(case when is_changed then probability else 0 end) as changed_share,
        sum(case when is_changed then changed_probability else 0 end) as changed_to

    from changed

    group by regime, segment_number, event_number

),

-- what an effect takes or gives, the other transitions give or take in proportion
balanced as (

    select
        changed.regime,
        changed.segment_number,
        changed.event_number,
        changed.next_number,
        case
            when changed.is_changed
                then changed.changed_probability / greatest(summed.changed_to, 1)
            when summed.changed_share < 1
                then
                    changed.probability
                    * greatest(1 - summed.changed_to, 0) / (1 - summed.changed_share)
            else 0
        end as probability

    from changed
    inner join summed
        on
            changed.regime = summed.regime
            and changed.segment_number = summed.segment_number
            and changed.event_number = summed.event_number

),

cumulated as (

    select
        regime,
        segment_number,
        event_number,
        next_number,
        cast(floor(1000000000 * probability + 0.5) as bigint) as width,
        sum(cast(floor(1000000000 * probability + 0.5) as bigint)) over (
            partition by regime, segment_number, event_number
            order by next_number desc
            rows unbounded preceding
        ) as draw_below,
        row_number() over (
            partition by regime, segment_number, event_number order by next_number
        ) as place

    from balanced

),

-- the end has the rest, and needs no row: a draw that falls there is followed by nothing
described as (

    select
        cumulated.regime,
        cumulated.segment_number,
        {{ chain_number('cumulated.regime', 'cumulated.segment_number') }}
            as chain_number,
        cumulated.event_number as state,
        cumulated.next_number as next_state,
        events.picked_kind,
        cast(cumulated.draw_below - cumulated.width as integer) as draw_from,
        -- without an end, the last one has what is left of rounding
        cast(
            case when cumulated.place = 1 then 1000000000 else cumulated.draw_below end
            as integer
        ) as draw_below,
        events.log_median_ms + ln(coalesce(effects.factor, 1)) as log_median_ms,
        events.log_spread

    from cumulated
    inner join events on cumulated.next_number = events.event_number
    left join effects
        on
            cumulated.regime = effects.regime
            and cumulated.segment_number = effects.segment_number
            and effects.target = 'gap'
            and cumulated.next_number = effects.event_number

)

select * from described
