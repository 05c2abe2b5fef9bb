"""Proofs over HTTP against a running system, and their short forms for the suite."""
