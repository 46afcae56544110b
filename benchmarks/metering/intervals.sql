-- Minutes of which at least 90 % of the known requests were good, times 1 000 000, and those in which there were any.
WITH minutes AS (
    SELECT
        (time_ms - 1772319600000) // 60000 AS minute,
        count_if(status > 0 AND status < 500 AND latency_us <= 400000) AS good,
        count(*) AS total
    FROM probes
    WHERE time_ms >= 1772319600000 AND time_ms < 1774994400000 AND known
    GROUP BY minute
)
SELECT
    0 AS cell,
    sum(CASE WHEN good * 1000000 >= total * 900000 THEN 1000000 ELSE 0 END)::BIGINT AS share,
    count(*) AS seen
FROM minutes
