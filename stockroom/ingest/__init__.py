"""From an uploaded original to a picture, and the reaper for uploads that never arrive."""
