CREATE TABLE "proof" (
	"service" text NOT NULL,
	"actor" text NOT NULL,
	"times" bigint[] NOT NULL,
	"ids" text[] NOT NULL,
	"spent_at" bigint DEFAULT 0 NOT NULL,
	"changed_at" bigint NOT NULL,
	CONSTRAINT "proof_service_actor_pk" PRIMARY KEY("service","actor")
);
--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "proved_at" bigint;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "verified" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "decision" ADD COLUMN "proved_at" bigint;--> statement-breakpoint
ALTER TABLE "proof" ADD CONSTRAINT "proof_service_service_id_fk" FOREIGN KEY ("service") REFERENCES "public"."service"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "proof_age" ON "proof" USING btree ("changed_at");