"""Recomputes a history of payments from an audit pack. Knows the rules and the records, and no writer of either."""

from audit.roots import TrustRoots as TrustRoots
from audit.roots import read_roots as read_roots
from audit.running import run as run
from audit.running import run_files as run_files
from audit.verdict import Kind as Kind
from audit.verdict import Verdict as Verdict
