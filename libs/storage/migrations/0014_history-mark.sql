ALTER TABLE "history_gap" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP TABLE "history_gap" CASCADE;--> statement-breakpoint
ALTER TABLE "history_mark" ALTER COLUMN "done_seq" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "history_mark" ALTER COLUMN "pending_seq" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "history_mark" ADD COLUMN "lost_seq" bigint NOT NULL;