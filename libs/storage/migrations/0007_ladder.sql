ALTER TABLE "decision" ADD COLUMN "mode" text DEFAULT 'enforced' NOT NULL;--> statement-breakpoint
ALTER TABLE "decision" ADD COLUMN "seconds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "decision" ADD COLUMN "weight" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "service" ADD COLUMN "dry_run" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "service" ADD COLUMN "allow_version" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "decision_unenforced" ON "decision" USING btree ("service","created_at") WHERE mode <> 'enforced';--> statement-breakpoint
-- Decisions from before the ladder: a step as long as what they last got.
UPDATE "decision" SET "seconds" = LEAST(2592000, GREATEST(10, ROUND(("until" - GREATEST("created_at", "changed_at")) / 1000.0)));--> statement-breakpoint
-- SDKs that know of allow-lists get the one that is there, as the next version.
UPDATE "service" SET "feed_version" = "feed_version" + 1, "allow_version" = "feed_version" + 1 WHERE "settings" -> 'allow' IS NOT NULL;
