"""The parts of scripts/soak.py: what is done to an index again and again, and what must hold after each time."""
