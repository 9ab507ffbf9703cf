-- What the search finds records by.
CREATE TABLE @search (entity text COLLATE "C" NOT NULL, record uuid NOT NULL, words tsvector NOT NULL, PRIMARY KEY (record, entity));
CREATE INDEX s_search_words ON @search USING gin (words);
