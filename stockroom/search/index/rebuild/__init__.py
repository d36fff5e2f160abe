"""The index built anew from the catalogue, beside the one that is searched, and swapped in.

`rebuild` has the order of the steps, and why none of them can lose anything.
"""
