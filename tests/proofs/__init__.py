"""Proofs over HTTP against a running system, and their short forms for the suite."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path += [str(HERE / ".dev"), str(HERE / "clients/python")]  # makes servers; is a phone
