-- Format 17: lines of the history are sealed by their values. Those that an older program sealed as a whole are looked up.
CREATE INDEX s_journal_sealed ON @journal (id) WHERE changes LIKE 'sealed1.%';
