"""Tests, proofs and benchmarks. They make servers as `make run` does, and are phones."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path += [str(HERE / ".dev"), str(HERE / "clients/python")]
