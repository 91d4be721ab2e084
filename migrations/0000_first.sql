CREATE SEQUENCE "public"."log_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "address_space" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "address_space_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	CONSTRAINT "address_space_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "change" (
	"sequence" bigint DEFAULT nextval('log_sequence') NOT NULL,
	"address_space_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"scanner_id" integer NOT NULL,
	"scan_id" bigint NOT NULL,
	"kind" smallint NOT NULL,
	"ports" integer[],
	"baseline" boolean NOT NULL,
	"confirmations" smallint NOT NULL,
	"facts" text,
	"at" timestamp(3) with time zone NOT NULL,
	"observed_at" timestamp(3) with time zone,
	"retracts" bigint,
	"reason" text,
	"logged_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "change_address_space_id_address_sequence_pk" PRIMARY KEY("address_space_id","address","sequence")
);
--> statement-breakpoint
CREATE TABLE "host_head" (
	"address_space_id" integer NOT NULL,
	"scanner_id" integer NOT NULL,
	"profile_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"digest" text NOT NULL,
	"record_digest" text NOT NULL,
	"up" boolean NOT NULL,
	"open_ports" integer NOT NULL,
	"must_fold" boolean NOT NULL,
	CONSTRAINT "host_head_address_space_id_scanner_id_profile_id_address_pk" PRIMARY KEY("address_space_id","scanner_id","profile_id","address")
);
--> statement-breakpoint
CREATE TABLE "host_run" (
	"address_space_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"scanner_id" integer NOT NULL,
	"profile_id" integer NOT NULL,
	"scan_id" bigint NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"observed_at" timestamp(3) with time zone,
	"reason" text,
	"content" text NOT NULL,
	CONSTRAINT "host_run_address_space_id_address_scanner_id_profile_id_scan_id_pk" PRIMARY KEY("address_space_id","address","scanner_id","profile_id","scan_id")
);
--> statement-breakpoint
CREATE TABLE "host_state" (
	"address_space_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"scanner_id" integer NOT NULL,
	"status" text NOT NULL,
	"names" text[] NOT NULL,
	"open" integer[] NOT NULL,
	"open_ranges" "int4multirange",
	"shut" integer[] NOT NULL,
	"pending" boolean NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "host_state_address_space_id_address_scanner_id_pk" PRIMARY KEY("address_space_id","address","scanner_id")
);
--> statement-breakpoint
CREATE TABLE "scanner_group" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "scanner_group_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"address_space_id" integer NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"agreement_window_seconds" integer DEFAULT 86400 NOT NULL,
	CONSTRAINT "scanner_group_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "scanner" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "scanner_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"group_id" integer NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"open_after_scans" integer DEFAULT 1 NOT NULL,
	"closed_after_scans" integer DEFAULT 1 NOT NULL,
	"gone_after_scans" integer DEFAULT 1 NOT NULL,
	"back_after_scans" integer DEFAULT 1 NOT NULL,
	"reopen_window_days" integer DEFAULT 90 NOT NULL,
	"default_addresses" text[],
	"default_ports" text,
	"expect_every_seconds" integer,
	"guard_share" real DEFAULT 0.5 NOT NULL,
	"bogus_ports" integer DEFAULT 1000 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"retired_at" timestamp(3) with time zone,
	CONSTRAINT "scanner_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "address_set" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "address_set_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"digest" text NOT NULL,
	"ranges" text NOT NULL,
	CONSTRAINT "address_set_digest_unique" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "look" (
	"scan_id" bigint NOT NULL,
	"scanner_id" integer NOT NULL,
	"profile_id" integer NOT NULL,
	"address_set_id" integer NOT NULL,
	CONSTRAINT "look_scan_id_profile_id_address_set_id_pk" PRIMARY KEY("scan_id","profile_id","address_set_id")
);
--> statement-breakpoint
CREATE TABLE "profile" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "profile_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"digest" text NOT NULL,
	"ports" text NOT NULL,
	"names" boolean NOT NULL,
	"status" boolean NOT NULL,
	"complete" boolean NOT NULL,
	"absent" text NOT NULL,
	CONSTRAINT "profile_digest_unique" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "scan_event" (
	"sequence" bigint PRIMARY KEY DEFAULT nextval('log_sequence') NOT NULL,
	"scan_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scan" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "scan_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"address_space_id" integer NOT NULL,
	"scanner_id" integer NOT NULL,
	"digest" text NOT NULL,
	"status" text NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"received_at" timestamp(3) with time zone NOT NULL,
	"complete" boolean NOT NULL,
	"receipt" jsonb NOT NULL,
	CONSTRAINT "scan_report" UNIQUE("scanner_id","digest")
);
--> statement-breakpoint
ALTER TABLE "scanner_group" ADD CONSTRAINT "scanner_group_address_space_id_address_space_id_fk" FOREIGN KEY ("address_space_id") REFERENCES "public"."address_space"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scanner" ADD CONSTRAINT "scanner_group_id_scanner_group_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."scanner_group"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "look" ADD CONSTRAINT "look_scan_id_scan_id_fk" FOREIGN KEY ("scan_id") REFERENCES "public"."scan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "look" ADD CONSTRAINT "look_profile_id_profile_id_fk" FOREIGN KEY ("profile_id") REFERENCES "public"."profile"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "look" ADD CONSTRAINT "look_address_set_id_address_set_id_fk" FOREIGN KEY ("address_set_id") REFERENCES "public"."address_set"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scan_event" ADD CONSTRAINT "scan_event_scan_id_scan_id_fk" FOREIGN KEY ("scan_id") REFERENCES "public"."scan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scan" ADD CONSTRAINT "scan_address_space_id_address_space_id_fk" FOREIGN KEY ("address_space_id") REFERENCES "public"."address_space"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scan" ADD CONSTRAINT "scan_scanner_id_scanner_id_fk" FOREIGN KEY ("scanner_id") REFERENCES "public"."scanner"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "change_log" ON "change" USING btree ("sequence");--> statement-breakpoint
CREATE INDEX "change_by_scan" ON "change" USING btree ("scan_id","sequence");--> statement-breakpoint
CREATE INDEX "change_by_time" ON "change" USING btree ("at","sequence");--> statement-breakpoint
CREATE INDEX "host_state_open" ON "host_state" USING gin ("open");--> statement-breakpoint
CREATE INDEX "host_state_wide" ON "host_state" USING btree ("address_space_id","address") WHERE "host_state"."open_ranges" is not null;--> statement-breakpoint
CREATE INDEX "host_state_shut" ON "host_state" USING gin ("shut") WHERE "host_state"."shut" <> '{}';--> statement-breakpoint
CREATE INDEX "host_state_by_scanner" ON "host_state" USING btree ("scanner_id","address");--> statement-breakpoint
CREATE INDEX "look_by_scanner" ON "look" USING btree ("scanner_id","scan_id");--> statement-breakpoint
CREATE INDEX "scan_timeline" ON "scan" USING btree ("scanner_id","at","digest");--> statement-breakpoint
CREATE INDEX "scan_by_time" ON "scan" USING btree ("at","id");