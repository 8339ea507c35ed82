-- DropIndex
DROP INDEX "issued_token_user_id_jti_idx";

-- CreateTable
CREATE TABLE "token_account" (
    "subject" TEXT NOT NULL,
    "user_id" UUID,
    "uid" TEXT,
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "token_account_pkey" PRIMARY KEY ("subject")
);

-- CreateIndex
CREATE INDEX "token_account_user_id_idx" ON "token_account"("user_id");

-- CreateIndex
CREATE INDEX "issued_token_user_id_issued_at_jti_idx" ON "issued_token"("user_id", "issued_at", "jti");

-- CreateIndex
CREATE INDEX "issued_token_issued_at_jti_idx" ON "issued_token"("issued_at", "jti");

-- AddForeignKey
ALTER TABLE "token_account" ADD CONSTRAINT "token_account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE SET NULL ON UPDATE CASCADE;
