"""What people do around data: following datasets and being told of changes."""
