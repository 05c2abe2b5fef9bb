"""``make prove-restarts``: web processes are replaced under load, and nobody notices."""
