"""The reads behind `queries`, by what they are for."""
