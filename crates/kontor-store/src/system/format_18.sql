-- Format 18: people save reports and dashboards as they save views, in one table that says of each what it is.
ALTER TABLE @saved_view ADD COLUMN kind {text} NOT NULL DEFAULT 'view';
