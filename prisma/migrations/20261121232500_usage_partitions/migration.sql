-- Usage rows by the month (UTC): what is older than it has to be kept goes with its table, without a single row deleted.
-- The months are made by the program; whatever has no month yet is in usage_event_rest.
ALTER TABLE "usage_event" RENAME TO "usage_event_rest";
ALTER TABLE "usage_event_rest" DROP CONSTRAINT "usage_event_pkey";
ALTER INDEX "usage_event_user_id_created_at_idx" RENAME TO "usage_event_rest_user_id_created_at_idx";
ALTER INDEX "usage_event_created_at_idx" RENAME TO "usage_event_rest_created_at_idx";

CREATE TABLE "usage_event" (LIKE "usage_event_rest" INCLUDING DEFAULTS) PARTITION BY RANGE ("created_at");
ALTER TABLE "usage_event" ADD CONSTRAINT "usage_event_pkey" PRIMARY KEY ("id", "created_at");
CREATE INDEX "usage_event_user_id_created_at_idx" ON "usage_event"("user_id", "created_at");
CREATE INDEX "usage_event_created_at_idx" ON "usage_event"("created_at");

-- Takes over the table with its rows and its indexes; only the new key is built.
ALTER TABLE "usage_event" ATTACH PARTITION "usage_event_rest" DEFAULT;
