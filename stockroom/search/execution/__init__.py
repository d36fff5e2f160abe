"""Running a plan within its probe budget: the ids of a page, their order, and the cursors around them."""
