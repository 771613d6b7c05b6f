CREATE TABLE "alert" (
	"id" text PRIMARY KEY NOT NULL,
	"service" text NOT NULL,
	"kind" text NOT NULL,
	"severity" text NOT NULL,
	"score" double precision NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"endpoint" text NOT NULL,
	"observed" double precision NOT NULL,
	"expected" double precision NOT NULL,
	"limit" double precision NOT NULL,
	"unit" text NOT NULL,
	"window_seconds" double precision NOT NULL,
	"evidence" jsonb NOT NULL,
	"explanation" text NOT NULL,
	"signals" jsonb NOT NULL,
	"points" jsonb NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"verdict" text,
	"historical" boolean NOT NULL,
	"count" bigint NOT NULL,
	"episode" text DEFAULT '' NOT NULL,
	"episode_count" bigint NOT NULL,
	"first_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"ended_at" bigint,
	"acknowledged_at" bigint,
	"acknowledged_by" text,
	"resolved_at" bigint,
	"resolved_by" text,
	"note" text
);
--> statement-breakpoint
CREATE TABLE "alert_request" (
	"alert_id" text NOT NULL,
	"log_id" text NOT NULL,
	"ts" bigint NOT NULL,
	"endpoint" text NOT NULL,
	"log" jsonb NOT NULL,
	CONSTRAINT "alert_request_alert_id_log_id_pk" PRIMARY KEY("alert_id","log_id")
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"person_id" text,
	"action" text NOT NULL,
	"object" text NOT NULL,
	"detail" jsonb NOT NULL,
	"address" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "batch" (
	"id" text PRIMARY KEY NOT NULL,
	"shard" integer NOT NULL,
	"seq" bigint NOT NULL,
	"skipped" integer[] NOT NULL,
	"committed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "decision" (
	"id" text PRIMARY KEY NOT NULL,
	"service" text NOT NULL,
	"version" bigint NOT NULL,
	"action" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"endpoint" text DEFAULT '' NOT NULL,
	"rate" jsonb,
	"reason" text NOT NULL,
	"origin" jsonb NOT NULL,
	"alert_id" text,
	"created_at" bigint NOT NULL,
	"until" bigint NOT NULL,
	"lifted_at" bigint,
	"lifted_by" text
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"token_version" integer DEFAULT 1 NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "refresh_token" (
	"hash" text PRIMARY KEY NOT NULL,
	"session_id" text NOT NULL,
	"generation" integer NOT NULL,
	"created_at" bigint NOT NULL,
	"rotated_at" bigint,
	"successor" text
);
--> statement-breakpoint
CREATE TABLE "service" (
	"id" text PRIMARY KEY NOT NULL,
	"environment" text DEFAULT 'production' NOT NULL,
	"team" text DEFAULT 'default' NOT NULL,
	"policy" text DEFAULT 'monitor' NOT NULL,
	"settings" jsonb NOT NULL,
	"feed_version" bigint DEFAULT 0 NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "service_key" (
	"id" text PRIMARY KEY NOT NULL,
	"service" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint,
	"revoked_at" bigint
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"user_agent" text NOT NULL,
	"created_at" bigint NOT NULL,
	"last_used_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"revoked_at" bigint,
	"revoked_reason" text
);
--> statement-breakpoint
CREATE TABLE "shard" (
	"id" integer PRIMARY KEY NOT NULL,
	"owner" text,
	"generation" bigint DEFAULT 0 NOT NULL,
	"lease_until" bigint DEFAULT 0 NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_link" (
	"hash" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint
);
--> statement-breakpoint
CREATE TABLE "signing_key" (
	"kid" text PRIMARY KEY NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_jwk" text NOT NULL,
	"state" text NOT NULL,
	"created_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "traffic_minute" (
	"service" text NOT NULL,
	"endpoint" text NOT NULL,
	"minute" bigint NOT NULL,
	"requests" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"client_errors" bigint NOT NULL,
	"throttled" bigint NOT NULL,
	"blocked" bigint NOT NULL,
	"duration_ms" double precision NOT NULL,
	"bytes_out" bigint NOT NULL,
	CONSTRAINT "traffic_minute_service_endpoint_minute_pk" PRIMARY KEY("service","endpoint","minute")
);
--> statement-breakpoint
ALTER TABLE "alert" ADD CONSTRAINT "alert_service_service_id_fk" FOREIGN KEY ("service") REFERENCES "public"."service"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_request" ADD CONSTRAINT "alert_request_alert_id_alert_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alert"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision" ADD CONSTRAINT "decision_service_service_id_fk" FOREIGN KEY ("service") REFERENCES "public"."service"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refresh_token" ADD CONSTRAINT "refresh_token_session_id_session_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."session"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_key" ADD CONSTRAINT "service_key_service_service_id_fk" FOREIGN KEY ("service") REFERENCES "public"."service"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_link" ADD CONSTRAINT "sign_in_link_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alert_unresolved" ON "alert" USING btree ("service","kind","subject_type","subject_id","endpoint") WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX "alert_latest" ON "alert" USING btree ("last_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "alert_subject" ON "alert" USING btree ("service","subject_type","subject_id");--> statement-breakpoint
CREATE INDEX "alert_state_latest" ON "alert" USING btree ("state","last_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "alert_request_latest" ON "alert_request" USING btree ("alert_id","ts");--> statement-breakpoint
CREATE INDEX "audit_latest" ON "audit" USING btree ("at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "batch_replay" ON "batch" USING btree ("shard","seq");--> statement-breakpoint
CREATE INDEX "batch_age" ON "batch" USING btree ("committed_at");--> statement-breakpoint
CREATE INDEX "decision_feed" ON "decision" USING btree ("service","version");--> statement-breakpoint
CREATE INDEX "decision_subject" ON "decision" USING btree ("service","subject_type","subject_id");--> statement-breakpoint
CREATE INDEX "decision_latest" ON "decision" USING btree ("created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE UNIQUE INDEX "refresh_token_generation" ON "refresh_token" USING btree ("session_id","generation");--> statement-breakpoint
CREATE UNIQUE INDEX "service_key_prefix" ON "service_key" USING btree ("prefix");--> statement-breakpoint
CREATE INDEX "traffic_minute_time" ON "traffic_minute" USING btree ("minute");--> statement-breakpoint
CREATE INDEX "traffic_minute_service" ON "traffic_minute" USING btree ("service","minute");