"""Stop words: English words that say nothing about a picture.

Stop words are indexed like all others. A query drops them while anything else of the query is left.
"""

_WORDS = """
    a about above after again against all am an and any are as at be because been before being below
    between both but by can cannot could did do does doing down during each few for from further had
    has have having he her here hers herself him himself his how i if in into is it its itself just
    me more most my myself no nor not now of off on once only or other our ours ourselves out over
    own same she should so some such than that the their theirs them themselves then there these
    they this those through to too under until up very was we were what when where which while who
    whom why will with would you your yours yourself yourselves s t
"""

STOP_WORDS = frozenset(_WORDS.split())

_PICTURE_WORDS = """
    aufnahme aufnahmen bild bilder foto fotografie fotografien fotos image images photo photograph photographs
    photos pic pics picture pictures
"""

PICTURE_WORDS = frozenset(_PICTURE_WORDS.split())
"""English and German words that ask for pictures, and beside other words say nothing about one."""
