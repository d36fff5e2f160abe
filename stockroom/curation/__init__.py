"""What becomes of published pictures: their metadata are edited."""
