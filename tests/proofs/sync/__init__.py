"""``make prove-sync``: phones follow the database, and their reports reach it, whatever breaks."""
