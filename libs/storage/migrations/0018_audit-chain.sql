CREATE TABLE "audit_checkpoint" (
	"id" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"jws" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_head" (
	"one" integer PRIMARY KEY NOT NULL,
	"id" bigint NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_party" (
	"ref" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"id" text NOT NULL,
	"salt" text NOT NULL
);
--> statement-breakpoint
-- Rows of before the chain have no hashes, and no key of theirs may be made up now: they stay as they are, apart.
ALTER TABLE "audit" RENAME TO "audit_before_chain";--> statement-breakpoint
ALTER INDEX "audit_pkey" RENAME TO "audit_before_chain_pkey";--> statement-breakpoint
ALTER INDEX "audit_latest" RENAME TO "audit_before_chain_latest";--> statement-breakpoint
CREATE TABLE "audit" (
	"id" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"person_id" text,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"object" text NOT NULL,
	"service" text,
	"parties" text[] NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"detail" jsonb NOT NULL,
	"reason" text,
	"address" text NOT NULL,
	"user_agent" text,
	"session_id" text,
	"request_id" text,
	"previous" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
INSERT INTO "audit_head" ("one", "id", "hash") VALUES (1, 0, '');--> statement-breakpoint
CREATE FUNCTION "audit_is_kept"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'rows of the audit are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;--> statement-breakpoint
CREATE TRIGGER "audit_is_kept" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit" FOR EACH STATEMENT EXECUTE FUNCTION "audit_is_kept"();--> statement-breakpoint
CREATE FUNCTION "audit_head_moves_on"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'UPDATE' THEN
		IF NEW."one" = OLD."one" AND NEW."id" = OLD."id" + 1 THEN RETURN NEW; END IF;
	END IF;
	RAISE EXCEPTION 'the head of the audit only moves on' USING ERRCODE = 'insufficient_privilege';
END $$;--> statement-breakpoint
CREATE TRIGGER "audit_head_moves_on" BEFORE UPDATE OR DELETE ON "audit_head" FOR EACH ROW EXECUTE FUNCTION "audit_head_moves_on"();--> statement-breakpoint
CREATE TRIGGER "audit_head_is_kept" BEFORE TRUNCATE ON "audit_head" FOR EACH STATEMENT EXECUTE FUNCTION "audit_is_kept"();--> statement-breakpoint
CREATE UNIQUE INDEX "audit_party_id" ON "audit_party" USING btree ("type","id");--> statement-breakpoint
CREATE INDEX "audit_latest" ON "audit" USING btree ("at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_object" ON "audit" USING btree ("object");--> statement-breakpoint
CREATE INDEX "audit_person" ON "audit" USING btree ("person_id","id");--> statement-breakpoint
CREATE INDEX "audit_parties" ON "audit" USING gin ("parties");