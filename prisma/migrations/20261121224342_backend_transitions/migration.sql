-- CreateTable
CREATE TABLE "backend_transition" (
    "id" UUID NOT NULL,
    "model_id" TEXT NOT NULL,
    "backend_id" UUID NOT NULL,
    "ready" BOOLEAN NOT NULL,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "process" TEXT NOT NULL,

    CONSTRAINT "backend_transition_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "backend_transition_model_id_at_idx" ON "backend_transition"("model_id", "at");

-- CreateIndex
CREATE INDEX "backend_transition_at_idx" ON "backend_transition"("at");
