-- Good of known requests: answered with a status below 500 within 400 ms.
SELECT
    0 AS cell,
    count_if(known AND status > 0 AND status < 500 AND latency_us <= 400000) AS numerator,
    count_if(known) AS denominator,
    0 AS excluded,
    count_if(NOT known) AS missing
FROM probes
WHERE time_ms >= 1772319600000 AND time_ms < 1774994400000
