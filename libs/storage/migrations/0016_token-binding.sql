CREATE TABLE "token_epoch" (
	"id" text PRIMARY KEY NOT NULL,
	"not_before" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "session" ADD COLUMN "refreshes" bigint DEFAULT 0 NOT NULL;