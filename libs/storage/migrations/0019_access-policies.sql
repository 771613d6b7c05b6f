CREATE TABLE "access_case" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"request" jsonb NOT NULL,
	"expected" text NOT NULL,
	"created_at" bigint NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access_policy" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"text" text NOT NULL,
	"version" integer NOT NULL,
	"changed_at" bigint NOT NULL,
	"changed_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access_policy_set" (
	"id" integer PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access_policy_version" (
	"policy_id" text NOT NULL,
	"version" integer NOT NULL,
	"name" text NOT NULL,
	"text" text,
	"at" bigint NOT NULL,
	"by" text NOT NULL,
	"person_id" text NOT NULL,
	CONSTRAINT "access_policy_version_policy_id_version_pk" PRIMARY KEY("policy_id","version")
);
