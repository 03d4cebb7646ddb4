-- case_document: what an opened bundle states in the terms of CASE and UCO, as it was written when it was opened (JSON-LD).
ALTER TABLE exchange_bundle ADD COLUMN case_document TEXT;
