"""What beat sends, and how often: seconds. Every task is safe to run twice."""

from typing import Any

DAY = 24 * 3600.0

BEAT: dict[str, dict[str, Any]] = {
    "say that workers are alive": {"task": "services.tasks.beat_heart", "schedule": 15.0},
    "forget what is over": {
        "task": "services.tasks.forget",
        "schedule": 4 * 3600.0,
        "options": {"expires": 3600},
    },
    "forget previewed files": {"task": "services.tasks.forget_previews", "schedule": 1800.0},
    "apply held changes that waited a day": {
        "task": "services.tasks.apply_due_changes",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "send what waits": {
        "task": "services.tasks.deliver_due_messages",
        "schedule": 30.0,
        "options": {"expires": 30},  # seconds; a worker that was away has no use for each of them
    },
    "remind clinics": {
        "task": "services.tasks.remind_clinics",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "build packs": {
        "task": "services.tasks.build_packs",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
}
