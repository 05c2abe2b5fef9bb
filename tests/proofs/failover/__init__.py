"""``make prove-failover``: a primary is killed under load, its standby takes over."""
