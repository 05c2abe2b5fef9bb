"""``make prove-abuse``: crowds without accounts, stolen accounts, and callers past their limit."""
