CREATE TABLE "host_base" (
	"address_space_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"scanner_id" integer NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"covered_host" boolean NOT NULL,
	"covered_ports" text NOT NULL,
	CONSTRAINT "host_base_address_space_id_address_scanner_id_at_pk" PRIMARY KEY("address_space_id","address","scanner_id","at")
);
--> statement-breakpoint
ALTER TABLE "scan_event" ALTER COLUMN "scan_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "change" ADD COLUMN "collapsed" integer[];--> statement-breakpoint
ALTER TABLE "scanner" ADD COLUMN "overdue_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "scan_event" ADD COLUMN "scanner_id" integer;--> statement-breakpoint
ALTER TABLE "scan_event" ADD COLUMN "details" jsonb;--> statement-breakpoint
CREATE INDEX "host_base_by_scanner" ON "host_base" USING btree ("scanner_id","address");