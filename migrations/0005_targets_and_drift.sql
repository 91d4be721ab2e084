CREATE TABLE "drift_event" (
	"sequence" bigint PRIMARY KEY DEFAULT nextval('log_sequence') NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"cause" text NOT NULL,
	"address_space_id" integer NOT NULL,
	"item_id" bigint,
	"drift_kind" text,
	"episode" integer,
	"reason" text,
	"scan_id" bigint,
	"source_id" integer,
	"revision" integer,
	"counts" jsonb
);
--> statement-breakpoint
CREATE TABLE "drift_item" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "drift_item_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"address_space_id" integer NOT NULL,
	"scanner_group_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"port" integer NOT NULL,
	"side" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"episode" integer NOT NULL,
	"first_opened_at" timestamp(3) with time zone NOT NULL,
	"opened_at" timestamp(3) with time zone NOT NULL,
	"opened_by" text NOT NULL,
	"resolved_at" timestamp(3) with time zone,
	"resolved_by" text,
	"scan_id" bigint,
	"statement_id" bigint,
	"owner" text,
	"ticket" text,
	"acknowledged_at" timestamp(3) with time zone,
	"acknowledged_by" text,
	"note" text,
	"unverifiable_reason" text,
	"unverifiable_since" timestamp(3) with time zone,
	"flapping" boolean NOT NULL,
	CONSTRAINT "drift_item_place" UNIQUE("address_space_id","scanner_group_id","address","port","side")
);
--> statement-breakpoint
CREATE TABLE "drift_watch" (
	"address_space_id" integer NOT NULL,
	"scanner_group_id" integer NOT NULL,
	"address" "inet" NOT NULL,
	"unknown" boolean NOT NULL,
	"contested" boolean NOT NULL,
	"due_at" timestamp(3) with time zone,
	CONSTRAINT "drift_watch_address_space_id_scanner_group_id_address_pk" PRIMARY KEY("address_space_id","scanner_group_id","address")
);
--> statement-breakpoint
CREATE TABLE "waiver" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "waiver_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"address_space_id" integer NOT NULL,
	"scanner_group_id" integer,
	"network" "cidr" NOT NULL,
	"ports" text,
	"port_ranges" text,
	"side" text,
	"kind" text,
	"reason" text NOT NULL,
	"owner" text NOT NULL,
	"ticket" text,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"revoked_at" timestamp(3) with time zone,
	"ended" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "host_group_member" (
	"source_id" integer NOT NULL,
	"address_space_id" integer NOT NULL,
	"host_group" text NOT NULL,
	"address" "inet" NOT NULL,
	CONSTRAINT "host_group_member_source_id_host_group_address_pk" PRIMARY KEY("source_id","host_group","address")
);
--> statement-breakpoint
CREATE TABLE "target_answer" (
	"source_id" integer NOT NULL,
	"key" text NOT NULL,
	"content_hash" text NOT NULL,
	"result" jsonb NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "target_answer_source_id_key_pk" PRIMARY KEY("source_id","key")
);
--> statement-breakpoint
CREATE TABLE "target_plan" (
	"hash" text PRIMARY KEY NOT NULL,
	"source_id" integer NOT NULL,
	"payload" text NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "target_policy" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "target_policy_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"address_space_id" integer NOT NULL,
	"selector" text NOT NULL,
	"scanner_group_id" integer,
	"undeclared_ports" text NOT NULL,
	"undeclared_hosts" text NOT NULL,
	"stale_after_seconds" integer,
	CONSTRAINT "target_policy_place" UNIQUE NULLS NOT DISTINCT("address_space_id","selector","scanner_group_id")
);
--> statement-breakpoint
CREATE TABLE "target_revision" (
	"source_id" integer NOT NULL,
	"number" integer NOT NULL,
	"mode" text NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"actor" text,
	"reason" text,
	"external_revision" text,
	"counts" jsonb NOT NULL,
	CONSTRAINT "target_revision_source_id_number_pk" PRIMARY KEY("source_id","number")
);
--> statement-breakpoint
CREATE TABLE "target_source" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "target_source_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"address_space_id" integer NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"networks" text[],
	"delete_share" real DEFAULT 0.3 NOT NULL,
	"revision" integer DEFAULT 0 NOT NULL,
	"external_revision" text,
	"created_at" timestamp(3) with time zone NOT NULL,
	"imported_at" timestamp(3) with time zone,
	"imported_hash" text,
	"imported_revision" integer,
	"imported_count" integer,
	CONSTRAINT "target_source_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "target_stamp" (
	"address_space_id" integer PRIMARY KEY NOT NULL,
	"stamp" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "target_statement" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "target_statement_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source_id" integer NOT NULL,
	"address_space_id" integer NOT NULL,
	"external_id" text NOT NULL,
	"selector_kind" text NOT NULL,
	"network" "cidr",
	"host_group" text,
	"scanner_group_id" integer,
	"first_port" integer,
	"last_port" integer,
	"expect" text NOT NULL,
	"service" text,
	"owner" text,
	"ticket" text,
	"description" text,
	"valid_from" timestamp(3) with time zone,
	"valid_until" timestamp(3) with time zone,
	"locked" boolean NOT NULL,
	"origin" text NOT NULL,
	"since_revision" integer NOT NULL,
	"since" timestamp(3) with time zone NOT NULL,
	"until_revision" integer,
	"until" timestamp(3) with time zone
);
--> statement-breakpoint
ALTER TABLE "waiver" ADD CONSTRAINT "waiver_address_space_id_address_space_id_fk" FOREIGN KEY ("address_space_id") REFERENCES "public"."address_space"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waiver" ADD CONSTRAINT "waiver_scanner_group_id_scanner_group_id_fk" FOREIGN KEY ("scanner_group_id") REFERENCES "public"."scanner_group"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "host_group_member" ADD CONSTRAINT "host_group_member_source_id_target_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."target_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_answer" ADD CONSTRAINT "target_answer_source_id_target_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."target_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_plan" ADD CONSTRAINT "target_plan_source_id_target_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."target_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_policy" ADD CONSTRAINT "target_policy_address_space_id_address_space_id_fk" FOREIGN KEY ("address_space_id") REFERENCES "public"."address_space"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_policy" ADD CONSTRAINT "target_policy_scanner_group_id_scanner_group_id_fk" FOREIGN KEY ("scanner_group_id") REFERENCES "public"."scanner_group"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_revision" ADD CONSTRAINT "target_revision_source_id_target_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."target_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_source" ADD CONSTRAINT "target_source_address_space_id_address_space_id_fk" FOREIGN KEY ("address_space_id") REFERENCES "public"."address_space"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_stamp" ADD CONSTRAINT "target_stamp_address_space_id_address_space_id_fk" FOREIGN KEY ("address_space_id") REFERENCES "public"."address_space"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_statement" ADD CONSTRAINT "target_statement_source_id_target_source_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."target_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target_statement" ADD CONSTRAINT "target_statement_scanner_group_id_scanner_group_id_fk" FOREIGN KEY ("scanner_group_id") REFERENCES "public"."scanner_group"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "drift_event_of_item" ON "drift_event" USING btree ("item_id","sequence");--> statement-breakpoint
CREATE INDEX "drift_event_by_time" ON "drift_event" USING btree ("at","sequence");--> statement-breakpoint
CREATE INDEX "drift_item_open" ON "drift_item" USING btree ("scanner_group_id","address","port","side") WHERE "drift_item"."state" = 'open';--> statement-breakpoint
CREATE INDEX "drift_watch_due" ON "drift_watch" USING btree ("due_at") WHERE "drift_watch"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "host_group_member_of_space" ON "host_group_member" USING btree ("address_space_id");--> statement-breakpoint
CREATE INDEX "target_statement_of_source" ON "target_statement" USING btree ("source_id","external_id");--> statement-breakpoint
CREATE INDEX "target_statement_by_source" ON "target_statement" USING btree ("source_id","id") WHERE "target_statement"."until_revision" is null;--> statement-breakpoint
CREATE INDEX "target_statement_standing" ON "target_statement" USING btree ("address_space_id","id") WHERE "target_statement"."until_revision" is null;