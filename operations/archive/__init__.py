"""A library's pictures as files: exporting them, importing an export, adopting other collections."""
