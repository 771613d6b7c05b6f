CREATE TABLE "alert_count" (
	"service" text NOT NULL,
	"kind" text NOT NULL,
	"severity" text NOT NULL,
	"state" text NOT NULL,
	"subject_type" text NOT NULL,
	"alerts" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alert_event" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"alert_id" text NOT NULL,
	"at" bigint NOT NULL,
	"person_id" text,
	"by" text,
	"type" text NOT NULL,
	"version" integer NOT NULL,
	"detail" jsonb NOT NULL,
	"before" jsonb
);
--> statement-breakpoint
CREATE TABLE "alert_mention" (
	"person_id" text NOT NULL,
	"alert_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "alert_mention_person_id_alert_id_pk" PRIMARY KEY("person_id","alert_id")
);
--> statement-breakpoint
CREATE TABLE "alert_seen" (
	"person_id" text NOT NULL,
	"alert_id" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "alert_seen_person_id_alert_id_pk" PRIMARY KEY("person_id","alert_id")
);
--> statement-breakpoint
CREATE TABLE "saved_view" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"name" text NOT NULL,
	"shared" boolean NOT NULL,
	"search" text NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seen_mark" (
	"person_id" text PRIMARY KEY NOT NULL,
	"up_to" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "until" bigint;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "snooze" jsonb;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "assignee_id" text;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "assignee_name" text;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "campaign" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "alert" ADD COLUMN "leads" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alert_event" ADD CONSTRAINT "alert_event_alert_id_alert_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alert"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_mention" ADD CONSTRAINT "alert_mention_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_mention" ADD CONSTRAINT "alert_mention_alert_id_alert_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alert"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_seen" ADD CONSTRAINT "alert_seen_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_seen" ADD CONSTRAINT "alert_seen_alert_id_alert_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alert"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_view" ADD CONSTRAINT "saved_view_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seen_mark" ADD CONSTRAINT "seen_mark_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_event_alert" ON "alert_event" USING btree ("alert_id","id");--> statement-breakpoint
CREATE INDEX "alert_seen_latest" ON "alert_seen" USING btree ("person_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "saved_view_name" ON "saved_view" USING btree ("person_id","name");--> statement-breakpoint
CREATE INDEX "alert_queue" ON "alert" USING btree ("last_at" DESC NULLS LAST,"id") WHERE state in ('open', 'acknowledged');--> statement-breakpoint
CREATE INDEX "alert_due" ON "alert" USING btree ("until") WHERE until is not null;--> statement-breakpoint
CREATE INDEX "alert_assignee" ON "alert" USING btree ("assignee_id","last_at" DESC NULLS LAST) WHERE assignee_id is not null;--> statement-breakpoint
CREATE INDEX "alert_campaign" ON "alert" USING btree ("campaign") WHERE campaign <> '';--> statement-breakpoint
CREATE INDEX "alert_leads" ON "alert" USING btree ("service","last_at" DESC NULLS LAST) WHERE leads and state <> 'resolved';--> statement-breakpoint
CREATE FUNCTION "count_alert"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.state <> 'resolved' THEN
    INSERT INTO alert_count (service, kind, severity, state, subject_type, alerts) VALUES (OLD.service, OLD.kind, OLD.severity, OLD.state, OLD.subject_type, -1);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.state <> 'resolved' THEN
    INSERT INTO alert_count (service, kind, severity, state, subject_type, alerts) VALUES (NEW.service, NEW.kind, NEW.severity, NEW.state, NEW.subject_type, 1);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "alert_counted" AFTER INSERT OR DELETE ON "alert" FOR EACH ROW EXECUTE FUNCTION "count_alert"();
--> statement-breakpoint
CREATE TRIGGER "alert_recounted" AFTER UPDATE OF "state", "severity" ON "alert" FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.severity IS DISTINCT FROM NEW.severity) EXECUTE FUNCTION "count_alert"();
--> statement-breakpoint
INSERT INTO alert_count (service, kind, severity, state, subject_type, alerts)
  SELECT service, kind, severity, state, subject_type, count(*) FROM alert WHERE state <> 'resolved' GROUP BY 1, 2, 3, 4, 5;
--> statement-breakpoint
UPDATE alert SET leads = true WHERE (actors->>'total')::int > 1 OR (addresses->>'total')::int > 1;
