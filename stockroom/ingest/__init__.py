"""What happens to an original that has landed in the uploads bucket, and to uploads that never land."""
