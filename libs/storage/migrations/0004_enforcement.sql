CREATE TABLE "feed_key" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_jwk" text NOT NULL,
	"state" text NOT NULL,
	"position" integer NOT NULL,
	"previous" text NOT NULL,
	"endorsement" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "decision" ADD COLUMN "changed_at" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "service_key" ADD COLUMN "scopes" text[] DEFAULT '{"ingest:write","decisions:read"}' NOT NULL;