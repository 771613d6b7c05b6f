ALTER TABLE "alert" ADD COLUMN "heeded_at" bigint;--> statement-breakpoint
CREATE INDEX "alert_unheeded" ON "alert" USING btree ("resolved_at") WHERE resolved_at is not null and heeded_at is null;--> statement-breakpoint
CREATE INDEX "alert_opened" ON "alert" USING btree ("first_at");--> statement-breakpoint
-- Verdicts from before had no way back to the models; months later they would take back what has long been learnt.
UPDATE "alert" SET "heeded_at" = "resolved_at" WHERE "resolved_at" IS NOT NULL;
