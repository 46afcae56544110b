"""The solver halmos asks, run by the analysis tools' own Python: ``solver.py QUERY.smt2`` prints as an SMT solver does.

Money is products and quotients of 96 and 64 bits within words of 256: hopeless bit by bit. So a query with them is
tried twice. First with less knowledge: any function may stand for division, any commutative one for multiplication.
What has no counterexample then has none (yices, bit by bit). Then as it is, bit by bit and at the same time
over the integers (cvc5).
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SECONDS = 40
"""For the first try; halmos limits the whole."""

INTEGERS = "--integers"

_YICES = (str(Path(sys.executable).parent / "yices-smt2"), "--smt2-model-format")
_DEFINITION = re.compile(r"^\(define-fun (f_evm_bv(\w+)_(\d+)) .*$", re.MULTILINE)


def main() -> None:
    """Answer the query in the file named last."""
    path = Path(sys.argv[-1])
    query = path.read_text()
    if INTEGERS in sys.argv:
        answer = _by_cvc5(query)
    elif _DEFINITION.search(query) and _has_no_model_loosely(path, query):
        answer = "unsat"
    else:
        answer = _by_either(path)
    print(answer, end="")


def loosened(query: str) -> str:
    """The query with every definition of an operation replaced by what all such operations have in common."""
    return _DEFINITION.sub(_loose, query).replace("(get-model)", "")


def _loose(definition: re.Match[str]) -> str:
    name, operation, bits = definition.groups()
    word = f"(_ BitVec {bits})"
    if operation != "mul":
        return f"(declare-fun {name} ({word} {word}) {word})"
    return (
        f"(declare-fun some_{name} ({word} {word}) {word})\n"
        f"(define-fun {name} ((x {word}) (y {word})) {word}"
        f" (ite (bvule x y) (some_{name} x y) (some_{name} y x)))"
    )


def _has_no_model_loosely(path: Path, query: str) -> bool:
    loose = path.with_suffix(".loose")
    loose.write_text(loosened(query))
    return _by_yices(loose, f"--timeout={SECONDS}").startswith("unsat")


def _by_either(path: Path) -> str:
    """Ask both, and believe who answers first: yices is quick to find a model, cvc5 to see that there is none."""
    commands = ([*_YICES, str(path)], [sys.executable, __file__, INTEGERS, str(path)])
    asked = {path.with_suffix(f".{number}"): command for number, command in enumerate(commands)}
    # Into files: a model can be longer than a pipe holds, and nobody reads before the end.
    waiting = {answer: _started(command, answer) for answer, command in asked.items()}
    solvers = list(waiting.values())
    try:
        while waiting:
            for answer in [each for each, solver in waiting.items() if solver.poll() is not None]:
                del waiting[answer]
                text = answer.read_text()
                if text.startswith(("sat", "unsat")):
                    return text
            time.sleep(0.02)
        return "unknown"
    finally:
        for solver in solvers:
            solver.kill()


def _started(command: list[str], answer: Path) -> subprocess.Popen[bytes]:
    with answer.open("wb") as file:
        return subprocess.Popen(command, stdout=file)


def _by_yices(path: Path, *options: str) -> str:
    command = [*_YICES, *options, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _by_cvc5(query: str) -> str:
    cvc5: Any = importlib.import_module("cvc5")
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("solve-bv-as-int", "sum")
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    symbols = parser.getSymbolManager()
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, query, "query")
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        answer += str(command.invoke(solver, symbols))
        if answer.startswith(("unsat", "unknown")):
            break
    return answer


if __name__ == "__main__":
    main()
