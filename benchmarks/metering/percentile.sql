-- The whole milliseconds that 99 % of the answers did not exceed, rounded up.
WITH by_value AS (
    SELECT (latency_us + 999) // 1000 AS value, count(*) AS number
    FROM probes
    WHERE time_ms >= 1772319600000 AND time_ms < 1774994400000 AND known AND status > 0
    GROUP BY value
),
ranked AS (
    SELECT value, sum(number) OVER (ORDER BY value) AS up_to, sum(number) OVER () AS answered FROM by_value
)
SELECT 0 AS cell, min(value) AS value, min(answered)::BIGINT AS answered
FROM ranked
WHERE up_to * 1000000 >= answered * 990000
