"""What becomes of published pictures, at the request of their owners and of administrators.

edit        they get other metadata, and are found by them at once
deletion    nobody finds them any more, and they can be brought back for a while
restoring   brings deleted pictures back
takedown    they go at once and for good, and their contents are refused from then on
"""
