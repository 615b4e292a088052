"""What was decided about a file, written down once and run again: steps, runs, traces, reports."""
