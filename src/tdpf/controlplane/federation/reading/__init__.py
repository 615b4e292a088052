"""Reading other catalogues into `StatedDataset`, whatever protocol they speak: no database, no Django."""
