INSERT INTO "address_space" ("name", "description") VALUES ('default', 'Where nothing else is said.') ON CONFLICT DO NOTHING;--> statement-breakpoint
INSERT INTO "scanner_group" ("address_space_id", "name", "description")
SELECT "id", 'default', 'Scanners without a view of their own.' FROM "address_space" WHERE "name" = 'default'
ON CONFLICT DO NOTHING;
