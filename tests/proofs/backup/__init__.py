"""``make prove-backup``: a cluster is lost under load and restored to a moment from its backup."""
