CREATE TABLE "backtest" (
	"id" text PRIMARY KEY NOT NULL,
	"service" text NOT NULL,
	"state" text NOT NULL,
	"from_at" bigint NOT NULL,
	"to_at" bigint NOT NULL,
	"patch" jsonb NOT NULL,
	"settings" jsonb NOT NULL,
	"policy" text NOT NULL,
	"warm_up_days" double precision NOT NULL,
	"created_at" bigint NOT NULL,
	"created_by" text NOT NULL,
	"started_at" bigint,
	"ended_at" bigint,
	"share" double precision DEFAULT 0 NOT NULL,
	"requests" bigint DEFAULT 0 NOT NULL,
	"ends_at" bigint,
	"fault" text,
	"result" jsonb
);
--> statement-breakpoint
CREATE TABLE "baseline_copy" (
	"taken_at" bigint NOT NULL,
	"shard" integer NOT NULL,
	"part" integer NOT NULL,
	"shards" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "baseline_copy_taken_at_shard_part_pk" PRIMARY KEY("taken_at","shard","part")
);
--> statement-breakpoint
ALTER TABLE "backtest" ADD CONSTRAINT "backtest_service_service_id_fk" FOREIGN KEY ("service") REFERENCES "public"."service"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backtest_newest" ON "backtest" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "backtest_state" ON "backtest" USING btree ("state");