"""From raw samples to attainment. Knows no chain."""
