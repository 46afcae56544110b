"""How a node is run. Seconds are those of the chain."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.errors import OracleError


@dataclass(frozen=True, slots=True)
class Settings:
    """All nodes of a committee use the same times; the rest is each operator's own.

    After a period's end a node waits ``observe_after_seconds`` for its last samples before it signs its observation;
    ``collect_after_seconds`` after the end the round is proposed; after another ``turn_seconds`` without it on the
    chain the next member proposes. ``cycle_seconds`` lie between two looks at the chain.
    Nothing is sent while ``dry_run`` is set: transactions are only tried.
    ``finality`` names the block up to which inputs count: "finalized", or "latest" where a chain has no such tag.
    ``first_block`` is where the contracts were deployed; events are read from there.
    """

    observe_after_seconds: int = 30
    collect_after_seconds: int = 120
    turn_seconds: int = 60
    cycle_seconds: float = 5.0
    dry_run: bool = True
    keeps: bool = True
    finality: str = "finalized"
    first_block: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.observe_after_seconds < self.collect_after_seconds or self.turn_seconds < 1:
            raise OracleError(
                f"observing after {self.observe_after_seconds} s, collecting after {self.collect_after_seconds} s and "
                f"turns of {self.turn_seconds} s do not go together",
                "observe before collecting, and give every turn at least a second",
            )
        if self.finality not in ("finalized", "safe", "latest"):
            raise OracleError(f"finality is {self.finality!r}", "use finalized, safe or latest")
