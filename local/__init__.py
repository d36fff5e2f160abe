"""The one-command local stack: MariaDB, an AWS emulator and nginx around the same CDK app that AWS gets.

Read `stack.up` first: the parts in the order in which they start. `cli` is the way in, `provision` what is
installed before anything else can run, `layout` the data folder of a stack.
"""
