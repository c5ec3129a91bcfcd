"""What is measured in one run, as ratios: see docs/benchmarks.md."""
