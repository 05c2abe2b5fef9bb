#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from services.acting import this_process_is_the_system

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "locator.settings")
    this_process_is_the_system()
    execute_from_command_line(sys.argv)
