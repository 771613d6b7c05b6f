CREATE TABLE "history_gap" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "history_gap_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"service" text NOT NULL,
	"from_ts" bigint NOT NULL,
	"to_ts" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"reason" text NOT NULL,
	"noted_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "history_mark" (
	"shard" integer PRIMARY KEY NOT NULL,
	"done_seq" bigint DEFAULT 0 NOT NULL,
	"pending_seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX "history_gap_by_time" ON "history_gap" USING btree ("service","to_ts");