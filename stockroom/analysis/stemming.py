"""English words whose root the stemmer misses, and a few that it throws together wrongly."""

_FORMS = {
    # plurals
    "child": "children",
    "man": "men",
    "woman": "women",
    "person": "people persons",
    "mouse": "mice",
    "louse": "lice",
    "goose": "geese",
    "foot": "feet",
    "tooth": "teeth",
    "ox": "oxen",
    "wolf": "wolves",
    "leaf": "leaves",
    "knife": "knives",
    "wife": "wives",
    "half": "halves",
    "calf": "calves",
    "shelf": "shelves",
    "thief": "thieves",
    "loaf": "loaves",
    "scarf": "scarves",
    "hoof": "hooves",
    "elf": "elves",
    "cactus": "cacti",
    "fungus": "fungi",
    # past tenses that are not also other words
    "run": "ran",
    "swim": "swam swum",
    "fly": "flew flown",
    "drive": "drove driven",
    "eat": "ate eaten",
    "drink": "drank drunk",
    "sing": "sang sung",
    "sit": "sat",
    "stand": "stood",
    "sleep": "slept",
    "ride": "rode ridden",
    "wear": "wore worn",
    "hold": "held",
    "catch": "caught",
    "build": "built",
    "throw": "threw thrown",
    "draw": "drew drawn",
    "write": "wrote written",
    "break": "broke broken",
    "freeze": "froze frozen",
    "blow": "blew blown",
    "grow": "grew grown",
    "hide": "hid hidden",
    "sweep": "swept",
    "bring": "brought",
    "fight": "fought",
    "teach": "taught",
    "sell": "sold",
    "buy": "bought",
}

# Snowball makes "univers" and "organ" of these; they are not the same pictures.
_APART = {
    "university": "universities",
    "organization": "organizations organisation organisations",
}


def _roots() -> dict[str, str]:
    # The root goes through the same stemmer as any word ("mouse" → "mous"), so only the irregular forms
    # need a line, pointing at the stem; it is spelled here so that importing this needs no stemmer.
    stems = {
        "person": "person",
        "mouse": "mous",
        "louse": "lous",
        "goose": "goos",
        "knife": "knife",
        "wife": "wife",
        "drive": "drive",
        "ride": "ride",
        "write": "write",
        "freeze": "freez",
        "hide": "hide",
        "fly": "fli",
    }
    known = {form: stems.get(base, base) for base, forms in _FORMS.items() for form in forms.split()}
    for base, forms in _APART.items():
        known |= dict.fromkeys([base, *forms.split()], base)
    return known


ROOTS = _roots()
