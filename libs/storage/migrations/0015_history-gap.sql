CREATE TABLE "history_gap" (
	"service" text NOT NULL,
	"shard" integer NOT NULL,
	"seq" bigint NOT NULL,
	"from_ts" bigint NOT NULL,
	"to_ts" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"reason" text NOT NULL,
	"noted_at" bigint NOT NULL,
	CONSTRAINT "history_gap_service_shard_seq_pk" PRIMARY KEY("service","shard","seq")
);
--> statement-breakpoint
CREATE INDEX "history_gap_by_time" ON "history_gap" USING btree ("service","to_ts");