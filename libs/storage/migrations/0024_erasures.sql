CREATE TABLE "erasure" (
	"id" text PRIMARY KEY NOT NULL,
	"actor" text,
	"pseudonym" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"asked_by" text NOT NULL,
	"reason" text NOT NULL,
	"round" integer NOT NULL,
	"waiting" jsonb NOT NULL,
	"done_at" bigint,
	"erased" jsonb NOT NULL,
	"kept" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "erasure_newest" ON "erasure" USING btree ("asked_at");