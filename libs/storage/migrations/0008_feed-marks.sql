CREATE TABLE "feed_mark" (
	"service" text NOT NULL,
	"version" bigint NOT NULL,
	"mark" text NOT NULL,
	CONSTRAINT "feed_mark_service_version_pk" PRIMARY KEY("service","version")
);
