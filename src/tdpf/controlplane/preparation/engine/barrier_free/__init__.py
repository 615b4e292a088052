"""TDPF's format for barrier-free toilets: a facility has areas, an area has booths, a booth has functions."""
