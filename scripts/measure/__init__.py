"""What scripts/bench.py measures, each contender in a process of its own."""
