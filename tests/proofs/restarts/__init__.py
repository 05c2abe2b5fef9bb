"""``make prove-restarts``: the web server's processes are replaced under load, and nobody notices."""
