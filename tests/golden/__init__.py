"""Golden files: what commands print, kept equal by the tests and written again by scripts/golden."""
