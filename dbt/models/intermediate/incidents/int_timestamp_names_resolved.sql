-- Which timestamps the configured names mean (I4): those of incident.io, and columns of files. A column is meant by the
-- name of the timestamp that it stands for, and by whatever else that timestamp is called by now.
with

defined as (
    select
        purpose,
        position,
        configured_name,
        timestamp_id,
        present_name,
        is_renamed
    from {{ ref('int_timestamp_names_defined') }}
),

file_columns as (
    select distinct
        timestamp_id,
        name
    from {{ ref('int_incident_timestamps_of_files') }}
),

counterparts as (
    select distinct
        file_columns.timestamp_id,
        file_columns.name,
        defined.timestamp_id as defined_id
    from file_columns
    inner join defined
        on lower(file_columns.name) = lower(defined.configured_name)
),

of_files as (
    select
        defined.purpose,
        defined.position,
        defined.configured_name,
        file_columns.timestamp_id,
        file_columns.name
    from defined
    inner join file_columns
        on lower(defined.configured_name) = lower(file_columns.name)
    union distinct
    select
        defined.purpose,
        defined.position,
        defined.configured_name,
        counterparts.timestamp_id,
        counterparts.name
    from defined
    inner join counterparts
        on defined.timestamp_id = counterparts.defined_id
),

meant_by_files as (
    select distinct
        purpose,
        position
    from of_files
),

final as (
    select
        purpose,
        position,
        configured_name,
        timestamp_id,
        name as present_name,
        false as is_renamed
    from of_files
    union all
    select
        defined.purpose,
        defined.position,
        defined.configured_name,
        defined.timestamp_id,
        defined.present_name,
        defined.is_renamed
    from defined
    left join meant_by_files
        on defined.purpose = meant_by_files.purpose and defined.position = meant_by_files.position
    where defined.timestamp_id is not null or meant_by_files.purpose is null
)

select * from final
