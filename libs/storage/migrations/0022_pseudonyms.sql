CREATE TABLE "pseudonym" (
	"pseudonym" text PRIMARY KEY NOT NULL,
	"actor" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "pseudonym_actor" ON "pseudonym" USING btree ("actor");