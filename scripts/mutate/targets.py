"""What is broken, and the tests that should notice: the quickest that claim to hold it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from scripts.setup import ROOT


@dataclass(frozen=True, slots=True)
class Target:
    """A file, the tests, and of the contracts those to compile with what they import: ``()`` means none."""

    path: str
    suite: tuple[str, ...]
    contracts: tuple[str, ...] = ()

    def source(self) -> str:
        """The file as it is now."""
        return (ROOT / self.path).read_text()


LIBRARIES = "contracts/libraries"
DEPLOYED = (
    "contracts/SLAEscrow.sol",
    *(f"{LIBRARIES}/{name}.sol" for name in ("Contests", "Holdings", "Successions")),
    "contracts/Committee.sol",
    *(
        f"contracts/test/{name}.sol"
        for name in (
            "ContractWallet",
            "MoodyToken",
            "MultiSigWallet",
            "PermitToken",
            "RebasingToken",
            "TestToken",
        )
    ),
)
MONEY = ("tests/invariant", "tests/contracts/test_last_seconds.py")

TARGETS = (
    Target("sla/compensation.py", ("tests/unit/sla/test_compensation.py",)),
    Target(
        f"{LIBRARIES}/CreditMath.sol",
        ("tests/differential/test_credit_math.py",),
        ("contracts/test/CreditMathHarness.sol",),
    ),
    Target(f"{LIBRARIES}/Ledger.sol", (*MONEY, "tests/contracts/test_link_room.py"), DEPLOYED),
    *(
        Target(path, MONEY, DEPLOYED)
        for path in (
            *(f"{LIBRARIES}/{name}.sol" for name in ("Vault", "Judgement", "Holdings", "Contests")),
            "contracts/SLAEscrow.sol",
            *(f"{LIBRARIES}/{name}.sol" for name in ("ScheduleMath", "Admission", "Successions")),
        )
    ),
)


def fingerprint(source: str) -> str:
    """Of a mutated file's code, as docs/mutation.md names it: comments on lines of their own may change."""
    code = [line for line in source.splitlines() if not line.lstrip().startswith(("//", "#"))]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:16]
