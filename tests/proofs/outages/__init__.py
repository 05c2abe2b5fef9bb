"""``make prove-outages``: Redis and PostgreSQL are killed, and stopped, under load."""
