{# Runs before anything is built: every given var must be declared, of its type and in its range. #}
{% macro check_settings() -%}
{%- set given = invocation_args_dict.get('vars') or {} -%}
{%- if 'settings' in given -%}
    {{ raise_usage_error("There is no setting 'settings'. `diorama list --settings` shows all.") }}
{%- endif -%}
{%- for name in given if name not in var('settings') and name not in ('worlds', 'inputs', 'declared_world') -%}
    {{ unknown_setting(name) }}
{%- endfor -%}
{%- for name in var('settings') -%}
    {%- do setting(name) -%}
{%- endfor -%}
{%- if setting('shard_index') >= setting('shard_count') -%}
    {{ raise_usage_error(
        "Setting 'shard_index' is " ~ setting('shard_index') ~ ", but must be below shard_count, which is "
        ~ setting('shard_count') ~ ". Shards count from 0."
    ) }}
{%- endif -%}
{%- if setting('feed_min_active_days') >= setting('feed_days') -%}
    {{ raise_usage_error(
        "Setting 'feed_min_active_days' is " ~ setting('feed_min_active_days')
        ~ ", but must be below feed_days, which is " ~ setting('feed_days') ~ "."
    ) }}
{%- endif -%}
{{ check_dates() }}
{%- for world in worlds() if world ~ '_users' in var('settings') -%}
    {%- do user_count(world) -%}
{%- endfor -%}
{{ check_learning_settings() }}
{{ check_shop_settings() }}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {{ check_a_world_has_started() }}
    {{ check_user_number() }}
{%- endif -%}
{%- endmacro %}
