"""``make vectors``: write fixtures/ranking_vectors.json."""

import django


def main() -> None:
    """Write the file."""
    from services.acting import this_process_is_the_system

    this_process_is_the_system()
    django.setup()
    from tests.vectors.file import PATH, text, vectors

    made = vectors()
    PATH.write_text(text(made))
    print(f"{PATH}: {len(made['cases'])} cases, {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
