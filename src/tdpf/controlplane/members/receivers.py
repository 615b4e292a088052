"""What allauth writes by itself, announced as news of this room. Signals are used here and nowhere else."""
