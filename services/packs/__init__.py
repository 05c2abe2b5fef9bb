"""What a phone keeps to search without a network: packs of a region, and pages of changes."""
