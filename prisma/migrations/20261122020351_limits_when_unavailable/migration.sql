-- CreateEnum
CREATE TYPE "limits_policy" AS ENUM ('strict', 'share', 'open');

-- AlterTable
ALTER TABLE "tier" ADD COLUMN     "limits_when_unavailable" "limits_policy";
