"""A simulation that shows what the ranking saves, and chooses its numbers."""
