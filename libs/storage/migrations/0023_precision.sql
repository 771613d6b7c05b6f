CREATE TABLE "kind_demotion" (
	"service" text NOT NULL,
	"kind" text NOT NULL,
	"demoted_at" bigint NOT NULL,
	"confirmed" integer NOT NULL,
	"false_alarms" integer NOT NULL,
	"restored_at" bigint,
	"restored_by" text
);
--> statement-breakpoint
ALTER TABLE "kind_demotion" ADD CONSTRAINT "kind_demotion_service_service_id_fk" FOREIGN KEY ("service") REFERENCES "public"."service"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "kind_demotion_standing" ON "kind_demotion" USING btree ("service","kind") WHERE restored_at is null;--> statement-breakpoint
CREATE INDEX "kind_demotion_restored" ON "kind_demotion" USING btree ("service","kind","restored_at");