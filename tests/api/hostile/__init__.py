"""Hand-made hostile requests, each with the answer it must get."""
