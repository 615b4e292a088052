"""Pages of PDFs and pictures: letters and rules on paper become grids of cells that know their page and box."""
