-- CreateEnum
CREATE TYPE "usage_policy" AS ENUM ('memory', 'refuse');

-- AlterTable
ALTER TABLE "tier" ADD COLUMN     "usage_when_unwritable" "usage_policy";
