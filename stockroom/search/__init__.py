"""Search: an inverted index in MySQL, read newest first, with a bounded cost for every page.

Callers use `service.SearchIndex`. Below it, each layer imports only from those after it, but for the two
modules that are named last:

    service     one object a process, with all that it remembers
    execution   a query becomes a page: modes, executor, ranking, post-filter, cursors
    suggest     corrections, completions, similar pictures
    related     synonyms, kinds, translations and wider words of a word
    query       the text of a query becomes a Query, and a Query becomes a Plan
    index       documents, terms, postings, lexicon, skip pointers: every statement on their tables
    filters     what beside words, tags and dates a search can ask for: one entry each

`query.dates` (used by `filters`) and `related.thesaurus` (used by `query.plan`) import nothing of the search,
and so are below all layers.

The texts themselves are read by `stockroom.analysis`.
"""
