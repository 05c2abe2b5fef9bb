"""A search leaves no trace: unique values are sent, and every place that keeps things is read."""
