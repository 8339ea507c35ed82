-- AlterTable
ALTER TABLE "tier" ADD COLUMN     "config_map" TEXT,
ADD COLUMN     "left_config_map" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "discovered_model" (
    "model_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "ready" BOOLEAN NOT NULL,
    "note" TEXT,

    CONSTRAINT "discovered_model_pkey" PRIMARY KEY ("model_id")
);

-- CreateTable
CREATE TABLE "cluster_watch" (
    "source" TEXT NOT NULL,
    "report" JSONB NOT NULL,
    "process" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "cluster_watch_pkey" PRIMARY KEY ("source")
);

-- AddForeignKey
ALTER TABLE "discovered_model" ADD CONSTRAINT "discovered_model_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;
