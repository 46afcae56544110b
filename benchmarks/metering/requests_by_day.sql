-- The same by the days of Rome and by service. All its days begin on a whole hour of UTC, one lasts 23 hours.
WITH days AS (
    SELECT
        day AS cell,
        1772319600 + day * 86400 - CASE WHEN day > 28 THEN 3600 ELSE 0 END AS day_start,
        1772319600 + (day + 1) * 86400 - CASE WHEN day + 1 > 28 THEN 3600 ELSE 0 END AS day_end
    FROM range(31) AS each(day)
),
hours AS (
    SELECT cell, unnest(range(day_start // 3600, day_end // 3600)) AS hour FROM days
)
SELECT
    cell,
    service,
    count_if(known AND status > 0 AND status < 500 AND latency_us <= 400000) AS numerator,
    count_if(known) AS denominator,
    0 AS excluded,
    count_if(NOT known) AS missing
FROM probes JOIN hours ON time_ms // 3600000 = hour
GROUP BY cell, service
