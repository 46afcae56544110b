"""The terms document: what both parties read and agree to, as YAML, and the agreement it becomes on-chain."""

from record.terms.document import TermsDocument, local_bounds
from record.terms.loading import load_terms

__all__ = ["TermsDocument", "load_terms", "local_bounds"]
