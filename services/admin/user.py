"""Accounts."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from services.models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    """Accounts as Django keeps them. A deleted account leaves its reports, without its name."""

    list_display = ("username", "email", "is_active", "is_staff", "is_superuser", "last_login")
    list_per_page = 50
