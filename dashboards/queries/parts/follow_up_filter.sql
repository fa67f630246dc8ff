{parts/object_filter}
        and (@team = '' or follow_ups.team = @team)
        and (
            @service = ''
            or incidents.incident_id in (
                select incident_id
                from {marts}fct_incident_services
                where service = @service
            )
        )
