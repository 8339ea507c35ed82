-- CreateEnum
CREATE TYPE "session_affinity" AS ENUM ('none', 'conversation');

-- AlterTable
ALTER TABLE "model" ADD COLUMN     "session_affinity" "session_affinity" NOT NULL DEFAULT 'none';
