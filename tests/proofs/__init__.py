"""Proofs over HTTP against a running system, and their short forms for the suite."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / ".dev"))  # it makes servers and starts them
