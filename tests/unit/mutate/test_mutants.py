"""Which mutants a file has, and that each changes exactly what it says."""

from __future__ import annotations

from scripts.mutate.mutants import Mutant, mutants_of
from scripts.mutate.report import equivalents, outdated
from scripts.mutate.targets import TARGETS, fingerprint
from scripts.setup import ROOT

SOLIDITY = """// a < b
import {A} from "./a-b.sol";
using SafeCast for uint256;
contract C {
    mapping(address => uint256) kept; /* x * y */
    function f(uint256 a, int256 b) external returns (bool) {
        emit Said("a + b");
        for (uint256 i; i < a; ++i) {}
        if (a >= 1 && b == -1) return a * 2 != 3; // a / b
        assembly ("memory-safe") {
            b := add(a, 1)
        }
    }
}
"""
PYTHON = '''"""a < b"""
def f(a: int | None, *rest: int) -> int:
    return min(a, 1) // 2 if a <= 3 and rest else a - 1  # a + b
'''


def found(mutants: list[Mutant]) -> list[tuple[int, str, str]]:
    return [(mutant.line, mutant.before, mutant.after) for mutant in mutants]


def test_mutants__of_solidity__are_of_code_and_not_of_texts() -> None:
    assert found(mutants_of("c.sol", SOLIDITY)) == [
        (8, "<", "<="), (8, "<", ">="), (8, "++", "--"),
        (9, ">=", ">"), (9, ">=", "<"), (9, "&&", "||"), (9, "==", "!="), (9, "*", "/"), (9, "!=", "=="),
    ]  # fmt: skip


def test_mutants__of_python__are_of_code_and_not_of_texts_or_signatures() -> None:
    assert found(mutants_of("c.py", PYTHON)) == [
        (3, "min", "max"), (3, "//", "*"), (3, "<=", "<"), (3, "<=", ">"), (3, "and", "or"), (3, "-", "+"),
    ]  # fmt: skip


def test_mutant__applied__changes_its_one_place() -> None:
    (mutant,) = [each for each in mutants_of("c.sol", SOLIDITY) if each.before == "*"]

    assert mutant.applied(SOLIDITY) == SOLIDITY.replace("a * 2", "a / 2")
    assert mutant.changed.strip() == "if (a >= 1 && b == -1) return a / 2 != 3; // a / b"


def test_targets__each__has_mutants_and_tests() -> None:
    for target in TARGETS:
        assert len(mutants_of(target.path, target.source())) >= 1, target
        for path in (*target.suite, *target.contracts):
            assert (ROOT / path).exists(), path


def test_equivalents__each__names_a_mutant_that_is_and_says_why() -> None:
    keys = {mutant.key for target in TARGETS for mutant in mutants_of(target.path, target.source())}

    assert equivalents().keys() <= keys
    assert all(len(entry["why"]) > 30 for entry in equivalents().values())


def test_fingerprint__another_comment__is_the_same_and_another_sign_is_not() -> None:
    commented = SOLIDITY.replace("    mapping", "    // why\n    mapping")

    assert fingerprint(commented) == fingerprint(SOLIDITY)
    assert fingerprint(SOLIDITY.replace("a >= 1", "a > 1")) != fingerprint(SOLIDITY)


def test_report__of_other_code_or_unfinished__is_due() -> None:
    done, other, unfinished, *_ = TARGETS
    report = (
        f"## `{done.path}` (`{fingerprint(done.source())}`)\n"
        f"## `{other.path}` (`0123456789abcdef`)\n"
        f"## `{unfinished.path}` (`unfinished`)\n"
    )

    assert outdated(report) == [target.path for target in TARGETS if target is not done]
