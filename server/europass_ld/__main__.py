"""`python -m europass_ld` is `europass-ld`."""

from .cli import main

if __name__ == "__main__":
    main()
