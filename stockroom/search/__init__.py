"""Search: our own inverted index in MySQL, newest first, bounded by construction.

text (characters → tokens) → documents (picture → terms) → postings (terms → rows);
query (characters → wishes) → plan (wishes → postings to read) → page (pictures and a cursor).
"""
