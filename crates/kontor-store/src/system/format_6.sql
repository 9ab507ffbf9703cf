-- Format 6: where a change set was begun. What people had gathered on pages until now had no title.
ALTER TABLE @change_set ADD COLUMN origin {text} NOT NULL DEFAULT '';
UPDATE @change_set SET origin = 'draft' WHERE state = 'open' AND title = '' AND author IS NOT NULL;
