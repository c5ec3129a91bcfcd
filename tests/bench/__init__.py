"""What the pages cost, as ratios in one run on one machine: `python -m tests.bench` (see docs/benchmarks.md)."""
