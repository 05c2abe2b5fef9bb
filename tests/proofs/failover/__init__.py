"""``make prove-failover``: a primary is killed under load, its standby takes over."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / ".dev"))  # it makes the clusters
