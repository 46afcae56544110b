-- Tickets whose clock met its limit by the month's end, all of whose entries lie in it. A clock runs from the opening,
-- is held in "held", stops in "resolved" and "closed", goes on when a ticket is reopened; the last priority decides.
-- P1: 4 hours round the clock; P2: 8 and P3: 30 working hours, Monday to Friday from 08:00 to 18:00 in Rome.
WITH days AS (
    SELECT
        day,
        1772319600 + day * 86400 - CASE WHEN day > 28 THEN 3600 ELSE 0 END AS day_start,
        CASE WHEN day = 28 THEN 25200 ELSE 28800 END AS opens_after,
        CASE WHEN (day + 6) % 7 < 5 THEN 36000 ELSE 0 END AS open_seconds
    FROM range(32) AS each(day)
),
worked AS (
    SELECT
        day_start,
        day_start + opens_after AS opens,
        open_seconds,
        (sum(open_seconds) OVER (ORDER BY day) - open_seconds)::BIGINT AS before
    FROM days
),
entries AS (
    SELECT
        ticket, time, sequence, state, priority, opened,
        coalesce(lead(time) OVER log, 1774994400) AS until,
        row_number() OVER log AS place
    FROM tickets
    WHERE time < 1774994400
    WINDOW log AS (PARTITION BY ticket ORDER BY time, sequence)
),
-- Open seconds since the month began, at the start and the end of the time in which each entry held.
counted AS (
    SELECT
        entries.*,
        from_day.before + greatest(0, least(entries.time - from_day.opens, from_day.open_seconds)) AS open_from,
        to_day.before + greatest(0, least(entries.until - to_day.opens, to_day.open_seconds)) AS open_until
    FROM entries
    ASOF JOIN worked AS from_day ON entries.time >= from_day.day_start
    ASOF JOIN worked AS to_day ON entries.until >= to_day.day_start
),
by_ticket AS (
    SELECT
        ticket,
        arg_max(state, place) AS state,
        arg_max(priority, place) AS priority,
        coalesce(sum(until - time) FILTER (state IN ('new', 'active')), 0) AS ran,
        coalesce(sum(open_until - open_from) FILTER (state IN ('new', 'active')), 0) AS ran_open
    FROM counted
    GROUP BY ticket
),
read AS (
    SELECT
        state,
        CASE priority
            WHEN 'P1' THEN ran > 14400
            WHEN 'P2' THEN ran_open > 28800
            ELSE ran_open > 108000
        END AS breached
    FROM by_ticket
)
SELECT
    0 AS cell,
    count_if(state IN ('resolved', 'closed') AND NOT breached) AS numerator,
    count_if(state <> 'cancelled' AND (breached OR state IN ('resolved', 'closed'))) AS denominator,
    count_if(state = 'cancelled') AS excluded,
    0 AS missing
FROM read
