"""One file per kind of source; each holds a `READER`, and being here is all it takes."""
