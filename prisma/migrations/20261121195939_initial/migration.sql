-- CreateEnum
CREATE TYPE "identity_provider" AS ENUM ('local', 'kubernetes', 'oidc');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('user', 'admin');

-- CreateEnum
CREATE TYPE "count_source" AS ENUM ('upstream', 'counted', 'estimated');

-- CreateTable
CREATE TABLE "app_user" (
    "id" UUID NOT NULL,
    "provider" "identity_provider" NOT NULL,
    "subject" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "email" TEXT,
    "password_hash" TEXT,
    "role" "role" NOT NULL DEFAULT 'user',
    "groups" TEXT[],
    "tier_override" TEXT,
    "tier_override_expires_at" TIMESTAMPTZ(3),
    "suspended_at" TIMESTAMPTZ(3),
    "identity_not_before" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "secret_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("secret_hash")
);

-- CreateTable
CREATE TABLE "issued_token" (
    "jti" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT,
    "description" TEXT,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "issued_token_pkey" PRIMARY KEY ("jti")
);

-- CreateTable
CREATE TABLE "revocation" (
    "jti" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_by" TEXT NOT NULL,

    CONSTRAINT "revocation_pkey" PRIMARY KEY ("jti")
);

-- CreateTable
CREATE TABLE "tier" (
    "name" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "level" INTEGER NOT NULL,
    "groups" TEXT[],
    "requests_per_minute" INTEGER,
    "tokens_per_minute" INTEGER,
    "max_tokens_per_request" INTEGER,
    "max_concurrent_requests" INTEGER,
    "features" TEXT[],
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tier_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "model" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "owned_by" TEXT NOT NULL,
    "context_window" INTEGER,
    "max_output_tokens" INTEGER,
    "capabilities" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_tier" (
    "model_id" TEXT NOT NULL,
    "tier_name" TEXT NOT NULL,

    CONSTRAINT "model_tier_pkey" PRIMARY KEY ("model_id","tier_name")
);

-- CreateTable
CREATE TABLE "backend" (
    "id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "upstream_model" TEXT,
    "sealed_credential" TEXT,
    "weight" INTEGER NOT NULL DEFAULT 1,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "bundled" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "backend_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_event" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_jti" UUID NOT NULL,
    "tier" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "backend_id" UUID,
    "endpoint" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "streamed" BOOLEAN NOT NULL,
    "prompt_tokens" INTEGER NOT NULL,
    "completion_tokens" INTEGER NOT NULL,
    "count_source" "count_source" NOT NULL,
    "first_byte_ms" INTEGER,
    "duration_ms" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "usage_hourly" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "user_id" UUID NOT NULL,
    "token_jti" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "requests" BIGINT NOT NULL DEFAULT 0,
    "errors" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,
    "prompt_tokens" BIGINT NOT NULL DEFAULT 0,
    "completion_tokens" BIGINT NOT NULL DEFAULT 0,
    "duration_ms" BIGINT NOT NULL DEFAULT 0,
    "first_byte_ms" BIGINT NOT NULL DEFAULT 0,
    "first_byte_count" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "usage_hourly_pkey" PRIMARY KEY ("user_id","hour","model_id","tier","token_jti")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_id" UUID,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target_type" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "address" TEXT,
    "request_id" TEXT,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "config_change" (
    "seq" BIGSERIAL NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "config_change_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE INDEX "app_user_username_idx" ON "app_user"("username");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_provider_subject_key" ON "app_user"("provider", "subject");

-- CreateIndex
CREATE INDEX "issued_token_user_id_jti_idx" ON "issued_token"("user_id", "jti");

-- CreateIndex
CREATE INDEX "issued_token_expires_at_idx" ON "issued_token"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "revocation_seq_key" ON "revocation"("seq");

-- CreateIndex
CREATE INDEX "revocation_expires_at_idx" ON "revocation"("expires_at");

-- CreateIndex
CREATE INDEX "model_tier_tier_name_idx" ON "model_tier"("tier_name");

-- CreateIndex
CREATE INDEX "backend_model_id_idx" ON "backend"("model_id");

-- CreateIndex
CREATE INDEX "usage_event_user_id_created_at_idx" ON "usage_event"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "usage_event_created_at_idx" ON "usage_event"("created_at");

-- CreateIndex
CREATE INDEX "usage_hourly_hour_idx" ON "usage_hourly"("hour");

-- CreateIndex
CREATE INDEX "audit_entry_target_type_target_id_idx" ON "audit_entry"("target_type", "target_id");

-- CreateIndex
CREATE INDEX "audit_entry_actor_id_idx" ON "audit_entry"("actor_id");

-- AddForeignKey
ALTER TABLE "app_user" ADD CONSTRAINT "app_user_tier_override_fkey" FOREIGN KEY ("tier_override") REFERENCES "tier"("name") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "issued_token" ADD CONSTRAINT "issued_token_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revocation" ADD CONSTRAINT "revocation_jti_fkey" FOREIGN KEY ("jti") REFERENCES "issued_token"("jti") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_tier" ADD CONSTRAINT "model_tier_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_tier" ADD CONSTRAINT "model_tier_tier_name_fkey" FOREIGN KEY ("tier_name") REFERENCES "tier"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backend" ADD CONSTRAINT "backend_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- From here on written by hand: Prisma has no word for triggers, and its diff does not look at them.

-- The audit log is append-only, also for the application itself. Removing old entries is a deliberate act of the
-- owner of the table: ALTER TABLE "audit_entry" DISABLE TRIGGER "audit_entry_append_only".
CREATE FUNCTION "refuse_audit_entry_change"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_entry is append-only: % is refused', TG_OP;
END;
$$;

CREATE TRIGGER "audit_entry_append_only"
BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry"
FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_entry_change"();
