"""Benchmarks: ratios measured side by side in one run. Tests never depend on them."""
