"""Who may sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with an account: clinic staff, an outreach worker or a moderator. Searchers have none."""
