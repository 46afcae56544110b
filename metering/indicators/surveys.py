"""Indicators of surveys: scores in thousandths."""

from __future__ import annotations

from collections.abc import Mapping

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import Engine, Table, cases, ifelse, literal, wide_sum
from record.terms.measures.surveys import Score, ScoreShare


def score(engine: Engine, records: Table, measure: Score, question: Question) -> list[Attained]:
    """The mean score, rounded down."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        number, total = row["number"], row["total"]
        value = total // number if number >= max(1, measure.fewest) else None
        return Attained(
            question.cells[index], dimension, value, total, number, row["excluded"], 0, "responses"
        )

    placed = _placed(records, question)
    expression = placed.group_by(["cell", *question.dimensions]).agg(
        total=wide_sum(ifelse(placed.counts, placed.score_milli, 0)),
        number=ifelse(placed.counts, 1, 0).sum(),
        excluded=ifelse(placed.counts, 0, 1).sum(),
    )
    return answers(engine, expression, question, finish)


def score_share(engine: Engine, records: Table, measure: ScoreShare, question: Question) -> list[Attained]:
    """Responses with a good score per response."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        enough = row["number"] >= measure.fewest
        found = ratio(
            question.cells[index],
            dimension,
            row["good"],
            row["number"],
            excluded=row["excluded"],
            missing=0,
            counts="responses",
        )
        return (
            found
            if enough
            else Attained(
                found.cell,
                dimension,
                None,
                found.numerator,
                found.denominator,
                found.excluded,
                0,
                "responses",
            )
        )

    placed = _placed(records, question)
    expression = placed.group_by(["cell", *question.dimensions]).agg(
        good=ifelse(placed.counts & (placed.score_milli >= measure.least_milli), 1, 0).sum(),
        number=ifelse(placed.counts, 1, 0).sum(),
        excluded=ifelse(placed.counts, 0, 1).sum(),
    )
    return answers(engine, expression, question, finish)


def explained(engine: Engine, records: Table, measure: Score | ScoreShare, question: Question) -> Table:
    """Each response; of a mean none is bad by itself."""
    placed = _placed(records, question)
    good = literal(True) if isinstance(measure, Score) else placed.score_milli >= measure.least_milli
    said = cases((~placed.counts, "excluded"), (good, "good"), else_="bad")
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def _placed(records: Table, question: Question) -> Table:
    return question.pieces.of_moments(records.filter(records.time < question.until), "time", 1)
