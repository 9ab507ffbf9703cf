-- Format 12: what was removed for good is looked up by its entity.
CREATE INDEX s_journal_purged ON @journal (entity, at) WHERE action = 'purge';
