"""Reading the change log: what changed in a region since a phone asked last."""
