{parts/measure_attributes}
        and {parts/field_filter}
