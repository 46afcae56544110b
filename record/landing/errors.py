"""How a declaration is refused."""

from __future__ import annotations

from sla.errors import Kind, MakegoodError


class LandingError(MakegoodError):
    """A declaration of how records land that cannot be meant, or a folder that cannot be read."""

    kind = Kind.INPUT

    def __init__(self, problem: str, remedy: str, field: str | None = None) -> None:
        super().__init__(problem, remedy)
        self.field = field

    def __str__(self) -> str:
        return f"{self.field}: {super().__str__()}" if self.field else super().__str__()
