case
        when sample_size > 0 and hits = 0 then 0.0
        when sample_size > 0 then (
            hits / sample_size + 1.959964 * 1.959964 / (2 * sample_size)
            - 1.959964 * sqrt((hits / sample_size) * (1 - hits / sample_size) / sample_size + 1.959964 * 1.959964 / (4 * sample_size * sample_size))
        ) / (1 + 1.959964 * 1.959964 / sample_size)
    end
