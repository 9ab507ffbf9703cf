-- What the search finds records by. The text itself is not kept a second time.
CREATE TABLE @search (id INTEGER PRIMARY KEY, entity TEXT NOT NULL, record BLOB NOT NULL);
CREATE UNIQUE INDEX s_search_record ON @search (record, entity);
CREATE VIRTUAL TABLE @search_text USING fts5(words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0');
