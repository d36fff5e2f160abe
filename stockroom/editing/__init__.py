"""What happens to pictures after their publication, at the request of their owners and of administrators.

deletion    nobody finds a picture any more, and it can be brought back for a while
restoring   brings deleted pictures back
takedown    a picture goes at once and for good, and its content is refused from then on
"""
