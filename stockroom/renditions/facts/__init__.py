"""Facts that the catalogue stores about a picture, each computed from plain bytes or text."""
