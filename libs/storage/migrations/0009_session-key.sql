ALTER TABLE "session" ADD COLUMN "jkt" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "session" ADD COLUMN "amr" text DEFAULT 'link' NOT NULL;--> statement-breakpoint
ALTER TABLE "session" ADD COLUMN "acr" text DEFAULT 'aal1' NOT NULL;--> statement-breakpoint
ALTER TABLE "session" ADD COLUMN "auth_at" bigint DEFAULT 0 NOT NULL;