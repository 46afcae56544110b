"""Exit codes, for scripts: whose move it is when something did not work."""

from __future__ import annotations

EXIT_NO, EXIT_INPUT, EXIT_OUTSIDE, EXIT_INTERRUPTED = 1, 2, 3, 130

EXIT_HELP = "Exit code: 0 done, 1 the answer is no, 2 what was given is wrong, 3 chain, node or disk."
